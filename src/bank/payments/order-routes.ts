/** Routes of a customer's orders: what becomes of a payment, standing payments, mandates, recalls, payees. */
import { z } from 'zod'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { bulkRoutes } from './bulk/routes.ts'
import type { Carrier } from './carrier.ts'
import { detailsJson, recallStateJson } from './details.ts'
import {
  createMandate,
  createMandatePayment,
  getMandate,
  type MandateState,
} from './mandates/index.ts'
import {
  MandateId,
  mandateJson,
  MandatePaymentRequest,
  MandateRequest,
} from './mandates/mandate.ts'
import { cancelPayment, listPayments } from './pay.ts'
import { verifyPayee } from './payee/index.ts'
import { PayeeQuestion } from './payee/verification.ts'
import { CancellationRequest, PaymentId, paymentJson } from './payment.ts'
import {
  answerRecall,
  createPaymentRefund,
  createRecall,
  detailsOf,
  getRecall,
  listRecalls,
} from './recalls/index.ts'
import { RecallAnswer, RecallId, RecallRequest } from './recalls/recall.ts'
import { paymentRefundJson, PaymentRefundRequest } from './recalls/repayment.ts'
import {
  cancelStandingPayment,
  createStandingPayment,
  getStandingPayment,
} from './standing/index.ts'
import { StandingId, standingJson, StandingRequest } from './standing/standing.ts'

