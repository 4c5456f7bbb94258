/** What the organisation is, by what evidence, and what it may therefore do: every permission with its gates. */
import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { Choices, faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { Icon } from '../../kit/icons.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { PermissionList } from '../../kit/permissions.tsx'
import { Card, Empty, Note, shortHash, State, Table } from '../../kit/show.tsx'
import { sha256OfFile } from '../keys/file-hash.ts'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { Evidence, Licences as LicencesAnswer, List } from '../wire.ts'
import { evidenceTypes, statuses } from '../words.ts'

export const useLicences = () =>
  useQuery({ queryKey: ['licences'], queryFn: () => read<LicencesAnswer>('/api/licences') })

export const useEvidence = () =>
  useQuery({ queryKey: ['evidence'], queryFn: () => read<List<Evidence>>('/api/evidence') })

export const Licences = () => {
  const text = useText()
  const cell = useCell()
  const licences = useLicences()
  return (
    <>
      <PageHead title={text('licences.title')} cell={cell} about={text(`licences.about.${cell}`)} />
      <div className="columns">
        <div className="stack wide">
          <Answer to={licences}>
            {(found) => (
              <PermissionList
                title={text('licences.permissions')}
                matrix={found.matrix}
                permissions={found.permissions[cell]}
              />
            )}
          </Answer>
          <EvidenceCard />
        </div>
        <div className="stack">
          <Answer to={licences}>{(found) => <Statuses licences={found} />}</Answer>
        </div>
      </div>
    </>
  )
}

const Statuses = ({ licences }: { licences: LicencesAnswer }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const { held, declared, requested } = licences.statuses
  return (
    <Card title={text('licences.statuses')}>
      <div className="pad stack">
        {held.length === 0 && declared.length === 0 && <p>{text('licences.no-status')}</p>}
        <ul className="stack close">
          {held.map((holding) => (
            <li key={holding.status}>
              <State of={holding.suspended ? 'suspended' : 'held'} />{' '}
              {word('status', holding.status)}
              <p className="tiny dim">
                {text('licences.since', { date: format.dateOf(holding.since) })}
              </p>
            </li>
          ))}
          {declared
            .filter((status) => !held.some((holding) => holding.status === status))
            .map((status) => (
              <li key={status}>
                <State of="declared" /> {word('status', status)}
              </li>
            ))}
        </ul>
        {requested.length > 0 ? (
          <Note tone="warn">
            <b>{text('mover.bank')}.</b>{' '}
            {text('licences.asked', {
              statuses: requested.map((status) => word('status', status)).join(', '),
            })}
          </Note>
        ) : (
          <Ask licences={licences} />
        )}
      </div>
    </Card>
  )
}

/** Asks the bank to hold the organisation as what it says it is. */
const Ask = ({ licences }: { licences: LicencesAnswer }) => {
  const text = useText()
  const word = useWord()
  const queries = useQueryClient()
  const { held, declared } = licences.statuses
  const left = statuses.filter((status) => !held.some((holding) => holding.status === status))
  const ask = useMutation({
    mutationFn: (chosen: string[]) => send('/api/licence-applications', { statuses: chosen }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['licences'] }),
  })
  return (
    <Form
      label={text('licences.ask')}
      busy={ask.isPending}
      error={ask.error}
      onSubmit={({ many }) => ask.mutate(many('statuses'))}
      acts={
        <button className="button" disabled={ask.isPending}>
          {text('licences.ask')}
        </button>
      }
    >
      <Choices
        name="statuses"
        label={text('licences.ask.which')}
        hint={text('licences.ask.hint')}
        many
        chosen={declared}
        options={left.map((status) => ({ value: status, label: word('status', status) }))}
        fault={faultAt(ask.error, '/statuses')}
      />
    </Form>
  )
}

