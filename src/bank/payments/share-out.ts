/** A settled payment shared out to those it is for: paid at once, or held until it is released. */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import { actorOf, type Caller, idempotencyOf, keyReused, notFound } from '../partner-call.ts'
import { newReference } from '../reference.ts'
import type { BankWorld } from '../world.ts'
import type { Carrier } from './carrier.ts'
import * as merchants from './merchants/store.ts'
import { payeeUnverified } from './merchants/sub-merchant.ts'
import { isSettled, positive } from './payment.ts'
import { programmeAccountOf } from './programme.ts'
import { leftOfPayment } from './recalls/index.ts'
import type { Refund, RefundLeg } from './refund.ts'
import {
  destinationUnusable,
  type Leg,
  type LegRequest,
  released,
  sharedOut,
  sourceExceeded,
  sourceUnusable,
  type Split,
  SplitId,
  type SplitRequest,
} from './split.ts'
import * as splits from './split-store.ts'
import * as store from './store.ts'
import { type Transfer, written } from './transfer.ts'
import * as transfers from './transfer-store.ts'

/** A split as it stands: its legs and what was refunded of it. */
export interface SplitState {
  readonly split: Split
  readonly legs: readonly Leg[]
  readonly refunds: readonly { readonly refund: Refund; readonly parts: readonly RefundLeg[] }[]
}

export const createSplitPayment = async (
  bank: BankWorld,
  carrier: Carrier,
  caller: Caller,
  request: SplitRequest,
): Promise<SplitState> => {
  const parts = sharedOut({ ...request, grossAmount: positive(request.grossAmount) })
  const programme = await programmeAccountOf(bank, caller)
  const destinations = await Promise.all(
    request.legs.map((leg) => destinationOf(bank, caller, leg, programme)),
  )

  const { id, references } = await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const held = await sameAgain(w, caller)
    if (held) return { id: held.id, references: [] }
    await checkSource(w, caller, request, programme)
    const split: Split = {
      id: SplitId.next(),
      partnerId: caller.partnerId,
      applicationId: caller.applicationId,
      ...idempotencyOf(caller),
      paymentId: request.paymentId,
      grossMinor: request.grossAmount.minor,
      currency: request.grossAmount.currency,
      remainderTo: request.remainderTo ?? null,
      createdAt: w.now,
    }
    await splits.add(w, split)
    const sent: string[] = []
    for (const [at, asked] of request.legs.entries()) {
      const destination = destinations[at]
      assert(destination, 'every leg has its destination')
      const leg = legOf(split, { asked, position: at, minor: parts[at] ?? 0n, destination })
      const immediate = asked.releaseCondition === 'immediate' && destination.verified
      const reference = newReference()
      await splits.addLeg(w, immediate ? released(leg, reference) : leg)
      if (!immediate) continue
      await transfers.add(w, releaseOf(split, leg, { reference, programme, now: w.now }))
      sent.push(reference)
    }
    await w.record('payments.split-created', split.id, {
      partnerId: split.partnerId,
      paymentId: split.paymentId,
      amountMinor: split.grossMinor.toString(),
      currency: split.currency,
      legs: request.legs.length,
    })
    return { id: split.id, references: sent }
  })
  await carrier.carry(references)
  return getSplitPayment(bank, caller, id)
}

type Destination = Pick<Leg, 'number' | 'bankCode' | 'bankGiven' | 'name' | 'subMerchantId'> & {
  /** Whether it may be paid now: a sub-merchant is paid when the bank has verified it. */
  readonly verified: boolean
}

