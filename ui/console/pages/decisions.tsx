/** The desk: what waits for a second person, soonest due first, with what is in front beside it. */
import { useEffect } from 'react'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Answer, Skeleton } from '../../kit/answer.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { Icon } from '../../kit/icons.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Empty, Figures, Sigil, State } from '../../kit/show.tsx'
import { UnreviewedGlass } from '../approvals/glass.tsx'
import { Decide, WhatChanges } from '../decide.tsx'
import { mayDecide } from '../may-decide.ts'
import { useText } from '../messages/index.ts'
import { type ChangeStatus, useChanges, useNames } from '../queries.ts'
import { useStaffMember } from '../signed-in.tsx'
import type { Change } from '../wire.ts'

const views = [
  'proposed',
  'applied',
  'rejected',
  'expired',
  'void',
] as const satisfies readonly ChangeStatus[]

/** The list is its address: which state it shows, and which change lies in front. */
const useDesk = () => {
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const status = views.find((view) => view === search['status']) ?? 'proposed'
  const chosen = typeof search['change'] === 'string' ? search['change'] : undefined
  const choose = (change: string) =>
    void navigate({ to: '/decisions', search: { status, change }, replace: true })
  return { status, chosen, choose }
}

export const Decisions = () => {
  const text = useText()
  const { status } = useDesk()
  const changes = useChanges(status)
  const waiting = useChanges('proposed')
  const me = useStaffMember()
  const names = useNames()
  const mine = waiting.data?.filter((change) => mayDecide(me, change)).length
  return (
    <>
      <PageHead
        title={text('decisions.title')}
        about={mine === undefined ? undefined : text('decisions.about', { count: mine })}
      />
      <UnreviewedGlass />
      <Answer to={changes}>
        {(found) => (names.known ? <Desk changes={found} /> : <Skeleton />)}
      </Answer>
    </>
  )
}

const soonestFirst = (a: Change, b: Change) => (a.expiresAt < b.expiresAt ? -1 : 1)

const Desk = ({ changes }: { changes: readonly Change[] }) => {
  const text = useText()
  const format = useFormat()
  const me = useStaffMember()
  const { status, chosen, choose } = useDesk()
  const queue = status === 'proposed' ? changes.toSorted(soonestFirst) : changes
  const front = queue.find((change) => change.id === chosen) ?? queue[0]
  useDeskKeys(queue, front, choose)
  const waiting = status === 'proposed' ? queue : []
  const soonest = waiting[0]
  return (
    <div className="stack wide">
      {status === 'proposed' && (
        <Figures
          figures={[
            { label: text('decisions.waiting'), value: format.number(waiting.length) },
            {
              label: text('decisions.for-you'),
              value: format.number(waiting.filter((change) => mayDecide(me, change)).length),
              about: text('decisions.second-person'),
            },
            {
              label: text('decisions.soonest'),
              value: soonest ? format.span(leftOf(soonest)) : text('decisions.nothing'),
              about: text('decisions.soonest.about'),
            },
          ]}
        />
      )}
      <div className="columns even">
        <Card title={text('decisions.queue')} beside={<Views />} foot={<Keys />}>
          {queue.length === 0 ? (
            <Empty title={text('decisions.none')}>{text('decisions.none.about')}</Empty>
          ) : (
            <ol className="queue">
              {queue.map((change) => (
                <QueueItem key={change.id} change={change} current={change.id === front?.id} />
              ))}
            </ol>
          )}
        </Card>
        {front && <Front change={front} />}
      </div>
    </div>
  )
}

const Views = () => {
  const text = useText()
  const word = useWord()
  const { status } = useDesk()
  return (
    <div className="segments" role="group" aria-label={text('decisions.which')}>
      {views.map((view) => (
        <Link
          key={view}
          to="/decisions"
          search={{ status: view }}
          {...(view === status && { 'aria-current': true })}
        >
          {word('view', view)}
        </Link>
      ))}
    </div>
  )
}

const Keys = () => {
  const text = useText()
  return (
    <div className="row keys">
      <span>
        <kbd>j</kbd> <kbd>k</kbd> {text('keys.move')}
      </span>
      <span>
        <kbd>Enter</kbd> {text('keys.open')}
      </span>
      <span>
        <kbd>a</kbd> {text('keys.approve')}
      </span>
      <span>
        <kbd>r</kbd> {text('keys.reject')}
      </span>
    </div>
  )
}

const leftOf = (change: Change) => Date.parse(change.expiresAt) - Date.now()

/** How long a change still waits before it falls. */
export const Clock = ({ change }: { change: Change }) => {
  const text = useText()
  const format = useFormat()
  if (change.status !== 'proposed') return <State of={change.status} />
  const left = leftOf(change)
  return (
    <span className={left < 24 * 3_600_000 ? 'clock late' : 'clock'}>
      <Icon name="clock" />
      <span className="unseen">{text('decisions.left')} </span>
      {format.span(left)}
    </span>
  )
}

/** What a change is about, in a line: whose, and what of theirs. */
export const useSubject = () => {
  const names = useNames()
  return (change: Change): string => {
    const after: unknown = change.after
    const before: unknown = change.before
    const owner = [change.subject, partnerIn(after), partnerIn(before)]
      .map((id) => (id ? names.partner(id) : undefined))
      .find(Boolean)
    return owner ?? change.subject
  }
}

const partnerIn = (state: unknown): string | undefined =>
  state !== null &&
  typeof state === 'object' &&
  'partnerId' in state &&
  typeof state.partnerId === 'string'
    ? state.partnerId
    : undefined

const QueueItem = ({ change, current }: { change: Change; current: boolean }) => {
  const word = useWord()
  const { status } = useDesk()
  const subject = useSubject()(change)
  return (
    <li>
      <Link
        to="/decisions"
        search={{ status, change: change.id }}
        {...(current && { 'aria-current': 'true' as const })}
      >
        <Sigil name={subject} />
        <span className="what">
          <b>{word('change', change.kind)}</b>
          <span>
            {subject} · {change.reason}
          </span>
        </span>
        <Clock change={change} />
      </Link>
    </li>
  )
}

const Front = ({ change }: { change: Change }) => {
  const text = useText()
  const word = useWord()
  const subject = useSubject()(change)
  return (
    <Card
      title={word('change', change.kind)}
      beside={
        <Link className="small" to="/decisions/$id" params={{ id: change.id }}>
          {text('decisions.open')}
        </Link>
      }
    >
      <div className="pad stack">
        <div className="row">
          <Sigil name={subject} />
          <b>{subject}</b>
        </div>
        <p>{change.reason}</p>
        <WhatChanges change={change} />
        <Decide change={change} />
      </div>
    </Card>
  )
}

/** j and k walk the queue, Enter opens, a and r go to the two answers; never while one is writing. */
const useDeskKeys = (
  queue: readonly Change[],
  front: Change | undefined,
  choose: (id: string) => void,
) => {
  const navigate = useNavigate()
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const writes =
        event.target instanceof HTMLElement &&
        event.target.closest('input, textarea, select, button, a')
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (writes && !(event.target instanceof HTMLAnchorElement && event.key !== 'Enter')) return
      const at = queue.findIndex((change) => change.id === front?.id)
      const next = event.key === 'j' ? queue[at + 1] : event.key === 'k' ? queue[at - 1] : undefined
      if (next) choose(next.id)
      else if (event.key === 'Enter' && front)
        void navigate({ to: '/decisions/$id', params: { id: front.id } })
      else if (event.key === 'a') document.getElementById('approve')?.focus()
      else if (event.key === 'r') document.getElementById('reject')?.focus()
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [queue, front, choose, navigate])
}
