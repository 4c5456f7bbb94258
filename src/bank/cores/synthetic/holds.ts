/** Holds for cards in the synthetic bank's books: placed, taken and given back, each once by its reference. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Money } from '#kernel/money.ts'
import type { Db, Postgres } from '#platform/db.ts'
import { type CoreHolds, coreRefused, type HoldOrder, type HoldUse } from '../core.ts'
import { type Account, available } from './ledger.ts'
import { clearingAccount } from './own-accounts.ts'
import * as store from './store.ts'

const Hold = z.object({
  accountRef: z.string().nullable(),
  amountMinor: z.bigint(),
  remainingMinor: z.bigint(),
  currency: z.string().nullable(),
  merchant: z.string().nullable(),
  reasonCode: z.string().nullable(),
  holdId: z.bigint().nullable(),
  cancelled: z.boolean(),
})
type Hold = z.output<typeof Hold>

const Order = z.object({
  hold: z.string().nullable(),
  kind: z.enum(['capture', 'release', 'credit']),
  accountRef: z.string(),
  amountMinor: z.bigint(),
})

export const openHolds = (db: Postgres, today: () => Temporal.PlainDate): CoreHolds => ({
  place: (order) => db.transaction((tx) => placeOnce(tx, order, today())),
  capture: (use) => db.transaction((tx) => useOnce(tx, 'capture', use, today())),
  release: (use) => db.transaction((tx) => useOnce(tx, 'release', use, today())),
  cancel: (hold) => db.transaction((tx) => cancelOnce(tx, hold)),
  credit: (order) => db.transaction((tx) => creditOnce(tx, order, today())),
})

const find = (tx: Db, reference: string) => tx.maybe(Hold)`
  select account_ref as "accountRef", amount_minor as "amountMinor", remaining_minor as "remainingMinor", currency,
         merchant, reason_code as "reasonCode", hold_id as "holdId", cancelled
    from synthetic.card_hold
   where reference = ${reference}
     for update
`

/** The ISO 20022 reason why money cannot be held; undefined where it can. */
const refusalOf = (order: HoldOrder, account: Account | undefined): string | undefined => {
  if (!account) return 'AC01'
  if (account.status === 'closed') return 'AC04'
  if (account.status === 'disabled') return 'AC06'
  if (account.currency !== order.amount.currency) return 'AM03'
  return available(account) < order.amount.minor ? 'AM04' : undefined
}

const placeOnce = async (tx: Db, order: HoldOrder, today: Temporal.PlainDate) => {
  const { reference, account: ref, amount, text } = order
  if (amount.minor <= 0n) throw coreRefused('a hold is above zero')
  await store.lockReference(tx, reference)
  const given = await find(tx, reference)
  if (given?.cancelled) return { status: 'rejected', reasonCode: 'MS03' } as const
  if (given) {
    const same =
      (given.accountRef ?? ref) === ref &&
      given.currency === amount.currency &&
      given.amountMinor === amount.minor
    if (!same) throw coreRefused(`another hold was placed under the reference ${reference}`)
    return given.reasonCode === null
      ? ({ status: 'held' } as const)
      : ({ status: 'rejected', reasonCode: given.reasonCode } as const)
  }
  const [account] = await store.lockAccounts(tx, [ref])
  const reasonCode = refusalOf(order, account) ?? null
  const holdId = reasonCode === null ? await addHold(tx, ref, amount.minor, text, today) : null
  await tx.run`
    insert into synthetic.card_hold
      (reference, account_ref, amount_minor, remaining_minor, currency, merchant, reason_code, hold_id)
    values
      (${reference}, ${account ? ref : null}, ${amount.minor}, ${reasonCode === null ? amount.minor : 0n},
       ${amount.currency}, ${text}, ${reasonCode}, ${holdId})
  `
  return reasonCode === null
    ? ({ status: 'held' } as const)
    : ({ status: 'rejected', reasonCode } as const)
}

const Id = z.object({ id: z.bigint() })

const addHold = async (
  tx: Db,
  account: string,
  minor: bigint,
  merchant: string,
  on: Temporal.PlainDate,
): Promise<bigint> => {
  const { id } = await tx.one(Id)`
    insert into synthetic.hold
      (account_ref, amount_minor, held_on, text, counterparty_name, counterparty_account)
    values (${account}, ${minor}, ${on}, ${merchant}, ${merchant}, '')
    returning id
  `
  return id
}

/** Lowers a hold to what is left of it. The account is locked first, as in every posting. */
const lower = async (
  tx: Db,
  reference: string,
  hold: Hold & { accountRef: string },
  left: bigint,
  today: Temporal.PlainDate,
): Promise<void> => {
  const next =
    left > 0n ? await addHold(tx, hold.accountRef, left, hold.merchant ?? '', today) : null
  await tx.run`
    update synthetic.card_hold
       set remaining_minor = ${left}, hold_id = ${next}
     where reference = ${reference}
  `
  await tx.run`delete from synthetic.hold where id = ${hold.holdId}`
}

