/** How people are forgotten here. */
import type { Work } from '#journal/index.ts'
import * as businesses from './business-store.ts'
import * as screenings from './screening-store.ts'
import * as store from './store.ts'
import { erased, type Verification } from './verification.ts'

/** The person, every document and whatever the lists said go; the line says when, and by whose clock or word. */
export const eraseNow = async (w: Work, verification: Verification): Promise<Verification> => {
  const after = erased(verification, w.now)
  const documents = await store.eraseDocuments(w, after.id)
  await businesses.eraseOwners(w, after.id)
  await screenings.forget(w, after.id)
  await store.save(w, after)
  await w.record('kyc.verification-erased', after.id, {
    partnerId: after.partnerId,
    documents,
    due: verification.eraseAt?.toString() ?? null,
  })
  return after
}
