/** What partners mean to spend: budgets of applications, and whom to tell when how much of them is used. */
import { z } from 'zod'
import { type Work, work } from '#journal/index.ts'
import type { Db, Postgres } from '#platform/db.ts'
import type { Log } from '#platform/log.ts'
import type { Letter } from '#platform/mail.ts'
import { sql } from '#platform/sql.ts'
import { findPriceVersion, priceVersionsIn } from '#control/catalogue/index.ts'
import { standingContracts } from '#control/contracts/index.ts'
import { listPeople, PartnerId } from '#control/partners/index.ts'
import { amountText, exponentOf } from '#control/rating/index.ts'
import { spentBy } from '#control/usage/index.ts'
import {
  Budget,
  type BudgetAsked,
  BudgetId,
  budgetNotFound,
  budgetRefused,
  limitOf,
  reached,
} from './budget.ts'

export { Budget, BudgetAsked, BudgetId } from './budget.ts'
export { capPolicy } from './cap.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", currency, limit_minor::text as "limitMinor",
  thresholds, set_at as "setAt",
  case when hard then jsonb_build_object('usedMinor', used_minor::text, 'usedUntil', used_until, 'zone', zone) end as cap
`

/** Budgets that hold, of a partner or of all. */
export const listBudgets = (db: Db, partnerId?: string) => db.many(Budget)`
  select ${columns}
    from budgets.budget
   where removed_at is null and (${partnerId ?? null}::text is null or partner_id = ${partnerId ?? null})
   order by id
   limit 100000
