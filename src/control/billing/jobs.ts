/** Drafts come by themselves: once gateways had their time to tell of a month, it is drafted for whoever has none yet. */
import { z } from 'zod'
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Running } from '#platform/process.ts'
import type { Log } from '#platform/log.ts'
import { PartnerId } from '#control/partners/index.ts'
import { type Billing, draftMonth } from './drafting.ts'
import { GRACE_HOURS } from './invoice.ts'
import { bounds, monthBefore, monthNamed } from './month.ts'

const EVERY_MS = 600_000
const AT_ONCE = 100

const Due = z.object({ partnerId: PartnerId })

/** Answers how many partners got a draft. Run by several processes at once it drafts each month once. */
export const draftLastMonth = async (
  db: Postgres,
  now: Temporal.Instant,
  billing: Billing,
): Promise<number> => {
  const month = monthNamed(monthBefore(now, billing.zone), billing.zone)
  const { from, to } = bounds(month)
  if (Temporal.Instant.compare(now, to.add({ hours: GRACE_HOURS })) < 0) return 0
  const due = await db.many(Due)`
    select partner_id as "partnerId"
      from (
             select partner_id from usage.hour
              where cell = 'production' and hour >= ${from} and hour < ${to}
             union
             select partner_id from contracts.contract
              where active_from < ${to} and (ends_at is null or ends_at > ${from})
           ) as billable
     where not exists (
             select 1 from billing.invoice i
              where i.partner_id = billable.partner_id and i.period_start = ${month.start}::date
           )
     order by partner_id
     limit ${AT_ONCE}
  `
  for (const { partnerId } of due)
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
