/** Disputes: opened over part of a card transaction, submitted with evidence in time, decided by the scheme. */
import { type Actor, type Work, work } from '#journal/index.ts'
import { actorOf, type Caller, idempotencyOf, keyReused, notFound } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import { amountExceeded } from '../authorizations/authorization.ts'
import { restore } from '../authorizations/index.ts'
import { carryOrders } from '../authorizations/money.ts'
import * as authorizations from '../authorizations/store.ts'
import { pageOf, type PageQuery } from '../paging.ts'
import {
  type Dispute,
  DISPUTE_DAYS,
  type DisputeAction,
  disputeAfter,
  disputeEventOf,
  disputeGoal,
  DisputeId,
  disputeJson,
  type DisputeRequest,
  type DisputeStatus,
  disputeTooLate,
  disputeTransitionRefused,
  EVIDENCE_DAYS,
  EVIDENCE_MAX,
  type EvidenceRequest,
  type SchemeWord,
  standingOf,
} from './dispute.ts'
import * as store from './store.ts'

const presented = async (db: Work | BankWorld['db'], dispute: Dispute, now: Temporal.Instant) =>
  disputeJson(dispute, await store.evidenceOf(db, dispute.id), now)

/** The authorization is held meanwhile, so that two disputes never take the same part of a transaction. */
export const openDispute = ({ db, now }: BankWorld, caller: Caller, request: DisputeRequest) =>
  work(db, actorOf(caller), now(), async (w) => {
    const { partnerId } = caller
    const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
    const transaction = await authorizations.transaction(w, partnerId, request.transactionId)
    if (transaction?.kind !== 'cleared') throw notFound()
    await authorizations.lock(w, transaction.authorizationId)
    const held = await store.findByKey(w, partnerId, idempotencyKey)
    if (held && held.bodySha256 !== bodySha256)
      throw keyReused('choose a new key for a new dispute')
    if (held) return presented(w, held, w.now)

    const ends = transaction.at.add({ hours: DISPUTE_DAYS * 24 })
    if (Temporal.Instant.compare(w.now, ends) >= 0)
      throw disputeTooLate(`a transaction is disputed within ${DISPUTE_DAYS} days`)
    const left = transaction.amountMinor - (await store.disputed(w, transaction.id, w.now))
    if (request.amount.currency !== transaction.currency || request.amount.minor > left)
      throw amountExceeded('more is disputed than is left of the transaction')
    const dispute: Dispute = {
      id: DisputeId.next(),
      partnerId,
      cardId: transaction.cardId,
      transactionId: transaction.id,
      authorizationId: transaction.authorizationId,
      status: 'opened',
      reason: request.reason,
      amountMinor: request.amount.minor,
      currency: transaction.currency,
      evidenceDueAt: w.now.add({ hours: EVIDENCE_DAYS * 24 }),
      idempotencyKey,
      bodySha256,
      createdAt: w.now,
      updatedAt: w.now,
    }
    if (!(await store.add(w, dispute))) throw keyReused('choose a new key for a new dispute')
    await w.record(disputeEventOf.opened, dispute.id, { partnerId, cardId: dispute.cardId })
    return presented(w, dispute, w.now)
  })

export const listDisputes = (bank: BankWorld, { partnerId }: Caller, query: PageQuery) => {
  const now = bank.now()
  return pageOf(
    bank.keys,
    ['disputes', partnerId],
    query,
    async (from) => {
      const found = await store.list(bank.db, { partnerId, ...from })
      return Promise.all(
        found.map(async ({ id, ...dispute }) => ({
          id,
          json: await presented(bank.db, { id, ...dispute }, now),
        })),
      )
    },
    ({ json }) => json,
  )
}

export const getDispute = async (bank: BankWorld, { partnerId }: Caller, id: DisputeId) => {
  const dispute = await store.find(bank.db, partnerId, id)
  if (!dispute) throw notFound()
  return presented(bank.db, dispute, bank.now())
}

/** Metadata of one document; the same document again changes nothing. */
export const addEvidence = (
  { db, now }: BankWorld,
  caller: Caller,
  { id, evidence }: { id: DisputeId; evidence: EvidenceRequest },
) =>
  work(db, actorOf(caller), now(), async (w) => {
    const dispute = await store.lock(w, id, caller.partnerId)
    if (!dispute) throw notFound()
    const stands = standingOf(dispute, w.now)
    if (stands === 'expired') throw disputeTooLate('the time for evidence is over')
    if (stands !== 'opened')
      throw disputeTransitionRefused(`a dispute that is ${stands} takes no more evidence`)
    const given = await store.evidenceOf(w, id)
    const isNew = given.every(({ sha256 }) => sha256 !== evidence.sha256)
    if (isNew && given.length >= EVIDENCE_MAX)
      throw disputeTransitionRefused(`a dispute takes at most ${EVIDENCE_MAX} documents`)
    const document = { ...evidence, sizeBytes: BigInt(evidence.sizeBytes), givenAt: w.now }
    if (await store.addEvidence(w, id, document))
      await w.record('cards.dispute-evidenced', id, {
        partnerId: caller.partnerId,
        sha256: evidence.sha256,
      })
    return presented(w, dispute, w.now)
  })

export const changeDisputeStatus = (
  bank: BankWorld,
  caller: Caller,
  { id, action }: { id: DisputeId; action: DisputeAction },
) => change(bank, actorOf(caller), { id, partnerId: caller.partnerId, status: disputeGoal(action) })

/** What the scheme decided. A dispute that was won gives its amount back to the account that the card spends from. */
export const settleDispute = async (
  bank: BankWorld,
  actor: Actor,
  asked: { id: DisputeId; partnerId: string; outcome: SchemeWord },
) => {
  const { id, partnerId, outcome: status } = asked
  const json = await change(bank, actor, { id, partnerId, status })
  if (status === 'won') await carryOrders(bank, json.authorizationId)
  return json
}

const change = (
  bank: BankWorld,
  actor: Actor,
  { id, partnerId, status }: { id: DisputeId; partnerId: string; status: DisputeStatus },
) =>
  work(bank.db, actor, bank.now(), async (w) => {
    const before = await store.lock(w, id, partnerId)
    if (!before) throw notFound()
    const evidence = (await store.evidenceOf(w, id)).length
    const after = disputeAfter(before, status, { evidence, now: w.now })
    if (after.status === before.status) return presented(w, before, w.now)
    if (status === 'won') {
      const { authorizationId, amountMinor: minor } = after
      await restore(bank, w, { authorizationId, minor, reference: after.id })
    }
    await store.save(w, after)
    await w.record(disputeEventOf[status], id, { partnerId, cardId: after.cardId })
    return presented(w, after, w.now)
  })

/** Says of disputes that ran out of time what every reader of them sees already. */
export const expireDisputes = async (bank: BankWorld): Promise<void> => {
  for (const { id, partnerId } of await store.overdue(bank.db, {
    now: bank.now(),
    whose: bank.whose,
  }))
    await work(bank.db, 'system', bank.now(), async (w) => {
      const before = await store.lock(w, id, partnerId)
      if (before?.status !== 'opened' || standingOf(before, w.now) !== 'expired') return
      await store.save(w, { ...before, status: 'expired', updatedAt: w.now })
      await w.record(disputeEventOf.expired, id, { partnerId, cardId: before.cardId })
    })
}
