/** Collections: what a partner owes the bank, taken from the account that the partner named for it, once. */
import { Problem, problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import type { Client } from '#platform/rpc.ts'
import type { Core, CoreAccount, TransferOutcome } from '../../cores/core.ts'
import { newReference } from '../../reference.ts'
import type { BankWorld } from '../../world.ts'
import type { AccountFit, Collected, collectionContract } from './desk-contract.ts'
import * as store from './store.ts'

export { collectionContract } from './desk-contract.ts'
export { collectionsAtCore } from './store.ts'

export const collectionDiffers = problem(
  'payments/collection-differs',
  409,
  'Another collection stands under this id',
)
export const creditorUnknown = problem(
  'payments/creditor-unknown',
  422,
  'The bank has no such account to collect to',
)

type Desk = Client<typeof collectionContract>
type CollectingBank = Pick<BankWorld, 'db' | 'coreFor' | 'now' | 'name'>

export const collectionDesk = (bank: CollectingBank): Desk => ({
  account: async ({ partnerId, number, holderId, currency }) => {
    const { fit } = await accountOf(bank.coreFor(partnerId), number, holderId, currency)
    return fit
  },
  collect: (asked) => collect(bank, asked),
})

/** The account behind a number, and whether it can be collected from. */
const accountOf = async (
  core: Core,
  number: string,
  holderId: string,
  currency: string,
): Promise<{ fit: AccountFit; account?: CoreAccount }> => {
  const account = await core.accountByNumber(number)
  const holder = account && (await core.customer(account.owner))
  // Who asks about an account of somebody else learns as much as about none.
  if (!account || holder?.nationalId !== holderId)
    return { fit: { fits: false, why: 'no-account-of-the-holder' } }
  if (account.status !== 'enabled') return { fit: { fits: false, why: 'closed' } }
  if (account.currency !== currency) return { fit: { fits: false, why: 'other-currency' } }
  return { fit: { fits: true, holder: holder.name }, account }
}

/** ISO 20022: no such account, closed, of another currency. */
const reasons = {
  'no-account-of-the-holder': 'AC01',
  closed: 'AC04',
  'other-currency': 'AM03',
} as const

const collect: (
  bank: CollectingBank,
  asked: Parameters<Desk['collect']>[0],
) => Promise<Collected> = async (
  bank,
  { collectionId: id, partnerId, debtor, creditor, amount, text },
) => {
  const core = bank.coreFor(partnerId)
  const to = await core.accountByNumber(creditor.number)
  if (!to) throw creditorUnknown(`${creditor.number} is no account of this bank`)
  const { fit, account } = await accountOf(core, debtor.number, debtor.holderId, amount.currency)
  const now = bank.now()
  const { one, isNew } = await work(bank.db, 'system', now, async (w) => {
    const kept = await store.written(w, {
      id,
      reference: newReference(),
      partnerId,
      debtorNumber: debtor.number,
      debtorRef: account?.ref ?? null,
      creditorNumber: creditor.number,
      amountMinor: amount.minor,
      currency: amount.currency,
      text,
      status: fit.fits ? 'written' : 'rejected',
      reasonCode: fit.fits ? null : reasons[fit.why],
      createdAt: now,
      updatedAt: now,
    })
    if (kept.isNew) await w.record('payments.collection-written', id, { partnerId })
    return kept
  })
  const isSame =
    one.partnerId === partnerId &&
    one.debtorNumber === debtor.number &&
    one.creditorNumber === creditor.number &&
    one.amountMinor === amount.minor &&
    one.currency === amount.currency
  if (!isSame) throw collectionDiffers(`${id} is about other accounts or another amount`)
  if (one.debtorRef === null || one.status === 'booked' || one.status === 'rejected')
    return told(one)
  const order = {
    reference: one.reference,
    debtor: one.debtorRef,
    creditor: { number: to.number, bankCode: to.bankCode, name: bank.name },
    amount,
    text: one.text,
  }
  // What was written before may have been sent before: the core takes the same reference once.
  const outcome = await outcomeOf(async () => {
    const known: TransferOutcome = isNew
      ? { status: 'unknown' }
      : await core.transferByReference(one.reference)
    return known.status === 'unknown' ? core.transfer(order) : known
  })
  if (outcome.status === 'unknown') return told(one)
  const reasonCode = outcome.status === 'rejected' ? outcome.reasonCode : null
  const after = { ...one, status: outcome.status, reasonCode, updatedAt: bank.now() }
  await work(bank.db, 'system', bank.now(), async (w) => {
    if (await store.saveOutcome(w, after))
      await w.record('payments.collection-told', id, { partnerId, status: after.status })
  })
  return told(after)
}

const told = ({ status, reasonCode, reference }: store.Collection): Collected => ({
  status: status === 'written' ? 'open' : status,
  reasonCode,
  reference,
})

/** A core that is closed, away or does not say what became of an order leaves it open. */
const outcomeOf = async (ask: () => Promise<TransferOutcome>): Promise<TransferOutcome> => {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Problem && error.code.startsWith('core/')) return { status: 'unknown' }
    throw error
  }
}
