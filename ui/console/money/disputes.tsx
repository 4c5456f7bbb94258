/** Lines that partners doubt: that amount, and no other, waits for the bank's answer. */
import { useRef, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { readAll, send } from '../../kit/api.ts'
import { type Filled, Form, TextArea } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, Chip, Empty, Note, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import { useNames } from '../queries.ts'
import type { Asked } from '../wire.ts'
import type { Dispute } from './wire.ts'

const views = ['open', 'accepted', 'rejected', 'withdrawn'] as const
const toneOf = { open: 'warn', accepted: 'good', rejected: 'bad', withdrawn: 'quiet' } as const

export const Disputes = () => {
  const text = useText()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const status = views.find((view) => view === search['status']) ?? 'open'
  const disputes = useQuery({
    queryKey: ['disputes', status],
    queryFn: () => readAll<Dispute>('/api/disputes', { status }, 'before'),
  })
  return (
    <>
      <PageHead title={text('disputes.title')} about={text('disputes.about')} />
      <Card
        title={text('disputes.list')}
        beside={
          <div className="segments" role="group" aria-label={text('disputes.which')}>
            {views.map((view) => (
              <Link
                key={view}
                to="/disputes"
                search={{ status: view }}
                {...(view === status && { 'aria-current': true })}
              >
                {text(`disputes.status.${view}`)}
              </Link>
            ))}
          </div>
        }
      >
        <Answer to={disputes}>
          {(all) =>
            all.length === 0 ? (
              <Empty title={text('disputes.none')}>{text('disputes.none.about')}</Empty>
            ) : (
              <DisputeTable disputes={all} />
            )
          }
        </Answer>
      </Card>
    </>
  )
}

const DisputeTable = ({ disputes }: { disputes: readonly Dispute[] }) => {
  const text = useText()
  return (
    <Table caption={text('disputes.list')}>
      <thead>
        <tr>
          <th scope="col">{text('disputes.invoice')}</th>
          <th scope="col">{text('disputes.why')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col" className="number">
            {text('disputes.frozen')}
          </th>
        </tr>
      </thead>
      <tbody>
        {disputes.map((dispute) => (
          <DisputeRow key={dispute.id} dispute={dispute} />
        ))}
      </tbody>
    </Table>
  )
}

const DisputeRow = ({ dispute }: { dispute: Dispute }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const answers = useMay(['finance', 'head-of-platform', 'partner-success'])
  const [open, setOpen] = useState(false)
  return (
    <>
      <tr>
        <th scope="row">
          <Link to="/invoices/$id" params={{ id: dispute.invoiceId }}>
            {dispute.invoiceNumber ?? dispute.invoiceId}
          </Link>
          <small>{names.partner(dispute.partnerId) ?? dispute.partnerId}</small>
        </th>
        <td>
          {dispute.reason}
          <small>{format.momentOf(dispute.openedAt)}</small>
          {dispute.answer && <small>{text('disputes.answer', { answer: dispute.answer })}</small>}
        </td>
        <td>
          <Chip tone={toneOf[dispute.status]}>{text(`disputes.status.${dispute.status}`)}</Chip>
          {dispute.status === 'open' && answers && (
            <div>
              <button
                type="button"
                className="button text"
                aria-expanded={open}
                onClick={() => setOpen(!open)}
              >
                {text('disputes.answer.act')}
              </button>
            </div>
          )}
        </td>
        <td className="number">{format.amount({ ...dispute, amount: dispute.frozen })}</td>
      </tr>
      {open && (
        <tr className="opened">
          <td colSpan={4}>
            <AnswerDispute dispute={dispute} />
          </td>
        </tr>
      )}
    </>
  )
}

/** A credit needs a second person; a no is one person's, and says why. */
const AnswerDispute = ({ dispute }: { dispute: Dispute }) => {
  const text = useText()
  const rejects = useMay(['finance', 'head-of-platform'])
  const says = useRef<'credit' | 'rejection'>('credit')
  const answer = useCommand(({ one }: Filled): Promise<Partial<Asked>> =>
    send(
      `/api/disputes/${dispute.id}/${says.current}`,
      says.current === 'credit' ? { reason: one('words') } : { answer: one('words') },
    ),
  )
  const change = answer.data?.change
  return (
    <Form
      label={text('disputes.answer.act')}
      busy={answer.isPending}
      error={answer.error}
      onSubmit={(filled) => answer.mutate(filled)}
      acts={
        <>
          <button
            className="button primary"
            disabled={answer.isPending}
            onClick={() => (says.current = 'credit')}
          >
            {text('disputes.credit')}
          </button>
          {rejects && (
            <button
              className="button stop"
              disabled={answer.isPending}
              onClick={() => (says.current = 'rejection')}
            >
              {text('disputes.reject')}
            </button>
          )}
        </>
      }
    >
      <Note>{text('disputes.effect')}</Note>
      <TextArea name="words" label={text('disputes.words')} required />
      <Waits asked={change && { change }} />
    </Form>
  )
}
