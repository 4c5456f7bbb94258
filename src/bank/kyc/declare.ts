/** Takes what a partner declares of a business, finds who is behind it, and begins its verification. */
import { type Work, work } from '#journal/index.ts'
import { actorOf, type Caller, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { type Business, BusinessId, businessJson, type BusinessRequest } from './business.ts'
import * as businesses from './business-store.ts'
import { begun, keepBegun } from './index.ts'
import { beneficialOwners, hidesSomebody } from './ownership.ts'
import { textOf } from './rational.ts'
import * as store from './store.ts'
import type { SealedBusiness } from './subject.ts'
import type { Requirement, Verification } from './verification.ts'

/** What is declared decides what must be shown: where somebody can hide, the declaration itself. */
export const createBusiness = async (bank: BankWorld, caller: Caller, asked: BusinessRequest) => {
  const found = beneficialOwners(asked.ownership)
  const requirements: Requirement[] = [
    'document.registration',
    ...(hidesSomebody(found) ? (['document.ownership'] as const) : []),
  ]
  const { legalName, registrationNumber, reference, purpose } = asked
  const said: SealedBusiness = {
    legalName,
    registrationNumber,
    owners: asked.ownership.parties.map(({ ref, name }) => ({ ref, name })),
  }
  const now = bank.now()
  const about = { kind: 'business' as const, reference, purpose, requirements, said }
  const verification = begun({ keys: bank.keys, now }, caller, about)
  return work(bank.db, actorOf(caller), now, async (w) => {
    const kept = await keepBegun(w, verification)
    if (kept.added) {
      const business: Business = {
        id: BusinessId.next(),
        verificationId: kept.verification.id,
        partnerId: caller.partnerId,
        owners: [...found.owners],
        unexplained: textOf(found.unexplained),
        createdAt: now,
      }
      await businesses.add(w, business)
      await w.record('kyc.business-created', business.id, {
        partnerId: caller.partnerId,
        verificationId: business.verificationId,
        owners: business.owners.length,
      })
    }
    const business = await businesses.ofVerification(w, kept.verification.id)
    if (!business) throw notFound()
    return presented(w, business, kept.verification)
  })
}

export const getBusiness = async (bank: BankWorld, caller: Caller, id: BusinessId) =>
  work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const business = await businesses.find(w, caller.partnerId, id)
    const verification =
      business && (await store.find(w, caller.partnerId, business.verificationId))
    if (!business || !verification) throw notFound()
    await w.record('kyc.business-read', id, {
      partnerId: caller.partnerId,
      callId: caller.callId,
      purpose: verification.purpose,
    })
    return presented(w, business, verification)
  })

const presented = async (w: Work, business: Business, verification: Verification) =>
  businessJson(business, verification, await store.documentTypes(w, [verification.id]), w.now)
