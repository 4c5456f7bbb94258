/** One address: its keys, what it got and is owed, what came back, and sending again. */
import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { Answer, Failure } from '../../kit/answer.tsx'
import { request, send } from '../../kit/api.ts'
import { Form, Select } from '../../kit/fields.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, Chip, Copyable, Facts, Note, shortHash, State } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { TrialCard } from './trial.tsx'
import { MoveVersion } from './version.tsx'
import { useCell } from '../signed-in.tsx'
import { Deliveries } from './deliveries.tsx'
import { ShownKeys } from './endpoints.tsx'
import { type Endpoint, endpointsAt, type Shown, useEndpoints, useKeys } from './queries.ts'

export const EndpointPage = () => {
  const text = useText()
  const cell = useCell()
  const { id = '' } = useParams({ strict: false })
  const endpoints = useEndpoints(cell)
  const found = endpoints.data?.data.find((one) => one.id === id)
  return (
    <>
      <Crumbs above={{ to: `/${cell}/webhooks`, name: text('webhooks.title') }} here={id} />
      <PageHead
        title={found ? new URL(found.url).host : text('webhooks.one')}
        cell={cell}
        acts={found && <State of={found.status} />}
      />
      <Answer to={endpoints}>
        {() =>
          found ? <Whole endpoint={found} /> : <Note tone="warn">{text('webhooks.gone')}</Note>
        }
      </Answer>
    </>
  )
}

/** Only what is made believe is tried with forgeries. */
const Trial = ({ endpoint }: { endpoint: Endpoint }) => {
  const cell = useCell()
  return cell === 'sandbox' && endpoint.status === 'active' ? (
    <TrialCard endpointId={endpoint.id} />
  ) : null
}

const Whole = ({ endpoint }: { endpoint: Endpoint }) => (
  <div className="columns">
    <div className="stack wide">
      <Deliveries endpoint={endpoint} />
    </div>
    <div className="stack">
      <About endpoint={endpoint} />
      <MoveVersion endpoint={endpoint} />
      <Keys endpoint={endpoint} />
      <Acts endpoint={endpoint} />
      <Trial endpoint={endpoint} />
    </div>
  </div>
)

const About = ({ endpoint }: { endpoint: Endpoint }) => {
  const text = useText()
  const format = useFormat()
  return (
    <Card title={text('application.about')}>
      <div className="pad">
        <Facts
          rows={[
            [text('webhooks.address'), <code>{endpoint.url}</code>],
            [text('webhooks.types'), <code>{endpoint.types.join(' ')}</code>],
            [text('webhooks.order'), endpoint.ordered ? text('webhooks.ordered') : text('no')],
            [text('application.since'), format.momentOf(endpoint.createdAt)],
            endpoint.failingSince
              ? [
                  text('webhooks.failing.since'),
                  <>
                    {format.momentOf(endpoint.failingSince)} ({endpoint.failures})
                  </>,
                ]
              : null,
            endpoint.openUntil
              ? [text('webhooks.paused'), format.momentOf(endpoint.openUntil)]
              : null,
            endpoint.disabledFor ? [text('webhooks.disabled-for'), endpoint.disabledFor] : null,
          ]}
        />
      </div>
    </Card>
  )
}

const Keys = ({ endpoint }: { endpoint: Endpoint }) => {
  const text = useText()
  const format = useFormat()
  const cell = useCell()
  const queries = useQueryClient()
  const keys = useKeys(cell, endpoint.id)
  const [shown, setShown] = useState<Shown>()
  const rotate = useMutation({
    mutationFn: (scheme: string) =>
      send<{ key: Shown }>(`${endpointsAt(cell)}/${endpoint.id}/keys`, { scheme }),
    onSuccess: ({ key }) => {
      setShown(key)
      void queries.invalidateQueries({ queryKey: ['webhooks', cell, endpoint.id, 'keys'] })
    },
  })
  return (
    <Card title={text('webhooks.keys')}>
      <div className="pad stack close">
        {shown && <ShownKeys keys={[shown]} />}
        <Answer to={keys} lines={2}>
          {({ data }) => (
            <ul className="stack close">
              {data.map((key) => (
                <li key={key.id}>
                  <Chip tone={key.state === 'current' ? 'good' : 'quiet'}>
                    {key.scheme}, {text(`webhooks.key.${key.state}`)}
                  </Chip>{' '}
                  {key.public && (
                    <Copyable value={key.public} shown={shortHash(key.public)} what={key.scheme} />
                  )}
                  <p className="tiny dim">
                    {key.verifiedAt
                      ? text('webhooks.key.verified', { time: format.momentOf(key.verifiedAt) })
                      : text('webhooks.key.unverified')}
                    {key.endsAt &&
                      ` ${text('webhooks.key.ends', { time: format.momentOf(key.endsAt) })}`}
                  </p>
                </li>
              ))}
            </ul>
          )}
        </Answer>
        <Form
          label={text('webhooks.rotate')}
          busy={rotate.isPending}
          error={rotate.error}
          onSubmit={({ one }) => rotate.mutate(one('scheme'))}
          acts={
            <button className="button" disabled={rotate.isPending}>
              {text('webhooks.rotate')}
            </button>
          }
        >
          <Select
            name="scheme"
            label={text('webhooks.schemes')}
            hint={text('webhooks.rotate.hint')}
            value={endpoint.schemes[0] ?? 'v1a'}
            options={endpoint.schemes.map((scheme) => ({ value: scheme, label: scheme }))}
          />
        </Form>
      </div>
    </Card>
  )
}

const Acts = ({ endpoint }: { endpoint: Endpoint }) => {
  const text = useText()
  const cell = useCell()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const at = `${endpointsAt(cell)}/${endpoint.id}`
  const renew = () => queries.invalidateQueries({ queryKey: ['webhooks'] })
  const prove = useMutation({
    mutationFn: () => send<unknown>(`${at}/challenge`),
    onSuccess: renew,
  })
  const disable = useMutation({
    mutationFn: () => send<unknown>(`${at}/disablement`),
    onSuccess: renew,
  })
  const remove = useMutation({
    mutationFn: () => request<unknown>('DELETE', at),
    onSuccess: async () => {
      await renew()
      void navigate({ to: '/$cell/webhooks', params: { cell } })
    },
  })
  const failed = prove.error ?? disable.error ?? remove.error
  return (
    <Card title={text('webhooks.acts')}>
      <div className="pad stack close">
        {failed && <Failure error={failed} />}
        {prove.isSuccess && (
          <Note tone="good" live>
            {text('webhooks.proved')}
          </Note>
        )}
        <button
          type="button"
          className="button"
          disabled={prove.isPending}
          onClick={() => prove.mutate()}
        >
          {text('webhooks.prove')}
        </button>
        <p className="tiny dim">{text('webhooks.prove.about')}</p>
        {endpoint.status === 'active' && (
          <button
            type="button"
            className="button"
            disabled={disable.isPending}
            onClick={() => disable.mutate()}
          >
            {text('webhooks.disable')}
          </button>
        )}
        <button
          type="button"
          className="button stop"
          disabled={remove.isPending}
          onClick={() => remove.mutate()}
        >
          {text('webhooks.remove')}
        </button>
      </div>
    </Card>
  )
}
