/** What comes to accounts of the make-believe bank by itself, week after week and month after month. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { nextDue } from '../arrangement.ts'
import type { TransferOutcome } from '../core.ts'
import { LedgerCurrency } from './account-number.ts'
import { movedOnce } from './outside.ts'
import { type Moment, transferOnce } from './transferring.ts'

const Row = z.object({
  ref: z.string(),
  account: z.string(),
  payerRef: z.string().nullable(),
  payer: z.string(),
  payerAccount: z.string(),
  text: z.string(),
  minor: z.bigint(),
  frequency: z.enum(['weekly', 'monthly']),
  lastOn: z.instanceof(Temporal.PlainDate),
})
/** An income as it is kept. */
export type IncomeRow = z.output<typeof Row>

const Payable = Row.extend({
  number: z.string(),
  bankCode: z.string(),
  ownerName: z.string(),
  currency: LedgerCurrency,
})

/** Writes them in one statement. */
export const addIncomes = async (db: Db, incomes: readonly IncomeRow[]): Promise<void> => {
  const given = incomes.map((one) => ({
    ref: one.ref,
    account_ref: one.account,
    payer_ref: one.payerRef,
    payer_name: one.payer,
    payer_account: one.payerAccount,
    text: one.text,
    amount_minor: one.minor.toString(),
    frequency: one.frequency,
    last_on: one.lastOn.toString(),
  }))
  await db.run`
    insert into synthetic.income
    select * from jsonb_populate_recordset(null::synthetic.income, ${JSON.stringify(given)}::text::jsonb)
  `
}

/** Pays what comes on this day; an employer who has too little pays nothing, and the day is over. */
export const payIncomes = async (tx: Db, at: Moment): Promise<void> => {
  let after = ''
  for (;;) {
    const page = await pageOf(tx, at, after)
    for (const one of page) {
      const { lastOn: firstOn, frequency } = one
      if (nextDue({ firstOn, frequency }, at.today)?.equals(at.today)) await payOne(tx, one, at)
    }
    const last = page.at(-1)
    if (!last || page.length < PAGE) return
    after = last.ref
  }
}

const PAGE = 1_000

const pageOf = (tx: Db, { today }: Moment, after: string) =>
  tx.many(Payable)`
    select i.ref, i.account_ref as account, i.payer_ref as "payerRef", i.payer_name as payer,
           i.payer_account as "payerAccount", i.text, i.amount_minor as minor, i.frequency, i.last_on as "lastOn",
           a.number, a.bank_code as "bankCode", c.name as "ownerName", a.currency
      from synthetic.income i
      join synthetic.account a on a.ref = i.account_ref
      join synthetic.customer c on c.ref = a.owner
     where i.last_on < ${today} and i.ref > ${after}
     order by i.ref
     limit ${PAGE}
  `

const payOne = (tx: Db, one: z.output<typeof Payable>, at: Moment): Promise<TransferOutcome> => {
  const { text, minor, currency } = one
  const reference = `${one.ref}D${at.today.toString().replaceAll('-', '')}`
  const amount = { minor, currency }
  if (one.payerRef === null) {
    const other = { name: one.payer, account: one.payerAccount }
    return movedOnce(tx, { reference, account: one.account, amount, other, text }, 'in', at)
  }
  const { number, bankCode, ownerName: name } = one
  const creditor = { number, bankCode, name }
  return transferOnce(tx, { reference, debtor: one.payerRef, creditor, amount, text }, at)
}
