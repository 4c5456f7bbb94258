/** Collections: what a partner owes the bank, taken from the account that the partner named for it, once. */
import { assert } from '#kernel/assert.ts'
import { Problem, problem } from '#kernel/problem.ts'
import { type Work, work } from '#journal/index.ts'
import type { Client } from '#platform/rpc.ts'
import type { Core, CoreAccount, TransferOutcome } from '../../cores/core.ts'
import { newReference } from '../../reference.ts'
import type { BankWorld } from '../../world.ts'
import type { AccountFit, Collected, collectionContract, IncomeFit } from './desk-contract.ts'
import * as store from './store.ts'

export { collectionContract } from './desk-contract.ts'
export { collectionsAtCore } from './store.ts'

export const collectionDiffers = problem(
  'payments/collection-differs',
  409,
  'Another collection stands under this id',
)
type Desk = Client<typeof collectionContract>
type CollectingBank = Pick<BankWorld, 'db' | 'coreFor' | 'now' | 'name'>

export const collectionDesk = (bank: CollectingBank): Desk => ({
  account: async ({ partnerId, number, holderId, currency }) => {
    const { fit } = await accountOf(bank.coreFor(partnerId), number, holderId, currency)
    return fit
  },
  incomeAccount: ({ number, currency }) => incomeFit(bank.coreFor('collections'), number, currency),
  collect: (asked) => collect(bank, asked),
})

const incomeFit = async (core: Core, number: string, currency: string): Promise<IncomeFit> => {
  const account = await core.accountByNumber(number)
  if (!account) return { fits: false, why: 'no-account' }
  if (account.owner !== core.bankItself) return { fits: false, why: 'not-of-the-bank' }
  if (account.status !== 'enabled') return { fits: false, why: 'closed' }
  if (account.currency !== currency) return { fits: false, why: 'other-currency' }
  const holder = await core.customer(account.owner)
  return { fits: true, holder: holder?.name ?? '' }
}

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

type Asked = Parameters<Desk['collect']>[0]

/** ISO 20022: the account that it should go to is none, there is no mandate any more. */
const NO_CREDITOR = 'AC03'
const NO_MANDATE = 'MD01'

/** How long an order that was sent may be on its way to the core: until then nobody can say that it will not arrive. */
const UNDER_WAY_MINUTES = 10

const collect = async (bank: CollectingBank, asked: Asked): Promise<Collected> => {
  const core = bank.coreFor(asked.partnerId)
  const one = (await store.find(bank.db, asked.collectionId)) ?? (await written(bank, core, asked))
  if (!isAbout(one, asked))
    throw collectionDiffers(`${one.id} is about other accounts or another amount`)
  if (one.status === 'booked' || one.status === 'rejected') return told(one)
  return told(await whileUnclear(one, () => settled(bank, core, one, asked.maySend)))
}

/** Writes down what is asked for the first time, and what already speaks against it. */
const written = async (
  bank: CollectingBank,
  core: Core,
  { collectionId: id, partnerId, debtor, creditor, amount, text, maySend }: Asked,
): Promise<store.Collection> => {
  const { debtorRef, reasonCode } = maySend
    ? await judged(core, { debtor, creditor, currency: amount.currency })
    : { debtorRef: null, reasonCode: NO_MANDATE }
  const now = bank.now()
  return work(bank.db, 'system', now, async (w) => {
    const isNew = await store.write(w, {
      id,
      reference: newReference(),
      partnerId,
      debtorNumber: debtor.number,
      debtorRef,
      creditorNumber: creditor.number,
      amountMinor: amount.minor,
      currency: amount.currency,
      text,
      status: reasonCode === null ? 'written' : 'rejected',
      reasonCode,
      createdAt: now,
      updatedAt: now,
      sentAt: null,
    })
    if (isNew) await w.record('payments.collection-written', id, { partnerId })
    const one = await store.find(w, id)
    assert(one, 'what was written is there')
    return one
  })
}

