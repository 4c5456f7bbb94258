/** Programmes: partners apply, the bank approves, and each partner has a standard one from its first card on. */
import { type Actor, type Work, work } from '#journal/index.ts'
import { uuidv7 } from '#kernel/id.ts'
import { Problem } from '#kernel/problem.ts'
import { actorOf, type Caller, idempotencyOf, keyReused, notFound } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import type { Controls } from '../controls/controls.ts'
import { type PageQuery, pageOf } from '../paging.ts'
import {
  approved,
  DECISION_WITHIN_MS,
  decisionEndpointRefused,
  issuerRange,
  type Programme,
  type ProgrammeAction,
  programmeAfter,
  programmeEventOf,
  ProgrammeId,
  programmeJson,
  type ProgrammeRequest,
  standardTerms,
} from './programme.ts'
import * as store from './store.ts'

export const applyForProgramme = async (
  { db, now }: BankWorld,
  caller: Caller,
  request: ProgrammeRequest,
): Promise<Programme> => {
  const { partnerId, applicationId } = caller
  const at = now()
  const programme: Programme = {
    ...request,
    id: ProgrammeId.next(),
    partnerId,
    applicationId,
    standard: false,
    status: 'draft',
    suspendedBy: null,
    bin: null,
    decisionUrl: null,
    ...idempotencyOf(caller),
    createdAt: at,
    updatedAt: at,
  }
  return work(db, actorOf(caller), at, async (w) => {
    if (await store.add(w, programme)) {
      await w.record('cards.programme-applied', programme.id, { partnerId, applicationId })
      return programme
    }
    const held = await store.findByKey(w, partnerId, programme.idempotencyKey)
    if (held?.bodySha256 !== programme.bodySha256)
      throw keyReused('choose a new key for a new programme')
    return held
  })
}

/** The partner's standard programme; its first use opens it. */
export const standardProgramme = async (w: Work, partnerId: string): Promise<Programme> => {
  const held = await store.standardOf(w, partnerId)
  if (held) return held
  const programme: Programme = {
    ...standardTerms,
    cardTypes: [...standardTerms.cardTypes],
    currencies: [...standardTerms.currencies],
    controls: { limits: [...standardTerms.controls.limits] },
    standIn: { approveUpTo: [...standardTerms.standIn.approveUpTo] },
    id: ProgrammeId.next(),
    partnerId,
    applicationId: null,
    standard: true,
    status: 'live',
    suspendedBy: null,
    bin: issuerRange,
    decisionUrl: null,
    idempotencyKey: `standard-${uuidv7()}`,
    bodySha256: '',
    createdAt: w.now,
    updatedAt: w.now,
  }
  if (await store.add(w, programme))
    await w.record('cards.programme-opened', programme.id, { partnerId })
  const opened = await store.standardOf(w, partnerId)
  if (!opened) throw notFound()
  return opened
}

export const listProgrammes = async (bank: BankWorld, caller: Caller, query: PageQuery) => {
  const { partnerId } = caller
  await work(bank.db, actorOf(caller), bank.now(), (w) => standardProgramme(w, partnerId))
  return pageOf(
    bank.keys,
    ['programmes', partnerId],
    query,
    (from) => store.list(bank.db, { partnerId, ...from }),
    programmeJson,
  )
}

export const getProgramme = async (
  { db }: BankWorld,
  { partnerId }: Caller,
  id: ProgrammeId,
): Promise<Programme> => {
  const programme = await store.find(db, partnerId, id)
  if (!programme) throw notFound()
  return programme
}

/** One of the partner's own, or its standard one where none is named; held as it is until the transaction ends. */
export const programmeNamed = async (
  w: Work,
  partnerId: string,
  id: string | null,
): Promise<Programme> => {
  const found = id === null ? undefined : await store.find(w, partnerId, id)
  if (id !== null && !found) throw notFound()
  return store.share(w, (found ?? (await standardProgramme(w, partnerId))).id)
}

const changeProgramme = (
  { db, now }: BankWorld,
  actor: Actor,
  asked: { id: ProgrammeId; partnerId?: string; event: string },
  change: (programme: Programme, at: Temporal.Instant) => Programme,
): Promise<Programme> =>
  work(db, actor, now(), async (w) => {
    const before = await store.lock(w, asked.id, asked.partnerId)
    if (!before) throw notFound()
    const after = change(before, w.now)
    if (after === before) return before
    await store.save(w, after)
    await w.record(asked.event, after.id, { partnerId: after.partnerId })
    return after
  })

/** In effect before it is answered: the next authorization of any card of the programme sees it. */
export const changeProgrammeStatus = (
  bank: BankWorld,
  caller: Caller,
  { id, action }: { id: ProgrammeId; action: ProgrammeAction },
) =>
  changeProgramme(
    bank,
    actorOf(caller),
    { id, partnerId: caller.partnerId, event: programmeEventOf[action] },
    (programme, at) => programmeAfter(programme, action, 'partner', at),
  )

/**
 * Where the partner decides about authorizations; null takes the decision back to the controls alone. Answers the key
 * that the questions will be signed with.
 */
export const setDecisionUrl = async (
  bank: BankWorld,
  caller: Caller,
  { id, url }: { id: ProgrammeId; url: string | null },
) => {
  const inspected = url === null ? undefined : await mayBeAsked(bank, url)
  const programme = await changeProgramme(
    bank,
    actorOf(caller),
    { id, partnerId: caller.partnerId, event: 'cards.decision-endpoint-changed' },
    (before, at) =>
      before.decisionUrl === url ? before : { ...before, decisionUrl: url, updatedAt: at },
  )
  return {
    programmeId: programme.id,
    url: programme.decisionUrl,
    withinMs: DECISION_WITHIN_MS,
    ...(inspected && { verificationKey: inspected.verificationKey }),
  }
}

/** The courier's word on an address, as the partner may hear it. */
const mayBeAsked = async ({ courier }: BankWorld, url: string) => {
  try {
    return await courier.inspect({ url })
  } catch (error) {
    if (error instanceof Problem && error.code === 'platform/address-refused')
      throw decisionEndpointRefused(error.detail, { gate: 'partner' })
    throw error
  }
}

/** The bank's own decisions about a programme. */
export const approveProgramme = (
  bank: BankWorld,
  actor: Actor,
  given: { id: ProgrammeId; bin: string; controls?: Controls; partnerId?: string },
) =>
  changeProgramme(
    bank,
    actor,
    {
      id: given.id,
      event: 'cards.programme-approved',
      ...(given.partnerId !== undefined && { partnerId: given.partnerId }),
    },
    (programme, at) => approved(programme, given, at),
  )

export const changeProgrammeByBank = (
  bank: BankWorld,
  actor: Actor,
  { id, action }: { id: ProgrammeId; action: Exclude<ProgrammeAction, 'launch'> },
) =>
  changeProgramme(bank, actor, { id, event: programmeEventOf[action] }, (programme, at) =>
    programmeAfter(programme, action, 'bank', at),
  )
