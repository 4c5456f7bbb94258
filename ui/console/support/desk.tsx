/** The support desk: what partners ask, the soonest due first, what is overdue before all else. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, CellChip, Empty, Table } from '../../kit/show.tsx'
import { SupportState, usePromise } from '../../kit/support/show.tsx'
import type { DeskRequest } from '../../kit/support/wire.ts'
import { useText } from '../messages/index.ts'
import type { List } from '../wire.ts'

const views = ['open', 'answered', 'closed'] as const

export const SupportDesk = () => {
  const text = useText()
  const [status, setStatus] = useState<(typeof views)[number]>('open')
  const requests = useQuery({
    queryKey: ['support', 'list', status],
    queryFn: () => read<List<DeskRequest>>(`/api/support/requests${query({ status })}`),
    refetchInterval: 20_000,
  })
  return (
    <>
      <PageHead title={text('support.title')} about={text('desk-support.about')} />
      <div className="stack wide">
        <div className="segments" role="group" aria-label={text('desk-support.which')}>
          {views.map((view) => (
            <button
              key={view}
              type="button"
              aria-pressed={status === view}
              onClick={() => setStatus(view)}
            >
              {text(`desk-support.${view}`)}
            </button>
          ))}
        </div>
        <Card title={text(`desk-support.${status}`)}>
          <Answer to={requests}>{({ data }) => <Requests requests={data} />}</Answer>
        </Card>
      </div>
    </>
  )
}

const Requests = ({ requests }: { requests: readonly DeskRequest[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const promise = usePromise()
  return requests.length === 0 ? (
    <Empty title={text('support.none')}>{text('desk-support.none.about')}</Empty>
  ) : (
    <Table caption={text('support.title')}>
      <thead>
        <tr>
          <th scope="col">{text('support.request')}</th>
          <th scope="col">{text('desk-support.partner')}</th>
          <th scope="col">{text('support.urgency')}</th>
          <th scope="col">{text('desk-support.next')}</th>
          <th scope="col">{text('support.state')}</th>
        </tr>
      </thead>
      <tbody>
        {requests.map((request) => (
          <tr key={request.id}>
            <th scope="row">
              <Link to="/support/$id" params={{ id: request.id }}>
                {request.subject}
              </Link>
              <small>
                {request.product ? word('product', request.product) : text('support.about.none')}
                {', '}
                {promise(request)}
              </small>
            </th>
            <td>
              {request.organisation} <CellChip cell={request.cell} />
            </td>
            <td>{word('support-urgency', request.urgency)}</td>
            <td>{request.status === 'open' && format.momentOf(request.answerBy)}</td>
            <td>
              <SupportState of={request} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
