/** A partner proves its own: each change and each call, checked in its own browser, kept as a file. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { Field, Form } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { LogCard, type MaybeProven, Proven } from '../../kit/proof/proven.tsx'
import { saveFile } from '../../kit/save-file.ts'
import { Card, Code, Empty, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'

interface ProofPage {
  readonly checkpoint: string | null
  readonly data: readonly {
    readonly seq: string
    readonly body: string
    readonly proof: readonly string[]
  }[]
  readonly next: string | null
}

export const Proofs = () => {
  const text = useText()
  return (
    <>
      <PageHead title={text('proofs.title')} about={text('proofs.about')} />
      <div className="stack wide">
        <LogCard />
        <OneCall />
        <Changes />
      </div>
    </>
  )
}

const Keep = ({ proof, name }: { proof: MaybeProven; name: string }) => {
  const text = useText()
  return (
    <div className="pad">
      <button
        type="button"
        className="button"
        onClick={() => saveFile(`${name}.json`, JSON.stringify(proof, null, 2))}
      >
        {text('proofs.keep')}
      </button>
    </div>
  )
}

const OneCall = () => {
  const text = useText()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const asked = typeof search['call'] === 'string' ? search['call'] : ''
  const proof = useMutation({
    mutationFn: (id: string) => read<MaybeProven>(`/api/journal/calls/${id}`),
  })
  return (
    <Card title={text('proofs.call')}>
      <div className="pad">
        <Form
          label={text('proofs.call')}
          busy={proof.isPending}
          error={proof.error}
          onSubmit={({ one }) => proof.mutate(one('call').replaceAll('-', '').toLowerCase())}
          acts={<button className="button">{text('proofs.call.act')}</button>}
        >
          <Field
            name="call"
            label={text('proofs.call.id')}
            hint={text('proofs.call.hint')}
            code
            required
            autoComplete="off"
            value={asked}
          />
        </Form>
      </div>
      {proof.data && (
        <>
          <Proven of={proof.data} />
          {proof.data.call && (
            <Code title={text('proofs.call.text')} value={proof.data.call.text} />
          )}
          <Keep proof={proof.data} name={`call-${proof.variables}`} />
        </>
      )}
    </Card>
  )
}

/** The server wrote this text by the schema of a line. */
const saidIn = (body: string): { at: string; event: string } => JSON.parse(body)

const Changes = () => {
  const text = useText()
  const format = useFormat()
  const [before, setBefore] = useState<string | undefined>(undefined)
  const [shown, setShown] = useState<string | null>(null)
  const lines = useQuery({
    queryKey: ['journal', 'proofs', before],
    queryFn: () => read<ProofPage>(`/api/journal/proofs${query({ before })}`),
  })
  const next = lines.data?.next
  const found = lines.data?.data.find(({ seq }) => seq === shown)
  return (
    <Card
      title={text('proofs.lines')}
      beside={
        next && (
          <button type="button" className="button small-button" onClick={() => setBefore(next)}>
            {text('proofs.earlier')}
          </button>
        )
      }
    >
      {found && lines.data && (
        <>
          <Proven of={{ checkpoint: lines.data.checkpoint, line: found }} />
          <Keep
            proof={{ checkpoint: lines.data.checkpoint, line: found }}
            name={`line-${found.seq}`}
          />
        </>
      )}
      <Answer to={lines}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={text('proofs.none')}>{text('proofs.none.about')}</Empty>
          ) : (
            <Table caption={text('proofs.lines')} className="dense">
              <thead>
                <tr>
                  <th scope="col" className="number">
                    {text('proofs.place')}
                  </th>
                  <th scope="col">{text('proofs.when')}</th>
                  <th scope="col">{text('proofs.event')}</th>
                  <th scope="col">{text('proofs.proof')}</th>
                </tr>
              </thead>
              <tbody>
                {data.map(({ seq, body }) => (
                  <tr key={seq}>
                    <th scope="row" className="number">
                      {format.number(seq)}
                    </th>
                    <td className="nowrap">{format.momentOf(saidIn(body).at)}</td>
                    <td>
                      <code>{saidIn(body).event}</code>
                    </td>
                    <td>
                      <button
                        type="button"
                        className="button small-button"
                        aria-label={text('proofs.prove', { seq })}
                        aria-pressed={seq === shown}
                        onClick={() => setShown(seq === shown ? null : seq)}
                      >
                        {text('proofs.prove.act')}
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Answer>
    </Card>
  )
}
