/** What bank and partner agreed: products, tier and prices in one text that both signed. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { type Applier, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import type { Limits } from '#control/catalogue/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import type { ContractFact } from '#control/licences/index.ts'
import { checkReach, isBackDated } from './back-dating.ts'
import { baseOfThose } from './base.ts'
import { compiled } from './compiled.ts'
import {
  type Contract,
  ContractId,
  contractNotFound,
  contractStep,
  endTooEarly,
  goesOn,
  moved,
  noticeTooShort,
  statusAt,
  waitsFor,
} from './contract.ts'
import { endAt } from './ending.ts'
import type { Early, Notices } from './notices.ts'
import { offerApplier, withdraw } from './offering.ts'
import { ruleFrom } from './rules.ts'
import * as store from './store.ts'
import type { Withheld } from './withheld.ts'
import { clauseApplier } from './wording.ts'

export { changedBetween, type Compiled, compiled, type Part, parts } from './compiled.ts'
export { Bands, Method, Promised, promiseFaults } from './level-terms.ts'
export { compareTerms } from './commercial.ts'
export { endAgreement } from './ending.ts'
export { Early, Notices, noticesOfTier } from './notices.ts'
export {
  type Amendment,
  isRegulated,
  type Offer,
  proposeAmendment,
  proposeOffer,
} from './offering.ts'
export { Support, supportOfTier, urgencies, type Urgency } from './support.ts'
export { type BothTimes, listRules, Rule, ruleAt } from './rules.ts'
export { listTemplates, proposeClause, templateNamed } from './wording.ts'
export { Contract, ContractId, contractNotFound, statusAt, waitsFor } from './contract.ts'
export {
  type ContractFilter,
  type ContractPeriod,
  contractPeriods,
  contractPromises,
  contractsInForce,
  find as findContract,
  inForce as contractInForce,
  list as listContracts,
  partnersUnderContract,
} from './store.ts'
export { eraseSigners } from './signature.ts'
export { Withheld, withheldFields } from './withheld.ts'

/** The partner's signatory signs this very text. */
export const signContract = async (
  work: Work,
  own: { partnerId: PartnerId; id: ContractId },
  documentSha256: string,
): Promise<Contract> => {
  const contract = await store.lock(work, own.id)
  // One of another organisation is as if it were not there.
  if (contract?.partnerId !== own.partnerId) throw contractNotFound('no contract has this id')
  const after = moved(contract, { to: 'signed', by: work.actor, documentSha256 }, work.now)
  await store.save(work, after)
  await work.record('contracts.signed', after.id, { partnerId: after.partnerId, documentSha256 })
  return after
}

/**
 * The bank signs the same text. It rules from now on, or from the instant that it names; until then what ruled before
 * does, and ends by itself. Where terms wait for their day it ends there: neither paper takes back the other.
 */
export const countersignContract = async (
  work: Work,
  id: ContractId,
  documentSha256: string,
): Promise<Contract> => {
  const contract = await heldAlone(work, id)
  const { partnerId, amends } = contract
  const others = (await store.livingOf(work, partnerId)).filter((c) => c.id !== id)
  if (amends !== null) goesOn(await known(work, amends), others, work.now)
  const signed = moved(contract, { to: 'active', by: work.actor, documentSha256 }, work.now)
  const stopped = others.find((c) => c.status === 'frozen')?.stoppedBecause ?? null
  const agreed = others.find((c) => c.status === 'agreed')
  if (agreed && signed.status === 'agreed')
    throw contractStep('another amendment waits for its day already')
  // What both have signed for a day ahead comes on that day: only another agreement takes its place.
  const endsAt = amends === null ? null : (agreed?.activeFrom ?? null)
  const after = { ...stillStopped(signed, stopped), endsAt }
  const { activeFrom } = after
  assert(activeFrom, 'what both have signed has a first instant')
  if (agreed && amends === null) await withdraw(work, agreed, { followedBy: id })
  for (const old of others.filter((c) => c.status === 'active' || c.status === 'frozen')) {
    const ended = endedBy(old, activeFrom, work.now)
    await store.save(work, ended)
    const facts = { partnerId, products: old.products, followedBy: id }
    if (ended.status === 'ended') await work.record('contracts.ended', old.id, facts)
    else
      await work.record('contracts.end-set', old.id, {
        ...facts,
        endsAt: ended.endsAt?.toString() ?? null,
      })
  }
  await store.save(work, after)
  const rulesFrom = isBackDated(after) && after.validFrom ? after.validFrom : activeFrom
  checkReach(rulesFrom, work.now)
  await ruleFrom(work, after, { from: rulesFrom, to: endsAt })
  await work.record('contracts.activated', id, {
    partnerId,
    documentSha256,
    version: after.version,
    validFrom: rulesFrom.toString(),
    ...(endsAt && { endsAt: endsAt.toString() }),
  })
  return after
}

/** Terms that follow an agreement that is stopped are stopped with it: to go on takes two people, and a reason of its own. */
const stillStopped = (contract: Contract, stoppedBecause: string | null): Contract => {
  if (stoppedBecause === null) return contract
  const status = contract.status === 'active' ? 'frozen' : contract.status
  return { ...contract, status, stoppedBecause }
}

/** One whose time was over before keeps its own end. */
const endedBy = (old: Contract, at: Temporal.Instant, now: Temporal.Instant): Contract => {
  const endsAt = old.endsAt !== null && isBefore(old.endsAt, at) ? old.endsAt : at
  return { ...old, endsAt, status: isBefore(now, endsAt) ? old.status : 'ended' }
}

