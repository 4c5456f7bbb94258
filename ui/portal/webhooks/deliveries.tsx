/** What an address got and is owed: each delivery opens to what was tried; one, or all that failed, is sent again. */
import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Answer, Failure } from '../../kit/answer.tsx'
import { send } from '../../kit/api.ts'
import { useFormat } from '../../kit/language.tsx'
import { Card, Chip, Empty, Note, type Tone } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import { type Delivery, type Endpoint, endpointsAt, useAttempts, useDeliveries } from './queries.ts'
import './webhooks.css'

const tones: Readonly<Record<Delivery['status'], Tone>> = {
  due: 'info',
  waiting: 'warn',
  delivered: 'good',
  dead: 'bad',
  skipped: 'quiet',
}
const statuses = ['due', 'waiting', 'delivered', 'dead', 'skipped'] as const
/** How far back “all that failed” goes. */
const FAILED_DAYS = 7

const useReplay = (endpoint: Endpoint) => {
  const cell = useCell()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (replay: object) =>
      send<{ deliveries: number }>(`${endpointsAt(cell)}/${endpoint.id}/replays`, replay),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['webhooks', cell, endpoint.id] }),
  })
}

export const Deliveries = ({ endpoint }: { endpoint: Endpoint }) => {
  const text = useText()
  const cell = useCell()
  const [status, setStatus] = useState<string>()
  const deliveries = useDeliveries(cell, endpoint.id, status)
  const replay = useReplay(endpoint)
  return (
    <Card
      title={text('webhooks.deliveries')}
      beside={
        <select
          className="input"
          aria-label={text('webhooks.status')}
          value={status ?? ''}
          onChange={(event) => setStatus(event.target.value || undefined)}
        >
          <option value="">{text('calls.any')}</option>
          {statuses.map((one) => (
            <option key={one} value={one}>
              {text(`webhooks.delivery.${one}`)}
            </option>
          ))}
        </select>
      }
      foot={
        <div className="row between">
          <button
            type="button"
            className="button"
            disabled={replay.isPending}
            onClick={() =>
              replay.mutate({
                what: 'failed',
                since: new Date(Date.now() - FAILED_DAYS * 86_400_000).toISOString(),
              })
            }
          >
            {text('webhooks.replay.failed')}
          </button>
          {replay.data && (
            <span role="status">
              {text('webhooks.replayed', { count: replay.data.deliveries })}
            </span>
          )}
        </div>
      }
    >
      {replay.error && <Failure error={replay.error} />}
      <Answer to={deliveries}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={text('webhooks.deliveries.none')}>
              {text('webhooks.deliveries.none.about')}
            </Empty>
          ) : (
            <ul className="deliveries">
              {data.map((delivery) => (
                <li key={delivery.id}>
                  <OneDelivery endpoint={endpoint} delivery={delivery} />
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Card>
  )
}

const OneDelivery = ({ endpoint, delivery }: { endpoint: Endpoint; delivery: Delivery }) => {
  const text = useText()
  const format = useFormat()
  const [open, setOpen] = useState(false)
  const replay = useReplay(endpoint)
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="grow">
          <code>{delivery.type}</code>
          <small className="dim">{format.momentOf(delivery.happenedAt)}</small>
        </span>
        <Chip tone={tones[delivery.status]}>{text(`webhooks.delivery.${delivery.status}`)}</Chip>
      </summary>
      <div className="stack close">
        <p className="small dim">
          <code>{delivery.eventId}</code> ·{' '}
          {text('webhooks.attempts', { count: delivery.attempts })}
        </p>
        {open && <Attempts endpoint={endpoint} delivery={delivery} />}
        {replay.error && <Failure error={replay.error} />}
        {replay.data && (
          <Note tone="good" live>
            {text('webhooks.replayed', { count: replay.data.deliveries })}
          </Note>
        )}
        <div>
          <button
            type="button"
            className="button small-button"
            disabled={replay.isPending}
            onClick={() => replay.mutate({ what: 'one', deliveryId: delivery.id })}
          >
            {text('webhooks.replay.one')}
          </button>
        </div>
      </div>
    </details>
  )
}

const Attempts = ({ endpoint, delivery }: { endpoint: Endpoint; delivery: Delivery }) => {
  const text = useText()
  const format = useFormat()
  const cell = useCell()
  const attempts = useAttempts(cell, endpoint.id, delivery.id, true)
  return (
    <Answer to={attempts} lines={2}>
      {({ data }) => (
        <ol className="attempts">
          {data.map((attempt) => (
            <li key={`${attempt.number} ${attempt.at}`}>
              <span className="figure">{format.timeOf(attempt.at, 'second')}</span>{' '}
              <Chip tone={attempt.status !== null && attempt.status < 300 ? 'good' : 'bad'}>
                {attempt.status ?? attempt.failure}
              </Chip>{' '}
              <span className="dim">{text('usage.ms', { ms: attempt.ms })}</span>
              {attempt.answer && <pre tabIndex={0}>{attempt.answer}</pre>}
            </li>
          ))}
        </ol>
      )}
    </Answer>
  )
}
