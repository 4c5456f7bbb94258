/** What other banks do to accounts of the make-believe one: each once by its reference. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Db, Postgres } from '#platform/db.ts'
import { coreRefused, type TransferOrder, type TransferOutcome } from '../core.ts'
import type { Examination } from '../identity.ts'
import type { CoreOutside, OutsideOrder } from '../worlds.ts'
import { LedgerCurrency, otherBankCode } from './account-number.ts'
import { type Account, isSameOrder, outcomeOf, refusalOf } from './ledger.ts'
import { cashAccount } from './own-accounts.ts'
import * as store from './store.ts'
import { endings, type Moment, transferOnce } from './transferring.ts'

export const openOutside = (
  db: Postgres,
  { zone, moment }: { zone: string; moment: () => Moment },
): CoreOutside => ({
  pay: (order) => db.transaction((tx) => movedOnce(tx, order, 'in', moment())),
  collect: (order) => db.transaction((tx) => movedOnce(tx, order, 'out', moment())),
  send: (order, ending) =>
    db.transaction((tx) => transferOnce(tx, order, moment(), endings(zone)[ending])),
  find: async (nationalId, finding) => {
    await db.run`
      insert into synthetic.finding (national_id, identity, screening)
      values (${nationalId}, ${finding.identity}, ${finding.screening})
      on conflict (national_id) do update
         set identity = excluded.identity, screening = excluded.screening
    `
  },
  moveRate: async (pair, ppm) => {
    await db.run`
      insert into synthetic.rate_move (pair, ppm) values (${pair}, ${ppm})
      on conflict (pair) do update set ppm = excluded.ppm
    `
  },
})

const Finding = z.object({
  identity: z.enum(['confirmed', 'contradicted', 'unclear']),
  screening: z.enum(['clear', 'review', 'unavailable']),
}) satisfies z.ZodType<Examination>

/** What was said to be found about whoever has this number. */
export const findingOn = (db: Db, nationalId: string): Promise<Examination | undefined> =>
  db.maybe(Finding)`
    select identity, screening from synthetic.finding where national_id = ${nationalId}
  `

/** What comes from outside or goes there, once by its reference. */
export const movedOnce = async (
  tx: Db,
  order: OutsideOrder,
  way: 'in' | 'out',
  at: Moment,
): Promise<TransferOutcome> => {
  const currency = LedgerCurrency.safeParse(order.amount.currency)
  if (!currency.success) throw coreRefused(`no accounts are kept in ${order.amount.currency}`)
  const cash = cashAccount(currency.data)
  await store.lockReference(tx, order.reference)
  const locked = await store.lockAccounts(tx, [order.account, cash])
  const account = locked.find(({ ref }) => ref === order.account)
  const till = locked.find(({ ref }) => ref === cash)
  assert(till, 'the bank has an account for what comes from outside')
  const transfer = transferOf(order, way, { account, till })
  const given = await store.findTransfer(tx, order.reference)
  if (given) {
    if (isSameOrder(transfer, given)) return outcomeOf(given, at.now)
    throw coreRefused(`another order was given under the reference ${order.reference}`)
  }
  const [debtor, creditor] = way === 'in' ? [till, account] : [account, till]
  const reasonCode = refusalOf(transfer, debtor, creditor)
  if (reasonCode !== undefined || !account) {
    const refused = { reasonCode: reasonCode ?? 'AC01', settlesAt: null }
    await store.addTransfer(tx, transfer, refused)
    return outcomeOf(refused, at.now)
  }
  const { minor } = order.amount
  const [postingId] = await store.addPostings(tx, [
    {
      bookedOn: at.today,
      text: order.text,
      entries: [
        { account: account.ref, minor: way === 'in' ? minor : -minor, counterparty: order.other },
        {
          account: till.ref,
          minor: way === 'in' ? -minor : minor,
          counterparty: { name: account.ownerName, account: account.number },
        },
      ],
    },
  ])
  assert(postingId !== undefined, 'a posting that was written has an id')
  const booked = { postingId, reasonCode: null, settlesAt: null }
  await store.addTransfer(tx, transfer, booked)
  return outcomeOf(booked, at.now)
}

/** The order as the books keep it, so that it is asked about as every transfer is. */
const transferOf = (
  { reference, account: ref, amount, other, text }: OutsideOrder,
  way: 'in' | 'out',
  { account, till }: { account: Account | undefined; till: Account },
): TransferOrder =>
  way === 'in'
    ? {
        reference,
        debtor: till.ref,
        creditor: {
          number: account?.number ?? '',
          bankCode: account?.bankCode ?? '',
          name: other.name,
        },
        amount,
        text,
      }
    : {
        reference,
        debtor: ref,
        creditor: { number: other.account, bankCode: otherBankCode, name: other.name },
        amount,
        text,
      }