/** The contract, with all of its partner's held and brought up to the moment: one step is taken at a time. */
const heldAlone = async (work: Work, id: ContractId): Promise<Contract> => {
  const { partnerId } = await known(work, id)
  await store.lockThoseOf(work, partnerId)
  await store.settle(work, partnerId, work.now)
  const contract = await store.lock(work, id)
  assert(contract, 'a contract is never deleted')
  return contract
}

const known = async (db: Db, id: ContractId): Promise<Contract> => {
  const contract = await store.find(db, id)
  if (!contract) throw contractNotFound('no contract has this id')
  return contract
}

/** Stops what the contract opens, at once. One person is enough; to go on takes two. */
export const freezeContract = async (
  work: Work,
  id: ContractId,
  reason: string,
): Promise<Contract> => {
  const after = moved(await heldAlone(work, id), { to: 'frozen', reason }, work.now)
  await store.save(work, after)
  await store.stopAgreed(work, after.partnerId, reason)
  const { partnerId, products } = after
  await work.record('contracts.frozen', id, { partnerId, products })
  return after
}

/** Proposes to let a frozen contract go on. */
export const proposeThaw = (work: Work, id: ContractId, reason: string): Promise<ChangeSet> =>
  proposeStep(work, id, 'contracts.thaw', { status: 'active' }, reason, (contract) =>
    moved(contract, { to: 'thawed' }, work.now),
  )

/** Proposes an end. It comes by itself at its instant; sooner than the contract promises only for a reason that it names. */
export const proposeEnd = (
  work: Work,
  id: ContractId,
  endsAt: Temporal.Instant,
  reason: string,
  early?: Early,
): Promise<ChangeSet> => {
  if (isBefore(endsAt, work.now)) throw endTooEarly(`${endsAt.toString()} is over`)
  const after = { endsAt: endsAt.toString(), ...(early && { early }) }
  return proposeStep(work, id, 'contracts.end', after, reason, (contract) => {
    moved(contract, { to: 'ended', at: endsAt }, work.now)
    const { endDays } = compiled(contract.document).notices
    if (!early && isBefore(endsAt, work.now.add({ hours: 24 * endDays })))
      throw noticeTooShort(`the contract promises ${endDays} days`, {
        hint: 'Name a later end, or why it may come sooner: agreed, breach or law.',
      })
  })
}

const proposeStep = async (
  work: Work,
  id: ContractId,
  kind: string,
  after: ChangeSet['after'],
  reason: string,
  mayTake: (contract: Contract) => void,
): Promise<ChangeSet> => {
  const contract = await heldAlone(work, id)
  mayTake(contract)
  return proposeChange(work, {
    kind,
    subject: id,
    before: { status: contract.status, endsAt: contract.endsAt?.toString() ?? null },
    after,
    base: baseOfThose([contract]),
    reason,
    roles: ['head-of-platform', 'finance', 'partner-success'],
  })
}

const baseOfOne = async (work: Work, change: ChangeSet) => {
  const contract = await store.lock(work, ContractId.parse(change.subject))
  return baseOfThose(contract ? [contract] : [])
}

const EndTerms = z.object({ endsAt: z.string() })

/** How changes of this room take effect once a second person agrees. */
export const appliers: Readonly<Record<string, Applier>> = {
  'contracts.offer': offerApplier,
  'contracts.clause': clauseApplier,
  'contracts.thaw': {
    base: baseOfOne,
    apply: async (work, change) => {
      const contract = await heldAlone(work, ContractId.parse(change.subject))
      await store.save(work, moved(contract, { to: 'thawed' }, work.now))
      await store.stopAgreed(work, contract.partnerId, null)
      await work.record('contracts.thawed', contract.id, { partnerId: contract.partnerId })
    },
  },
  'contracts.end': {
    base: baseOfOne,
    apply: async (work, change) => {
      const contract = await heldAlone(work, ContractId.parse(change.subject))
      await endAt(work, contract, Temporal.Instant.from(EndTerms.parse(change.after).endsAt))
    },
  },
}

/** A partner's standing contract, as the licences and the gateway ask for it. */
export interface Standing extends ContractFact {
  readonly id: ContractId
  readonly tier: string
  readonly priceVersion: string
  /** As they stand in the signed text: a tier that changes later changes the next contract. */
  readonly limits: Limits
  /** Whether its text asks that writes and their answers be signed. */
  readonly signatures?: 'required' | null
  /** What its text leaves out of answers. It still does while it is frozen: to be stopped opens nothing. */
  readonly withheld: Withheld
  /** What it promises to tell ahead; null: what older texts promise in words. */
  readonly notices?: Notices | null
}

/** One that was only offered binds nobody yet, and one that ended does no more. */
const hasRuled = (contract: Parameters<typeof statusAt>[0], now: Temporal.Instant): boolean =>
  ['active', 'frozen'].includes(statusAt(contract, now))

/** The standing contract of one partner, or of all where none is named, by partner. */
export const standingContracts = async (
  db: Db,
  now: Temporal.Instant,
  partnerId?: PartnerId,
): Promise<ReadonlyMap<string, Standing>> =>
  new Map(
    (await store.standing(db, now, partnerId)).map((contract) => [
      contract.partnerId,
      {
        id: contract.id,
        tier: contract.tier,
        priceVersion: contract.priceVersion,
        limits: contract.limits,
        signatures: contract.signatures,
        notices: contract.notices,
        withheld: hasRuled(contract, now) ? (contract.withheld ?? {}) : {},
        products: contract.products,
        until: contract.endsAt,
        inForce: statusAt(contract, now) === 'active',
        waitsFor: waitsFor(contract),
      },
    ]),
  )
