/** Compares what the core states of a day with what our rooms told it: references, holds, balances, and days that are missing. */
import { type Work, work } from '#journal/index.ts'
import { cardOrdersAtCore, heldAtCore } from '../cards/index.ts'
import type { OrderAtCore, OrdersAtCore } from '../cores/order-at-core.ts'
import { legsAtCore } from '../fx/index.ts'
import { payoutsAtCore } from '../lending/index.ts'
import { collectionsAtCore, transfersAtCore } from '../payments/index.ts'
import type { BankWorld } from '../world.ts'
import { compared, explained, found, type Seen, type Stated } from './difference.ts'
import type { Statement } from './statement.ts'
import * as store from './store.ts'

export type ComparingWorld = Pick<BankWorld, 'db' | 'now' | 'zone' | 'log'>

/** Every room that gives the core orders. */
const rooms: readonly OrdersAtCore[] = [
  transfersAtCore,
  collectionsAtCore,
  cardOrdersAtCore,
  legsAtCore,
  payoutsAtCore,
]

const PAGE = 1_000
/** A statement that has not come so long after its day ended is missing. */
const LATE_HOURS = 6

/** Compares every day whose statement was taken since, and looks again at what is open; answers how many days it were. */
export const reconcile = async (world: ComparingWorld): Promise<number> => {
  const days = await store.toReconcile(world.db)
  for (const statement of days) await reconcileDay(world, statement)
  await findMissingDays(world)
  await explainWhatCame(world)
  return days.length
}

interface Day {
  readonly day: Temporal.PlainDate
  readonly from: Temporal.Instant
  readonly to: Temporal.Instant
}

const dayIn = (zone: string, day: Temporal.PlainDate): Day => ({
  day,
  from: day.toZonedDateTime(zone).toInstant(),
  to: day.add({ days: 1 }).toZonedDateTime(zone).toInstant(),
})

const reconcileDay = async (world: ComparingWorld, statement: Statement): Promise<void> => {
  const { db, now, zone } = world
  if (!statement.day) return
  const day = dayIn(zone, statement.day)
  const stated = await statedDifferences(db, statement.id)
  const missing = await missingAtCore(world, day)
  const holds = await holdDifferences(db, statement.id, day)
  const balances = (await store.jumps(db, statement.id, day.day)).map(
    ({ accountRef, currency, closedMinor, openedMinor }): Seen => ({
      kind: 'balance',
      subject: accountRef,
      oursMinor: closedMinor,
      coreMinor: openedMinor,
      currency,
    }),
  )
  const seen = [...stated, ...missing.seen, ...holds.seen, ...balances]
  const figures = await store.figuresOf(db, statement.id)
  await work(db, 'system', now(), async (w) => {
    const reconciled = {
      ...figures,
      day: day.day,
      statementId: statement.id,
      orders: missing.orders,
      holds: holds.count,
      at: w.now,
    }
    if (!(await store.addDay(w, reconciled))) return
    for (const one of seen) await keep(world, w, one, day.day)
    await explainHolds(w, day.day, holds.seen)
    await w.record('reconciliation.day-reconciled', statement.id, {
      day: day.day.toString(),
      entries: figures.entries,
      orders: missing.orders,
      differences: seen.length,
    })
  })
}

const keep = async (
  { log }: Pick<ComparingWorld, 'log'>,
  w: Work,
  seen: Seen,
  day: Temporal.PlainDate,
): Promise<void> => {
  const difference = found(seen, day, w.now)
  if (!(await store.addDifference(w, difference))) return
  const { id, kind, oursMinor, coreMinor, currency } = difference
  log.error({ difference: id, kind, day: day.toString() }, 'the core and we differ')
  await w.record('reconciliation.difference-found', id, {
    day: day.toString(),
    kind,
    ...(oursMinor !== null && { oursMinor: oursMinor.toString() }),
    ...(coreMinor !== null && { coreMinor: coreMinor.toString() }),
    ...(currency !== null && { currency }),
  })
}

type Db = BankWorld['db']

/** What a file says under our references, each against the order that it stands for. */
const statedDifferences = async (db: Db, statementId: string): Promise<Seen[]> => {
  const seen: Seen[] = []
  for (let after = ''; ;) {
    const references = await store.referencesIn(db, statementId, { after, limit: PAGE })
    seen.push(...(await comparedAll(db, references)).values())
    const last = references.at(-1)
    if (last === undefined || references.length < PAGE) return seen
    after = last
  }
}

/** The references that do not agree; those that no statement names are not among them. */
const comparedAll = async (db: Db, references: readonly string[]): Promise<Map<string, Seen>> => {
  const stated = await statedOf(db, references)
  const orders = await ordersOf(db, [...stated.keys()])
  const seen = new Map<string, Seen>()
  for (const one of stated.values()) {
    const difference = compared(one, orders.get(one.reference))
    if (difference) seen.set(one.reference, difference)
  }
  return seen
}

const statedOf = async (db: Db, references: readonly string[]): Promise<Map<string, Stated>> => {
  const stated = new Map<string, Stated & { moved: Map<string, bigint> }>()
  for (const { reference, accountRef, currency, minor } of await store.movedBy(db, references)) {
    const one = stated.get(reference) ?? { reference, currency, moved: new Map<string, bigint>() }
    one.moved.set(accountRef, minor)
    stated.set(reference, one)
  }
  return stated
}

const ordersOf = async (db: Db, references: readonly string[]) => {
  const orders = new Map<string, OrderAtCore>()
  if (references.length === 0) return orders
  for (const room of rooms)
    for (const order of await room.byReference(db, references)) orders.set(order.reference, order)
  return orders
}

