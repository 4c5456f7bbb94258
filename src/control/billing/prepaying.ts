/** Credits paid ahead: granted by two people, drawn when an invoice is issued, broken when their time is over. */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import type { Db, Postgres } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { findPartner, type PartnerId, partnerNotFound } from '#control/partners/index.ts'
import { exponentOf } from '#control/rating/index.ts'
import type { Content } from './content.ts'
import { type InvoiceId, LATE_DAYS, wrongStep } from './invoice.ts'
import { ROLES } from './roles.ts'
import { post, prepaidOf } from './ledger.ts'
import {
  askedMinor,
  drawnBy,
  leftOf,
  Prepaid,
  PrepaidAsked,
  PrepaidId,
  prepaidRefused,
} from './prepaid.ts'
import * as store from './store.ts'

const GRANT = 'billing.prepaid'

/**
 * Days after its end in which an invoice may draw on a credit: the month in which it ended is rated again by invoices of
 * months that begin so long after, and each of those is drafted when it is over itself.
 */
const DRAWN_DAYS = LATE_DAYS + 62

/** Of a partner, oldest first. */
export const prepaidCredits = (
  db: Db,
  filter: {
    partnerId?: string | undefined
    id?: PrepaidId | undefined
    /** Only those of which something is left that no invoice can draw on any more. */
    overAt?: Temporal.Instant | undefined
  },
) => {
  const where = [sql`true`]
  if (filter.partnerId) where.push(sql`p.partner_id = ${filter.partnerId}`)
  if (filter.id) where.push(sql`p.id = ${filter.id}`)
  if (filter.overAt)
    where.push(
      sql`p.expires_at < ${filter.overAt.subtract({ hours: 24 * DRAWN_DAYS })}`,
      sql`p.broken_minor = 0`,
      sql`p.amount_minor > coalesce(used.minor, 0)`,
      // A draft that waits to be issued draws on what it found, however long it waits.
      sql`not exists (
        select 1
          from billing.invoice i
         where i.partner_id = p.partner_id and i.kind = 'invoice' and i.status = 'draft'
           and i.period_start <= (p.expires_at at time zone 'UTC')::date + ${LATE_DAYS + 1}::int)`,
    )
  return db.many(Prepaid)`
    select p.id, p.partner_id as "partnerId", p.title, p.currency, p.exponent, p.amount_minor::text as "amountMinor",
           p.source, p.reference, p.priority, p.granted_at as "grantedAt", p.expires_at as "expiresAt",
           p.broken_minor::text as "brokenMinor", coalesce(used.minor, 0)::text as "usedMinor"
      from billing.prepaid p
      left join lateral (
             select -sum(b.minor) as minor
               from billing.booked b
              where b.partner_id = p.partner_id and b.item = p.id || '/credit' and b.item like 'prepaid\\_%'
           ) used on true
     where ${all(where)}
     order by p.granted_at, p.id
     limit 1000
  `
}

/** Proposes a credit. A second person of finance agrees before it pays anything. */
export const proposePrepaid = async (
  w: Work,
  partnerId: PartnerId,
  asked: PrepaidAsked,
): Promise<ChangeSet> => {
  if (!(await findPartner(w, partnerId))) throw partnerNotFound('there is no partner with this id')
  askedMinor(asked, w.now)
  return proposeChange(w, {
    kind: GRANT,
    subject: partnerId,
    before: null,
    after: { id: PrepaidId.next(), ...asked },
    base: baseOf((await prepaidCredits(w, { partnerId })).length),
    reason: asked.title,
    roles: [...ROLES],
  })
}

const Granted = PrepaidAsked.extend({ id: PrepaidId })

