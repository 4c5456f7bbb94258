/** The advisory board as partners and the bank read it alike: pack, minutes, decisions, actions, votes. */
import type { ReactNode } from 'react'
import { Download } from '../download.tsx'
import { useFormat, useSpeech, useTextOf, useWord } from '../language.tsx'
import { Card, Chip, Empty, Figures, Table, type Tone } from '../show.tsx'
import type { en } from './messages/en.ts'
import type { Meeting, Pack, Request, WholeMeeting } from './wire.ts'
import './advisory.css'

const useText = () => useTextOf<typeof en>()

const toneOfMeeting: Record<Meeting['status'], Tone> = {
  planned: 'info',
  held: 'warn',
  published: 'good',
}

export const MeetingState = ({ of }: { of: Meeting['status'] }) => {
  const word = useWord()
  return (
    <Chip tone={toneOfMeeting[of]} {...(of === 'planned' && { icon: 'clock' as const })}>
      {word('advisory-state', of)}
    </Chip>
  )
}

const toneOfRequest: Record<Request['status'], Tone> = {
  open: 'info',
  accepted: 'good',
  delivered: 'good',
  declined: 'bad',
  withdrawn: 'quiet',
}

/** Where a request stands: until when one may vote, or what the bank said. */
export const RequestState = ({ of }: { of: Request }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  if (of.status !== 'open')
    return <Chip tone={toneOfRequest[of.status]}>{word('advisory-request', of.status)}</Chip>
  return of.voting ? (
    <Chip tone="info" icon="clock">
      {text('advisory-request.until', { day: format.dateOf(of.closesAt) })}
    </Chip>
  ) : (
    <Chip tone="warn">{text('advisory-request.closed')}</Chip>
  )
}

const WIDE = 100

/** Votes as two bars on one line, and in words. */
export const Votes = ({ of }: { of: Pick<Request, 'votesFor' | 'votesAgainst'> }) => {
  const text = useText()
  const all = Math.max(1, of.votesFor + of.votesAgainst)
  const pro = (of.votesFor / all) * WIDE
  return (
    <div className="votes">
      <svg viewBox={`0 0 ${WIDE} 6`} preserveAspectRatio="none" aria-hidden="true">
        <rect className="contra" width={of.votesAgainst > 0 ? WIDE : 0} height="6" />
        <rect className="pro" width={pro} height="6" />
      </svg>
      <span>{text('advisory-pack.votes', { pro: of.votesFor, contra: of.votesAgainst })}</span>
    </div>
  )
}

/** One request: what is asked for, how partners voted, what the bank answered, and what one may do. */
export const RequestItem = ({ request, acts }: { request: Request; acts?: ReactNode }) => {
  const text = useText()
  return (
    <li className="request">
      <div className="row between">
        <b>{request.title}</b>
        <RequestState of={request} />
      </div>
      {request.organisation && <p className="tiny dim">{request.organisation}</p>}
      <p className="small">{request.body}</p>
      <Votes of={request} />
      {request.answer && (
        <p className="answer small">
          <b>{text('advisory-request.answer')}.</b> {request.answer}
        </p>
      )}
      {acts}
    </li>
  )
}

export const Agenda = ({ of: { agenda } }: { of: Meeting }) => {
  const text = useText()
  return (
    <Card title={text('advisory-meeting.agenda')}>
      <div className="pad">
        {agenda.length === 0 ? (
          <p className="small dim">{text('advisory-meeting.agenda.none')}</p>
        ) : (
          <ol className="agenda">
            {agenda.map((item) => (
              <li key={`${item.title} ${item.requestId}`}>{item.title}</li>
            ))}
          </ol>
        )}
      </div>
    </Card>
  )
}

export const Minutes = ({ minutes }: { minutes: string }) => {
  const text = useText()
  return (
    <Card title={text('advisory-meeting.minutes')}>
      <div className="pad minutes">
        {minutes.split(/\n{2,}/).map((paragraph, at) => (
          <p key={at}>{paragraph}</p>
        ))}
      </div>
    </Card>
  )
}

export const Decisions = ({ of, acts }: { of: WholeMeeting['decisions']; acts?: ReactNode }) => {
  const text = useText()
  return (
    <Card title={text('advisory-meeting.decisions')}>
      <div className="pad stack">
        {of.length === 0 ? (
          <p className="small dim">{text('advisory-meeting.none')}</p>
        ) : (
          <ol className="agenda">
            {of.map((decision) => (
              <li key={decision.id}>{decision.said}</li>
            ))}
          </ol>
        )}
        {acts}
      </div>
    </Card>
  )
}

type Action = WholeMeeting['actions'][number]

export const Actions = (props: {
  of: readonly Action[]
  finish?: (action: Action) => ReactNode
  acts?: ReactNode
}) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Card title={text('advisory-meeting.actions')}>
      <div className="pad stack">
        {props.of.length === 0 && <p className="small dim">{text('advisory-meeting.none')}</p>}
        <ul className="actions">
          {props.of.map((action) => (
            <li key={action.id}>
              <div className="row between">
                <b>{action.said}</b>
                <Chip
                  tone={action.doneAt ? 'good' : 'info'}
                  icon={action.doneAt ? 'check' : 'clock'}
                >
                  {text('advisory-meeting.due', { day: format.day(action.dueOn) })}
                </Chip>
              </div>
              <p className="small dim">
                {word('role', action.owner)}
                {action.outcome &&
                  ` · ${text('advisory-meeting.done', { outcome: action.outcome })}`}
              </p>
              {action.doneAt === null && props.finish?.(action)}
            </li>
          ))}
        </ul>
        {props.acts}
      </div>
    </Card>
  )
}

