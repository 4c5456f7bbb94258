import { z } from 'zod'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { PageQuery, TransactionsQuery } from './account.ts'
import { listArrangements } from './arranged.ts'
import { confirmFunds, FundsQuestion } from './funds.ts'
import { getParty, getProduct } from './holder.ts'
import {
  getAccount,
  getBalances,
  listAccounts,
  listTransactions,
  verifyOwnership,
} from './index.ts'
import { OwnershipQuestion } from './ownership.ts'
import { getStatement, getStatementFile, listStatements } from './statements/index.ts'
import { openPress } from './statements/press.ts'

const Path = z.object({ accountId: z.string().regex(/^acc_[0-9a-f]{32}$/) })
const StatementPath = Path.extend({ statementId: z.string().regex(/^stm_[0-9a-f]{32}$/) })
const FileQuery = z.strictObject({ format: z.enum(['pdf', 'camt.053']) })

const at = (operation: string) => ({ config: { operation } })
const account = '/accounts/v1/accounts/:accountId'

export const accountRoutes = (server: Server, bank: BankWorld): void => {
  server.get('/accounts/v1/accounts', at('listAccounts'), (request) =>
    listAccounts(bank, callerOf(request)),
  )
  server.get(account, at('getAccount'), (request) => {
    const { accountId } = parseRequest(Path, request.params)
    return getAccount(bank, callerOf(request), accountId)
  })
  server.get(`${account}/balances`, at('getBalances'), (request) => {
    const { accountId } = parseRequest(Path, request.params)
    return getBalances(bank, callerOf(request), accountId)
  })
  server.get(`${account}/transactions`, at('listTransactions'), (request) => {
    const { accountId } = parseRequest(Path, request.params)
    const query = parseRequest(TransactionsQuery, request.query)
    return listTransactions(bank, callerOf(request), accountId, query)
  })
  server.get(`${account}/party`, at('getParty'), (request) => {
    const { accountId } = parseRequest(Path, request.params)
    return getParty(bank, callerOf(request), accountId)
  })
  server.get(`${account}/product`, at('getProduct'), (request) => {
    const { accountId } = parseRequest(Path, request.params)
    return getProduct(bank, callerOf(request), accountId)
  })
  arrangementRoutes(server, bank)
  statementRoutes(server, bank)
  server.post('/accounts/v1/funds-confirmations', at('confirmFunds'), async (request, reply) => {
    const question = parseRequest(FundsQuestion, request.body)
    return reply.code(201).send(await confirmFunds(bank, callerOf(request), question))
  })
  server.post('/accounts/v1/ownership-verifications', at('verifyOwnership'), (request) =>
    verifyOwnership(bank, callerOf(request), parseRequest(OwnershipQuestion, request.body)),
  )
}

const arrangementRoutes = (server: Server, bank: BankWorld): void => {
  const lists = [
    ['standing-orders', 'listStandingOrders', 'standing-order'],
    ['direct-debits', 'listDirectDebits', 'direct-debit'],
    ['scheduled-payments', 'listScheduledPayments', 'scheduled-payment'],
    ['beneficiaries', 'listBeneficiaries', 'beneficiary'],
  ] as const
  for (const [name, operation, kind] of lists)
    server.get(`${account}/${name}`, at(operation), (request) => {
      const { accountId } = parseRequest(Path, request.params)
      const query = parseRequest(PageQuery, request.query)
      return listArrangements(bank, callerOf(request), { accountId, kind }, query)
    })
}

const statementRoutes = (server: Server, bank: BankWorld): void => {
  const press = openPress()
  server.addHook('onClose', () => press.close())

  server.get(`${account}/statements`, at('listStatements'), (request) => {
    const { accountId } = parseRequest(Path, request.params)
    const query = parseRequest(PageQuery, request.query)
    return listStatements(bank, callerOf(request), accountId, query)
  })
  server.get(`${account}/statements/:statementId`, at('getStatement'), (request) =>
    getStatement(bank, callerOf(request), parseRequest(StatementPath, request.params)),
  )
  const file = `${account}/statements/:statementId/file`
  server.get(file, at('getStatementFile'), async (request, reply) => {
    const asked = {
      ...parseRequest(StatementPath, request.params),
      ...parseRequest(FileQuery, request.query),
    }
    const { contentType, file: bytes } = await getStatementFile(
      bank,
      press,
      callerOf(request),
      asked,
    )
    return reply.type(contentType).send(bytes)
  })
}
