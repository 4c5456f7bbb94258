import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, list as rows, sql } from '#platform/sql.ts'
import { Instalment } from './debt.ts'
import { Loan, type LoanRef } from './loan.ts'
import { Payout } from './payout.ts'
import { PayoffQuote, type PayoffQuoteId } from './payoff-quote.ts'
import { Repayment } from './repayment.ts'
import type { Due } from '../world.ts'

const columns = sql`
  ref, loan_id as "loanId", partner_id as "partnerId", application_id as "applicationId",
  idempotency_key as "idempotencyKey", body_sha256 as "bodySha256", consent_id as "consentId", offer_id as "offerId",
  application, customer_ref as "customerRef", product_id as "productId", account_ref as "accountRef",
  principal_minor as "principalMinor", currency, rate_ppm as "ratePpm", penalty_ppm as "penaltyPpm", method,
  day_count as "dayCount", fee_minor as "feeMinor", status, reason_code as "reasonCode", started_on as "startedOn",
  closed_on as "closedOn", excess_minor as "excessMinor", bucket, next_due_on as "nextDueOn", version,
  created_at as "createdAt", updated_at as "updatedAt"
`

/** By the name that the partner that brought it has for it. */
export const find = (db: Db, partnerId: string, loanId: LoanRef) =>
  db.maybe(Loan)`
    select ${columns} from lending.loan where loan_id = ${loanId} and partner_id = ${partnerId}
  `

export const findByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(Loan)`
    select ${columns}
      from lending.loan
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

/** By the bank's own name. */
export const get = (db: Db, ref: LoanRef) =>
  db.one(Loan)`select ${columns} from lending.loan where ref = ${ref}`

/** Holds the loan until the transaction ends: what is paid on it is put on it one by one. */
export const lock = (db: Db, ref: LoanRef) =>
  db.one(Loan)`select ${columns} from lending.loan where ref = ${ref} for update`

/** Newest first. */
export const ofCustomer = (db: Db, customerRef: string) => db.many(Loan)`
  select ${columns} from lending.loan where customer_ref = ${customerRef} order by ref desc limit 100
`

const Ref = z.object({ ref: z.string() })

/** The loan that a customer took last. */
export const newestOf = async (db: Db, customerRef: string): Promise<string | undefined> =>
  (
    await db.maybe(Ref)`
      select ref from lending.loan where customer_ref = ${customerRef} order by ref desc limit 1
    `
  )?.ref

/** Answers whether it was added: a key, a consent and an offer make one loan. */
export const add = async (db: Db, l: Loan): Promise<boolean> => {
  const added = await db.run`
    insert into lending.loan
      (ref, loan_id, partner_id, application_id, idempotency_key, body_sha256, consent_id, offer_id, application,
       customer_ref, product_id, account_ref, principal_minor, currency, rate_ppm, penalty_ppm, method, day_count,
       fee_minor, status, reason_code, started_on, closed_on, excess_minor, bucket, next_due_on, version, created_at,
       updated_at)
    values
      (${l.ref}, ${l.loanId}, ${l.partnerId}, ${l.applicationId}, ${l.idempotencyKey}, ${l.bodySha256},
       ${l.consentId}, ${l.offerId}, ${l.application}, ${l.customerRef}, ${l.productId}, ${l.accountRef},
       ${l.principalMinor}, ${l.currency}, ${l.ratePpm}, ${l.penaltyPpm}, ${l.method}, ${l.dayCount}, ${l.feeMinor},
       ${l.status}, ${l.reasonCode}, ${l.startedOn}, ${l.closedOn}, ${l.excessMinor}, ${l.bucket}, ${l.nextDueOn},
       ${l.version}, ${l.createdAt}, ${l.updatedAt})
    on conflict do nothing
  `
  return added === 1
}

export const save = (db: Db, l: Loan) => db.run`
  update lending.loan
     set status = ${l.status}, reason_code = ${l.reasonCode}, started_on = ${l.startedOn}, closed_on = ${l.closedOn},
         excess_minor = ${l.excessMinor}, bucket = ${l.bucket}, next_due_on = ${l.nextDueOn}, version = ${l.version},
         updated_at = ${l.updatedAt}
   where ref = ${l.ref}
