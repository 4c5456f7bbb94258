/** Named banks of the organisation's own: made, forked, kept, put back, reset; and the clock of the one in use. */
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer, Failure } from '../../kit/answer.tsx'
import { faultAt, Field, Form, Select } from '../../kit/fields.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, Chip, Empty, Facts, Id, Table } from '../../kit/show.tsx'
import { CallTable } from '../calls/table.tsx'
import { useText } from '../messages/index.ts'
import { lookAnew, useAct, useLately, useSnapshots, useUnderWay, useWorlds } from './asking.ts'
import { ClockCard } from './clock.tsx'
import { WorldsFrame } from './frame.tsx'
import { SNAPSHOTS_MAX, type Snapshot, type World, WORLDS_MAX } from './wire.ts'

export const Worlds = () => {
  const worlds = useWorlds()
  return (
    <WorldsFrame>
      <div className="columns">
        <div className="stack wide">
          <Answer to={worlds}>
            {({ data }) => (
              <>
                <Shared worlds={data} />
                {data.map((world) => (
                  <OneWorld key={world.worldId} world={world} />
                ))}
              </>
            )}
          </Answer>
          <Lately />
        </div>
        <div className="stack wide">
          <ClockCard />
          {worlds.data && <NewWorld worlds={worlds.data.data} />}
        </div>
      </div>
    </WorldsFrame>
  )
}

/** Where everybody is until they go to a world of their own. */
const Shared = ({ worlds }: { worlds: readonly World[] }) => {
  const text = useText()
  const act = useAct()
  const inUse = worlds.every((world) => !world.inUse)
  return (
    <Card title={text('worlds.shared')} beside={inUse && <InUse />}>
      <div className="pad stack close">
        <p className="small">{text('worlds.shared.about')}</p>
        {act.error && <Failure error={act.error} />}
        {!inUse && (
          <div>
            <button
              type="button"
              className="button"
              disabled={act.isPending}
              onClick={() =>
                act.mutate({
                  operation: 'chooseWorld',
                  name: text('worlds.shared'),
                  body: { worldId: null },
                  sinceMs: Date.now(),
                })
              }
            >
              {text('worlds.go-back')}
            </button>
          </div>
        )}
      </div>
    </Card>
  )
}

const InUse = () => {
  const text = useText()
  return <Chip tone="good">{text('worlds.in-use')}</Chip>
}

const OneWorld = ({ world }: { world: World }) => {
  const text = useText()
  const format = useFormat()
  return (
    <Card title={world.name} beside={world.inUse && <InUse />}>
      <div className="pad stack close">
        <Facts
          rows={[
            [text('worlds.id'), <Id key="id" of={world.worldId} />],
            [text('worlds.made'), format.momentOf(world.createdAt)],
            [text('worlds.used'), format.dateOf(world.usedAt)],
          ]}
        />
        <Acts world={world} />
      </div>
      <Snapshots world={world} />
    </Card>
  )
}

/** What cannot be taken back is asked for twice. */
const Twice = (props: { name: string; about: string; disabled: boolean; act: () => void }) => {
  const { name, about, disabled, act } = props
  const text = useText()
  return (
    <details>
      <summary>{name}…</summary>
      <div className="stack close">
        <p className="small">{about}</p>
        <div>
          <button
            type="button"
            className="button stop"
            disabled={disabled}
            onClick={(event) => {
              event.currentTarget.closest('details')?.removeAttribute('open')
              act()
            }}
          >
            {text('worlds.yes', { act: name })}
          </button>
        </div>
      </div>
    </details>
  )
}

const useBusy = () => useUnderWay().length > 0

const Acts = ({ world: { worldId, name, inUse } }: { world: World }) => {
  const text = useText()
  const act = useAct()
  const busy = useBusy()
  const path = { worldId }
  const begin = (operation: string, more: { path?: typeof path; body?: object }) =>
    act.mutate({ operation, name, ...more, sinceMs: Date.now() })
  return (
    <div className="stack close">
      {act.error && <Failure error={act.error} />}
      <div className="world-acts">
        {!inUse && (
          <button
            type="button"
            className="button primary"
            disabled={busy}
            onClick={() => begin('chooseWorld', { body: path })}
          >
            {text('worlds.go', { name })}
          </button>
        )}
        <button
          type="button"
          className="button"
          disabled={busy}
          onClick={() => begin('takeSnapshot', { path })}
        >
          {text('worlds.keep')}
        </button>
        <Twice
          name={text('worlds.reset')}
          about={text('worlds.reset.about')}
          disabled={busy}
          act={() => begin('resetWorld', { path })}
        />
        {!inUse && (
          <Twice
            name={text('worlds.remove')}
            about={text('worlds.remove.about')}
            disabled={busy}
            act={() => begin('removeWorld', { path })}
          />
        )}
      </div>
    </div>
  )
}

