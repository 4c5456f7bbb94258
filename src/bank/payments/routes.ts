import { z } from 'zod'
import { moneyJson } from '#kernel/money.ts'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import type { Carrier } from './carrier.ts'
import { createRefund } from './give-back.ts'
import { createPayment, getPayment } from './pay.ts'
import { PaymentId, paymentJson, PaymentRequest } from './payment.ts'
import { orderRoutes } from './order-routes.ts'
import { programmeRoutes } from './programme-routes.ts'
import { refundJson, RefundRequest } from './refund.ts'
import { createSplitPayment, getSplitPayment, releaseLeg, type SplitState } from './share-out.ts'
import { LegId, legJson, ReleaseRequest, SplitId, SplitRequest } from './split.ts'

const PaymentPath = z.object({ paymentId: PaymentId })
const SplitPath = z.object({ splitPaymentId: SplitId })
const LegPath = z.object({ splitPaymentId: SplitId, legId: LegId })

const splitJson = ({ split, legs, refunds }: SplitState) => {
  const { currency } = split
  const refunded = refunds
    .filter(({ refund }) => refund.status !== 'RJCT')
    .reduce((sum, { refund }) => sum + refund.amountMinor, 0n)
  return {
    splitPaymentId: split.id,
    paymentId: split.paymentId,
    creationDateTime: split.createdAt.toString(),
    grossAmount: moneyJson({ minor: split.grossMinor, currency }),
    refundedAmount: moneyJson({ minor: refunded, currency }),
    ...(split.remainderTo !== null && { remainderTo: split.remainderTo }),
    legs: legs.map((leg) => legJson(leg, currency)),
    refunds: refunds.map(({ refund, parts }) => refundJson(refund, parts, split.paymentId)),
  }
}

export const paymentRoutes = (server: Server, bank: BankWorld, carrier: Carrier): void => {
  const at = (operation: string) => ({ config: { operation } })
  const splits = '/payments/v1/split-payments'

  server.post('/payments/v1/payments', at('createPayment'), async (request, reply) => {
    const body = parseRequest(PaymentRequest, request.body)
    const payment = await createPayment(bank, carrier, callerOf(request), body)
    return reply.code(201).send(paymentJson(payment))
  })
  server.get('/payments/v1/payments/:paymentId', at('getPayment'), async (request) => {
    const { paymentId } = parseRequest(PaymentPath, request.params)
    return paymentJson(await getPayment(bank, callerOf(request), paymentId))
  })
  orderRoutes(server, bank, carrier)
  programmeRoutes(server, bank)
  server.post(splits, at('createSplitPayment'), async (request, reply) => {
    const body = parseRequest(SplitRequest, request.body)
    const state = await createSplitPayment(bank, carrier, callerOf(request), body)
    return reply.code(201).send(splitJson(state))
  })
  server.get(`${splits}/:splitPaymentId`, at('getSplitPayment'), async (request) => {
    const { splitPaymentId } = parseRequest(SplitPath, request.params)
    return splitJson(await getSplitPayment(bank, callerOf(request), splitPaymentId))
  })
  server.post(
    `${splits}/:splitPaymentId/legs/:legId/release`,
    at('releaseLeg'),
    async (request) => {
      const { splitPaymentId: id, legId } = parseRequest(LegPath, request.params)
      const { reason } = parseRequest(ReleaseRequest, request.body)
      const asked = { id, legId, reason }
      const { leg, split } = await releaseLeg(bank, carrier, callerOf(request), asked)
      return legJson(leg, split.currency)
    },
  )
  server.post(`${splits}/:splitPaymentId/refunds`, at('createRefund'), async (request, reply) => {
    const { splitPaymentId: splitId } = parseRequest(SplitPath, request.params)
    const asked = { splitId, request: parseRequest(RefundRequest, request.body) }
    const { refund, parts, split } = await createRefund(bank, carrier, callerOf(request), asked)
    return reply.code(201).send(refundJson(refund, parts, split.paymentId))
  })
}
