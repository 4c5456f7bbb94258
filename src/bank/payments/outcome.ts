/** What an outcome of the core means to whoever waited for it. Runs once for each transfer and outcome. */
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import type { TransferOutcome } from '../cores/core.ts'
import { awaitingOutcome, moved } from './payment.ts'
import type { Refund, RefundLeg } from './refund.ts'
import {
  cameBack,
  didNotComeBack,
  givenBack,
  type Leg,
  paidOut,
  refusedByDestination,
} from './split.ts'
import { repaymentMoved, repaymentWaits } from './recalls/repaid.ts'
import * as splits from './split-store.ts'
import * as store from './store.ts'
import { askAgainAt, isOpen, told, type Transfer, written } from './transfer.ts'
import * as transfers from './transfer-store.ts'

type Known = Exclude<TransferOutcome, { status: 'unknown' }>

/** Keeps an outcome and what follows from it; answers the references of transfers that follow. */
export const keepOutcome = async (
  w: Work,
  reference: string,
  outcome: Known,
): Promise<readonly string[]> => {
  const before = await transfers.lock(w, reference)
  if (!isOpen(before)) {
    assert(
      before.status === outcome.status || outcome.status === 'accepted',
      'a transfer that was booked is not rejected, nor the other way round',
    )
    return []
  }
  const transfer = told(before, outcome, w.now)
  await transfers.save(w, transfer)
  if (before.status === transfer.status) return []
  switch (transfer.purpose) {
    case 'payment':
      return paymentMoved(w, transfer)
    case 'leg':
      return legMoved(w, transfer)
    case 'reversal':
      return reversalMoved(w, transfer)
    case 'refund':
      return refundMoved(w, transfer)
    case 'repayment':
      return repaymentMoved(w, transfer)
  }
}

/** No outcome yet: asked again later, and whoever waits is told that it is pending. */
export const keepWaiting = async (
  w: Work,
  reference: string,
  opensInSeconds: number,
): Promise<void> => {
  const transfer = await transfers.lock(w, reference)
  if (!isOpen(transfer)) return
  const nextAt = askAgainAt(transfer.tries, w.now, opensInSeconds)
  await transfers.save(w, { ...transfer, tries: transfer.tries + 1, nextAt })
  if (transfer.purpose === 'payment') {
    const payment = await paymentOf(w, transfer)
    const pending = awaitingOutcome(payment, w.now)
    if (pending === payment) return
    await store.saveStatus(w, pending)
    await w.record('payments.pending', payment.id, { partnerId: payment.partnerId })
  } else if (transfer.repaymentId !== null) await repaymentWaits(w, transfer.repaymentId)
  else if (transfer.refundId !== null) {
    const { refund } = await refundOf(w, transfer)
    await splits.saveRefund(w, awaitingOutcome(refund, w.now))
  }
}

const reasonOf = ({ reasonCode }: Transfer) => {
  assert(reasonCode !== null, 'a rejected transfer has a reason')
  return reasonCode
}

const paymentOf = async (w: Work, { paymentId }: Transfer) => {
  const payment = paymentId === null ? undefined : await store.lock(w, paymentId)
  assert(payment, 'the transfer of a payment has one')
  return payment
}

const paymentMoved = async (w: Work, transfer: Transfer): Promise<readonly string[]> => {
  const payment = await paymentOf(w, transfer)
  const about = { partnerId: payment.partnerId, applicationId: payment.applicationId }
  switch (transfer.status) {
    case 'written':
      break
    case 'accepted':
      await store.saveStatus(w, moved(payment, { status: 'ACSP' }, w.now))
      await w.record('payments.accepted', payment.id, about)
      break
    case 'booked':
      await store.saveStatus(w, moved(payment, { status: 'ACSC' }, w.now))
      // What prices of a share in the value are computed from.
      await w.record('payments.settled', payment.id, {
        ...about,
        amountMinor: transfer.amountMinor.toString(),
        currency: transfer.currency,
      })
      break
    case 'rejected': {
      const reasonCode = reasonOf(transfer)
      await store.saveStatus(w, moved(payment, { status: 'RJCT', reasonCode }, w.now))
      await w.record('payments.rejected', payment.id, { ...about, reasonCode })
    }
  }
  return []
}

/** The split is held first, so that nothing else moves its legs meanwhile. */
const legOf = async (w: Work, { splitId, legId }: Transfer): Promise<Leg> => {
  assert(splitId !== null && legId !== null, 'the transfer of a leg names it')
  const split = await splits.lock(w, splitId)
  const leg = split && (await splits.leg(w, split.id, legId))
  assert(leg, 'the leg of a transfer exists')
  return leg
}

