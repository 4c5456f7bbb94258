import { z } from 'zod'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { readClock, turnClock } from './clock.ts'
import * as sandbox from './index.ts'
import {
  ClockTurn,
  ConditionRequest,
  ConsentDecisionRequest,
  EntranceConditionRequest,
  MovementRequest,
  RateMoveRequest,
  SnapshotId,
  snapshotJson,
  VerificationResultRequest,
  WebhookSimulation,
  WorldChoice,
  WorldId,
  worldJson,
  WorldRequest,
} from './sandbox.ts'

const WorldPath = z.object({ worldId: WorldId })
const SnapshotPath = z.object({ worldId: WorldId, snapshotId: SnapshotId })

export const sandboxRoutes = (server: Server, bank: BankWorld): void => {
  const at = (operation: string) => ({ config: { operation } })
  const worlds = '/sandbox/v1/worlds'
  const one = `${worlds}/:worldId`
  const idIn = (params: unknown) => parseRequest(WorldPath, params).worldId

  server.get(worlds, at('listWorlds'), async (request) => ({
    data: (await sandbox.listWorlds(bank, callerOf(request))).map(worldJson),
    next: null,
  }))
  server.post(worlds, at('createWorld'), async (request, reply) => {
    const body = parseRequest(WorldRequest, request.body)
    return reply.code(201).send(worldJson(await sandbox.createWorld(bank, callerOf(request), body)))
  })
  server.post('/sandbox/v1/world-in-use', at('chooseWorld'), async (request) => {
    const { worldId } = parseRequest(WorldChoice, request.body)
    const theirs = await sandbox.chooseWorld(bank, callerOf(request), worldId)
    return { data: theirs.map(worldJson), next: null }
  })
  server.post(`${one}/reset`, at('resetWorld'), async (request) =>
    worldJson(await sandbox.resetWorld(bank, callerOf(request), idIn(request.params))),
  )
  server.post(`${one}/removal`, at('removeWorld'), async (request) =>
    worldJson(await sandbox.removeWorld(bank, callerOf(request), idIn(request.params))),
  )
  server.get(`${one}/snapshots`, at('listSnapshots'), async (request) => {
    const taken = await sandbox.listSnapshots(bank, callerOf(request), idIn(request.params))
    return { data: taken.map(snapshotJson), next: null }
  })
  server.post(`${one}/snapshots`, at('takeSnapshot'), async (request, reply) => {
    const taken = await sandbox.takeSnapshot(bank, callerOf(request), idIn(request.params))
    return reply.code(201).send(snapshotJson(taken))
  })
  server.post(
    `${one}/snapshots/:snapshotId/restoration`,
    at('restoreSnapshot'),
    async (request) => {
      const path = parseRequest(SnapshotPath, request.params)
      return worldJson(await sandbox.restoreSnapshot(bank, callerOf(request), path))
    },
  )

  const clock = '/sandbox/v1/clock'
  server.get(clock, at('getClock'), (request) => readClock(bank, callerOf(request)))
  server.post(clock, at('turnClock'), (request) =>
    turnClock(bank, callerOf(request), parseRequest(ClockTurn, request.body)),
  )

  const simulations = '/sandbox/v1/simulations'
  server.post(
    `${simulations}/inbound-payments`,
    at('simulateInboundPayment'),
    async (request, reply) => {
      const body = parseRequest(MovementRequest, request.body)
      const movement = await sandbox.simulateInboundPayment(bank, callerOf(request), body)
      return reply.code(201).send(movement)
    },
  )
  server.post(`${simulations}/direct-debits`, at('simulateDirectDebit'), async (request, reply) => {
    const body = parseRequest(MovementRequest, request.body)
    const movement = await sandbox.simulateDirectDebit(bank, callerOf(request), body)
    return reply.code(201).send(movement)
  })
  server.post(
    `${simulations}/core-conditions`,
    at('simulateCoreCondition'),
    async (request, reply) => {
      const body = parseRequest(ConditionRequest, request.body)
      const condition = await sandbox.simulateCoreCondition(bank, callerOf(request), body)
      return reply.code(201).send(condition)
    },
  )
  server.post(
    `${simulations}/entrance-conditions`,
    at('simulateEntranceCondition'),
    async (request, reply) => {
      const body = parseRequest(EntranceConditionRequest, request.body)
      const condition = await sandbox.simulateEntranceCondition(bank, callerOf(request), body)
      return reply.code(201).send(condition)
    },
  )
  server.post(`${simulations}/rate-moves`, at('simulateRateMove'), async (request, reply) => {
    const body = parseRequest(RateMoveRequest, request.body)
    return reply.code(201).send(await sandbox.simulateRateMove(bank, callerOf(request), body))
  })
  server.post(
    `${simulations}/verification-results`,
    at('simulateVerificationResult'),
    async (request, reply) => {
      const body = parseRequest(VerificationResultRequest, request.body)
      const result = await sandbox.simulateVerificationResult(bank, callerOf(request), body)
      return reply.code(201).send(result)
    },
  )
  server.post(`${simulations}/webhooks`, at('simulateWebhooks'), async (request, reply) => {
    const body = parseRequest(WebhookSimulation, request.body)
    return reply.code(201).send(await sandbox.simulateWebhooks(bank, callerOf(request), body))
  })
  server.post(
    `${simulations}/consent-decisions`,
    at('simulateConsentDecision'),
    async (request, reply) => {
      const body = parseRequest(ConsentDecisionRequest, request.body)
      const decided = await sandbox.simulateConsentDecision(bank, callerOf(request), body)
      return reply.code(201).send(decided)
    },
  )
}
