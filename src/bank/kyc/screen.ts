/** Asks the lists about somebody, and keeps the one word that comes of it. */
import { Problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import { actorOf, type Caller, idempotencyOf, keyReused, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import {
  type Screening,
  ScreeningId,
  type ScreeningRequest,
  type ScreeningResult,
} from './screening.ts'
import * as screenings from './screening-store.ts'
import * as store from './store.ts'
import { examine } from './subject.ts'
import type { Verification } from './verification.ts'

/** Asked again within a day, the lists say what they said: nobody learns from asking when a list changed. */
const STABLE_HOURS = 24

export const createScreening = async (
  bank: BankWorld,
  caller: Caller,
  { verificationId }: ScreeningRequest,
): Promise<Screening> => {
  const { partnerId } = caller
  const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
  const before = await screenings.findByKey(bank.db, partnerId, idempotencyKey)
  if (before && before.bodySha256 !== bodySha256)
    throw keyReused('choose a new key for a new screening')
  if (before) return before
  const verification = await store.find(bank.db, partnerId, verificationId)
  // Who was erased is nobody any more.
  if (!verification || verification.erasedAt !== null) throw notFound()

  const now = bank.now()
  const since = now.subtract({ hours: STABLE_HOURS })
  const said =
    (await screenings.latest(bank.db, verificationId, since))?.result ??
    (await askedOf(bank, verification))
  return work(bank.db, actorOf(caller), now, async (w) => {
    // Two who ask at the same moment hear the same.
    await store.lock(w, verificationId)
    const result = (await screenings.latest(w, verificationId, since))?.result ?? said
    const screening: Screening = {
      id: ScreeningId.next(),
      partnerId,
      applicationId: caller.applicationId,
      idempotencyKey,
      bodySha256,
      verificationId,
      result,
      screenedAt: now,
    }
    if (!(await screenings.add(w, screening)))
      return (await screenings.findByKey(w, partnerId, idempotencyKey)) ?? screening
    // The journal does not say what came out either: partners' events are made of it.
    await w.record('kyc.screened', screening.id, {
      partnerId,
      verificationId,
      purpose: verification.purpose,
    })
    return screening
  })
}

/** Lists that cannot be asked are a word too, and not an error: an error would say which names are worth one. */
const askedOf = async (bank: BankWorld, verification: Verification): Promise<ScreeningResult> => {
  try {
    return (await examine(bank, verification, 'screening'))?.screening ?? 'unavailable'
  } catch (error) {
    if (error instanceof Problem && error.code.startsWith('core/')) return 'unavailable'
    throw error
  }
}

export const getScreening = async (
  bank: BankWorld,
  caller: Caller,
  id: ScreeningId,
): Promise<Screening> =>
  work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const found = await screenings.find(w, caller.partnerId, id)
    if (!found) throw notFound()
    await w.record('kyc.screening-read', id, {
      partnerId: caller.partnerId,
      callId: caller.callId,
      verificationId: found.verificationId,
    })
    return found
  })
