/** How far a payment is and what became of its money since, as a partner is told. */
import type { detailsOf } from './recalls/index.ts'
import { recallJson } from './recalls/recall.ts'
import { paymentRefundJson, returnJson } from './recalls/repayment.ts'
import type { RecallState } from './recalls/index.ts'
import { reasonJson } from './reason.ts'

export const detailsJson = ({
  payment,
  statuses,
  recalls,
  repayments,
}: Awaited<ReturnType<typeof detailsOf>>) => ({
  paymentId: payment.id,
  statusDetails: statuses.map(({ status, reasonCode, at }) => ({
    status,
    ...reasonJson(reasonCode),
    statusUpdateDateTime: at.toString(),
  })),
  refunds: repayments.filter(({ kind }) => kind === 'refund').map(paymentRefundJson),
  recalls: recalls.map((recall) => recallJson(recall, payment, payment.partnerId)),
  returns: repayments.filter(({ kind }) => kind === 'return').map(returnJson),
})

export const recallStateJson = ({ recall, payment, returned }: RecallState, reader: string) => ({
  ...recallJson(recall, payment, reader),
  ...(returned && {
    returnId: returned.id,
    returnStatus: returned.status,
    ...(returned.reasonCode !== null && { returnStatusReason: returned.reasonCode }),
  }),
})
