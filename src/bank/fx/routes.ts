import { z } from 'zod'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import {
  ConversionId,
  conversionJson,
  ConversionRequest,
  ConversionsQuery,
  UnwindingRequest,
} from './conversion.ts'
import {
  type ConversionState,
  createConversion,
  getConversion,
  listConversions,
} from './converting.ts'
import { QuoteId, quoteJson, QuoteRequest } from './quote.ts'
import { cancelQuote, createQuote, getQuote, listRates } from './quoting.ts'
import { PairName } from './rate.ts'
import { openSettler } from './settling.ts'
import { unwindConversion } from './unwinding.ts'

const RatesQuery = z.object({ pair: PairName.optional() })
const QuotePath = z.object({ quoteId: QuoteId })
const ConversionPath = z.object({ conversionId: ConversionId })

const stateJson = ({ conversion, quote, unwinding }: ConversionState) =>
  conversionJson(conversion, quote, unwinding)

export const fxRoutes = (server: Server, bank: BankWorld): void => {
  const at = (operation: string) => ({ config: { operation } })
  const settler = openSettler(bank)
  server.addHook('onClose', () => settler.stop())

  server.get('/fx/v1/rates', at('listFxRates'), (request) =>
    listRates(bank, parseRequest(RatesQuery, request.query).pair),
  )
  server.post('/fx/v1/quotes', at('createFxQuote'), async (request, reply) => {
    const body = parseRequest(QuoteRequest, request.body)
    const quote = await createQuote(bank, callerOf(request), body)
    return reply.code(201).send(quoteJson(quote, bank.now()))
  })
  server.get('/fx/v1/quotes/:quoteId', at('getFxQuote'), async (request) => {
    const { quoteId } = parseRequest(QuotePath, request.params)
    return quoteJson(await getQuote(bank, callerOf(request), quoteId), bank.now())
  })
  server.post('/fx/v1/quotes/:quoteId/cancellation', at('cancelFxQuote'), async (request) => {
    const { quoteId } = parseRequest(QuotePath, request.params)
    return quoteJson(await cancelQuote(bank, callerOf(request), quoteId), bank.now())
  })
  server.post('/fx/v1/conversions', at('createConversion'), async (request, reply) => {
    const body = parseRequest(ConversionRequest, request.body)
    const state = await createConversion(bank, settler, callerOf(request), body)
    return reply.code(201).send(stateJson(state))
  })
  server.get('/fx/v1/conversions', at('listConversions'), async (request) => {
    const query = parseRequest(ConversionsQuery, request.query)
    const { data, next } = await listConversions(bank, callerOf(request), query)
    return { data: data.map(stateJson), next }
  })
  server.get('/fx/v1/conversions/:conversionId', at('getConversion'), async (request) => {
    const { conversionId } = parseRequest(ConversionPath, request.params)
    return stateJson(await getConversion(bank, callerOf(request), conversionId))
  })
  server.post(
    '/fx/v1/conversions/:conversionId/unwinding',
    at('unwindConversion'),
    async (request) => {
      const { conversionId: id } = parseRequest(ConversionPath, request.params)
      const asked = { id, request: parseRequest(UnwindingRequest, request.body) }
      return stateJson(await unwindConversion(bank, settler, callerOf(request), asked))
    },
  )
}