/** The facts of the quarter, as they were laid before the board. */
export const PackCard = (props: { meeting: Meeting; pack: Pack | null; acts?: ReactNode }) => {
  const { meeting, pack, acts } = props
  const text = useText()
  const format = useFormat()
  const { language } = useSpeech()
  if (!pack)
    return (
      <Card title={text('advisory-pack.title')}>
        <Empty title={text('advisory-pack.none')} act={acts}>
          {text('advisory-pack.none.about')}
        </Empty>
      </Card>
    )
  const at = `/api/advisory/meetings/${meeting.id}/pack`
  return (
    <Card
      title={text('advisory-pack.title')}
      beside={
        <span className="small dim">
          {text('advisory-pack.counted', { moment: format.momentOf(pack.countedTo) })}
        </span>
      }
      foot={
        <div className="row">
          <Download path={`${at}.pdf?language=${language}`}>{text('advisory-pack.pdf')}</Download>
          <Download path={`${at}.json`} kind="text">
            {text('advisory-pack.json')}
          </Download>
          {acts}
        </div>
      }
    >
      <div className="pad stack">
        <Figures
          figures={[
            {
              label: text('advisory-pack.registered'),
              value: format.number(pack.partners.registered),
            },
            { label: text('advisory-pack.joined'), value: format.number(pack.partners.joined) },
            { label: text('advisory-pack.live'), value: format.number(pack.partners.live) },
          ]}
        />
        <PackUsage pack={pack} />
        <PackLists pack={pack} />
      </div>
    </Card>
  )
}

const PackUsage = ({ pack: { usage } }: { pack: Pack }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const product = (id: string) => (id === 'all' ? text('advisory-pack.all') : word('product', id))
  return (
    <section className="pack-part">
      <h3>{text('advisory-pack.usage')}</h3>
      {usage.length === 0 ? (
        <p className="small dim">{text('advisory-pack.nothing')}</p>
      ) : (
        <Table caption={text('advisory-pack.usage')} className="dense">
          <thead>
            <tr>
              <th scope="col">{text('advisory-pack.product')}</th>
              <th scope="col" className="number">
                {text('advisory-pack.calls')}
              </th>
              <th scope="col" className="number">
                {text('advisory-pack.before')}
              </th>
              <th scope="col" className="number">
                {text('advisory-pack.failed')}
              </th>
              <th scope="col" className="number">
                {text('advisory-pack.p95')}
              </th>
            </tr>
          </thead>
          <tbody>
            {usage.map((row) => (
              <tr key={row.product}>
                <th scope="row">{product(row.product)}</th>
                <td className="number">{format.number(row.calls)}</td>
                <td className="number">{format.number(row.callsBefore)}</td>
                <td className="number">
                  {format.number((row.failedPpm / 10_000).toFixed(3))}&nbsp;%
                </td>
                <td className="number">
                  {row.p95Ms === null ? '—' : `${format.number(row.p95Ms)}\u00a0ms`}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <p className="tiny dim">{text('advisory-pack.few')}</p>
    </section>
  )
}

const PackLists = ({ pack }: { pack: Pack }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const product = (id: string) => (id === 'all' ? text('advisory-pack.all') : word('product', id))
  return (
    <>
      <Lines
        title={text('advisory-pack.levels')}
        rows={pack.levels.map((row) => [
          product(row.product),
          text('advisory-pack.missed', { missed: row.missed, promises: row.promises }),
        ])}
      />
      <Lines
        title={text('advisory-pack.incidents')}
        rows={pack.incidents.map((row) => [
          `${row.title} (${word('advisory-severity', row.severity)})`,
          `${format.dateOf(row.beganAt)} – ${row.endedAt ? format.dateOf(row.endedAt) : text('advisory-pack.open')}`,
        ])}
        below={
          pack.otherIncidents > 0
            ? text('advisory-pack.others', { count: pack.otherIncidents })
            : undefined
        }
      />
      <Lines
        title={text('advisory-pack.versions')}
        rows={pack.versions.map((row) => [product(row.product), format.day(row.version)])}
      />
      <Lines
        title={text('advisory-pack.deprecations')}
        rows={pack.deprecations.map((row) => [row.summary, product(row.product)])}
      />
      {pack.endings !== undefined && (
        <Lines
          title={text('advisory-pack.endings')}
          rows={pack.endings.map((row) => [
            format.day(row.version),
            text('advisory-pack.ends-on', { day: format.dateOf(row.sunsetAt) }),
          ])}
        />
      )}
      <Lines
        title={text('advisory-pack.requests')}
        rows={pack.requests.map((row) => [
          `${row.title} · ${word('advisory-request', row.status)}`,
          text('advisory-pack.votes', { pro: row.votesFor, contra: row.votesAgainst }),
        ])}
      />
      <Lines
        title={text('advisory-pack.actions')}
        rows={pack.actions.map((row) => [
          `${row.quarter} · ${row.said} · ${word('role', row.owner)}`,
          row.outcome ?? text('advisory-meeting.due', { day: format.day(row.dueOn) }),
        ])}
      />
    </>
  )
}

const Lines = (props: {
  title: string
  rows: readonly (readonly [string, string])[]
  below?: string | undefined
}) => {
  const text = useText()
  return (
    <section className="pack-part">
      <h3>{props.title}</h3>
      {props.rows.length === 0 ? (
        <p className="small dim">{text('advisory-pack.nothing')}</p>
      ) : (
        <ul className="lines">
          {props.rows.map(([what, figure]) => (
            <li key={`${what} ${figure}`}>
              <span>{what}</span>
              <span>{figure}</span>
            </li>
          ))}
        </ul>
      )}
      {props.below && <p className="tiny dim">{props.below}</p>}
    </section>
  )
}
