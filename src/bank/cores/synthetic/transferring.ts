/** How transfers go through the books of the make-believe bank, and how they end on days that are not ordinary. */
import { assert } from '#kernel/assert.ts'
import type { Db } from '#platform/db.ts'
import { coreRefused, type TransferOrder, type TransferOutcome } from '../core.ts'
import type { PlayedEnding } from '../worlds.ts'
import {
  type Account,
  isOurs,
  isSameOrder,
  nextClearing,
  outcomeOf,
  postingOf,
  refusalOf,
} from './ledger.ts'
import { addOnward } from './onward.ts'
import { clearingAccount } from './own-accounts.ts'
import * as store from './store.ts'

export interface Moment {
  readonly now: Temporal.Instant
  readonly today: Temporal.PlainDate
}

/** A transfer that can be booked, under lock. */
interface Passing {
  readonly tx: Db
  readonly order: TransferOrder
  readonly debtor: Account
  readonly creditor: Account
  readonly at: Moment
}

/** Which account is credited now, and until when the order is accepted and not booked. */
type Ending = (passing: Passing) => Promise<{
  readonly by: Account
  readonly settlesAt: Temporal.Instant | null
}>

const ordinary: Ending = ({ order, creditor, at }) =>
  Promise.resolve({
    by: creditor,
    settlesAt: isOurs(order.creditor) ? null : nextClearing(at.now),
  })

/** So long people look at a payment that a list of sanctions stopped. */
const REVIEW_SECONDS = 60

/** When the scheme opens again: the morning of the next day that is no weekend. */
const nextOpening = ({ today }: Moment, zone: string): Temporal.Instant => {
  const next = today.add({ days: today.dayOfWeek >= 5 ? 8 - today.dayOfWeek : 1 })
  return next.toZonedDateTime({ timeZone: zone, plainTime: '09:00' }).toInstant()
}

/** Endings that a partner asks for. */
export const endings = (zone: string): Readonly<Record<PlayedEnding, Ending>> => ({
  reviewed: async (passing) => {
    const { tx, order, debtor, creditor, at } = passing
    const settlesAt = at.now.add({ seconds: REVIEW_SECONDS })
    if (!isOurs(order.creditor)) return { by: creditor, settlesAt }
    const waiting = await clearingOf(passing)
    await addOnward(tx, {
      ...partiesOf(order, debtor),
      reference: order.reference,
      dueAt: settlesAt,
      from: waiting.ref,
      to: creditor.ref,
      minor: order.amount.minor,
      text: order.text,
    })
    return { by: waiting, settlesAt }
  },
  returned: async (passing) => {
    const { tx, order, debtor, at } = passing
    const waiting = await clearingOf(passing)
    const { payer, payee } = partiesOf(order, debtor)
    await addOnward(tx, {
      reference: order.reference,
      dueAt: nextOpening(at, zone),
      from: waiting.ref,
      to: debtor.ref,
      minor: order.amount.minor,
      text: `Returned: ${order.text}`,
      payer: payee,
      payee: payer,
    })
    return { by: waiting, settlesAt: isOurs(order.creditor) ? null : nextClearing(at.now) }
  },
  'too-late': ({ order, creditor, at }) =>
    Promise.resolve({
      by: creditor,
      settlesAt: isOurs(order.creditor) ? null : nextOpening(at, zone),
    }),
})

const partiesOf = ({ creditor }: TransferOrder, debtor: Account) => ({
  payer: { name: debtor.ownerName, account: debtor.number },
  payee: { name: creditor.name, account: creditor.number },
})

const clearingOf = async ({ tx, order }: Passing): Promise<Account> => {
  const ref = clearingAccount(order.amount.currency)
  const [found] = ref === undefined ? [] : await store.lockAccounts(tx, [ref])
  assert(found, 'money that can be booked has a clearing account')
  return found
}

/** A transfer, once by its reference, as it ends on an ordinary day. */
export const transferOnce = async (
  tx: Db,
  order: TransferOrder,
  at: Moment,
  end: Ending = ordinary,
): Promise<TransferOutcome> => {
  await store.lockReference(tx, order.reference)
  const given = await store.findTransfer(tx, order.reference)
  if (given) {
    if (isSameOrder(order, given)) return outcomeOf(given, at.now)
    throw coreRefused(`another order was given under the reference ${order.reference}`)
  }

  const { debtor, creditor } = await lockSides(tx, order)
  const reasonCode = refusalOf(order, debtor, creditor)
  if (reasonCode !== undefined || !debtor || !creditor) {
    const refused = { reasonCode: reasonCode ?? 'AC01', settlesAt: null }
    await store.addTransfer(tx, order, refused)
    return outcomeOf(refused, at.now)
  }

  const ending = await end({ tx, order, debtor, creditor, at })
  const posting = postingOf(order, debtor, ending.by, at.today)
  const [postingId] = await store.addPostings(tx, [posting])
  assert(postingId !== undefined, 'a posting that was written has an id')
  const booked = { postingId, reasonCode: null, settlesAt: ending.settlesAt }
  await store.addTransfer(tx, order, booked)
  return outcomeOf(booked, at.now)
}

/** The debtor, and the account that is credited here: the creditor's own, or the clearing's where it is at another bank. */
const lockSides = async (tx: Db, order: TransferOrder) => {
  const { number, bankCode } = order.creditor
  const ours = isOurs(order.creditor)
  const wellFormed = /^\d{20}$/.test(number) && /^\d{5}$/.test(bankCode)
  const credited = ours
    ? (await store.findByNumber(tx, number))?.ref
    : clearingAccount(order.amount.currency)
  const refs = [order.debtor, ...(wellFormed && credited !== undefined ? [credited] : [])]
  const locked = await store.lockAccounts(tx, refs)
  return {
    debtor: locked.find((account) => account.ref === order.debtor),
    creditor: locked.find((account) => wellFormed && account.ref === credited),
  }
}
