/** What the organisation asked the bank about one environment, and the form that asks. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Answer } from '../../kit/answer.tsx'
import { read, readAll, send } from '../../kit/api.ts'
import { faultAt, Field, Form, Select, TextArea } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { useMe } from '../../kit/session.ts'
import { Card, Empty, Note, Table } from '../../kit/show.tsx'
import { SupportState, usePromise } from '../../kit/support/show.tsx'
import { type Request, type SupportTerms, urgencies, type Whole } from '../../kit/support/wire.ts'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { Me } from '../wire.ts'

interface PromiseView {
  readonly products: readonly string[]
  readonly support: SupportTerms | null
  readonly dueAt: Readonly<Record<(typeof urgencies)[number], string>> | null
}

/** Everybody of the organisation asks, but who only reads. */
export const useAsks = (): boolean =>
  useMe<Me>().data?.person.roles.some((role) => role !== 'auditor') ?? false

export const SupportRequests = () => {
  const text = useText()
  const cell = useCell()
  const asks = useAsks()
  const requests = useQuery({
    queryKey: ['support', cell, 'list'],
    queryFn: () => readAll<Request>(`/api/support/${cell}/requests`, {}, 'before'),
    refetchInterval: 30_000,
  })
  return (
    <>
      <PageHead title={text('support.title')} cell={cell} about={text('help.about')} />
      <div className="columns">
        <div className="stack wide">
          <Card title={text('help.requests')}>
            <Answer to={requests}>{(found) => <Requests requests={found} />}</Answer>
          </Card>
        </div>
        <div className="stack">
          {asks ? <Ask key={cell} /> : <Note>{text('help.may-not')}</Note>}
        </div>
      </div>
    </>
  )
}

const Requests = ({ requests }: { requests: readonly Request[] }) => {
  const text = useText()
  const word = useWord()
  const cell = useCell()
  const promise = usePromise()
  return requests.length === 0 ? (
    <Empty title={text('support.none')}>{text('help.none.about')}</Empty>
  ) : (
    <Table caption={text('help.requests')}>
      <thead>
        <tr>
          <th scope="col">{text('support.request')}</th>
          <th scope="col">{text('support.urgency')}</th>
          <th scope="col">{text('support.state')}</th>
        </tr>
      </thead>
      <tbody>
        {requests.map((request) => (
          <tr key={request.id}>
            <th scope="row">
              <Link to="/$cell/support/$id" params={{ cell, id: request.id }}>
                {request.subject}
              </Link>
              <small>{promise(request)}</small>
            </th>
            <td>{word('support-urgency', request.urgency)}</td>
            <td>
              <SupportState of={request} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const Ask = () => {
  const text = useText()
  const word = useWord()
  const cell = useCell()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [urgency, setUrgency] = useState<(typeof urgencies)[number]>('major')
  const promise = useQuery({
    queryKey: ['support', cell, 'promise'],
    queryFn: () => read<PromiseView>(`/api/support/${cell}/promise`),
    refetchInterval: 60_000,
  })
  const ask = useMutation({
    mutationFn: (asked: object) => send<Whole>(`/api/support/${cell}/requests`, asked),
    onSuccess: async ({ request }) => {
      await queries.invalidateQueries({ queryKey: ['support'] })
      await navigate({ to: '/$cell/support/$id', params: { cell, id: request.id } })
    },
  })
  return (
    <Card title={text('help.open')}>
      <div className="pad">
        <Form
          label={text('help.open')}
          busy={ask.isPending}
          error={ask.error}
          onSubmit={({ one }) =>
            ask.mutate({
              product: one('product') || null,
              urgency,
              subject: one('subject'),
              text: one('text'),
              callId: one('call') || null,
            })
          }
          acts={
            <button className="button primary" disabled={ask.isPending}>
              {text('support.send')}
            </button>
          }
        >
          <Select
            name="product"
            label={text('help.product')}
            options={[
              { value: '', label: text('support.about.none') },
              ...(promise.data?.products ?? []).map((value) => ({
                value,
                label: word('product', value),
              })),
            ]}
            fault={faultAt(ask.error, '/product')}
          />
          <div className="field">
            <span id="support-urgency">{text('support.urgency')}</span>
            <div className="segments" role="group" aria-labelledby="support-urgency">
              {urgencies.map((value) => (
                <button
                  key={value}
                  type="button"
                  aria-pressed={urgency === value}
                  onClick={() => setUrgency(value)}
                >
                  {word('support-urgency', value)}
                </button>
              ))}
            </div>
          </div>
          {promise.data && <Promised promise={promise.data} urgency={urgency} />}
          <Field
            name="subject"
            label={text('help.subject')}
            required
            minLength={3}
            maxLength={200}
            fault={faultAt(ask.error, '/subject')}
          />
          <TextArea
            name="text"
            label={text('support.text')}
            hint={text('support.text.hint')}
            required
            rows={6}
            fault={faultAt(ask.error, '/text')}
          />
          <Field
            name="call"
            label={text('help.call')}
            hint={text('help.call.hint')}
            code
            fault={faultAt(ask.error, '/callId')}
          />
        </Form>
      </div>
    </Card>
  )
}

/** By when a request that is sent now has its first answer, said before it is sent. */
const Promised = (props: { promise: PromiseView; urgency: (typeof urgencies)[number] }) => {
  const text = useText()
  const format = useFormat()
  const cell = useCell()
  const due = props.promise.dueAt?.[props.urgency]
  return (
    <p className="small" role="status">
      {due ? (
        <>
          {text('help.promise')} <b>{format.momentOf(due)}</b>
        </>
      ) : (
        text(`help.promise.none.${cell}`)
      )}
    </p>
  )
}
