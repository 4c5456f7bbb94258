/** Signing: by the reader's own device, or by the certificate that the state has given them. */
import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { send } from '../../kit/api.ts'
import { Choices, Field, Form } from '../../kit/fields.tsx'
import { Icon } from '../../kit/icons.tsx'
import { signatureOver } from '../../kit/passkey.ts'
import { saveFile } from '../../kit/save-file.ts'
import { Note } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import type { Contract } from '../wire.ts'
import { pkcs7In } from './pkcs7.ts'

type Way = 'device' | 'e-signature'

export const Sign = ({ contract, eSignature }: { contract: Contract; eSignature: boolean }) => {
  const text = useText()
  const queries = useQueryClient()
  const { id, documentSha256 } = contract
  const [way, setWay] = useState<Way>('device')
  const [file, setFile] = useState<{ name: string; pkcs7: string | undefined }>()
  const [left, setLeft] = useState<readonly ('read' | 'file')[]>([])
  const sign = useMutation({
    mutationFn: async () =>
      send(`/api/contracts/${id}/signature`, {
        documentSha256,
        ...(way === 'e-signature' ? { pkcs7: file?.pkcs7 } : await signatureOver(documentSha256)),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['contracts'] }),
  })
  const choose = async (chosen: File) => {
    const bytes = new Uint8Array(await chosen.arrayBuffer())
    setFile({ name: chosen.name, pkcs7: pkcs7In(bytes) })
  }
  return (
    <Form
      label={text('contract.ready')}
      busy={sign.isPending}
      error={sign.error}
      onSubmit={({ many }) => {
        const unread = many('read').length === 0
        const unsigned = way === 'e-signature' && file?.pkcs7 === undefined
        setLeft([...(unread ? ['read' as const] : []), ...(unsigned ? ['file' as const] : [])])
        // Whoever has no mouse stands before what is left, not behind it.
        if (unsigned) document.getElementsByName('pkcs7')[0]?.focus()
        else if (unread) document.getElementsByName('read')[0]?.focus()
        else sign.mutate()
      }}
      acts={
        <button className="button production large full" disabled={sign.isPending}>
          <Icon name="contract" />
          {text('signature.act')}
        </button>
      }
    >
      {eSignature && (
        <Choices
          name="way"
          label={text('signing.way')}
          boxed
          chosen={[way]}
          onChoose={(chosen) => setWay(chosen === 'e-signature' ? 'e-signature' : 'device')}
          options={(['device', 'e-signature'] as const).map((one) => ({
            value: one,
            label: text(`signing.way.${one}`),
            about: text(`signing.way.${one}.about`),
          }))}
        />
      )}
      {way === 'e-signature' && (
        <>
          <Note>
            {text('signing.steps')}{' '}
            <button
              type="button"
              className="button text"
              onClick={() => saveFile(`${id}.sha256.txt`, documentSha256)}
            >
              <Icon name="download" />
              {text('signing.save')}
            </button>
          </Note>
          <Field
            name="pkcs7"
            type="file"
            label={text('signing.file')}
            hint={file?.pkcs7 === undefined ? text('signing.file.hint') : file.name}
            accept=".p7s,.p7m,.p7b,.pkcs7,.cms,.pem,.txt"
            onFile={(chosen) => void choose(chosen)}
            fault={
              file !== undefined && file.pkcs7 === undefined
                ? text('signing.file.other', { name: file.name })
                : left.includes('file')
                  ? text('signing.file.missing')
                  : undefined
            }
          />
        </>
      )}
      <Choices
        name="read"
        label={text('signature.before')}
        many
        options={[{ value: 'yes', label: text('signature.read') }]}
        fault={left.includes('read') ? text('signature.unread') : undefined}
      />
      <p className="tiny dim">{text('signature.after')}</p>
    </Form>
  )
}
