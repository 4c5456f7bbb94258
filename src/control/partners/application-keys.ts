/** One key of an application that others may know: ended at once and for good, while its other keys go on. */
import type { Work } from '#journal/index.ts'
import { problem } from '#kernel/problem.ts'
import { keySha256 } from './admission.ts'
import { type Application, applicationEnded, type ApplicationId } from './application.ts'
import { changed } from './application-update.ts'
import { lockOwn } from './applications.ts'
import type { PartnerId } from './partner.ts'

export const keyNotFound = problem('partners/key-not-found', 404, 'The application has no such key')

/**
 * Takes a key from an application: by its partner, or by one person of the bank, for stopping is never slower than
 * starting. Whoever held the key may have got tokens with it, so those that were issued before stop with it. An
 * application without a key is asked for nothing until it has another.
 */
export const revokeKey = async (
  work: Work,
  own: { partnerId?: PartnerId; applicationId: ApplicationId },
  kid: string,
): Promise<Application> => {
  const before = await lockOwn(work, own)
  if (before.status !== 'active') throw applicationEnded(`it is ${before.status}`)
  const key = before.jwks.find((k) => k.kid === kid)
  if (!key) throw keyNotFound(`no key of it is called ${kid}`)
  const after: Application = { ...before, jwks: before.jwks.filter((k) => k.kid !== kid) }
  const { id, partnerId, cell } = after
  await work.record('partners.key-revoked', id, { partnerId, cell, kid, sha256: keySha256(key) })
  await changed(work, before, after)
  return after
}