/** What our rooms hold for booked by the end of the day, and no statement names. */
const missingAtCore = async (
  { db, zone }: ComparingWorld,
  { from, to }: Day,
): Promise<{ seen: Seen[]; orders: number }> => {
  const { first } = await store.span(db)
  const since = first && dayIn(zone, first).from
  const seen: Seen[] = []
  let count = 0
  for (const room of rooms)
    for (let after = ''; ;) {
      const orders = await room.bookedBetween(db, { from, to, after, limit: PAGE })
      count += orders.length
      const stated = await statedOf(
        db,
        orders.map(({ reference }) => reference),
      )
      for (const { reference, minor, currency, writtenAt } of orders) {
        // The core may have booked it before it began to tell us of its days.
        const told = since !== null && Temporal.Instant.compare(writtenAt, since) >= 0
        if (told && !stated.has(reference))
          seen.push({
            kind: 'missing-at-core',
            subject: reference,
            oursMinor: minor,
            coreMinor: null,
            currency,
          })
      }
      const last = orders.at(-1)
      if (!last || orders.length < PAGE) break
      after = last.reference
    }
  return { seen, orders: count }
}

/** What the core holds for cards when the day ended, against what we told it to. */
const holdDifferences = async (
  db: Db,
  statementId: string,
  { to: end }: Day,
): Promise<{ seen: Seen[]; count: number }> => {
  const ours = await allOf((after) => heldAtCore(db, { end, after, limit: PAGE }))
  const theirs = await allOf((after) => store.holdsIn(db, statementId, { after, limit: PAGE }))
  const seen: Seen[] = []
  const references = new Set([...ours.keys(), ...theirs.keys()])
  for (const subject of references) {
    const [our, their] = [ours.get(subject), theirs.get(subject)]
    const same =
      our?.minor === their?.minor &&
      our?.accountRef === their?.accountRef &&
      our?.currency === their?.currency
    if (same) continue
    const currency = (our ?? their)?.currency ?? null
    const minors = { oursMinor: our?.minor ?? null, coreMinor: their?.minor ?? null }
    seen.push({ kind: 'hold', subject, ...minors, currency })
  }
  return { seen, count: references.size }
}

const allOf = async <T extends { readonly reference: string }>(
  page: (after: string) => Promise<T[]>,
): Promise<Map<string, T>> => {
  const found = new Map<string, T>()
  for (let after = ''; ;) {
    const rows = await page(after)
    for (const row of rows) found.set(row.reference, row)
    const last = rows.at(-1)
    if (!last || rows.length < PAGE) return found
    after = last.reference
  }
}

/** Days behind the first statement that have none: at once where a later one has come, else some hours after they ended. */
const findMissingDays = async (world: ComparingWorld): Promise<void> => {
  const { db, now, zone } = world
  const { first, last } = await store.span(db)
  if (!first || !last) return
  const due = now()
    .subtract({ hours: LATE_HOURS })
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .subtract({ days: 1 })
  const until = Temporal.PlainDate.compare(due, last) > 0 ? due : last
  const taken = new Set((await store.daysTaken(db, first)).map(({ day }) => day.toString()))
  for (let day = first; Temporal.PlainDate.compare(day, until) <= 0; day = day.add({ days: 1 })) {
    if (taken.has(day.toString())) continue
    const subject = day.toString()
    const nothing = { oursMinor: null, coreMinor: null, currency: null }
    await work(db, 'system', now(), (w) =>
      keep(world, w, { kind: 'statement-missing', subject, ...nothing }, day),
    )
  }
}

/** What was only late explains itself: a statement that came, an order that a later one names, an outcome that we heard. */
const explainWhatCame = async ({ db, now }: ComparingWorld): Promise<void> => {
  const kinds = ['missing-at-core', 'open-with-us', 'statement-missing'] as const
  const open = await store.differences(db, { kinds, open: true, limit: PAGE })
  if (open.length === 0) return
  const references = open.flatMap(({ kind, subject }) =>
    kind === 'statement-missing' ? [] : [subject],
  )
  const stated = await statedOf(db, references)
  const differing = await comparedAll(db, references)
  for (const { id, kind, subject } of open) {
    const came =
      kind === 'statement-missing'
        ? (await store.statementOfDay(db, Temporal.PlainDate.from(subject)))?.status === 'taken'
        : stated.has(subject) && !differing.has(subject)
    if (came) await work(db, 'system', now(), (w) => explain(w, id, late[kind]))
  }
}

const late: Readonly<Record<string, string>> = {
  'missing-at-core': 'a statement that came later names it',
  'open-with-us': 'the core told us its outcome later',
  'statement-missing': 'the statement came later',
}

const explainHolds = async (
  w: Work,
  day: Temporal.PlainDate,
  differing: readonly Seen[],
): Promise<void> => {
  const still = new Set(differing.map(({ subject }) => subject))
  for (const { id, subject, day: foundOn } of await store.differences(w, {
    kinds: ['hold'],
    open: true,
    limit: PAGE,
  }))
    if (!still.has(subject) && Temporal.PlainDate.compare(foundOn, day) < 0)
      await explain(w, id, `both sides hold the same when ${day.toString()} ended`)
}

const explain = async (w: Work, id: string, explanation = 'it came later'): Promise<void> => {
  const difference = await store.lockDifference(w, id)
  if (difference?.status !== 'open') return
  await store.saveDifference(w, explained(difference, { explanation, by: 'system' }, w.now))
  await w.record('reconciliation.difference-explained', id, { by: 'system' })
}