`

/** Held, each by one process: loans with an instalment before this day that still count as in another bucket. */
export const lockFallingDue = (
  db: Db,
  {
    before,
    after,
    whose,
    limit,
  }: {
    before: Temporal.PlainDate
    after: LoanRef | null
    whose: Due['whose']
    limit: number
  },
) => {
  const where = [sql`next_due_on < ${before}`, whose]
  if (after !== null) where.push(sql`ref > ${after}`)
  return db.many(Loan)`
    select ${columns}
      from lending.loan
     where ${all(where)}
     order by ref
     limit ${limit}
       for update skip locked
  `
}

const OfLoan = Instalment.extend({ loan: z.string() })

const instalmentColumns = sql`
  loan, kind, from_on as "from", due_on as "dueOn", carried_minor as "carriedMinor", fee_minor as "feeMinor",
  interest_minor as "interestMinor", principal_minor as "principalMinor", penalty_minor as "penaltyMinor",
  penalty_to as "penaltyTo", paid_fee as "paidFeeMinor", paid_penalty as "paidPenaltyMinor",
  paid_interest as "paidInterestMinor", paid_principal as "paidPrincipalMinor"
`

/** The lines of several loans, by loan, each in its order. */
export const instalments = async (
  db: Db,
  loans: readonly LoanRef[],
): Promise<Map<string, Instalment[]>> => {
  const found = await db.many(OfLoan)`
    select ${instalmentColumns}
      from lending.instalment
     where loan = any(${loans})
     order by loan, position
     limit 100000
  `
  return Map.groupBy(found, ({ loan }) => loan)
}

/** The lines of a loan as they are now, instead of those that it had. */
export const replaceInstalments = async (db: Db, loan: LoanRef, lines: readonly Instalment[]) => {
  await db.run`delete from lending.instalment where loan = ${loan}`
  const values = lines.map(
    (l, position) => sql`
      (${loan}, ${position}, ${l.kind}, ${l.from}::date, ${l.dueOn}::date, ${l.carriedMinor}::bigint,
       ${l.feeMinor}::bigint, ${l.interestMinor}::bigint, ${l.principalMinor}::bigint, ${l.penaltyMinor}::bigint,
       ${l.penaltyTo}::date, ${l.paidFeeMinor}::bigint, ${l.paidPenaltyMinor}::bigint, ${l.paidInterestMinor}::bigint,
       ${l.paidPrincipalMinor}::bigint)`,
  )
  await db.run`
    insert into lending.instalment
      (loan, position, kind, from_on, due_on, carried_minor, fee_minor, interest_minor, principal_minor, penalty_minor,
       penalty_to, paid_fee, paid_penalty, paid_interest, paid_principal)
    values ${rows(values)}
  `
}

const payoutColumns = sql`
  reference, loan, partner_id as "partnerId", purpose, amount_minor as "amountMinor", status,
  reason_code as "reasonCode", tries, next_at as "nextAt", created_at as "createdAt"
`

export const addPayout = (db: Db, p: Payout) => db.run`
  insert into lending.payout
    (reference, loan, partner_id, purpose, amount_minor, status, reason_code, tries, next_at, created_at)
  values
    (${p.reference}, ${p.loan}, ${p.partnerId}, ${p.purpose}, ${p.amountMinor}, ${p.status}, ${p.reasonCode},
     ${p.tries}, ${p.nextAt}, ${p.createdAt})