/** Where a leg goes. An account that is a sub-merchant's is the sub-merchant's, however the partner names it. */
const destinationOf = async (
  { db }: BankWorld,
  { partnerId }: Caller,
  { destination, subMerchantId }: LegRequest,
  programme: store.ProgrammeAccount,
): Promise<Destination> => {
  const named = destination && {
    number: destination.identification,
    bankCode: destination.bankCode ?? programme.bankCode,
    bankGiven: destination.bankCode !== undefined,
    name: destination.name,
  }
  if (named?.number === programme.number)
    throw destinationUnusable('the programme’s own account is where the money comes from')
  const merchant = await merchants.find(db, partnerId, named ?? { id: subMerchantId ?? '' })
  if (!merchant && named) return { ...named, subMerchantId: null, verified: true }
  if (!merchant || merchant.status === 'REJECTED')
    throw destinationUnusable('there is no such sub-merchant that could be paid')
  const { number, bankCode, bankGiven, legalName } = merchant
  return {
    ...(named ?? { number, bankCode, bankGiven, name: legalName }),
    subMerchantId: merchant.id,
    verified: merchant.status === 'VERIFIED',
  }
}

/** The payment is held while it is looked at, so that two splits at once do not share out more than it is. */
const checkSource = async (
  w: Work,
  { partnerId }: Caller,
  { paymentId, grossAmount }: SplitRequest,
  programme: store.ProgrammeAccount,
) => {
  const source = await store.lock(w, paymentId, partnerId)
  if (!source) throw notFound()
  if (!isSettled(source))
    throw sourceUnusable(`it is ${source.status}; a payment is split when it is ACSC`)
  if (source.creditorNumber !== programme.number || source.creditorBank !== programme.bankCode)
    throw sourceUnusable('it was not paid into your programme account')
  if (source.currency !== grossAmount.currency)
    throw sourceUnusable(`it was paid in ${source.currency}`)
  const left = await leftOfPayment(w, source)
  if (grossAmount.minor > left) throw sourceExceeded('less than the gross amount is left of it')
}

const sameAgain = async (w: Work, caller: Caller): Promise<Split | undefined> => {
  const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
  // Two tries of the same key come one after the other, so that the second finds what the first wrote.
  await splits.lockKey(w, caller.partnerId, idempotencyKey)
  const held = await splits.findByKey(w, caller.partnerId, idempotencyKey)
  if (held && held.bodySha256 !== bodySha256)
    throw keyReused('choose a new key for a new split payment')
  return held
}

const legOf = (
  split: Split,
  {
    asked,
    position,
    minor,
    destination,
  }: {
    asked: LegRequest
    position: number
    minor: bigint
    destination: Destination
  },
): Leg => ({
  splitId: split.id,
  legId: asked.legId,
  position,
  role: asked.role,
  releaseCondition: asked.releaseCondition,
  number: destination.number,
  bankCode: destination.bankCode,
  bankGiven: destination.bankGiven,
  name: destination.name,
  subMerchantId: destination.subMerchantId,
  amountMinor: minor,
  paidMinor: 0n,
  heldMinor: minor,
  reversedMinor: 0n,
  reversingMinor: 0n,
  releasing: null,
  reasonCode: null,
})

/** The transfer that pays out all that a leg holds. */
const releaseOf = (
  split: Split,
  leg: Leg,
  by: {
    reference: string
    programme: store.ProgrammeAccount
    now: Temporal.Instant
    idempotencyKey?: string
  },
): Transfer =>
  written(
    {
      reference: by.reference,
      partnerId: split.partnerId,
      purpose: 'leg',
      splitId: split.id,
      legId: leg.legId,
      idempotencyKey: by.idempotencyKey ?? null,
      debtorRef: by.programme.accountRef,
      creditorNumber: leg.number,
      creditorBank: leg.bankCode,
      creditorName: leg.name,
      amountMinor: leg.heldMinor,
      currency: split.currency,
      text: `Payout ${leg.legId}`,
    },
    by.now,
  )