const Snapshots = ({ world }: { world: World }) => {
  const text = useText()
  const snapshots = useSnapshots(world.worldId)
  return (
    <Answer to={snapshots} lines={2}>
      {({ data }) =>
        data.length === 0 ? (
          <p className="pad small dim">{text('worlds.snapshots.none', { count: SNAPSHOTS_MAX })}</p>
        ) : (
          <Table caption={text('worlds.snapshots.of', { name: world.name })} className="dense">
            <thead>
              <tr>
                <th scope="col">{text('worlds.snapshot')}</th>
                <th scope="col">{text('worlds.taken')}</th>
                <th scope="col">{text('worlds.restore')}</th>
              </tr>
            </thead>
            <tbody>
              {data.map((snapshot) => (
                <SnapshotRow key={snapshot.snapshotId} snapshot={snapshot} name={world.name} />
              ))}
            </tbody>
          </Table>
        )
      }
    </Answer>
  )
}

const SnapshotRow = ({ snapshot, name }: { snapshot: Snapshot; name: string }) => {
  const text = useText()
  const format = useFormat()
  const act = useAct()
  const busy = useBusy()
  const { snapshotId, worldId, takenAt } = snapshot
  return (
    <tr>
      <th scope="row">
        <Id of={snapshotId} />
      </th>
      <td className="nowrap">{format.momentOf(takenAt)}</td>
      <td>
        {act.error && <Failure error={act.error} />}
        <Twice
          name={text('worlds.restore')}
          about={text('worlds.restore.about')}
          disabled={busy}
          act={() =>
            act.mutate({
              operation: 'restoreSnapshot',
              name,
              path: { worldId, snapshotId },
              sinceMs: Date.now(),
            })
          }
        />
      </td>
    </tr>
  )
}

const NewWorld = ({ worlds }: { worlds: readonly World[] }) => {
  const text = useText()
  const queries = useQueryClient()
  const act = useAct()
  if (worlds.length >= WORLDS_MAX)
    return (
      <Card title={text('worlds.new')}>
        <p className="pad small">{text('worlds.full', { count: WORLDS_MAX })}</p>
      </Card>
    )
  return (
    <Card title={text('worlds.new')}>
      <div className="pad">
        <Form
          key={worlds.length}
          label={text('worlds.new')}
          busy={act.isPending}
          error={act.error}
          onSubmit={({ one }) =>
            act.mutate(
              {
                operation: 'createWorld',
                name: one('name'),
                body: { name: one('name'), ...(one('copyOf') && { copyOf: one('copyOf') }) },
                sinceMs: Date.now(),
              },
              { onSuccess: () => void lookAnew(queries) },
            )
          }
          acts={
            <button className="button primary" disabled={act.isPending}>
              {text('worlds.new.act')}
            </button>
          }
        >
          <Field
            name="name"
            label={text('worlds.name')}
            hint={text('worlds.name.hint')}
            code
            required
            maxLength={40}
            autoComplete="off"
            placeholder="salary-day"
            fault={faultAt(act.error, '/name')}
          />
          <Select
            name="copyOf"
            label={text('worlds.begins')}
            options={[
              { value: '', label: text('worlds.begins.seeded') },
              ...worlds.map(({ worldId, name }) => ({
                value: worldId,
                label: text('worlds.begins.as', { name }),
              })),
            ]}
          />
        </Form>
      </div>
    </Card>
  )
}

const Lately = () => {
  const text = useText()
  const lately = useLately()
  return (
    <Card
      title={text('worlds.lately')}
      foot={
        <Link to="/$cell/calls" params={{ cell: 'sandbox' }}>
          {text('calls.title')}
        </Link>
      }
    >
      <Answer to={lately} lines={3}>
        {(calls) =>
          calls.length === 0 ? (
            <Empty title={text('worlds.lately.none')}>{text('worlds.lately.none.about')}</Empty>
          ) : (
            <CallTable calls={calls} />
          )
        }
      </Answer>
    </Card>
  )
}