const PaymentPath = z.object({ paymentId: PaymentId })
const StandingPath = z.object({ standingPaymentId: StandingId })
const MandatePath = z.object({ mandateId: MandateId })
const RecallPath = z.object({ recallId: RecallId })
const Cursor = z.string().min(1).max(512).optional()
const RecallQuery = z.strictObject({ cursor: Cursor })
const PaymentQuery = z.strictObject({
  cursor: Cursor,
  orderId: z
    .string()
    .regex(/^(standing|mandate|bulk)_[0-9a-f]{32}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
})

const at = (operation: string) => ({ config: { operation } })

export const orderRoutes = (server: Server, bank: BankWorld, carrier: Carrier): void => {
  singleRoutes(server, bank, carrier)
  recallRoutes(server, bank, carrier)
  standingRoutes(server, bank)
  mandateRoutes(server, bank, carrier)
  bulkRoutes(server, bank)
  server.post('/payments/v1/payee-verifications', at('verifyPayee'), (request) =>
    verifyPayee(bank, callerOf(request), parseRequest(PayeeQuestion, request.body)),
  )
}

const singleRoutes = (server: Server, bank: BankWorld, carrier: Carrier) => {
  const payments = '/payments/v1/payments'
  server.get(payments, at('listPayments'), async (request) => {
    const { cursor, orderId, limit } = parseRequest(PaymentQuery, request.query)
    const filter = {
      ...(cursor !== undefined && { cursor }),
      ...(orderId !== undefined && { orderId }),
      ...(limit !== undefined && { limit }),
    }
    const page = await listPayments(bank, callerOf(request), filter)
    return { data: page.payments.map(paymentJson), next: page.next }
  })
  server.get(`${payments}/:paymentId/details`, at('getPaymentDetails'), async (request) => {
    const { paymentId } = parseRequest(PaymentPath, request.params)
    return detailsJson(await detailsOf(bank, callerOf(request), paymentId))
  })
  server.post(`${payments}/:paymentId/cancellation`, at('cancelPayment'), async (request) => {
    const { paymentId: id } = parseRequest(PaymentPath, request.params)
    const { reason } = parseRequest(CancellationRequest, request.body)
    return paymentJson(await cancelPayment(bank, callerOf(request), { id, reason }))
  })
  server.post(
    `${payments}/:paymentId/refunds`,
    at('createPaymentRefund'),
    async (request, reply) => {
      const { paymentId: id } = parseRequest(PaymentPath, request.params)
      const asked = { id, request: parseRequest(PaymentRefundRequest, request.body) }
      const refund = await createPaymentRefund(bank, carrier, callerOf(request), asked)
      return reply.code(201).send(paymentRefundJson(refund))
    },
  )
}

const recallRoutes = (server: Server, bank: BankWorld, carrier: Carrier) => {
  server.post(
    '/payments/v1/payments/:paymentId/recalls',
    at('createRecall'),
    async (request, reply) => {
      const { paymentId: id } = parseRequest(PaymentPath, request.params)
      const caller = callerOf(request)
      const asked = { id, request: parseRequest(RecallRequest, request.body) }
      const state = await createRecall(bank, caller, asked)
      return reply.code(201).send(recallStateJson(state, caller.partnerId))
    },
  )
  server.get('/payments/v1/recalls', at('listRecalls'), async (request) => {
    const { cursor } = parseRequest(RecallQuery, request.query)
    const caller = callerOf(request)
    const { states, next } = await listRecalls(bank, caller, cursor)
    return { data: states.map((state) => recallStateJson(state, caller.partnerId)), next }
  })
  server.get('/payments/v1/recalls/:recallId', at('getRecall'), async (request) => {
    const { recallId } = parseRequest(RecallPath, request.params)
    const caller = callerOf(request)
    return recallStateJson(await getRecall(bank, caller, recallId), caller.partnerId)
  })
  server.post('/payments/v1/recalls/:recallId/answer', at('answerRecall'), async (request) => {
    const { recallId: id } = parseRequest(RecallPath, request.params)
    const caller = callerOf(request)
    const asked = { id, answer: parseRequest(RecallAnswer, request.body) }
    return recallStateJson(await answerRecall(bank, carrier, caller, asked), caller.partnerId)
  })
}

const standingRoutes = (server: Server, bank: BankWorld) => {
  const standing = '/payments/v1/standing-payments'
  server.post(standing, at('createStandingPayment'), async (request, reply) => {
    const body = parseRequest(StandingRequest, request.body)
    const made = await createStandingPayment(bank, callerOf(request), body)
    return reply.code(201).send(standingJson(made))
  })
  server.get(`${standing}/:standingPaymentId`, at('getStandingPayment'), async (request) => {
    const { standingPaymentId } = parseRequest(StandingPath, request.params)
    return standingJson(await getStandingPayment(bank, callerOf(request), standingPaymentId))
  })
  server.post(
    `${standing}/:standingPaymentId/cancellation`,
    at('cancelStandingPayment'),
    async (request) => {
      const { standingPaymentId: id } = parseRequest(StandingPath, request.params)
      const { reason } = parseRequest(CancellationRequest, request.body)
      return standingJson(await cancelStandingPayment(bank, callerOf(request), { id, reason }))
    },
  )
}

const mandateRoutes = (server: Server, bank: BankWorld, carrier: Carrier) => {
  const mandates = '/payments/v1/mandates'
  const told = ({ mandate, uses, status }: MandateState) => mandateJson(mandate, uses, status)
  server.post(mandates, at('createMandate'), async (request, reply) => {
    const body = parseRequest(MandateRequest, request.body)
    return reply.code(201).send(told(await createMandate(bank, callerOf(request), body)))
  })
  server.get(`${mandates}/:mandateId`, at('getMandate'), async (request) => {
    const { mandateId } = parseRequest(MandatePath, request.params)
    return told(await getMandate(bank, callerOf(request), mandateId))
  })
  server.post(
    `${mandates}/:mandateId/payments`,
    at('createMandatePayment'),
    async (request, reply) => {
      const { mandateId: id } = parseRequest(MandatePath, request.params)
      const asked = { id, request: parseRequest(MandatePaymentRequest, request.body) }
      const payment = await createMandatePayment(bank, carrier, callerOf(request), asked)
      return reply.code(201).send(paymentJson(payment))
    },
  )
}