`

export const payout = (db: Db, reference: string) =>
  db.one(Payout)`select ${payoutColumns} from lending.payout where reference = ${reference}`

/** Holds the payout until the transaction ends, so that one outcome is kept once. */
export const lockPayout = (db: Db, reference: string) =>
  db.one(
    Payout,
  )`select ${payoutColumns} from lending.payout where reference = ${reference} for update`

export const savePayout = (db: Db, p: Payout) => db.run`
  update lending.payout
     set status = ${p.status}, reason_code = ${p.reasonCode}, tries = ${p.tries}, next_at = ${p.nextAt}
   where reference = ${p.reference}
`

/** Open payouts whose time has come, each taken by one process for as long as a lease. */
export const takePayouts = (
  db: Db,
  { now, whose, until, limit }: Due & { until: Temporal.Instant; limit: number },
) => db.many(Payout)`
  update lending.payout
     set next_at = ${until}
   where reference in (
           select reference
             from lending.payout
            where status in ('written', 'accepted') and next_at <= ${now} and ${whose}
            order by next_at
            limit ${limit}
              for update skip locked)
  returning ${payoutColumns}
`

const quoteColumns = sql`
  id, loan, partner_id as "partnerId", payoff_on as "payoffOn", fee_minor as "feeMinor",
  penalty_minor as "penaltyMinor", interest_minor as "interestMinor", principal_minor as "principalMinor",
  loan_version as "loanVersion", valid_until as "validUntil", created_at as "createdAt"
`

export const addQuote = (db: Db, q: PayoffQuote) => db.run`
  insert into lending.payoff_quote
    (id, loan, partner_id, payoff_on, fee_minor, penalty_minor, interest_minor, principal_minor, loan_version,
     valid_until, created_at)
  values
    (${q.id}, ${q.loan}, ${q.partnerId}, ${q.payoffOn}, ${q.feeMinor}, ${q.penaltyMinor}, ${q.interestMinor},
     ${q.principalMinor}, ${q.loanVersion}, ${q.validUntil}, ${q.createdAt})
`

export const quote = (db: Db, loan: LoanRef, id: PayoffQuoteId) =>
  db.maybe(PayoffQuote)`
    select ${quoteColumns} from lending.payoff_quote where id = ${id} and loan = ${loan}
  `

const repaymentColumns = sql`
  id, loan, partner_id as "partnerId", payment_id as "paymentId", payoff_quote_id as "payoffQuoteId",
  amount_minor as "amountMinor", paid_on as "paidOn", fee_minor as "feeMinor", penalty_minor as "penaltyMinor",
  interest_minor as "interestMinor", principal_minor as "principalMinor", excess_minor as "excessMinor",
  created_at as "createdAt"
`

/** Answers whether it was added: a payment repays once. */
export const addRepayment = async (db: Db, r: Repayment): Promise<boolean> => {
  const added = await db.run`
    insert into lending.repayment
      (id, loan, partner_id, payment_id, payoff_quote_id, amount_minor, paid_on, fee_minor, penalty_minor,
       interest_minor, principal_minor, excess_minor, created_at)
    values
      (${r.id}, ${r.loan}, ${r.partnerId}, ${r.paymentId}, ${r.payoffQuoteId}, ${r.amountMinor}, ${r.paidOn},
       ${r.feeMinor}, ${r.penaltyMinor}, ${r.interestMinor}, ${r.principalMinor}, ${r.excessMinor}, ${r.createdAt})
    on conflict (payment_id) do nothing
  `
  return added === 1
}

export const repaymentOfPayment = (db: Db, paymentId: string) =>
  db.maybe(Repayment)`
    select ${repaymentColumns} from lending.repayment where payment_id = ${paymentId}
  `

export const repayments = (db: Db, filter: { loan: LoanRef; limit: number; before?: string }) => {
  const where = [sql`loan = ${filter.loan}`]
  if (filter.before !== undefined) where.push(sql`id < ${filter.before}`)
  return db.many(Repayment)`
    select ${repaymentColumns}
      from lending.repayment
     where ${all(where)}
     order by id desc
     limit ${filter.limit}
  `
}