`

/** Sets a budget; the one that was there for the same applications and currency is replaced. */
export const setBudget = async (
  work: Work,
  partnerId: PartnerId,
  asked: BudgetAsked,
  zone: string,
): Promise<Budget> => {
  const limitMinor = limitOf(asked)
  const { applicationId, currency, thresholds, hard } = asked
  const id = BudgetId.next()
  if (hard && currency !== (await currencyInForce(work, partnerId, work.now)))
    throw budgetRefused('a cap is in the currency of the contract in force', {
      errors: [
        { pointer: '/currency', code: 'contract', detail: 'is not what your contract prices in' },
      ],
    })
  const cap = hard ? await capFromNow(work, { partnerId, applicationId, currency }, zone) : null
  await work.run`
    update budgets.budget set removed_at = ${work.now}
     where partner_id = ${partnerId} and coalesce(application_id, '') = ${applicationId ?? ''}
       and currency = ${currency} and removed_at is null
  `
  await work.run`
    insert into budgets.budget
      (id, partner_id, application_id, currency, limit_minor, thresholds, set_at, set_by, hard, used_minor, used_until,
       zone)
    values (${id}, ${partnerId}, ${applicationId}, ${currency}, ${limitMinor}, ${thresholds}, ${work.now},
            ${work.actor}, ${hard}, ${cap?.usedMinor ?? 0n}, ${cap?.usedUntil ?? null}, ${cap?.zone ?? null})
  `
  await work.record('budgets.set', id, {
    partnerId,
    applicationId,
    currency,
    limitMinor: limitMinor.toString(),
    thresholds,
    hard,
  })
  return { id, partnerId, applicationId, currency, limitMinor, thresholds, setAt: work.now, cap }
}

/** What a partner's contract prices in, as far as one is in force: in any other currency it spends nothing. */
export const currencyInForce = async (
  db: Db,
  partnerId: PartnerId,
  now: Temporal.Instant,
): Promise<string | undefined> => {
  const contract = (await standingContracts(db, now, partnerId)).get(partnerId)
  if (!contract?.inForce) return undefined
  return (await findPriceVersion(db, contract.priceVersion))?.currency
}

/** Caps of a partner: each is a limit in every gateway's snapshot. */
const CAPS_MAX = 20

/** What counts of its first month already. What was called and is not told yet is beyond it: that is the published bound. */
const capFromNow = async (
  work: Work,
  of: Pick<Budget, 'partnerId' | 'applicationId' | 'currency'>,
  zone: string,
): Promise<NonNullable<Budget['cap']>> => {
  const others = (await listBudgets(work, of.partnerId)).filter(
    (b) => b.cap && !(b.applicationId === of.applicationId && b.currency === of.currency),
  )
  if (others.length >= CAPS_MAX) throw budgetRefused(`${CAPS_MAX} caps are all that can be set`)
  const { from, to } = monthOf(work.now, zone)
  const exact = await spentIn(work, of, { from, to })
  const minor = minorDown(exact, of.currency)
  // Parts of a minor unit that were spent are counted as one.
  const isFiner = /[1-9]/.test((exact.split('.')[1] ?? '').slice(exponentOf(of.currency) ?? 2))
  return { usedMinor: isFiner ? minor + 1n : minor, usedUntil: to, zone }
}

export const removeBudget = async (
  work: Work,
  { partnerId, id }: { partnerId: PartnerId; id: BudgetId },
): Promise<void> => {
  const removed = await work.run`
    update budgets.budget set removed_at = ${work.now}
     where id = ${id} and partner_id = ${partnerId} and removed_at is null
  `
  if (removed === 0) throw budgetNotFound('no budget has this id')
  await work.record('budgets.removed', id, { partnerId })
}

/** What a budget's calls of a month came to by now, at their unit prices and rounded down to what is fully spent. */
export const spentOf = async (db: Db, budget: Budget, span: Span): Promise<bigint> =>
  minorDown(await spentIn(db, budget, span), budget.currency)

interface Span {
  readonly from: Temporal.Instant
  readonly to: Temporal.Instant
}

/** In its own currency: what was priced in another one is not of this budget. */
const spentIn = async (
  db: Db,
  { partnerId, applicationId, currency }: Pick<Budget, 'partnerId' | 'applicationId' | 'currency'>,
  { from, to }: Span,
): Promise<string> => {
  const priceVersions = await priceVersionsIn(db, currency)
  return spentBy(db, { partnerId, applicationId, priceVersions, from, to })
}

const minorDown = (amount: string, currency: string): bigint => {
  const exponent = exponentOf(currency) ?? 2
  const [whole = '0', part = ''] = amount.split('.')
  return BigInt(whole + part.slice(0, exponent).padEnd(exponent, '0'))
}

/** A month of the bank, by its first day. */
const monthOf = (now: Temporal.Instant, zone: string) => {
  const first = now.toZonedDateTimeISO(zone).toPlainDate().with({ day: 1 })
  const instant = (day: Temporal.PlainDate) => day.toZonedDateTime({ timeZone: zone }).toInstant()
  return { start: first.toString(), from: instant(first), to: instant(first.add({ months: 1 })) }
}

const Told = z.object({ threshold: z.number() })

/** Writes down what a budget has newly reached; the highest is what people are told. */
export const alertBudget = async (
  work: Work,
  budget: Budget,
  month: { readonly start: string; readonly from: Temporal.Instant; readonly to: Temporal.Instant },
): Promise<number | undefined> => {
  const spent = await spentOf(work, budget, month)
  const fresh: number[] = []
  for (const threshold of reached(budget, spent)) {
    const told = await work.maybe(Told)`
      insert into budgets.alert (budget_id, month, threshold, spent_minor, at)
      values (${budget.id}, ${month.start}, ${threshold}, ${spent}, ${work.now})
      on conflict do nothing
      returning threshold
    `
    if (told) fresh.push(told.threshold)
  }
  const highest = fresh.at(-1)
  if (highest !== undefined)
    await work.record('budgets.threshold-reached', budget.id, {
      partnerId: budget.partnerId,
      applicationId: budget.applicationId,
      threshold: highest,
      month: month.start.slice(0, 7),
    })
  return highest
}

const inWords = (budget: Budget, threshold: number, name: string): Omit<Letter, 'to'> => {
  const amount = amountText(budget.limitMinor, exponentOf(budget.currency) ?? 2)
  const whose = budget.applicationId ?? 'all applications together'
  return {
    subject: `${threshold} % of a budget is used`,
    text: `${threshold} % of the budget of ${amount} ${budget.currency} for this month (${whose}) is used, counted at unit prices and without tax.\n\n${name}`,
  }
}

export interface AlertWorld {
  readonly zone: string
  readonly bankName: string
  readonly now: () => Temporal.Instant
  readonly log: Log
  readonly send: (letter: Letter, now: Temporal.Instant) => Promise<void>
}

/** Looks at every budget: what is newly reached is written down, then told by mail. A mail that is not taken is in the portal. */
export const alertAll = async (db: Postgres, world: AlertWorld): Promise<number> => {
  const now = world.now()
  const month = monthOf(now, world.zone)
  let told = 0
  for (const budget of await listBudgets(db)) {
    const threshold = await work(db, 'system', now, (w) => alertBudget(w, budget, month))
    if (threshold === undefined) continue
    told += 1
    const letter = inWords(budget, threshold, world.bankName)
    for (const { email } of await peopleToTell(db, budget.partnerId))
      await world.send({ to: email, ...letter }, now).catch((cause: unknown) => {
        world.log.warn(
          { cause, budgetId: budget.id },
          'an alert was not mailed; it is in the portal',
        )
      })
  }
  return told
}

const peopleToTell = async (db: Db, partnerId: string) =>
  (await listPeople(db, PartnerId.parse(partnerId))).filter(
    (p) => p.status === 'active' && p.roles.some((r) => r === 'owner' || r === 'finance'),
  )

const AlertRow = z.object({
  budgetId: z.string(),
  month: z.instanceof(Temporal.PlainDate),
  threshold: z.number(),
  spentMinor: z.string().transform(BigInt),
  at: z.instanceof(Temporal.Instant),
})

export const listAlerts = (db: Db, partnerId: string) => db.many(AlertRow)`
  select a.budget_id as "budgetId", a.month, a.threshold, a.spent_minor::text as "spentMinor", a.at
    from budgets.alert a
    join budgets.budget b on b.id = a.budget_id
   where b.partner_id = ${partnerId}
   order by a.at desc, a.threshold desc
   limit 100
`
