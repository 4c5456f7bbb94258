/** What an endpoint got and is owed; a delivery opens to what was tried for it and what came back. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Answer, Failure } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { useFormat } from '../../kit/language.tsx'
import { Chip, Table, Verdict } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import type { List } from '../wire.ts'
import { type Of, pathOf, replayers } from './endpoint.ts'
import type { Attempt, Delivery } from './wire.ts'

const toneOf = {
  dead: 'bad',
  due: 'info',
  waiting: 'warn',
  delivered: 'good',
  skipped: 'quiet',
} as const

export const DeliveryTable = (props: { deliveries: readonly Delivery[]; of: Of }) => {
  const text = useText()
  return (
    <Table caption={text('webhooks.deliveries')}>
      <thead>
        <tr>
          <th scope="col">{text('webhooks.event')}</th>
          <th scope="col">{text('webhooks.happened')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col" className="number">
            {text('webhooks.attempts')}
          </th>
        </tr>
      </thead>
      <tbody>
        {props.deliveries.map((delivery) => (
          <DeliveryRow key={delivery.id} delivery={delivery} of={props.of} />
        ))}
      </tbody>
    </Table>
  )
}

const DeliveryRow = ({ delivery, of }: { delivery: Delivery; of: Of }) => {
  const text = useText()
  const format = useFormat()
  const may = useMay(replayers)
  const [open, setOpen] = useState(false)
  const again = useCommand(() =>
    send(`${pathOf(of)}/replays`, { what: 'one', deliveryId: delivery.id }),
  )
  return (
    <>
      <tr>
        <th scope="row">
          <code>{delivery.type}</code>
          <small>
            <code title={delivery.eventId}>{delivery.subject}</code>
          </small>
        </th>
        <td className="nowrap">{format.momentOf(delivery.happenedAt)}</td>
        <td>
          <Chip tone={toneOf[delivery.status]}>{text(`webhooks.delivery.${delivery.status}`)}</Chip>
          {delivery.status !== 'delivered' && delivery.status !== 'dead' && (
            <small>{text('webhooks.due', { time: format.momentOf(delivery.dueAt) })}</small>
          )}
        </td>
        <td className="number">
          {format.number(delivery.attempts)}
          <div className="row end">
            <button
              type="button"
              className="button text"
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              {text('webhooks.look')}
            </button>
            {may && delivery.status === 'dead' && (
              <button
                type="button"
                className="button text"
                disabled={again.isPending || again.isSuccess}
                onClick={() => again.mutate(undefined)}
              >
                {text(again.isSuccess ? 'webhooks.sent' : 'webhooks.again')}
              </button>
            )}
          </div>
        </td>
      </tr>
      {(open || again.isError) && (
        <tr className="opened">
          <td colSpan={4}>
            {again.isError && <Failure error={again.error} />}
            {open && <Attempts deliveryId={delivery.id} of={of} />}
          </td>
        </tr>
      )}
    </>
  )
}

const Attempts = ({ deliveryId, of }: { deliveryId: string; of: Of }) => {
  const text = useText()
  const format = useFormat()
  const attempts = useQuery({
    queryKey: ['webhooks', of.endpointId, deliveryId],
    queryFn: () => read<List<Attempt>>(`${pathOf(of)}/deliveries/${deliveryId}/attempts`),
  })
  return (
    <Answer to={attempts} lines={2}>
      {({ data }) =>
        data.length === 0 ? (
          <p className="small dim">{text('webhooks.untried')}</p>
        ) : (
          <ul className="plain-list">
            {data.map((attempt) => (
              <li key={attempt.number}>
                <div className="row between">
                  <Verdict tone={attempt.status && attempt.status < 300 ? 'good' : 'bad'}>
                    {attempt.status ?? attempt.failure}
                  </Verdict>
                  <small className="dim">
                    {format.momentOf(attempt.at)}, {format.number(attempt.ms)} ms
                    {attempt.address && ` · ${attempt.address}`}
                    {attempt.tls && ` · ${attempt.tls}`}
                  </small>
                </div>
                {attempt.answer && (
                  <pre className="answered" tabIndex={0} aria-label={text('webhooks.answer')}>
                    {attempt.answer}
                  </pre>
                )}
              </li>
            ))}
          </ul>
        )
      }
    </Answer>
  )
}