const held = (hold: Hold | undefined): Hold & { accountRef: string } => {
  if (!hold || hold.accountRef === null || hold.reasonCode !== null)
    throw coreRefused('the hold that is used was never placed')
  return { ...hold, accountRef: hold.accountRef }
}

const useOnce = async (
  tx: Db,
  kind: 'capture' | 'release',
  { reference, hold: placed, amount }: HoldUse,
  today: Temporal.PlainDate,
): Promise<void> => {
  await store.lockReference(tx, placed)
  const hold = held(await find(tx, placed))
  const order = { kind, hold: placed, accountRef: hold.accountRef, amountMinor: amount.minor }
  if (await isDone(tx, reference, order)) return
  if (amount.minor <= 0n || amount.minor > hold.remainingMinor || amount.currency !== hold.currency)
    throw coreRefused('more is used of a hold than is held')
  const scheme = schemeAccount(amount.currency)
  const locked = await store.lockAccounts(tx, [hold.accountRef, scheme])
  await lower(tx, placed, hold, hold.remainingMinor - amount.minor, today)
  const text = hold.merchant ?? ''
  const postingId =
    kind === 'capture'
      ? await post(
          tx,
          { from: hold.accountRef, to: scheme, minor: amount.minor, text },
          locked,
          today,
        )
      : null
  await addOrder(tx, reference, order, postingId)
}

const cancelOnce = async (tx: Db, reference: string): Promise<void> => {
  await store.lockReference(tx, reference)
  const hold = await find(tx, reference)
  if (!hold)
    await tx.run`
      insert into synthetic.card_hold (reference, amount_minor, remaining_minor, cancelled)
      values (${reference}, 0, 0, true)
    `
  else if (hold.remainingMinor > 0n) {
    const placed = held(hold)
    await store.lockAccounts(tx, [placed.accountRef])
    await tx.run`
      update synthetic.card_hold
         set remaining_minor = 0, hold_id = null, cancelled = true
       where reference = ${reference}
    `
    await tx.run`delete from synthetic.hold where id = ${placed.holdId}`
  }
}

const creditOnce = async (
  tx: Db,
  { reference, account, amount, text }: HoldOrder,
  today: Temporal.PlainDate,
): Promise<void> => {
  await store.lockReference(tx, reference)
  const order = {
    kind: 'credit',
    hold: null,
    accountRef: account,
    amountMinor: amount.minor,
  } as const
  if (await isDone(tx, reference, order)) return
  const scheme = schemeAccount(amount.currency)
  const locked = await store.lockAccounts(tx, [account, scheme])
  const owned = locked.find(({ ref }) => ref === account)
  if (
    !owned ||
    owned.status === 'closed' ||
    owned.currency !== amount.currency ||
    amount.minor <= 0n
  )
    throw coreRefused('the account of a refund cannot be credited')
  const posting = await post(
    tx,
    { from: scheme, to: account, minor: amount.minor, text },
    locked,
    today,
  )
  await addOrder(tx, reference, order, posting)
}

type Order = z.output<typeof Order>

const isDone = async (tx: Db, reference: string, order: Order): Promise<boolean> => {
  const given = await tx.maybe(Order)`
    select hold, kind, account_ref as "accountRef", amount_minor as "amountMinor"
      from synthetic.card_order
     where reference = ${reference}
  `
  if (!given) return false
  const same =
    given.hold === order.hold &&
    given.kind === order.kind &&
    given.accountRef === order.accountRef &&
    given.amountMinor === order.amountMinor
  if (!same) throw coreRefused(`another order was given under the reference ${reference}`)
  return true
}

const addOrder = (tx: Db, reference: string, order: Order, postingId: bigint | null) => tx.run`
  insert into synthetic.card_order (reference, hold, kind, account_ref, amount_minor, posting_id)
  values (${reference}, ${order.hold}, ${order.kind}, ${order.accountRef}, ${order.amountMinor}, ${postingId})
`

const schemeAccount = (currency: Money['currency']): string => {
  const account = clearingAccount(currency)
  if (account === undefined) throw coreRefused(`no card settles in ${currency}`)
  return account
}

const post = async (
  tx: Db,
  move: { from: string; to: string; minor: bigint; text: string },
  accounts: readonly Account[],
  bookedOn: Temporal.PlainDate,
): Promise<bigint> => {
  const customers = accounts.find(({ limit }) => limit !== null)
  assert(customers, 'a card’s account is a customer’s')
  const entry = (account: string, minor: bigint) => ({
    account,
    minor,
    counterparty:
      account === customers.ref
        ? { name: move.text, account: '' }
        : { name: customers.ownerName, account: customers.number },
  })
  const [id] = await store.addPostings(tx, [
    {
      bookedOn,
      text: move.text,
      entries: [entry(move.from, -move.minor), entry(move.to, move.minor)],
    },
  ])
  assert(id !== undefined, 'a posting that was written has an id')
  return id
}
