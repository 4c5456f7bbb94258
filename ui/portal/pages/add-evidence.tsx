/** Hands in evidence: a document by its hash, a qualified certificate itself, an entry by the register that carries it. */
import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { qualifiedTypes } from '#control/licences/qualified-types.ts'
import { read, send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Note, shortHash } from '../../kit/show.tsx'
import { pemOfFile } from '../keys/certificate-file.ts'
import { sha256OfFile } from '../keys/file-hash.ts'
import { useText } from '../messages/index.ts'
import type { KnownRegister, List } from '../wire.ts'
import { evidenceTypes } from '../words.ts'

interface Chosen {
  readonly file: File
  readonly sha256: string
}

/** What the bank compares the paper by: each kind has numbers of its own. */
const identifiersOf = (type: string, one: Filled['one']): Record<string, string> => {
  const named = { nca_register: ['number', 'register'], principal_mandate: ['principal'] }
  const names = Object.entries(named).find(([of]) => of === type)?.[1] ?? ['number']
  return Object.fromEntries(
    names.map((name) => [name, one(name)] as const).filter(([, value]) => value !== ''),
  )
}

const bodyOf = async (type: string, { one }: Filled, { file, sha256 }: Chosen) =>
  qualifiedTypes.has(type)
    ? { type, issuer: one('issuer'), certificate: await pemOfFile(file) }
    : {
        type,
        issuer: one('issuer'),
        identifiers: identifiersOf(type, one),
        validFrom: one('validFrom') || null,
        validTo: one('validTo') || null,
        documentSha256: sha256,
        shows: one('shows') ? [one('shows')] : [],
      }

/** Documents stay with the organisation; the bank gets their hash, and the paper by the way that it names. */
export const AddEvidence = ({ done }: { done: () => void }) => {
  const text = useText()
  const word = useWord()
  const queries = useQueryClient()
  const [type, setType] = useState<string>('aml_policy')
  const [file, setFile] = useState<Chosen | null>(null)
  const [missing, setMissing] = useState(false)
  const itself = qualifiedTypes.has(type)
  const add = useMutation({
    mutationFn: async ({ filled, chosen }: { filled: Filled; chosen: Chosen }) =>
      send('/api/evidence', await bodyOf(type, filled, chosen)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['evidence'] })
      await queries.invalidateQueries({ queryKey: ['licences'] })
      done()
    },
  })
  const choose = async (chosen: File) =>
    setFile({ file: chosen, sha256: await sha256OfFile(chosen) })
  return (
    <div className="pad">
      <Form
        label={text('evidence.add')}
        busy={add.isPending}
        error={add.error}
        onSubmit={(filled) => {
          setMissing(file === null)
          if (file) add.mutate({ filled, chosen: file })
        }}
        acts={
          <>
            <button className="button primary" disabled={add.isPending}>
              {text('evidence.hand-in')}
            </button>
            <button type="button" className="button text" onClick={done}>
              {text('act.cancel')}
            </button>
          </>
        }
      >
        <div className="form-two">
          <Select
            name="type"
            label={text('evidence-about.document')}
            value={type}
            options={evidenceTypes.map((one) => ({ value: one, label: word('evidence', one) }))}
            onPick={setType}
            fault={faultAt(add.error, '/type')}
          />
          <Field
            name="issuer"
            label={text('evidence-about.issuer')}
            required
            maxLength={200}
            fault={faultAt(add.error, '/issuer')}
          />
        </div>
        {itself ? (
          <Note>{text('evidence.certificate.about')}</Note>
        ) : (
          <Said type={type} error={add.error} />
        )}
        <Field
          name="file"
          type="file"
          {...(itself && { accept: '.pem,.crt,.cer,.der' })}
          label={text(itself ? 'evidence.certificate' : 'evidence.file')}
          hint={
            file
              ? `${file.file.name} · sha256 ${shortHash(file.sha256)}`
              : text(itself ? 'evidence.certificate.hint' : 'evidence.file.hint')
          }
          onFile={(chosen) => void choose(chosen)}
          fault={
            missing
              ? text(itself ? 'evidence.certificate.missing' : 'evidence.file.missing')
              : (faultAt(add.error, '/documentSha256') ?? faultAt(add.error, '/certificate'))
          }
        />
      </Form>
    </div>
  )
}

/** What the organisation says of a document; what it says is held against it by two people. */
const Said = ({ type, error }: { type: string; error: unknown }) => {
  const text = useText()
  return (
    <div className="form-two">
      <Numbers type={type} error={error} />
      <Field
        name="shows"
        label={text('evidence.shows')}
        hint={text('evidence.shows.hint')}
        maxLength={120}
        fault={faultAt(error, '/shows')}
      />
      <Field
        name="validFrom"
        type="date"
        label={text('evidence.valid-from')}
        fault={faultAt(error, '/validFrom')}
      />
      <Field
        name="validTo"
        type="date"
        label={text('evidence.valid-to')}
        fault={faultAt(error, '/validTo')}
      />
    </div>
  )
}

const Numbers = ({ type, error }: { type: string; error: unknown }) => {
  const text = useText()
  if (type === 'principal_mandate')
    return (
      <Field
        name="principal"
        label={text('evidence.principal')}
        hint={text('evidence.principal.hint')}
        required
        maxLength={120}
        code
        fault={faultAt(error, '/identifiers/principal')}
      />
    )
  return (
    <>
      <Field
        name="number"
        label={text('evidence.number')}
        required={type === 'nca_register'}
        maxLength={120}
        fault={faultAt(error, '/identifiers/number') ?? faultAt(error, '/identifiers')}
      />
      {type === 'nca_register' && <OfRegister error={error} />}
    </>
  )
}

const OfRegister = ({ error }: { error: unknown }) => {
  const text = useText()
  const format = useFormat()
  const registers = useQuery({
    queryKey: ['registers'],
    queryFn: () => read<List<KnownRegister>>('/api/registers'),
  })
  const known = registers.data?.data ?? []
  return (
    <Select
      name="register"
      label={text('evidence.register')}
      hint={text('evidence.register.hint')}
      options={[
        { value: '', label: text('evidence.register.any') },
        ...known.map(({ register, takenOn }) => ({
          value: register,
          label: text('evidence.register.of', { register, day: format.day(takenOn) }),
        })),
      ]}
      fault={faultAt(error, '/identifiers/register')}
    />
  )
}
