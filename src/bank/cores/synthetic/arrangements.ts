/** What is arranged on the accounts of the synthetic bank: its rows, and what they mean in the words of the port. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { type CoreArrangement, nextDue } from '../arrangement.ts'
import { LedgerCurrency } from './account-number.ts'

const Day = z.instanceof(Temporal.PlainDate)

const Row = z.object({
  ref: z.string(),
  kind: z.enum(['standing-order', 'direct-debit', 'scheduled-payment', 'beneficiary']),
  payee: z.string(),
  number: z.string(),
  bankCode: z.string(),
  text: z.string(),
  minor: z.bigint().nullable(),
  frequency: z.enum(['daily', 'weekly', 'monthly', 'quarterly', 'yearly']).nullable(),
  firstOn: Day.nullable(),
  finalOn: Day.nullable(),
  lastOn: Day.nullable(),
  lastMinor: z.bigint().nullable(),
})
/** An arrangement as it is kept. */
export type ArrangementRow = z.output<typeof Row>

export const arrangementRows = (
  db: Db,
  account: string,
  filter: {
    kind: ArrangementRow['kind']
    after?: string
    /** Payments of days before it are no longer to come. */
    dueFrom: Temporal.PlainDate
    limit: number
  },
) => {
  const where = [sql`account_ref = ${account}`, sql`kind = ${filter.kind}`]
  if (filter.after !== undefined) where.push(sql`ref > ${filter.after}`)
  if (filter.kind === 'scheduled-payment') where.push(sql`first_on >= ${filter.dueFrom}`)
  return db.many(Row)`
    select ref, kind, payee_name as payee, payee_account as number, payee_bank as "bankCode", text,
           amount_minor as minor, frequency, first_on as "firstOn", final_on as "finalOn",
           last_on as "lastOn", last_minor as "lastMinor"
      from synthetic.arrangement
     where ${all(where)}
     order by ref
     limit ${filter.limit}
  `
}

const Payable = Row.extend({ account: z.string(), currency: LedgerCurrency })

/** What pays by itself and may do so on this day: whether it is its turn, the days it comes round on say. */
export const arrangedFor = (db: Db, day: Temporal.PlainDate) =>
  db.many(Payable)`
    select r.ref, r.kind, r.payee_name as payee, r.payee_account as number, r.payee_bank as "bankCode", r.text,
           r.amount_minor as minor, r.frequency, r.first_on as "firstOn", r.final_on as "finalOn",
           r.last_on as "lastOn", r.last_minor as "lastMinor", r.account_ref as account, a.currency
      from synthetic.arrangement r
      join synthetic.account a on a.ref = r.account_ref
     where (r.kind = 'standing-order' and r.first_on <= ${day} and (r.final_on is null or r.final_on >= ${day}))
        or (r.kind = 'scheduled-payment' and r.first_on = ${day})
        or (r.kind = 'direct-debit' and r.last_on < ${day} and (r.final_on is null or r.final_on >= ${day}))
     order by r.ref
     limit 10000
  `

/** A direct debit was drawn. */
export const drawn = (db: Db, ref: string, day: Temporal.PlainDate) =>
  db.run`update synthetic.arrangement set last_on = ${day} where ref = ${ref}`

/** Writes them in one statement. */
export const addArrangements = async (
  db: Db,
  arranged: readonly (ArrangementRow & { readonly account: string })[],
): Promise<void> => {
  const given = arranged.map((one) => ({
    ref: one.ref,
    account_ref: one.account,
    kind: one.kind,
    payee_name: one.payee,
    payee_account: one.number,
    payee_bank: one.bankCode,
    text: one.text,
    amount_minor: one.minor?.toString() ?? null,
    frequency: one.frequency,
    first_on: one.firstOn?.toString() ?? null,
    final_on: one.finalOn?.toString() ?? null,
    last_on: one.lastOn?.toString() ?? null,
    last_minor: one.lastMinor?.toString() ?? null,
  }))
  await db.run`
    insert into synthetic.arrangement
    select * from jsonb_populate_recordset(null::synthetic.arrangement, ${JSON.stringify(given)}::text::jsonb)
  `
}

export const arrangementOf = (
  row: ArrangementRow,
  currency: LedgerCurrency,
  today: Temporal.PlainDate,
): CoreArrangement => {
  const { ref, text, firstOn, finalOn, frequency } = row
  const arranged = {
    ref,
    payee: { name: row.payee, number: row.number, bankCode: row.bankCode },
    text,
  }
  const amountOf = (minor: bigint | null) => {
    assert(minor !== null, 'the table holds an amount where the kind has one')
    return { minor, currency }
  }
  switch (row.kind) {
    case 'beneficiary':
      return { kind: row.kind, ...arranged }
    case 'scheduled-payment':
      assert(firstOn, 'a scheduled payment has a day')
      return { kind: row.kind, ...arranged, amount: amountOf(row.minor), dueOn: firstOn }
    case 'direct-debit':
    case 'standing-order': {
      assert(firstOn && frequency, 'what repeats has a first day and a frequency')
      const nextOn = nextDue({ firstOn, frequency, ...(finalOn && { finalOn }) }, today)
      const status = nextOn ? 'active' : 'ended'
      if (row.kind === 'direct-debit')
        return {
          kind: row.kind,
          ...arranged,
          status,
          frequency,
          ...(row.lastOn && { last: { on: row.lastOn, amount: amountOf(row.lastMinor) } }),
        }
      return {
        kind: row.kind,
        ...arranged,
        status,
        amount: amountOf(row.minor),
        frequency,
        firstOn,
        ...(nextOn && { nextOn }),
        ...(finalOn && { finalOn }),
      }
    }
  }
}
