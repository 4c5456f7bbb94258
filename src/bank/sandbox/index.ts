/** Banks of a partner's own to try things in, and what happens outside of a bank, made to happen. Only where nobody is real. */
import { createHash } from 'node:crypto'
import { work } from '#journal/index.ts'
import { realTime } from '#platform/turned-clock.ts'
import { accountOfPartner } from '../accounts/index.ts'
import { type Core, coreNotSupported } from '../cores/core.ts'
import type { CoreOutside, CoreWorlds, Snapshot, World } from '../cores/worlds.ts'
import { aboutWhom, lookAnew } from '../kyc/index.ts'
import { actorOf, type Caller, idempotencyOf, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { decideOnPages } from './customer-browser.ts'
import {
  type ConditionRequest,
  type ConsentDecisionRequest,
  conditionJson,
  type EntranceConditionRequest,
  full,
  type MovementRequest,
  movementJson,
  nameTaken,
  type RateMoveRequest,
  refusalOf,
  type SnapshotId,
  type VerificationResultRequest,
  type WebhookSimulation,
  type WorldId,
  weatherOf,
  worldInUse,
  worldNeeded,
} from './sandbox.ts'

const notHere = () =>
  coreNotSupported('there are worlds and simulators in the sandbox only', {
    hint: 'Use the sandbox.',
  })

const worldsOf = (bank: BankWorld, { partnerId }: Caller): CoreWorlds => {
  const { worlds } = bank.coreFor(partnerId)
  if (!worlds) throw notHere()
  return worlds.of(partnerId)
}

/** What the core did is written down after it did it: nobody's money depends on it. */
const written = (
  bank: BankWorld,
  caller: Caller,
  { event, subject, data }: { event: string; subject: string; data?: Record<string, string> },
) =>
  work(bank.db, actorOf(caller), bank.now(), (w) =>
    w.record(event, subject, { partnerId: caller.partnerId, ...data }),
  )

export const listWorlds = (bank: BankWorld, caller: Caller) => worldsOf(bank, caller).list()

export const createWorld = async (
  bank: BankWorld,
  caller: Caller,
  { name, copyOf }: { name: string; copyOf?: WorldId | undefined },
): Promise<World> => {
  const world = await worldsOf(bank, caller).create(name, copyOf)
  if (world === undefined) throw notFound()
  if (world === 'name-taken') throw nameTaken(`${name} is another world`)
  if (world === 'too-many') throw full('a partner has five worlds at most')
  await written(bank, caller, {
    event: 'sandbox.world-created',
    subject: world.id,
    data: { name },
  })
  return world
}

/** Answers all worlds, so that it shows where the partner is now. */
export const chooseWorld = async (
  bank: BankWorld,
  caller: Caller,
  id: WorldId | null,
): Promise<readonly World[]> => {
  const worlds = worldsOf(bank, caller)
  if ((await worlds.use(id)) === undefined) throw notFound()
  await written(bank, caller, { event: 'sandbox.world-chosen', subject: id ?? caller.partnerId })
  return worlds.list()
}

export const resetWorld = async (bank: BankWorld, caller: Caller, id: WorldId): Promise<World> => {
  const world = await worldsOf(bank, caller).reset(id)
  if (!world) throw notFound()
  await written(bank, caller, { event: 'sandbox.world-reset', subject: id })
  return world
}

export const removeWorld = async (bank: BankWorld, caller: Caller, id: WorldId): Promise<World> => {
  const world = await worldsOf(bank, caller).remove(id)
  if (!world) throw notFound()
  if (world === 'in-use') throw worldInUse('you are in this world', { hint: 'Go elsewhere first.' })
  await written(bank, caller, { event: 'sandbox.world-removed', subject: id })
  return world
}

export const listSnapshots = async (
  bank: BankWorld,
  caller: Caller,
  id: WorldId,
): Promise<readonly Snapshot[]> => {
  const taken = await worldsOf(bank, caller).snapshots(id)
  if (!taken) throw notFound()
  return taken
}

export const takeSnapshot = async (
  bank: BankWorld,
  caller: Caller,
  id: WorldId,
): Promise<Snapshot> => {
  const taken = await worldsOf(bank, caller).snapshot(id)
  if (!taken) throw notFound()
  if (taken === 'too-many') throw full('a world has five snapshots at most')
  await written(bank, caller, {
    event: 'sandbox.snapshot-taken',
    subject: taken.id,
    data: { worldId: id },
  })
  return taken
}

export const restoreSnapshot = async (
  bank: BankWorld,
  caller: Caller,
  { worldId, snapshotId }: { worldId: WorldId; snapshotId: SnapshotId },
): Promise<World> => {
  const world = await worldsOf(bank, caller).restore(worldId, snapshotId)
  if (!world) throw notFound()
  await written(bank, caller, {
    event: 'sandbox.snapshot-restored',
    subject: snapshotId,
    data: { worldId },
  })
  return world
}

/** In the books that all share nobody makes money: there it would be everybody's. */
const simulating = async (
  bank: BankWorld,
  caller: Caller,
  { accountId, amount, counterparty, text }: MovementRequest,
) => {
  const outside = await outsideHere(bank, caller, 'money is made in a world of your own only')
  const alias = await accountOfPartner(bank.db, caller.partnerId, accountId)
  if (!alias) throw notFound()
  const order = {
    reference: referenceOf(caller),
    account: alias.accountRef,
    amount,
    other: { name: counterparty, account: abroad },
    text,
  }
  return { outside, order }
}

/** What lies outside of the world that the partner is in; in the books that all share it would be everybody's. */
const outsideHere = async (bank: BankWorld, caller: Caller, why: string): Promise<CoreOutside> => {
  const outside = outsideOf(bank.coreFor(caller.partnerId))
  const worlds = await worldsOf(bank, caller).list()
  if (!worlds.some((world) => world.inUse))
    throw worldNeeded(why, { hint: 'Create a world and go there.' })
  return outside
}

const outsideOf = (core: Core): CoreOutside => {
  if (!core.outside) throw notHere()
  return core.outside
}

/** An account at another bank, which is as made up as all of them. */
const abroad = '80206000900000000001'

/** The same key is the same order at the core. */
const referenceOf = (caller: Caller): string => {
  const { idempotencyKey } = idempotencyOf(caller)
  return createHash('sha256')
    .update(JSON.stringify([caller.partnerId, caller.operation, idempotencyKey]))
    .digest('hex')
    .slice(0, 20)
    .toUpperCase()
}

export const simulateInboundPayment = async (
  bank: BankWorld,
  caller: Caller,
  asked: MovementRequest,
) => {
  const { outside, order } = await simulating(bank, caller, asked)
  return movementJson(asked, await outside.pay(order))
}

export const simulateDirectDebit = async (
  bank: BankWorld,
  caller: Caller,
  asked: MovementRequest,
) => {
  const { outside, order } = await simulating(bank, caller, asked)
  return movementJson(asked, await outside.collect(order))
}

export const simulateCoreCondition = async (
  bank: BankWorld,
  caller: Caller,
  asked: ConditionRequest,
) => {
  const weather = weatherOf(asked, realTime(bank.now()))
  await worldsOf(bank, caller).turn(asked.seconds === 0 ? null : weather)
  const { condition, seconds } = asked
  await written(bank, caller, {
    event: 'sandbox.core-condition-turned',
    subject: caller.partnerId,
    data: { condition, seconds: String(seconds) },
  })
  return conditionJson(asked, weather)
}

export const simulateEntranceCondition = async (
  bank: BankWorld,
  caller: Caller,
  asked: EntranceConditionRequest,
) => {
  const weather = refusalOf(asked, realTime(bank.now()))
  await worldsOf(bank, caller).turn(asked.seconds === 0 ? null : weather)
  const { condition, seconds } = asked
  await written(bank, caller, {
    event: 'sandbox.entrance-condition-turned',
    subject: caller.partnerId,
    data: { condition, seconds: String(seconds) },
  })
  return { condition, until: weather.until.toString() }
}

export const simulateRateMove = async (
  bank: BankWorld,
  caller: Caller,
  { pair, percent, ppm }: RateMoveRequest,
) => {
  const outside = await outsideHere(bank, caller, 'rates move in a world of your own only')
  await outside.moveRate(pair, ppm)
  await written(bank, caller, { event: 'sandbox.rate-moved', subject: pair, data: { percent } })
  return { pair, percent }
}

/** Says what the registers will say, and lets the bank look once more, as it does by itself. */
export const simulateVerificationResult = async (
  bank: BankWorld,
  caller: Caller,
  { verificationId: id, finding }: VerificationResultRequest,
) => {
  const { partnerId } = caller
  const outside = await outsideHere(bank, caller, 'registers listen in a world of your own only')
  const nationalId = await aboutWhom(bank, { partnerId, id })
  if (nationalId === undefined) throw notFound()
  await outside.find(nationalId, finding)
  await written(bank, caller, { event: 'sandbox.finding-said', subject: id })
  const looked = await lookAnew(bank, { partnerId, id })
  if (!looked) throw notFound()
  return { verificationId: id, status: looked.status }
}

/** The courier reads the wish in the journal, so that it is neither lost nor done twice. */
export const simulateWebhooks = async (
  bank: BankWorld,
  caller: Caller,
  asked: WebhookSimulation,
): Promise<WebhookSimulation> => {
  if (bank.coreFor(caller.partnerId).imagined !== true) throw notHere()
  const { kind, count, type } = asked
  const { partnerId, applicationId } = caller
  await work(bank.db, actorOf(caller), bank.now(), (w) =>
    w.record('sandbox.webhooks-simulated', partnerId, {
      partnerId,
      applicationId,
      kind: kind.toLowerCase(),
      count,
      ...(type !== undefined && { type }),
    }),
  )
  return asked
}

/** A customer decides on the pages, as they do with a browser. The request is the application's own, or the pages do not know it. */
export const simulateConsentDecision = async (
  bank: BankWorld,
  caller: Caller,
  { requestUri, login, password, decision, accounts }: ConsentDecisionRequest,
) => {
  const { customerPages } = bank
  if (bank.coreFor(caller.partnerId).imagined !== true || !customerPages) throw notHere()
  const redirectTo = await decideOnPages(customerPages, {
    clientId: caller.applicationId,
    requestUri,
    login,
    password,
    decision,
    accounts,
  })
  await written(bank, caller, {
    event: 'sandbox.consent-decision-simulated',
    subject: caller.applicationId,
    data: { decision },
  })
  return { decision, redirectTo }
}
