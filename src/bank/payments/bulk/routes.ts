import { z } from 'zod'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import { CancellationRequest } from '../payment.ts'
import { BulkAuthorisation, BulkId, bulkJson, BulkRequest, FilePart, lineJson } from './bulk.ts'
import {
  authoriseBulkPayment,
  type BulkState,
  cancelBulkPayment,
  createBulkPayment,
  getBulkPayment,
  reportOf,
  uploadBulkFile,
} from './index.ts'

const Path = z.object({ bulkPaymentId: BulkId })
const ReportQuery = z.strictObject({ cursor: z.string().min(1).max(512).optional() })

/** A part of a file in base64, with what is around it. */
const PART_BODY_BYTES_MAX = 1_048_576

export const bulkRoutes = (server: Server, bank: BankWorld): void => {
  const at = (operation: string) => ({ config: { operation } })
  const bulks = '/payments/v1/bulk-payments'
  const one = `${bulks}/:bulkPaymentId`
  const told = ({ bulk, lines }: BulkState) => bulkJson(bulk, lines)

  server.post(bulks, at('createBulkPayment'), async (request, reply) => {
    const body = parseRequest(BulkRequest, request.body)
    return reply.code(201).send(told(await createBulkPayment(bank, callerOf(request), body)))
  })
  server.get(one, at('getBulkPayment'), async (request) => {
    const { bulkPaymentId } = parseRequest(Path, request.params)
    return told(await getBulkPayment(bank, callerOf(request), bulkPaymentId))
  })
  server.post(
    `${one}/file`,
    { ...at('uploadBulkFile'), bodyLimit: PART_BODY_BYTES_MAX },
    async (request) => {
      const { bulkPaymentId: id } = parseRequest(Path, request.params)
      const asked = { id, request: parseRequest(FilePart, request.body) }
      return told(await uploadBulkFile(bank, callerOf(request), asked))
    },
  )
  server.get(`${one}/report`, at('getBulkReport'), async (request) => {
    const { bulkPaymentId: id } = parseRequest(Path, request.params)
    const { cursor } = parseRequest(ReportQuery, request.query)
    const { bulk, lines, next } = await reportOf(bank, callerOf(request), { id, cursor })
    return { data: lines.map((line) => lineJson(line, bulk.currency)), next }
  })
  server.post(`${one}/authorisation`, at('authoriseBulkPayment'), async (request) => {
    const { bulkPaymentId: id } = parseRequest(Path, request.params)
    const asked = { id, request: parseRequest(BulkAuthorisation, request.body) }
    return told(await authoriseBulkPayment(bank, callerOf(request), asked))
  })
  server.post(`${one}/cancellation`, at('cancelBulkPayment'), async (request) => {
    const { bulkPaymentId: id } = parseRequest(Path, request.params)
    const { reason } = parseRequest(CancellationRequest, request.body)
    return told(await cancelBulkPayment(bank, callerOf(request), { id, reason }))
  })
}
