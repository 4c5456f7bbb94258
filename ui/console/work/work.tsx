/** One's desk: what waits for one's teams, the soonest due first, with what is in front beside it. */
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Empty, Note, Sigil } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useStaffMember } from '../signed-in.tsx'
import type { Staff } from '../wire.ts'
import { pageOf } from './addresses.ts'
import { Front } from './front.tsx'
import { Due, useAbout } from './item.tsx'
import type { Item, Queue, QueueCount, Work } from './wire.ts'
import './work.css'

const views = ['open', 'mine', 'free', 'asleep'] as const
type View = (typeof views)[number]

interface Place {
  readonly queue: Queue | undefined
  readonly view: View
  readonly item: string | undefined
}

/** The list is its address: whose queue it shows, which part of it, and which item lies in front. */
const usePlace = (): Place & { readonly go: (to: Partial<Place>) => void } => {
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const queue = queues.find((name) => name === search['queue'])
  const view = views.find((name) => name === search['view']) ?? 'open'
  const item = typeof search['item'] === 'string' ? search['item'] : undefined
  return {
    queue,
    view,
    item,
    go: (to) =>
      void navigate({ to: '/work', search: searchOf({ queue, view, item, ...to }), replace: true }),
  }
}

const searchOf = ({ queue, view, item }: Place) => ({
  ...(queue && { queue }),
  ...(view !== 'open' && { view }),
  ...(item && { item }),
})

const queues = [
  'api-product',
  'api-engineering',
  'developer-relations',
  'partner-success',
  'compliance',
  'finance',
] as const satisfies readonly Queue[]

export const useWork = ({ queue, view }: Pick<Place, 'queue' | 'view'>, enabled = true) =>
  useQuery({
    enabled,
    queryKey: ['work', queue, view],
    queryFn: () =>
      read<Work>(
        `/api/work-queues${query({
          queue,
          owner: view === 'mine' ? 'me' : view === 'free' ? 'nobody' : undefined,
          snoozed: view === 'asleep' ? 'true' : undefined,
        })}`,
      ),
    refetchInterval: 20_000,
  })

/** Items of one's own teams; who heads the platform or audits sees everybody's. */
const isOwn = (item: Item, me: Staff | undefined, queue: Queue | undefined) =>
  queue !== undefined || item.mine || (me?.roles.includes('auditor') ?? false)

export const WorkDesk = () => {
  const text = useText()
  const place = usePlace()
  const work = useWork(place)
  const me = useStaffMember()
  const shown = work.data?.data.filter((item) => isOwn(item, me, place.queue))
  const late = shown?.filter((item) => item.late).length
  return (
    <>
      <PageHead
        title={text('work.title')}
        about={
          shown === undefined || late === undefined
            ? undefined
            : late > 0
              ? text('work.late', { count: late })
              : shown.length === 0
                ? text('work.nothing')
                : text('work.in-time', { count: shown.length })
        }
      />
      <Answer to={work} lines={8}>
        {(found) => (
          <div className="stack wide">
            <Queues counts={found.queues} />
            {found.unasked.length > 0 && <Note tone="warn">{text('work.unasked')}</Note>}
            <Desk items={shown ?? []} />
          </div>
        )}
      </Answer>
    </>
  )
}

/** The teams, each with what waits for it; one's own stand first. */
const Queues = ({ counts }: { counts: readonly QueueCount[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const me = useStaffMember()
  const place = usePlace()
  const own = (queue: Queue) => Number(me?.roles.includes(queue) ?? false)
  return (
    <nav className="queues" aria-label={text('work.queues')}>
      {counts
        .toSorted((a, b) => own(b.queue) - own(a.queue))
        .map(({ queue, open, late, oldestSince }) => (
          <Link
            key={queue}
            to="/work"
            search={searchOf({
              queue: place.queue === queue ? undefined : queue,
              view: place.view,
              item: undefined,
            })}
            className={own(queue) ? 'own' : ''}
            activeProps={{}}
            {...(place.queue === queue && { 'aria-current': 'true' as const })}
          >
            <span>{word('role', queue)}</span>
            <b>{format.number(open)}</b>
            <small className={late > 0 ? 'late' : ''}>
              {late > 0
                ? text('work.queue.late', { count: late })
                : oldestSince
                  ? text('work.queue.oldest', {
                      span: format.span(Date.now() - Date.parse(oldestSince)),
                    })
                  : text('work.queue.empty')}
            </small>
          </Link>
        ))}
    </nav>
  )
}

const Desk = ({ items }: { items: readonly Item[] }) => {
  const text = useText()
  const place = usePlace()
  const front = items.find((item) => item.id === place.item) ?? items[0]
  useDeskKeys(items, front, (item) => place.go({ item }))
  return (
    <div className="columns even">
      <Card title={text('work.list')} beside={<Views />} foot={<Keys />}>
        {items.length === 0 ? (
          <Empty title={text(`work.none.${place.view}`)}>{text('work.none.about')}</Empty>
        ) : (
          <ol className="queue">
            {items.map((item) => (
              <Row key={item.id} item={item} current={item.id === front?.id} />
            ))}
          </ol>
        )}
      </Card>
      {front && <Front key={front.id} item={front} />}
    </div>
  )
}

const Views = () => {
  const text = useText()
  const { queue, view: shown } = usePlace()
  return (
    <div className="segments" role="group" aria-label={text('work.which')}>
      {views.map((view) => (
        <Link
          key={view}
          to="/work"
          search={searchOf({ queue, view, item: undefined })}
          activeProps={{}}
          {...(view === shown && { 'aria-current': true })}
        >
          {text(`work.view.${view}`)}
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
        <kbd>t</kbd> {text('work.take')}
      </span>
    </div>
  )
}

const Row = ({ item, current }: { item: Item; current: boolean }) => {
  const text = useText()
  const word = useWord()
  const about = useAbout()(item)
  const { queue, view } = usePlace()
  return (
    <li>
      <Link
        to="/work"
        search={searchOf({ queue, view, item: item.id })}
        activeProps={{}}
        {...(current && { 'aria-current': 'true' as const })}
      >
        <Sigil name={item.organisation ?? text('work.bank')} />
        <span className="what">
          <b>{word('work-kind', item.kind)}</b>
          <span>
            {item.organisation ?? text('work.bank')} · {about}
            {item.ownerName && ` · ${item.ownerName}`}
          </span>
        </span>
        <Due item={item} />
      </Link>
    </li>
  )
}

/** j and k walk the queue, Enter goes to where the work is done, t takes; never while one is writing. */
const useDeskKeys = (
  items: readonly Item[],
  front: Item | undefined,
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
      const at = items.findIndex((item) => item.id === front?.id)
      const next = event.key === 'j' ? items[at + 1] : event.key === 'k' ? items[at - 1] : undefined
      if (next) choose(next.id)
      else if (event.key === 'Enter' && front) void navigate({ to: pageOf(front) })
      else if (event.key === 't') document.getElementById('take')?.click()
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [items, front, choose, navigate])
}
