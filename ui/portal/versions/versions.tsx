/** Which version each application speaks, what newer ones mean for it by its own calls, and how long older ones are served. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Answer, Failure } from '../../kit/answer.tsx'
import { read, readAll, send } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { Rich, useFormat, useSpeech } from '../../kit/language.tsx'
import { useMe } from '../../kit/session.ts'
import { Card, Chip, Empty, Facts, Note, Table, type Tone } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { Me } from '../wire.ts'
import type { ApplicationVersion, ComingChange, Meaning, Version } from './wire.ts'

const tones: Record<Version['stage'], Tone> = {
  beta: 'warn',
  alive: 'good',
  deprecated: 'warn',
  sunset: 'bad',
  retired: 'quiet',
}

export const Versions = () => {
  const text = useText()
  const cell = useCell()
  const versions = useQuery({
    queryKey: ['versions'],
    queryFn: () => readAll<Version>('/api/versions', {}, 'after'),
  })
  const applications = useQuery({
    queryKey: ['versions', 'applications'],
    queryFn: () => readAll<ApplicationVersion>('/api/applications/versions', {}, 'after'),
  })
  const coming = useQuery({
    queryKey: ['versions', 'coming'],
    queryFn: () => read<{ data: readonly ComingChange[] }>('/api/versions/coming'),
  })
  return (
    <>
      <PageHead title={text('versions.title')} cell={cell} about={text('versions.about')} />
      <div className="columns left-main">
        <div className="stack">
          <Answer to={applications} lines={6}>
            {(found) => (
              <Answer to={versions} lines={6}>
                {(known) => (
                  <Applications
                    applications={found.filter((one) => one.cell === cell)}
                    versions={known}
                  />
                )}
              </Answer>
            )}
          </Answer>
        </div>
        <div className="stack">
          <Answer to={coming}>{({ data }) => <Coming changes={data} />}</Answer>
          <Answer to={versions}>{(found) => <Calendar versions={found} />}</Answer>
        </div>
      </div>
    </>
  )
}

const Applications = (props: {
  applications: readonly ApplicationVersion[]
  versions: readonly Version[]
}) => {
  const text = useText()
  const { applications, versions } = props
  return applications.length === 0 ? (
    <div className="card">
      <Empty title={text('versions.none')}>{text('versions.none.about')}</Empty>
    </div>
  ) : (
    applications.map((one) => <Application key={one.id} application={one} versions={versions} />)
  )
}

/** Who builds for their organisation. */
const useMayMove = (): boolean =>
  useMe<Me>().data?.person.roles.some((role) => ['owner', 'admin', 'developer'].includes(role)) ??
  false

const Application = (props: { application: ApplicationVersion; versions: readonly Version[] }) => {
  const text = useText()
  const { application, versions } = props
  const { name, pinned, spoken, ahead } = application
  const life = versions.find(({ version }) => version === pinned)
  const touching = ahead.filter(({ touches }) => touches).length
  return (
    <Card
      title={name}
      beside={
        <Chip tone={life ? tones[life.stage] : 'quiet'}>
          {text('versions.speaks', { version: pinned })}
        </Chip>
      }
    >
      <div className="pad stack">
        {life && <End of={life} />}
        {spoken.length > 0 && (
          <Facts
            rows={spoken.map(({ version, calls }) => [
              version,
              text('versions.calls', { count: calls }),
            ])}
          />
        )}
        {ahead.length === 0 ? (
          <Note tone="good">{text('versions.newest')}</Note>
        ) : (
          <>
            <p>
              {touching === 0
                ? text('versions.ahead.none', { count: ahead.length })
                : text('versions.ahead', { count: touching })}
            </p>
            <Changes of={name} changes={ahead} />
          </>
        )}
        <Moves application={application} versions={versions} />
      </div>
    </Card>
  )
}

/** What the end of the version that an application speaks means for it: it comes, it is overdue, it has come. */
const End = ({ of: { stage, sunsetAt, version } }: { of: Version }) => {
  const text = useText()
  const format = useFormat()
  if (stage === 'retired') return <Note tone="bad">{text('versions.ended', { version })}</Note>
  if (sunsetAt === null) return null
  const day = format.dateOf(sunsetAt)
  return stage === 'sunset' ? (
    <Note tone="bad">{text('versions.overdue', { day })}</Note>
  ) : (
    <Note tone="warn">{text('versions.ends', { day })}</Note>
  )
}

