/** Drafts come by themselves: once gateways had their time to tell of a month, it is drafted for whoever has none yet. */
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Job } from '#platform/jobs.ts'
import type { Log } from '#platform/log.ts'
import { partnersUnderContract } from '#control/contracts/index.ts'
import { PartnerId } from '#control/partners/index.ts'
import { partnersWithUsage } from '#control/usage/index.ts'
import type { PriceVersion } from '#control/catalogue/index.ts'
import type { Month } from './content.ts'
import { type Billing, draftOnce } from './drafting.ts'
import { GRACE_HOURS } from './invoice.ts'
import { bounds, monthBefore, monthNamed } from './month.ts'
import { breakPrepaid } from './prepaying.ts'
import * as store from './store.ts'

/** Partners drafted at a time: each is a transaction of its own. */
const AT_ONCE = 4

/** Drafts a month for whoever has no draft of it yet. Run by several processes at once it drafts each once. */
export const draftMonthOfAll = async (
  db: Postgres,
  now: Temporal.Instant,
  month: Month,
  billing: Billing,
): Promise<number> => {
  const span = bounds(month)
  const billable = new Set([
    ...(await partnersWithUsage(db, span)),
    ...(await partnersUnderContract(db, span)),
  ])
  for (const drafted of await store.partnersBilled(db, Temporal.PlainDate.from(month.start)))
    billable.delete(drafted)
  const due = [...billable].toSorted()
  const versions = new Map<string, PriceVersion>()
  const draftNext = async (): Promise<void> => {
    for (let id = due.pop(); id !== undefined; id = due.pop()) {
      const partnerId = PartnerId.parse(id)
      await work(db, 'system', now, (w) => draftOnce(w, partnerId, month, { ...billing, versions }))
    }
  }
  const count = due.length
  await Promise.all(Array.from({ length: AT_ONCE }, draftNext))
  return count
}

/** Drafts the last month of everybody, once gateways had their time to tell of it. */
export const draftLastMonth = (
  db: Postgres,
  now: Temporal.Instant,
  billing: Billing,
): Promise<number> => {
  const month = monthNamed(monthBefore(now, billing.zone), billing.zone)
  const ready = bounds(month).to.add({ hours: GRACE_HOURS })
  if (Temporal.Instant.compare(now, ready) < 0) return Promise.resolve(0)
  return draftMonthOfAll(db, now, month, billing)
}

/** Every hour: whoever has no draft of the last month gets one; credits whose time is over end. */
export const draftingJob = (
  db: Postgres,
  { now, log }: { now: () => Temporal.Instant; log: Log },
  billing: Billing,
): Job => ({
  name: 'billing-draft',
  cron: '7 * * * *',
  zone: billing.zone,
  run: async () => {
    const drafted = await draftLastMonth(db, now(), billing)
    if (drafted > 0) log.info({ drafted }, 'invoices were drafted')
    const broken = await breakPrepaid(db, now())
    if (broken > 0) log.info({ broken }, 'credits ended unused')
  },
})