const EvidenceCard = () => {
  const text = useText()
  const evidence = useEvidence()
  const [adding, setAdding] = useState(false)
  const add = (
    <button
      type="button"
      className="button small-button"
      aria-expanded={adding}
      onClick={() => setAdding(!adding)}
    >
      <Icon name="plus" />
      {text('evidence.add')}
    </button>
  )
  return (
    <Card title={text('evidence.title')} beside={add}>
      {adding && <AddEvidence done={() => setAdding(false)} />}
      <Answer to={evidence}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={text('evidence.none')}>{text('evidence.none.about')}</Empty>
          ) : (
            <EvidenceTable evidence={data} />
          )
        }
      </Answer>
    </Card>
  )
}

const EvidenceTable = ({ evidence }: { evidence: readonly Evidence[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Table caption={text('evidence.title')}>
      <thead>
        <tr>
          <th scope="col">{text('evidence-about.document')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col">{text('evidence-about.issuer')}</th>
          <th scope="col">{text('evidence-about.valid')}</th>
        </tr>
      </thead>
      <tbody>
        {evidence.map((item) => (
          <tr key={item.id}>
            <th scope="row">
              {word('evidence', item.type)}
              <small>
                <code title={item.documentSha256}>sha256 {shortHash(item.documentSha256)}</code>
              </small>
            </th>
            <td>
              <State of={item.state} />
              {item.remark && <small lang="en">{item.remark}</small>}
            </td>
            <td>{item.issuer}</td>
            <td className="nowrap">
              {item.endsAt
                ? text('evidence-about.until', { date: format.dateOf(item.endsAt) })
                : text('evidence-about.open-ended')}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** Documents stay with the organisation; the bank gets their hash, and the paper by the way that it names. */
const AddEvidence = ({ done }: { done: () => void }) => {
  const text = useText()
  const word = useWord()
  const queries = useQueryClient()
  const [file, setFile] = useState<{ name: string; sha256: string } | null>(null)
  const [missing, setMissing] = useState(false)
  const add = useMutation({
    mutationFn: ({ one }: Filled) =>
      send('/api/evidence', {
        type: one('type'),
        issuer: one('issuer'),
        identifiers: one('number') ? { number: one('number') } : {},
        validFrom: one('validFrom') || null,
        validTo: one('validTo') || null,
        documentSha256: file?.sha256 ?? '',
        shows: one('shows') ? [one('shows')] : [],
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['evidence'] })
      await queries.invalidateQueries({ queryKey: ['licences'] })
      done()
    },
  })
  return (
    <div className="pad">
      <Form
        label={text('evidence.add')}
        busy={add.isPending}
        error={add.error}
        onSubmit={(filled) => {
          setMissing(file === null)
          if (file) add.mutate(filled)
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
            value="aml_policy"
            options={evidenceTypes.map((type) => ({ value: type, label: word('evidence', type) }))}
            fault={faultAt(add.error, '/type')}
          />
          <Field
            name="issuer"
            label={text('evidence-about.issuer')}
            required
            maxLength={200}
            fault={faultAt(add.error, '/issuer')}
          />
          <Field
            name="number"
            label={text('evidence.number')}
            maxLength={120}
            fault={faultAt(add.error, '/identifiers')}
          />
          <Field
            name="shows"
            label={text('evidence.shows')}
            hint={text('evidence.shows.hint')}
            maxLength={120}
            fault={faultAt(add.error, '/shows')}
          />
          <Field
            name="validFrom"
            type="date"
            label={text('evidence.valid-from')}
            fault={faultAt(add.error, '/validFrom')}
          />
          <Field
            name="validTo"
            type="date"
            label={text('evidence.valid-to')}
            fault={faultAt(add.error, '/validTo')}
          />
        </div>
        <Field
          name="file"
          type="file"
          label={text('evidence.file')}
          hint={
            file ? `${file.name} · sha256 ${shortHash(file.sha256)}` : text('evidence.file.hint')
          }
          onFile={(chosen) =>
            void sha256OfFile(chosen).then((sha256) => setFile({ name: chosen.name, sha256 }))
          }
          fault={missing ? text('evidence.file.missing') : faultAt(add.error, '/documentSha256')}
        />
      </Form>
    </div>
  )
}