const Changes = ({ of, changes }: { of: string; changes: readonly Meaning[] }) => {
  const text = useText()
  const { language } = useSpeech()
  return (
    <Table caption={text('versions.changes', { name: of })}>
      <thead>
        <tr>
          <th>{text('versions.since')}</th>
          <th>{text('versions.change')}</th>
          <th>{text('versions.yours')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={`${change.product} ${change.id}`}>
            <td>{change.since}</td>
            <td>
              <Rich text={change.summary[language]} />
              <div className="small dim">
                {[...change.operations.map(({ id }) => id), ...change.events].join(', ')}
              </div>
            </td>
            <td>
              <Chip tone={change.touches ? 'warn' : 'good'}>
                {change.touches
                  ? text('versions.calls', {
                      count: change.operations.reduce((sum, { calls }) => sum + calls, 0),
                    })
                  : text('versions.untouched')}
              </Chip>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** Forward to the newest with one click, and back with another while that is possible. */
const Moves = (props: { application: ApplicationVersion; versions: readonly Version[] }) => {
  const text = useText()
  const queries = useQueryClient()
  const { application, versions } = props
  const move = useMutation({
    mutationFn: (version: string) =>
      send(`/api/applications/${application.id}/version`, { version }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['versions'] }),
  })
  const newest = versions.find(({ stage }) => stage !== 'beta')?.version
  const { pinned, back } = application
  if (!useMayMove()) return null
  return (
    <div className="row">
      {newest !== undefined && newest > pinned && (
        <button
          type="button"
          className="button primary"
          disabled={move.isPending}
          onClick={() => move.mutate(newest)}
        >
          {text('versions.move', { version: newest })}
        </button>
      )}
      {back !== null && (
        <button
          type="button"
          className="button"
          disabled={move.isPending}
          onClick={() => move.mutate(back)}
        >
          {text('versions.back', { version: back })}
        </button>
      )}
      {versions
        .filter(({ stage }) => stage === 'beta')
        .map(({ version }) => (
          <Beta key={version} application={application} version={version} />
        ))}
      {move.isError && <Failure error={move.error} />}
    </div>
  )
}

/** A version in trial: asked for by hand, for one application, and left in the same way. */
const Beta = (props: { application: ApplicationVersion; version: string }) => {
  const text = useText()
  const queries = useQueryClient()
  const { application, version } = props
  const joined = application.betas.includes(version)
  const change = useMutation({
    mutationFn: () =>
      joined
        ? send(`/api/applications/${application.id}/betas/${version}/removal`, {})
        : send(`/api/applications/${application.id}/betas`, { version }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['versions'] }),
  })
  return (
    <div>
      <button
        type="button"
        className="button"
        disabled={change.isPending}
        onClick={() => change.mutate()}
      >
        {text(joined ? 'versions.beta.leave' : 'versions.beta.join', { version })}
      </button>
      <p className="small dim">
        {text(joined ? 'versions.beta.joined' : 'versions.beta.about', { version })}
      </p>
      {change.isError && <Failure error={change.error} />}
    </div>
  )
}

const Coming = ({ changes }: { changes: readonly ComingChange[] }) => {
  const text = useText()
  const format = useFormat()
  const { language } = useSpeech()
  if (changes.length === 0) return null
  return (
    <Card title={text('versions.coming')} foot={text('versions.coming.about')}>
      <Facts
        rows={changes.map(({ takesEffect, summary, operation, product }) => [
          format.day(takesEffect),
          <>
            <Rich text={summary[language]} />{' '}
            <span className="small dim">{operation ?? product}</span>
          </>,
        ])}
      />
    </Card>
  )
}

const Calendar = ({ versions }: { versions: readonly Version[] }) => {
  const text = useText()
  const format = useFormat()
  return (
    <Card title={text('versions.calendar')} foot={text('versions.calendar.about')}>
      <Facts
        rows={versions.map(({ version, stage, sunsetAt, brownouts }) => [
          version,
          <>
            <Chip tone={tones[stage]}>{text(`versions.stage.${stage}`)}</Chip>
            {sunsetAt && stage !== 'retired' && (
              <div className="small dim">
                {text('versions.until', { day: format.dateOf(sunsetAt) })}
              </div>
            )}
            {brownouts.map(({ id, cell, startsAt, endsAt }) => (
              <div key={id} className="small dim">
                {text('versions.brownout', {
                  cell: text(`versions.in.${cell}`),
                  from: format.momentOf(startsAt),
                  to: format.momentOf(endsAt),
                })}
              </div>
            ))}
          </>,
        ])}
      />
    </Card>
  )
}