export const prepaidAppliers: Readonly<Record<string, Applier>> = {
  [GRANT]: {
    base: async (w, { subject: partnerId }) =>
      baseOf((await prepaidCredits(w, { partnerId })).length),
    apply: async (w, { id: changeId, subject: partnerId, after }) => {
      const { id, ...asked } = Granted.parse(after)
      const { title, currency, source, reference, priority, expiresAt } = asked
      const minor = askedMinor(asked, w.now)
      const exponent = exponentOf(currency)
      assert(exponent !== undefined, 'its currency was known when it was proposed')
      await w.run`
        insert into billing.prepaid
          (id, partner_id, title, currency, exponent, amount_minor, source, reference, priority, granted_at, expires_at,
           change_id)
        values (${id}, ${partnerId}, ${title}, ${currency}, ${exponent}, ${minor}, ${source}, ${reference},
                ${priority}, ${w.now}, ${expiresAt}, ${changeId})
      `
      if (reference !== null) {
        const key = `payment:${partnerId}:${reference}`
        const posted = await post(w, { key, text: `paid ahead ${reference}`, currency }, [
          { account: 'bank', minor },
          { account: prepaidOf(partnerId), minor: -minor },
        ])
        if (!posted) throw prepaidRefused(`the payment ${reference} was used before`)
      }
      await w.record('billing.prepaid-granted', id, {
        partnerId,
        amountMinor: minor.toString(),
        currency,
        source,
        expiresAt,
      })
    },
  },
}

/** Refuses an invoice that draws more than is left: another one has drawn since it was drafted. */
export const sameLeft = async (w: Work, partnerId: string, content: Content): Promise<void> => {
  const drawn = drawnBy(content)
  if (drawn.size === 0) return
  const left = new Map((await prepaidCredits(w, { partnerId })).map((p) => [p.id, leftOf(p)]))
  for (const [id, minor] of drawn)
    if (minor > (left.get(PrepaidId.parse(id)) ?? 0n))
      throw wrongStep('credits that it draws on were used or have ended since it was drafted', {
        hint: 'Draft the month anew.',
      })
}

/** What was paid ahead becomes revenue when an invoice draws on it. Before what it booked is known as used. */
export const bookDrawn = async (
  w: Work,
  {
    id,
    partnerId,
    currency,
    number,
  }: {
    id: InvoiceId
    partnerId: string
    currency: string
    number: string
  },
  content: Content,
): Promise<void> => {
  const drawn = drawnBy(content)
  if (drawn.size === 0) return
  const paid = new Set(
    (await prepaidCredits(w, { partnerId })).filter((p) => p.source === 'paid').map((p) => p.id),
  )
  let minor = 0n
  for (const [prepaid, taken] of drawn) if (paid.has(PrepaidId.parse(prepaid))) minor += taken
  await post(w, { key: `prepaid:${id}`, text: `drawn by ${number}`, currency }, [
    { account: prepaidOf(partnerId), minor },
    { account: 'revenue', minor: -minor },
  ])
}

/**
 * Ends what ended so long ago that no invoice can draw on it any more: what was paid for it and not used is the bank's.
 * Answers how many it were.
 */
export const breakPrepaid = async (db: Postgres, now: Temporal.Instant): Promise<number> => {
  let broken = 0
  for (const { id, partnerId } of await prepaidCredits(db, { overAt: now }))
    if (await work(db, 'system', now, (w) => breakOne(w, partnerId, id))) broken++
  return broken
}

/** What it has left is read while no invoice of its partner can be issued or drafted. */
const breakOne = async (w: Work, partnerId: string, id: PrepaidId): Promise<boolean> => {
  await store.hold(w, partnerId)
  const [prepaid] = await prepaidCredits(w, { id, overAt: w.now })
  if (!prepaid) return false
  const { currency, source } = prepaid
  const left = leftOf(prepaid)
  await w.run`update billing.prepaid set broken_minor = ${left} where id = ${id}`
  if (source === 'paid')
    await post(w, { key: `breakage:${id}`, text: id, currency }, [
      { account: prepaidOf(partnerId), minor: left },
      { account: 'breakage', minor: -left },
    ])
  await w.record('billing.prepaid-ended', id, { partnerId, leftMinor: left.toString() })
  return true
}
