/** A refund of a split payment: what its legs hold first, then what they were paid, and one transfer to the payer. */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import { actorOf, type Caller, idempotencyOf, keyReused, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import type { Carrier } from './carrier.ts'
import { payoutOf } from './outcome.ts'
import { type Payment, positive } from './payment.ts'
import { programmeAccountOf } from './programme.ts'
import {
  type Part,
  partsOf,
  type Refund,
  refundExceeds,
  RefundId,
  type RefundLeg,
  type RefundRequest,
  reversalImpossible,
} from './refund.ts'
import { type Leg, legInFlight, type Split, type SplitId, taken } from './split.ts'
import * as splits from './split-store.ts'
import * as store from './store.ts'
import { type Transfer, written } from './transfer.ts'
import * as transfers from './transfer-store.ts'

/** So many answers stay readable in one piece. */
const REFUNDS_MAX = 100

export const createRefund = async (
  bank: BankWorld,
  carrier: Carrier,
  caller: Caller,
  { splitId, request }: { splitId: SplitId; request: RefundRequest },
): Promise<{ refund: Refund; parts: readonly RefundLeg[]; split: Split }> => {
  positive(request.amount)
  const split = await splits.find(bank.db, caller.partnerId, splitId)
  if (!split) throw notFound()
  const programme = await programmeAccountOf(bank, caller)
  const { payer, debtors } = await lookUp(bank, caller, { split, request, programme })

  const { id, references } = await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    await splits.lock(w, split.id)
    const held = await sameAgain(w, caller, split)
    if (held) return { id: held.id, references: [] }
    if ((await splits.refunds(w, split.id)).length >= REFUNDS_MAX)
      throw refundExceeds(`a split payment takes at most ${REFUNDS_MAX} refunds`)
    const parts = partsOf(request, await splits.legs(w, split.id), split.currency)
    const refund = refundOf(split, caller, { request, payer, now: w.now })
    await splits.addRefund(w, refund)
    const reversals = await takeParts(w, refund, parts, { debtors, programme })
    const sent = reversals.length > 0 ? reversals : [payoutOf(refund, programme.accountRef, w.now)]
    for (const transfer of sent) await transfers.add(w, transfer)
    await w.record('payments.refund-created', refund.id, {
      partnerId: refund.partnerId,
      splitId: split.id,
      paymentId: split.paymentId,
      policy: refund.policy,
      reason: refund.reason,
      amountMinor: refund.amountMinor.toString(),
      currency: refund.currency,
    })
    return { id: refund.id, references: sent.map(({ reference }) => reference) }
  })
  await carrier.carry(references)
  return {
    refund: await splits.refund(bank.db, id),
    parts: await splits.refundLegs(bank.db, [id]),
    split,
  }
}

export interface Payer {
  readonly number: string
  readonly bankCode: string
  readonly name: string
}

/** What the core must tell before anything is written: who is paid back, and whose accounts give back what they were paid. */
const lookUp = async (
  bank: BankWorld,
  caller: Caller,
  asked: { split: Split; request: RefundRequest; programme: store.ProgrammeAccount },
): Promise<{ payer: Payer; debtors: ReadonlyMap<string, string> }> => {
  const { split, request, programme } = asked
  const core = bank.coreFor(caller.partnerId)
  const payment = await store.find(bank.db, caller.partnerId, split.paymentId)
  assert(payment, 'a split payment has its payment')
  const parts = partsOf(request, await splits.legs(bank.db, split.id), split.currency)
  const ours = parts.filter(
    ({ leg, paidMinor }) => paidMinor > 0n && leg.bankCode === programme.bankCode,
  )
  const [payer, ...found] = await Promise.all([
    payerOf(bank, payment),
    ...ours.map(async ({ leg }) => {
      const account = await core.accountByNumber(leg.number)
      return account ? ([[leg.legId, account.ref]] as const) : []
    }),
  ])
  return { payer, debtors: new Map(found.flat()) }
}

export const payerOf = async (
  bank: Pick<BankWorld, 'coreFor'>,
  payment: Payment,
): Promise<Payer> => {
  const core = bank.coreFor(payment.partnerId)
  const account = await core.account(payment.debtorRef)
  const owner = account && (await core.customer(account.owner))
  if (!account || !owner)
    throw refundExceeds('the account that paid is no longer there', { gate: 'bank' })
  return { number: account.number, bankCode: account.bankCode, name: owner.name }
}

const sameAgain = async (w: Work, caller: Caller, split: Split): Promise<Refund | undefined> => {
  const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
  const held = await splits.refundByKey(w, caller.partnerId, idempotencyKey)
  if (held && (held.bodySha256 !== bodySha256 || held.splitId !== split.id))
    throw keyReused('choose a new key for a new refund')
  return held
}

const refundOf = (
  split: Split,
  caller: Caller,
  { request, payer, now }: { request: RefundRequest; payer: Payer; now: Temporal.Instant },
): Refund => ({
  id: RefundId.next(),
  splitId: split.id,
  partnerId: caller.partnerId,
  applicationId: caller.applicationId,
  ...idempotencyOf(caller),
  amountMinor: request.amount.minor,
  currency: split.currency,
  policy: request.policy,
  reason: request.reason,
  payerNumber: payer.number,
  payerBank: payer.bankCode,
  payerName: payer.name,
  status: 'RCVD',
  reasonCode: null,
  createdAt: now,
  updatedAt: now,
})

/** Takes a refund's parts of the legs; answers the transfers that bring back what was paid. */
const takeParts = async (
  w: Work,
  refund: Refund,
  parts: readonly Part[],
  from: { debtors: ReadonlyMap<string, string>; programme: store.ProgrammeAccount },
): Promise<Transfer[]> => {
  const reversals: Transfer[] = []
  for (const part of parts) {
    const { leg, heldMinor, paidMinor } = part
    await splits.saveLeg(w, taken(leg, part))
    await splits.addRefundLeg(w, {
      refundId: refund.id,
      legId: leg.legId,
      heldMinor,
      paidMinor,
      returned: paidMinor === 0n,
    })
    if (paidMinor === 0n) continue
    const debtorRef = from.debtors.get(leg.legId)
    if (debtorRef === undefined) throw notReversible(leg, from.programme)
    reversals.push(reversalOf(refund, part, { debtorRef, programme: from.programme, now: w.now }))
  }
  return reversals
}

const notReversible = (leg: Leg, programme: store.ProgrammeAccount) =>
  leg.bankCode === programme.bankCode
    ? legInFlight(`the leg ${leg.legId} was paid out this moment; ask again`)
    : reversalImpossible(`the leg ${leg.legId} was paid to another bank`, {
        hint: 'Refund it BY_LEG from legs that were paid at this bank, or pay the customer yourself.',
      })

const reversalOf = (
  refund: Refund,
  { leg, paidMinor }: Part,
  by: { debtorRef: string; programme: store.ProgrammeAccount; now: Temporal.Instant },
): Transfer =>
  written(
    {
      partnerId: refund.partnerId,
      purpose: 'reversal',
      splitId: refund.splitId,
      legId: leg.legId,
      refundId: refund.id,
      debtorRef: by.debtorRef,
      creditorNumber: by.programme.number,
      creditorBank: by.programme.bankCode,
      creditorName: by.programme.name,
      amountMinor: paidMinor,
      currency: refund.currency,
      text: `Reversal ${leg.legId}`,
    },
    by.now,
  )