const judged = async (
  core: Core,
  { debtor, creditor, currency }: Pick<Asked, 'debtor' | 'creditor'> & { currency: string },
): Promise<Pick<store.Collection, 'debtorRef' | 'reasonCode'>> => {
  if (!(await core.accountByNumber(creditor.number)))
    return { debtorRef: null, reasonCode: NO_CREDITOR }
  const { fit, account } = await accountOf(core, debtor.number, debtor.holderId, currency)
  return { debtorRef: account?.ref ?? null, reasonCode: fit.fits ? null : reasons[fit.why] }
}

const isAbout = (one: store.Collection, { partnerId, debtor, creditor, amount }: Asked): boolean =>
  one.partnerId === partnerId &&
  one.debtorNumber === debtor.number &&
  one.creditorNumber === creditor.number &&
  one.amountMinor === amount.minor &&
  one.currency === amount.currency

/** What the core knows of it. What it does not know is sent, where it may be and can be, and else given up. */
const settled = async (
  bank: CollectingBank,
  core: Core,
  one: store.Collection,
  maySend: boolean,
): Promise<store.Collection> => {
  // What was sent before is asked for first: the core takes the same reference once.
  if (one.sentAt) {
    const known = await core.transferByReference(one.reference)
    if (known.status !== 'unknown') return saved(bank, one, known)
  }
  if (!maySend) return givenUp(bank, one, NO_MANDATE)
  const to = await core.accountByNumber(one.creditorNumber)
  if (!to) return givenUp(bank, one, NO_CREDITOR)
  if (!(await store.markSent(bank.db, one.id, bank.now()))) return kept(bank, one)
  assert(one.debtorRef !== null, 'what is not rejected has an account to be taken from')
  const outcome = await core.transfer({
    reference: one.reference,
    debtor: one.debtorRef,
    creditor: { number: to.number, bankCode: to.bankCode, name: bank.name },
    amount: { minor: one.amountMinor, currency: one.currency },
    text: one.text,
  })
  return saved(bank, one, outcome)
}

const saved = async (
  bank: CollectingBank,
  one: store.Collection,
  outcome: TransferOutcome,
): Promise<store.Collection> => {
  if (outcome.status === 'unknown') return one
  const reasonCode = outcome.status === 'rejected' ? outcome.reasonCode : null
  const after = { ...one, status: outcome.status, reasonCode, updatedAt: bank.now() }
  await work(bank.db, 'system', bank.now(), async (w) => {
    if (await store.saveOutcome(w, after)) await recordTold(w, after)
  })
  return after
}

/** Not while an order that was sent may still reach the core, nor where it was sent once more meanwhile. */
const givenUp = async (
  bank: CollectingBank,
  one: store.Collection,
  reasonCode: string,
): Promise<store.Collection> => {
  const at = bank.now()
  const surely = one.sentAt?.add({ minutes: UNDER_WAY_MINUTES })
  if (surely && Temporal.Instant.compare(at, surely) < 0) return one
  await work(bank.db, 'system', at, async (w) => {
    if (await store.giveUp(w, one, { reasonCode, at }))
      await recordTold(w, { ...one, status: 'rejected' })
  })
  return kept(bank, one)
}

const recordTold = (w: Work, { id, partnerId, status }: store.Collection): Promise<void> =>
  w.record('payments.collection-told', id, { partnerId, status })

const kept = async ({ db }: CollectingBank, one: store.Collection): Promise<store.Collection> =>
  (await store.find(db, one.id)) ?? one

const told = ({ status, reasonCode, reference }: store.Collection): Collected => ({
  status: status === 'written' ? 'open' : status,
  reasonCode,
  reference,
})

/** A core that is closed, away or does not say what became of an order leaves it open. */
const whileUnclear = async (
  one: store.Collection,
  ask: () => Promise<store.Collection>,
): Promise<store.Collection> => {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Problem && error.code.startsWith('core/')) return one
    throw error
  }
}
