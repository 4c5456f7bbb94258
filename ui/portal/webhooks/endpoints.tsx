/** Where the organisation is told what happens: its addresses in a cell, how each stands, and a new one. */
import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { send } from '../../kit/api.ts'
import { Choices, faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, Chip, Code, Empty, Id, Note, State, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useApplications } from '../pages/applications.tsx'
import { useCell } from '../signed-in.tsx'
import { type Endpoint, endpointsAt, type Shown, useEndpoints } from './queries.ts'
import { VersionField } from './version.tsx'

interface Made {
  readonly endpoint: Endpoint
  readonly keys: readonly Shown[]
}

export const Endpoints = () => {
  const text = useText()
  const cell = useCell()
  const endpoints = useEndpoints(cell)
  const [made, setMade] = useState<Made>()
  return (
    <>
      <PageHead title={text('webhooks.title')} cell={cell} about={text('webhooks.about')} />
      {made && <ShownKeys keys={made.keys} />}
      <div className="columns">
        <div className="stack wide">
          <Card>
            <Answer to={endpoints}>
              {({ data }) =>
                data.length === 0 ? (
                  <Empty title={text('webhooks.none')}>{text('webhooks.none.about')}</Empty>
                ) : (
                  <EndpointTable endpoints={data} />
                )
              }
            </Answer>
          </Card>
        </div>
        <NewEndpoint onMade={setMade} />
      </div>
    </>
  )
}

/** A secret is shown this once; the public key of the other scheme stands with the endpoint for ever. */
export const ShownKeys = ({ keys }: { keys: readonly Shown[] }) => {
  const text = useText()
  return (
    <Note tone="good" live>
      <b>{text('webhooks.keys.shown')}</b>
      {keys.map((key) => (
        <Code key={key.id} title={key.scheme} value={key.key} />
      ))}
    </Note>
  )
}

const EndpointTable = ({ endpoints }: { endpoints: readonly Endpoint[] }) => {
  const text = useText()
  const format = useFormat()
  const cell = useCell()
  const applications = useApplications().data?.data ?? []
  return (
    <Table caption={text('webhooks.title')}>
      <thead>
        <tr>
          <th scope="col">{text('webhooks.address')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col">{text('webhooks.types')}</th>
          <th scope="col">{text('usage.application')}</th>
        </tr>
      </thead>
      <tbody>
        {endpoints.map((one) => (
          <tr key={one.id}>
            <th scope="row">
              <Link to="/$cell/webhooks/$id" params={{ cell, id: one.id }}>
                {one.url}
              </Link>
              <small>
                <Id of={one.id} />
              </small>
            </th>
            <td>
              <State of={one.status} />
              {one.failingSince && (
                <small>
                  <Chip tone="bad">
                    {text('webhooks.failing', { time: format.momentOf(one.failingSince) })}
                  </Chip>
                </small>
              )}
            </td>
            <td>
              <code>{one.types.join(' ')}</code>
            </td>
            <td>{applications.find(({ id }) => id === one.applicationId)?.name ?? ''}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const wishOf = ({ one, many }: Filled) => ({
  url: one('url'),
  types: one('types')
    .split(/[\s,]+/)
    .filter(Boolean),
  ordered: many('ordered').length > 0,
  schemes: many('schemes'),
  version: one('version') || null,
})

const NewEndpoint = ({ onMade }: { onMade: (made: Made) => void }) => {
  const text = useText()
  const cell = useCell()
  const queries = useQueryClient()
  const applications = (useApplications().data?.data ?? []).filter(
    (one) => one.cell === cell && one.status === 'active',
  )
  const create = useMutation({
    mutationFn: (filled: Filled) =>
      send<Made>(endpointsAt(cell), {
        applicationId: filled.one('applicationId'),
        ...wishOf(filled),
      }),
    onSuccess: (made) => {
      onMade(made)
      void queries.invalidateQueries({ queryKey: ['webhooks'] })
    },
  })
  return (
    <Card title={text('webhooks.new')}>
      <div className="pad">
        {applications.length === 0 ? (
          <p>
            {text('webhooks.application-first')}{' '}
            <Link to="/$cell/applications/new" params={{ cell }}>
              {text(`applications.new.${cell}`)}
            </Link>
          </p>
        ) : (
          <Form
            label={text('webhooks.new')}
            busy={create.isPending}
            error={create.error}
            onSubmit={(filled) => create.mutate(filled)}
            acts={
              <button
                className={`button ${cell === 'production' ? 'production' : 'primary'}`}
                disabled={create.isPending}
              >
                {text('webhooks.new.act')}
              </button>
            }
          >
            <Select
              name="applicationId"
              label={text('usage.application')}
              value={applications[0]?.id ?? ''}
              options={applications.map(({ id, name }) => ({ value: id, label: name }))}
            />
            <Field
              name="url"
              label={text('webhooks.address')}
              hint={text('webhooks.address.hint')}
              code
              required
              autoComplete="off"
              placeholder="https://"
              fault={faultAt(create.error, '/url')}
            />
            <Field
              name="types"
              label={text('webhooks.types')}
              hint={text('webhooks.types.hint')}
              code
              required
              value="*"
              autoComplete="off"
              fault={faultAt(create.error, '/types')}
            />
            <VersionField error={create.error} />
            <Choices
              name="schemes"
              label={text('webhooks.schemes')}
              many
              chosen={['v1a']}
              options={(['v1a', 'v1'] as const).map((scheme) => ({
                value: scheme,
                label: scheme,
                about: text(`webhooks.scheme.${scheme}`),
              }))}
              fault={faultAt(create.error, '/schemes')}
            />
            <Choices
              name="ordered"
              label={text('webhooks.order')}
              many
              options={[{ value: 'yes', label: text('webhooks.ordered') }]}
            />
          </Form>
        )}
      </div>
    </Card>
  )
}
