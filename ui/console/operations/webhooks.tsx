/** Where a partner is told, how that is doing, and what support sends again. The endpoints stay the partner's to change. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { query, read, send } from '../../kit/api.ts'
import { Field, type Filled, Form } from '../../kit/fields.tsx'
import { useFormat } from '../../kit/language.tsx'
import { dayAfter, startOfDay, today } from '../../kit/moments.ts'
import { Card, Chip, Empty, Facts, Note } from '../../kit/show.tsx'
import { CellFilter } from '../cell-filter.tsx'
import { useText } from '../messages/index.ts'
import { PartnerHead, usePartnerId } from '../partner-tabs.tsx'
import { useCommand, useMay } from '../proposing.tsx'
import { useCellOfSearch } from '../signed-in.tsx'
import type { List } from '../wire.ts'
import { DeliveryTable } from './deliveries.tsx'
import { type Of, pathOf, replayers } from './endpoint.ts'
import type { Delivery, Endpoint } from './wire.ts'

const toneOf = { active: 'good', unproven: 'warn', disabled: 'bad', removed: 'quiet' } as const

export const PartnerWebhooks = () => {
  const text = useText()
  const partnerId = usePartnerId()
  const cell = useCellOfSearch()
  const endpoints = useQuery({
    queryKey: ['webhooks', cell, partnerId],
    queryFn: () => read<List<Endpoint>>(`/api/partners/${partnerId}/webhooks/${cell}/endpoints`),
  })
  return (
    <>
      <PartnerHead cell={cell} about={text('webhooks.about')} acts={<CellFilter />} />
      <Answer to={endpoints}>
        {({ data }) =>
          data.length === 0 ? (
            <div className="card">
              <Empty title={text('webhooks.none')}>{text('webhooks.none.about')}</Empty>
            </div>
          ) : (
            <div className="stack wide">
              {data.map((endpoint) => (
                <EndpointCard
                  key={endpoint.id}
                  endpoint={endpoint}
                  of={{ partnerId, cell, endpointId: endpoint.id }}
                />
              ))}
            </div>
          )
        }
      </Answer>
    </>
  )
}

const EndpointCard = ({ endpoint, of }: { endpoint: Endpoint; of: Of }) => {
  const text = useText()
  const format = useFormat()
  return (
    <Card
      title={endpoint.url}
      beside={
        <Chip tone={toneOf[endpoint.status]}>{text(`webhooks.status.${endpoint.status}`)}</Chip>
      }
    >
      <div className="pad stack">
        <Facts
          rows={[
            [text('webhooks.events'), <code>{endpoint.types.join(', ')}</code>],
            [text('webhooks.signed'), <code>{endpoint.schemes.join(', ')}</code>],
            [text('webhooks.failures'), format.number(endpoint.failures)],
            endpoint.failingSince === null
              ? null
              : [text('webhooks.failing'), format.momentOf(endpoint.failingSince)],
            endpoint.openUntil === null
              ? null
              : [text('webhooks.rests'), format.momentOf(endpoint.openUntil)],
            endpoint.disabledFor === null
              ? null
              : [
                  text('webhooks.disabled'),
                  text(`webhooks.disabled.${reasonOf(endpoint.disabledFor)}`),
                ],
          ]}
        />
        <Replay of={of} />
      </div>
      <Deliveries of={of} />
    </Card>
  )
}

const reasons = ['gone', 'failing', 'partner'] as const
const reasonOf = (word: string) => reasons.find((reason) => reason === word) ?? 'partner'

const views = ['dead', 'due', 'waiting', 'delivered', 'skipped'] as const

const Deliveries = ({ of }: { of: Of }) => {
  const text = useText()
  const [status, setStatus] = useState<(typeof views)[number]>('dead')
  const [before, setBefore] = useState<string>()
  const deliveries = useQuery({
    queryKey: ['webhooks', of.cell, of.partnerId, of.endpointId, status, before],
    queryFn: () =>
      read<List<Delivery>>(`${pathOf(of)}/deliveries${query({ status, before, limit: 50 })}`),
  })
  const next = deliveries.data?.next
  return (
    <>
      <div className="row between bar">
        <div className="segments" role="group" aria-label={text('webhooks.which')}>
          {views.map((view) => (
            <button
              key={view}
              type="button"
              aria-pressed={view === status}
              onClick={() => {
                setStatus(view)
                setBefore(undefined)
              }}
            >
              {text(`webhooks.delivery.${view}`)}
            </button>
          ))}
        </div>
        {next && (
          <button type="button" className="button small-button" onClick={() => setBefore(next)}>
            {text('journal.earlier')}
          </button>
        )}
      </div>
      <Answer to={deliveries} lines={3}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="pad small dim">{text(`webhooks.no.${status}`)}</p>
          ) : (
            <DeliveryTable deliveries={data} of={of} />
          )
        }
      </Answer>
    </>
  )
}

const Replay = ({ of }: { of: Of }) => {
  const text = useText()
  const { zone } = useFormat()
  const may = useMay(replayers)
  const replay = useCommand(({ one }: Filled) =>
    send<{ deliveries: number }>(`${pathOf(of)}/replays`, {
      what: 'failed',
      since: startOfDay(one('since'), zone),
    }),
  )
  if (!may) return null
  return (
    <details>
      <summary>{text('webhooks.replay')}</summary>
      <Form
        label={text('webhooks.replay')}
        busy={replay.isPending}
        error={replay.error}
        onSubmit={(filled) => replay.mutate(filled)}
        acts={
          <button className="button" disabled={replay.isPending}>
            {text('webhooks.replay.act')}
          </button>
        }
      >
        <p className="small">{text('webhooks.replay.about')}</p>
        <Field
          name="since"
          type="date"
          label={text('webhooks.replay.since')}
          value={dayAfter(today(zone), -7)}
          max={today(zone)}
          required
        />
      </Form>
      {replay.data && (
        <Note tone="good" live>
          {text('webhooks.replayed', { count: replay.data.deliveries })}
        </Note>
      )}
    </details>
  )
}
