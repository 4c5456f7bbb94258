/** The dated version that an endpoint's events are written in: chosen when it is made, and moved later. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { readAll, request } from '../../kit/api.ts'
import { faultAt, Form, type Option, Select } from '../../kit/fields.tsx'
import { Card, Note } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { Version } from '../versions/wire.ts'
import { type Endpoint, endpointsAt } from './queries.ts'

/** Newest first; one that has ended is written by nobody, and a beta is for who opted into it. */
const useOptions = (): readonly Option[] => {
  const text = useText()
  const versions = useQuery({
    queryKey: ['versions'],
    queryFn: () => readAll<Version>('/api/versions', {}, 'after'),
  })
  return (versions.data ?? [])
    .filter(({ stage }) => stage === 'alive' || stage === 'deprecated')
    .map(({ version, stage }) => ({
      value: version,
      label: stage === 'alive' ? version : `${version}, ${text(`versions.stage.${stage}`)}`,
    }))
}

/** Empty: the newest of the day on which the endpoint is made. */
export const VersionField = ({ error }: { error: unknown }) => {
  const text = useText()
  const options = useOptions()
  return (
    <Select
      name="version"
      label={text('webhooks.version')}
      hint={text('webhooks.version.hint')}
      options={[{ value: '', label: text('webhooks.version.newest') }, ...options]}
      fault={faultAt(error, '/version')}
    />
  )
}

export const MoveVersion = ({ endpoint }: { endpoint: Endpoint }) => {
  const text = useText()
  const cell = useCell()
  const queries = useQueryClient()
  const options = useOptions()
  const { id, url, types, ordered, schemes, version } = endpoint
  const move = useMutation({
    mutationFn: (chosen: string) =>
      request<unknown>('PUT', `${endpointsAt(cell)}/${id}`, {
        url,
        types,
        ordered,
        schemes,
        version: chosen,
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['webhooks'] }),
  })
  if (options.length === 0) return null
  return (
    <Card
      title={text('webhooks.version')}
      foot={
        <Link to="/$cell/versions" params={{ cell }}>
          {text('webhooks.version.see')}
        </Link>
      }
    >
      <div className="pad stack close">
        {move.isSuccess && (
          <Note tone="good" live>
            {text('webhooks.version.moved', { version: move.variables })}
          </Note>
        )}
        <Form
          key={version ?? ''}
          label={text('webhooks.version')}
          busy={move.isPending}
          error={move.error}
          onSubmit={({ one }) => move.mutate(one('version'))}
          acts={
            <button className="button" disabled={move.isPending}>
              {text('webhooks.version.act')}
            </button>
          }
        >
          <Select
            name="version"
            label={text('webhooks.version.of-events')}
            hint={text('webhooks.version.hint')}
            value={version ?? options[0]?.value ?? ''}
            options={
              version === null || options.some(({ value }) => value === version)
                ? options
                : [{ value: version, label: version }, ...options]
            }
            fault={faultAt(move.error, '/version')}
          />
        </Form>
      </div>
    </Card>
  )
}
