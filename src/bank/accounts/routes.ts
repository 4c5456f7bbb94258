import { z } from 'zod'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { TransactionsQuery } from './account.ts'
import {
  getAccount,
  getBalances,
  listAccounts,
  listTransactions,
  verifyOwnership,
} from './index.ts'
import { OwnershipQuestion } from './ownership.ts'

const Path = z.object({ accountId: z.string().regex(/^acc_[0-9a-f]{32}$/) })

export const accountRoutes = (server: Server, bank: BankWorld): void => {
  const at = (operation: string) => ({ config: { operation } })

  server.get('/accounts/v1/accounts', at('listAccounts'), (request) =>
    listAccounts(bank, callerOf(request)),
  )
  server.get('/accounts/v1/accounts/:accountId', at('getAccount'), (request) => {
    const { accountId } = parseRequest(Path, request.params)
    return getAccount(bank, callerOf(request), accountId)
  })
  server.get('/accounts/v1/accounts/:accountId/balances', at('getBalances'), (request) => {
    const { accountId } = parseRequest(Path, request.params)
    return getBalances(bank, callerOf(request), accountId)
  })
  server.get('/accounts/v1/accounts/:accountId/transactions', at('listTransactions'), (request) => {
    const { accountId } = parseRequest(Path, request.params)
    const query = parseRequest(TransactionsQuery, request.query)
    return listTransactions(bank, callerOf(request), accountId, query)
  })
  server.post('/accounts/v1/ownership-verifications', at('verifyOwnership'), (request) =>
    verifyOwnership(bank, callerOf(request), parseRequest(OwnershipQuestion, request.body)),
  )
}
