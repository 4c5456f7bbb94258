/** What waits for whom: work read off the facts of all rooms, taken, handed over and put aside by people. */
import { reference, type Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { isBefore } from '#kernel/time.ts'
import { findStaff, StaffId, staffNotFound } from '#control/staff/index.ts'
import { sources } from './facts.ts'
import type { FactWorld } from './fact-world.ts'
import {
  countOf,
  type Fact,
  type Item,
  itemClaimed,
  itemForbidden,
  itemNotFound,
  itemOf,
  kindOf,
  marked,
  mayDo,
  type Person,
  Queue,
  SNOOZE_DAYS_MAX,
  snoozeTooLong,
  soonestFirst,
  WorkKind,
} from './item.ts'
import * as store from './store.ts'

export {
  type Fact,
  isFor,
  type Item,
  ItemId,
  itemOf,
  mayDo,
  Queue,
  QueueCount,
  service,
  WorkKind,
} from './item.ts'
export type { AskedBanks, FactWorld } from './fact-world.ts'

/** Those that read many rows: what they found counts for a minute. */
const slow: ReadonlySet<WorkKind> = new Set([
  'certification-stuck',
  'first-call-missing',
  'forecast-breach',
  'level-breach',
  'reconciliation-difference',
])
const REMEMBERED_MS = 60_000

/** Reads facts; keep one for the life of the process. */
export interface Desk {
  facts(world: FactWorld, kinds?: readonly WorkKind[]): Promise<Fact[]>
}

export const openDesk = (): Desk => {
  const remembered = new Map<WorkKind, { atMs: number; facts: Promise<Fact[]> }>()
  const read = (world: FactWorld, kind: WorkKind): Promise<Fact[]> => {
    if (!slow.has(kind)) return sources[kind](world)
    const atMs = world.now.epochMilliseconds
    const known = remembered.get(kind)
    if (known && Math.abs(atMs - known.atMs) < REMEMBERED_MS) return known.facts
    const facts = sources[kind](world)
    remembered.set(kind, { atMs, facts })
    facts.catch(() => remembered.delete(kind))
    return facts
  }
  return {
    facts: async (world, kinds = WorkKind.options) => {
      const found: Fact[] = []
      for (const kind of kinds) found.push(...(await read(world, kind)))
      return found.toSorted(soonestFirst)
    },
  }
}

/** Everything that waits, the soonest due first, with what people said of it. */
export const listWork = async (desk: Desk, world: FactWorld): Promise<Item[]> => {
  const markings = await store.markings(world.db)
  return (await desk.facts(world)).map((f) => marked(f, markings.get(itemOf(f)), world.now))
}

export const countWork = (items: readonly Item[]) => Queue.options.map((q) => countOf(q, items))

/** Takes the item for oneself. */
export const claimItem = async (work: Work, found: Fact): Promise<Item> => {
  const [person, item] = [await acting(work), await locked(work, found)]
  allowed(item, person)
  if (item.owner && item.owner !== person.id) throw itemClaimed('it has an owner already')
  return mark(work, item, 'claimed', { owner: person.id, snoozedUntil: null, reason: null })
}

/** Gives the item to another person of its teams, or back to the queue. Who has it may, and the head of the platform. */
export const handOver = async (
  work: Work,
  found: Fact,
  { to, reason }: { to: StaffId | null; reason: string },
): Promise<Item> => {
  const [person, item] = [await acting(work), await locked(work, found)]
  const isHead = person.roles.includes('head-of-platform')
  if (item.owner !== person.id && !isHead)
    throw itemForbidden(item.owner ? 'somebody else has it' : 'nobody has it yet: claim it first')
  if (to !== null) {
    const other = await findStaff(work, to)
    if (other?.status !== 'active') throw staffNotFound('nobody who works here has this id')
    if (!mayDo(item, other)) throw itemForbidden('they are not of its teams, or may not do it')
  }
  return mark(work, item, 'handed-over', { owner: to, snoozedUntil: null, reason })
}

/** Puts the item aside. It comes back by its due time at the latest. */
export const snoozeItem = async (
  work: Work,
  found: Fact,
  { until, reason }: { until: Temporal.Instant; reason: string },
): Promise<Item> => {
  const [person, item] = [await acting(work), await locked(work, found)]
  allowed(item, person)
  if (item.owner && item.owner !== person.id) throw itemClaimed('it has an owner already')
  const latest = work.now.add({ hours: SNOOZE_DAYS_MAX * 24 })
  if (!isBefore(work.now, until) || isBefore(latest, until))
    throw snoozeTooLong(`until ${until.toString()}`)
  return mark(work, item, 'snoozed', { owner: item.owner, snoozedUntil: until, reason })
}

/** The fact that an item's name stands for, if it is still so. */
export const findFact = async (desk: Desk, world: FactWorld, item: string): Promise<Fact> => {
  const kind = kindOf(item)
  const found = kind && (await desk.facts(world, [kind])).find((f) => itemOf(f) === item)
  if (!found) throw itemNotFound('it was done, or it never was')
  return found
}

const acting = async (work: Work): Promise<Person & { id: StaffId }> => {
  const staff = await findStaff(work, StaffId.parse(work.actor.replace(/^staff:/, '')))
  if (staff?.status !== 'active') throw itemForbidden('only people who work here take work')
  return staff
}

const allowed = (item: Item, person: Person): void => {
  if (!mayDo(item, person)) throw itemForbidden(`it waits for ${item.queues.join(' or ')}`)
}

/** One at a time says something of an item. */
const locked = async (work: Work, found: Fact): Promise<Item> => {
  await store.hold(work, itemOf(found))
  return marked(found, await store.find(work, itemOf(found)), work.now)
}

const mark = async (
  work: Work,
  item: Item,
  how: 'claimed' | 'handed-over' | 'snoozed',
  said: Pick<Item, 'owner' | 'snoozedUntil' | 'reason'>,
): Promise<Item> => {
  await store.save(work, { item: itemOf(item), ...said, markedAt: work.now }, work.actor)
  await work.record(`work-queues.${how}`, itemOf(item), {
    owner: said.owner,
    snoozedUntil: said.snoozedUntil?.toString() ?? null,
    // Words are free, and may name somebody: the line refers to them.
    reason: said.reason && (await reference(work, itemOf(item), said.reason)),
  })
  return { ...item, ...said }
}

/** What was marked so long ago is about nothing that still waits. */
export const forgetMarkings = (db: Db, now: Temporal.Instant): Promise<number> =>
  store.forget(db, now.subtract({ hours: 400 * 24 }))
