/** Routes of programmes: whom they pay, and their funds day by day. */
import { z } from 'zod'
import { moneyJson } from '#kernel/money.ts'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { getSubMerchant, listSubMerchants, registerSubMerchant } from './merchants/index.ts'
import { SubMerchantId, subMerchantJson, SubMerchantRequest } from './merchants/sub-merchant.ts'
import { programmeAccountJson, programmeAccountOf } from './programme.ts'
import { listReconciliations, stateProgrammeBalance } from './reconciliation/index.ts'
import { shareJson, StatementRequest } from './reconciliation/reconciliation.ts'

const Path = z.object({ subMerchantId: SubMerchantId })
const Query = z.strictObject({ cursor: z.string().min(1).max(512).optional() })

export const programmeRoutes = (server: Server, bank: BankWorld): void => {
  const at = (operation: string) => ({ config: { operation } })
  const account = '/payments/v1/programme-account'
  const merchants = '/payments/v1/sub-merchants'

  server.get(account, at('getProgrammeAccount'), async (request) =>
    programmeAccountJson(await programmeAccountOf(bank, callerOf(request))),
  )
  server.post(`${account}/statements`, at('stateProgrammeBalance'), async (request, reply) => {
    const body = parseRequest(StatementRequest, request.body)
    const stated = await stateProgrammeBalance(bank, callerOf(request), body)
    return reply.code(201).send({
      date: stated.date.toString(),
      closingBalance: moneyJson(body.closingBalance),
      statementDateTime: stated.at.toString(),
    })
  })
  server.get(`${account}/reconciliations`, at('listReconciliations'), async (request) => {
    const { cursor } = parseRequest(Query, request.query)
    const { shares, next } = await listReconciliations(bank, callerOf(request), cursor)
    return { data: shares.map(shareJson), next }
  })
  server.post(merchants, at('registerSubMerchant'), async (request, reply) => {
    const body = parseRequest(SubMerchantRequest, request.body)
    const merchant = await registerSubMerchant(bank, callerOf(request), body)
    return reply.code(201).send(subMerchantJson(merchant))
  })
  server.get(merchants, at('listSubMerchants'), async (request) => {
    const { cursor } = parseRequest(Query, request.query)
    const page = await listSubMerchants(bank, callerOf(request), cursor)
    return { data: page.merchants.map(subMerchantJson), next: page.next }
  })
  server.get(`${merchants}/:subMerchantId`, at('getSubMerchant'), async (request) => {
    const { subMerchantId } = parseRequest(Path, request.params)
    return subMerchantJson(await getSubMerchant(bank, callerOf(request), subMerchantId))
  })
}
