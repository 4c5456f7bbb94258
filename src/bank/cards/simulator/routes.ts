import { z } from 'zod'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import { AuthorizationId } from '../authorizations/authorization.ts'
import { CardId } from '../card.ts'
import { CardholderId } from '../cardholders/cardholder.ts'
import { DisputeId } from '../disputes/dispute.ts'
import { ShippingRequest } from '../plastic.ts'
import { ProgrammeId } from '../programmes/programme.ts'
import * as simulator from './simulator.ts'

const Nothing = z.strictObject({})
const AuthorizationPath = z.object({ authorizationId: AuthorizationId })
const CardPath = z.object({ cardId: CardId })
const DisputePath = z.object({ disputeId: DisputeId })
const ProgrammePath = z.object({ programmeId: ProgrammeId })
const HolderPath = z.object({ cardholderId: CardholderId })

export const simulatorRoutes = (server: Server, bank: BankWorld): void => {
  const at = (operation: string) => ({ config: { operation } })
  const base = '/cards/v1/simulator'
  const one = `${base}/authorizations/:authorizationId`

  server.post(`${base}/authorizations`, at('simulateAuthorization'), async (request, reply) => {
    const body = parseRequest(simulator.SimulatedAuthorization, request.body)
    return reply
      .code(201)
      .send(await simulator.simulateAuthorization(bank, callerOf(request), body))
  })
  server.post(`${one}/clearings`, at('simulateClearing'), (request) => {
    const { authorizationId: id } = parseRequest(AuthorizationPath, request.params)
    const body = parseRequest(simulator.SimulatedClearing, request.body)
    return simulator.simulateClearing(bank, callerOf(request), { id, ...body })
  })
  server.post(`${one}/reversals`, at('simulateReversal'), (request) => {
    const { authorizationId: id } = parseRequest(AuthorizationPath, request.params)
    const body = parseRequest(simulator.SimulatedReversal, request.body)
    return simulator.simulateReversal(bank, callerOf(request), { id, ...body })
  })
  server.post(`${one}/refunds`, at('simulateRefund'), (request) => {
    const { authorizationId: id } = parseRequest(AuthorizationPath, request.params)
    const body = parseRequest(simulator.SimulatedRefund, request.body)
    return simulator.simulateRefund(bank, callerOf(request), { id, ...body })
  })
  server.post(`${base}/cards/:cardId/shipping`, at('simulateShipping'), (request) => {
    const { cardId: id } = parseRequest(CardPath, request.params)
    const { status } = parseRequest(ShippingRequest, request.body)
    return simulator.simulateShipping(bank, callerOf(request), { id, status })
  })
  server.post(`${base}/disputes/:disputeId/outcome`, at('simulateDisputeOutcome'), (request) => {
    const { disputeId: id } = parseRequest(DisputePath, request.params)
    const { outcome } = parseRequest(simulator.SimulatedOutcome, request.body)
    return simulator.simulateDisputeOutcome(bank, callerOf(request), { id, outcome })
  })
  server.post(
    `${base}/card-programmes/:programmeId/approval`,
    at('simulateProgrammeApproval'),
    (request) => {
      const { programmeId } = parseRequest(ProgrammePath, request.params)
      parseRequest(Nothing, request.body)
      return simulator.simulateProgrammeApproval(bank, callerOf(request), programmeId)
    },
  )
  server.post(
    `${base}/cardholders/:cardholderId/verification`,
    at('simulateVerification'),
    (request) => {
      const { cardholderId } = parseRequest(HolderPath, request.params)
      parseRequest(Nothing, request.body)
      return simulator.simulateVerification(bank, callerOf(request), cardholderId)
    },
  )
}
