/** Drafts come by themselves: once gateways had their time to tell of a month, it is drafted for whoever has none yet. */
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Running } from '#platform/process.ts'
import type { Log } from '#platform/log.ts'
import { partnersUnderContract } from '#control/contracts/index.ts'
import { PartnerId } from '#control/partners/index.ts'
import { partnersWithUsage } from '#control/usage/index.ts'
import { type Billing, draftMonth } from './drafting.ts'
import { GRACE_HOURS } from './invoice.ts'
import { bounds, monthBefore, monthNamed } from './month.ts'
import * as store from './store.ts'

const EVERY_MS = 600_000
const AT_ONCE = 100

/** Answers how many partners got a draft. Run by several processes at once it drafts each month once. */
export const draftLastMonth = async (
  db: Postgres,
  now: Temporal.Instant,
  billing: Billing,
): Promise<number> => {
  const month = monthNamed(monthBefore(now, billing.zone), billing.zone)
  const { from, to } = bounds(month)
  if (Temporal.Instant.compare(now, to.add({ hours: GRACE_HOURS })) < 0) return 0
  const billable = new Set([
    ...(await partnersWithUsage(db, { from, to })),
    ...(await partnersUnderContract(db, { from, to })),
  ])
  for (const drafted of await store.partnersBilled(db, Temporal.PlainDate.from(month.start)))
    billable.delete(drafted)
  const due = [...billable]
    .toSorted()
    .slice(0, AT_ONCE)
    .map((id) => PartnerId.parse(id))
  for (const partnerId of due)
    await work(db, 'system', now, (w) => draftMonth(w, partnerId, month, billing))
  return due.length
}

export const startDrafting = (
  db: Postgres,
  { now, log }: { now: () => Temporal.Instant; log: Log },
  billing: Billing,
): Running => {
  let running: Promise<void> | undefined
  const run = () => {
    running ??= draftLastMonth(db, now(), billing)
      .then((drafted) => {
        if (drafted > 0) log.info({ drafted }, 'invoices were drafted')
      })
      .catch((cause: unknown) => log.error({ cause }, 'invoices are drafted at the next turn'))
      .finally(() => (running = undefined))
  }
  const timer = setInterval(run, EVERY_MS).unref()
  return {
    stop: async () => {
      clearInterval(timer)
      await running
    },
  }
}
