import { z } from 'zod'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import {
  DisputeId,
  DisputeRequest,
  DisputeStatusRequest,
  EvidenceRequest,
} from '../disputes/dispute.ts'
import {
  addEvidence,
  changeDisputeStatus,
  getDispute,
  listDisputes,
  openDispute,
} from '../disputes/index.ts'
import { PageQuery } from '../paging.ts'
import { AuthorizationId, authorizationJson, AuthorizationsQuery } from './authorization.ts'
import { Day, MovementId, TransactionsQuery } from './movement.ts'
import {
  getAuthorization,
  getCardTransaction,
  getReconciliation,
  listAuthorizations,
  listCardTransactions,
  listReconciliationLines,
} from './reading.ts'

const AuthorizationPath = z.object({ authorizationId: AuthorizationId })
const TransactionPath = z.object({ transactionId: MovementId })
const DayPath = z.object({ day: Day })
const DisputePath = z.object({ disputeId: DisputeId })

export const authorizationRoutes = (server: Server, bank: BankWorld): void => {
  const at = (operation: string) => ({ config: { operation } })
  const authorizations = '/cards/v1/authorizations'
  const transactions = '/cards/v1/card-transactions'
  const days = '/cards/v1/reconciliations'
  const disputes = '/cards/v1/disputes'

  server.get(authorizations, at('listAuthorizations'), (request) =>
    listAuthorizations(bank, callerOf(request), parseRequest(AuthorizationsQuery, request.query)),
  )
  server.get(`${authorizations}/:authorizationId`, at('getAuthorization'), async (request) => {
    const { authorizationId } = parseRequest(AuthorizationPath, request.params)
    return authorizationJson(await getAuthorization(bank, callerOf(request), authorizationId))
  })
  server.get(transactions, at('listCardTransactions'), (request) =>
    listCardTransactions(bank, callerOf(request), parseRequest(TransactionsQuery, request.query)),
  )
  server.get(`${transactions}/:transactionId`, at('getCardTransaction'), (request) => {
    const { transactionId } = parseRequest(TransactionPath, request.params)
    return getCardTransaction(bank, callerOf(request), transactionId)
  })
  server.get(`${days}/:day`, at('getReconciliation'), (request) => {
    const { day } = parseRequest(DayPath, request.params)
    return getReconciliation(bank, callerOf(request), day)
  })
  server.get(`${days}/:day/lines`, at('listReconciliationLines'), (request) => {
    const { day } = parseRequest(DayPath, request.params)
    const page = parseRequest(PageQuery, request.query)
    return listReconciliationLines(bank, callerOf(request), day, page)
  })

  server.post(disputes, at('openDispute'), async (request, reply) => {
    const body = parseRequest(DisputeRequest, request.body)
    return reply.code(201).send(await openDispute(bank, callerOf(request), body))
  })
  server.get(disputes, at('listDisputes'), (request) =>
    listDisputes(bank, callerOf(request), parseRequest(PageQuery, request.query)),
  )
  server.get(`${disputes}/:disputeId`, at('getDispute'), (request) => {
    const { disputeId } = parseRequest(DisputePath, request.params)
    return getDispute(bank, callerOf(request), disputeId)
  })
  server.post(`${disputes}/:disputeId/evidence`, at('addEvidence'), (request) => {
    const { disputeId: id } = parseRequest(DisputePath, request.params)
    const evidence = parseRequest(EvidenceRequest, request.body)
    return addEvidence(bank, callerOf(request), { id, evidence })
  })
  server.post(`${disputes}/:disputeId/status`, at('changeDisputeStatus'), (request) => {
    const { disputeId: id } = parseRequest(DisputePath, request.params)
    const { action } = parseRequest(DisputeStatusRequest, request.body)
    return changeDisputeStatus(bank, callerOf(request), { id, action })
  })
}