const legMoved = async (w: Work, transfer: Transfer): Promise<readonly string[]> => {
  const leg = await legOf(w, transfer)
  const about = { partnerId: transfer.partnerId, legId: leg.legId }
  if (transfer.status === 'booked') {
    await splits.saveLeg(w, paidOut(leg, transfer.amountMinor))
    await w.record('payments.leg-paid', leg.splitId, about)
  }
  if (transfer.status === 'rejected') {
    const reasonCode = reasonOf(transfer)
    await splits.saveLeg(w, refusedByDestination(leg, reasonCode))
    await w.record('payments.leg-refused', leg.splitId, { ...about, reasonCode })
  }
  return []
}

const refundOf = async (w: Work, { refundId, splitId }: Transfer) => {
  assert(refundId !== null && splitId !== null, 'the transfer of a refund names it')
  await splits.lock(w, splitId)
  const refund = await splits.refund(w, refundId)
  return { refund, parts: await splits.refundLegs(w, [refund.id]) }
}

const reversalMoved = async (w: Work, transfer: Transfer): Promise<readonly string[]> => {
  if (transfer.status === 'accepted') return []
  const leg = await legOf(w, transfer)
  const { refund, parts } = await refundOf(w, transfer)
  const failed = refund.status === 'RJCT'
  if (transfer.status === 'rejected') {
    await splits.saveLeg(w, didNotComeBack(leg, transfer.amountMinor))
    if (!failed) await failRefund(w, refund, parts, reasonOf(transfer))
    return []
  }
  await splits.saveLeg(w, cameBack(leg, transfer.amountMinor, failed ? 'leg' : 'refund'))
  await splits.legReturned(w, refund.id, leg.legId)
  const isBack = (part: RefundLeg) => part.returned || part.legId === leg.legId
  return !failed && parts.every(isBack) ? [await writePayout(w, transfer, refund)] : []
}

/** The payer is paid back by one transfer, from the account that the reversals came back to. */
const writePayout = async (w: Work, reversal: Transfer, refund: Refund): Promise<string> => {
  assert(reversal.splitId !== null, 'a reversal belongs to a split payment')
  const { accountRef } = await programmeOf(w, refund.partnerId)
  const payout = payoutOf(refund, accountRef, w.now)
  await transfers.add(w, payout)
  return payout.reference
}

const programmeOf = async (w: Work, partnerId: string) => {
  const account = await store.programmeAccount(w, partnerId)
  assert(account, 'who has a split payment has a programme account')
  return account
}

/** The transfer that pays a refund. */
export const payoutOf = (refund: Refund, debtorRef: string, now: Temporal.Instant): Transfer =>
  written(
    {
      partnerId: refund.partnerId,
      purpose: 'refund',
      splitId: refund.splitId,
      refundId: refund.id,
      debtorRef,
      creditorNumber: refund.payerNumber,
      creditorBank: refund.payerBank,
      creditorName: refund.payerName,
      amountMinor: refund.amountMinor,
      currency: refund.currency,
      text: 'Refund',
    },
    now,
  )

const refundMoved = async (w: Work, transfer: Transfer): Promise<readonly string[]> => {
  const { refund, parts } = await refundOf(w, transfer)
  const about = { partnerId: refund.partnerId, splitId: refund.splitId }
  if (transfer.status === 'rejected') await failRefund(w, refund, parts, reasonOf(transfer))
  if (transfer.status === 'accepted')
    await splits.saveRefund(w, moved(refund, { status: 'ACSP' }, w.now))
  if (transfer.status === 'booked') {
    await splits.saveRefund(w, moved(refund, { status: 'ACSC' }, w.now))
    await w.record('payments.refund-settled', refund.id, about)
  }
  return []
}

/** What the refund had taken is held on its legs again; what is still on its way back will be, when it arrives. */
const failRefund = async (
  w: Work,
  refund: Refund,
  parts: readonly RefundLeg[],
  reasonCode: string,
) => {
  await splits.saveRefund(w, moved(refund, { status: 'RJCT', reasonCode }, w.now))
  for (const part of parts) {
    const minor = part.heldMinor + (part.returned ? part.paidMinor : 0n)
    if (minor === 0n) continue
    const leg = await splits.leg(w, refund.splitId, part.legId)
    assert(leg, 'a refund takes of legs of its split')
    await splits.saveLeg(w, givenBack(leg, minor))
  }
  await w.record('payments.refund-rejected', refund.id, {
    partnerId: refund.partnerId,
    splitId: refund.splitId,
    reasonCode,
  })
}