/** Of many releases at the same time one pays; the same one asked again is answered and not refused. */
export const releaseLeg = async (
  bank: BankWorld,
  carrier: Carrier,
  caller: Caller,
  asked: { id: SplitId; legId: string; reason: string },
): Promise<{ leg: Leg; split: Split }> => {
  const { idempotencyKey } = idempotencyOf(caller)
  const programme = await programmeAccountOf(bank, caller)
  const references = await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const split = await splits.lock(w, asked.id, caller.partnerId)
    const leg = split && (await splits.leg(w, split.id, asked.legId))
    if (!split || !leg) throw notFound()
    const before = await transfers.findByKey(w, caller.partnerId, idempotencyKey)
    if (before) {
      if (before.splitId !== split.id || before.legId !== leg.legId)
        throw keyReused('choose a new key for another leg')
      return []
    }
    if (!(await isVerified(w, leg)))
      throw payeeUnverified('the leg is held until the bank has verified it', { gate: 'bank' })
    return [await release(w, split, leg, { programme, reason: asked.reason, idempotencyKey })]
  })
  await carrier.carry(references)
  const split = await splits.find(bank.db, caller.partnerId, asked.id)
  const leg = split && (await splits.leg(bank.db, split.id, asked.legId))
  assert(split && leg, 'a leg that was released is there')
  return { leg, split }
}

const isVerified = async (w: Work, { subMerchantId }: Leg): Promise<boolean> =>
  subMerchantId === null || (await merchants.lock(w, subMerchantId)).status === 'VERIFIED'

/** All that a leg holds sets out; the row of its split is held. Answers the reference of its transfer. */
const release = async (
  w: Work,
  split: Split,
  leg: Leg,
  by: { programme: store.ProgrammeAccount; reason: string; idempotencyKey?: string },
): Promise<string> => {
  const reference = newReference()
  await splits.saveLeg(w, released(leg, reference))
  await transfers.add(w, releaseOf(split, leg, { ...by, reference, now: w.now }))
  await w.record('payments.leg-released', split.id, {
    partnerId: split.partnerId,
    legId: leg.legId,
    reason: by.reason,
    amountMinor: leg.heldMinor.toString(),
    currency: split.currency,
  })
  return reference
}

const BATCH = 20

/** Pays the immediate legs that waited for their sub-merchant to be verified. Answers how many there were. */
export const releaseVerified = async (
  { db, now, whose }: Pick<BankWorld, 'db' | 'now' | 'whose'>,
  carrier: Carrier,
): Promise<number> => {
  const found = await merchants.releasableLegs(db, whose, BATCH)
  const references: string[] = []
  for (const { splitId, legId, partnerId } of found)
    await work(db, 'system', now(), async (w) => {
      const split = await splits.lock(w, splitId, partnerId)
      const leg = split && (await splits.leg(w, split.id, legId))
      const programme = await store.programmeAccount(w, partnerId)
      assert(split && leg && programme, 'a held leg has its split and its programme')
      // Another process may have released it, or a refund taken it, since it was found.
      const untouched = leg.releasing === null && leg.reasonCode === null && leg.paidMinor === 0n
      if (!untouched || leg.heldMinor === 0n) return
      references.push(await release(w, split, leg, { programme, reason: 'PAYEE_VERIFIED' }))
    })
  await carrier.carry(references)
  return references.length
}

export const getSplitPayment = async (
  { db }: Pick<BankWorld, 'db'>,
  { partnerId }: Caller,
  id: SplitId,
): Promise<SplitState> => {
  const state = await db.transaction(async (tx) => {
    // Held, so that legs and refunds are told as of one moment.
    const split = await splits.lock(tx, id, partnerId)
    if (!split) return undefined
    const refunds = await splits.refunds(tx, id)
    const parts = await splits.refundLegs(
      tx,
      refunds.map((refund) => refund.id),
    )
    return {
      split,
      legs: await splits.legs(tx, id),
      refunds: refunds.map((refund) => ({
        refund,
        parts: parts.filter(({ refundId }) => refundId === refund.id),
      })),
    }
  })
  if (!state) throw notFound()
  return state
}
