/** What an outcome of the core means to a refund or a return. */
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import { awaitingOutcome, moved } from '../payment.ts'
import type { Transfer } from '../transfer.ts'
import type { Repayment } from './repayment.ts'
import * as store from './store.ts'

const statusBy = { accepted: 'ACSP', booked: 'ACSC', rejected: 'RJCT' } as const

/** Nothing follows from it but its own status: what was not given back is left of the payment again. */
export const repaymentMoved = async (
  w: Work,
  { repaymentId, status, reasonCode }: Transfer,
): Promise<readonly string[]> => {
  assert(repaymentId !== null && status !== 'written', 'the outcome of a repayment is known')
  const before = await store.lockRepayment(w, repaymentId)
  const to = { status: statusBy[status], ...(reasonCode !== null && { reasonCode }) }
  const after = moved(before, to, w.now)
  await store.saveRepayment(w, after)
  if (status !== 'accepted') await tell(w, after)
  return []
}

const tell = async (w: Work, repayment: Repayment) => {
  const { id, kind, partnerId, applicationId, paymentId, reasonCode, currency } = repayment
  const amountMinor = repayment.amountMinor.toString()
  const about = { partnerId, applicationId, paymentId, amountMinor, currency }
  if (kind === 'refund' && reasonCode === null)
    await w.record('payments.payment-refund-settled', id, about)
  else if (kind === 'refund')
    await w.record('payments.payment-refund-rejected', id, { ...about, reasonCode })
  else if (reasonCode === null) await w.record('payments.return-settled', id, about)
  else await w.record('payments.return-rejected', id, { ...about, reasonCode })
}

export const repaymentWaits = async (w: Work, id: string): Promise<void> => {
  const before = await store.lockRepayment(w, id)
  await store.saveRepayment(w, awaitingOutcome(before, w.now))
}
