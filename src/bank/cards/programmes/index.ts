/** Programmes: partners apply, the bank approves, and each partner has a standard one from its first card on. */
import { type Actor, type Work, work } from '#journal/index.ts'
import { uuidv7 } from '#kernel/id.ts'
import { Problem } from '#kernel/problem.ts'
import { actorOf, type Caller, idempotencyOf, notFound } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import type { Controls } from '../controls/controls.ts'
import { changed, madeOnce } from '../keeping.ts'
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
  return work(db, actorOf(caller), at, (w) =>
    madeOnce(w, programme, { store, event: 'cards.programme-applied', noun: 'programme' }),
  )
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

/** In effect before it is answered: the next authorization of any card of the programme sees it. */
export const changeProgrammeStatus = (
  bank: BankWorld,
  caller: Caller,
  { id, action }: { id: ProgrammeId; action: ProgrammeAction },
) =>
  changed(
    bank,
    actorOf(caller),
    { store, id, partnerId: caller.partnerId, event: programmeEventOf[action] },
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
  const programme = await changed(
    bank,
    actorOf(caller),
    { store, id, partnerId: caller.partnerId, event: 'cards.decision-endpoint-changed' },
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
  changed(
    bank,
    actor,
    { store, id: given.id, partnerId: given.partnerId, event: 'cards.programme-approved' },
    (programme, at) => approved(programme, given, at),
  )

export const changeProgrammeByBank = (
  bank: BankWorld,
  actor: Actor,
  { id, action }: { id: ProgrammeId; action: Exclude<ProgrammeAction, 'launch'> },
) =>
  changed(bank, actor, { store, id, event: programmeEventOf[action] }, (programme, at) =>
    programmeAfter(programme, action, 'bank', at),
  )
