import { z } from 'zod'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { BusinessId, BusinessRequest } from './business.ts'
import { ClaimsRequest, PredicateRequest } from './claims.ts'
import { createBusiness, getBusiness } from './declare.ts'
import { documentJson, DocumentRequest } from './document.ts'
import {
  addDocument,
  createVerification,
  eraseVerification,
  getVerification,
  listVerifications,
  submitVerification,
} from './index.ts'
import { createScreening, getScreening } from './screen.ts'
import { ScreeningId, screeningJson, ScreeningRequest } from './screening.ts'
import { answerPredicates, shareClaims } from './telling.ts'
import { VerificationId, VerificationRequest, VerificationsQuery } from './verification.ts'

/** A scan of a page in base64. */
const DOCUMENT_BYTES_MAX = 1_048_576

const VerificationPath = z.object({ verificationId: VerificationId })
const BusinessPath = z.object({ businessId: BusinessId })
const ScreeningPath = z.object({ screeningId: ScreeningId })

export const kycRoutes = (server: Server, bank: BankWorld): void => {
  const at = (operation: string) => ({ config: { operation } })
  const one = '/kyc/v1/verifications/:verificationId'

  server.post('/kyc/v1/verifications', at('createVerification'), async (request, reply) => {
    const body = parseRequest(VerificationRequest, request.body)
    return reply.code(201).send(await createVerification(bank, callerOf(request), body))
  })
  server.get('/kyc/v1/verifications', at('listVerifications'), (request) =>
    listVerifications(bank, callerOf(request), parseRequest(VerificationsQuery, request.query)),
  )
  server.get(one, at('getVerification'), (request) => {
    const { verificationId } = parseRequest(VerificationPath, request.params)
    return getVerification(bank, callerOf(request), verificationId)
  })
  server.post(
    `${one}/documents`,
    { ...at('addVerificationDocument'), bodyLimit: DOCUMENT_BYTES_MAX },
    async (request, reply) => {
      const { verificationId } = parseRequest(VerificationPath, request.params)
      const body = parseRequest(DocumentRequest, request.body)
      const added = await addDocument(bank, callerOf(request), verificationId, body)
      return reply.code(201).send(documentJson(added))
    },
  )
  server.post(`${one}/submission`, at('submitVerification'), (request) => {
    const { verificationId } = parseRequest(VerificationPath, request.params)
    parseRequest(Nothing, request.body)
    return submitVerification(bank, callerOf(request), verificationId)
  })
  server.post(`${one}/erasure`, at('eraseVerification'), (request) => {
    const { verificationId } = parseRequest(VerificationPath, request.params)
    parseRequest(Nothing, request.body)
    return eraseVerification(bank, callerOf(request), verificationId)
  })

  server.post('/kyc/v1/screenings', at('createScreening'), async (request, reply) => {
    const body = parseRequest(ScreeningRequest, request.body)
    const screening = await createScreening(bank, callerOf(request), body)
    return reply.code(201).send(screeningJson(screening))
  })
  server.get('/kyc/v1/screenings/:screeningId', at('getScreening'), async (request) => {
    const { screeningId } = parseRequest(ScreeningPath, request.params)
    return screeningJson(await getScreening(bank, callerOf(request), screeningId))
  })

  server.post('/kyc/v1/businesses', at('createBusiness'), async (request, reply) => {
    const body = parseRequest(BusinessRequest, request.body)
    return reply.code(201).send(await createBusiness(bank, callerOf(request), body))
  })
  server.get('/kyc/v1/businesses/:businessId', at('getBusiness'), (request) => {
    const { businessId } = parseRequest(BusinessPath, request.params)
    return getBusiness(bank, callerOf(request), businessId)
  })

  server.post('/kyc/v1/predicate-requests', at('answerPredicates'), (request) =>
    answerPredicates(bank, callerOf(request), parseRequest(PredicateRequest, request.body)),
  )
  server.post('/kyc/v1/claims-requests', at('shareClaims'), (request) =>
    shareClaims(bank, callerOf(request), parseRequest(ClaimsRequest, request.body)),
  )
}

/** A change of state that says nothing more. */
const Nothing = z.strictObject({})
