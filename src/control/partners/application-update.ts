/** An application takes other keys, addresses or names: at once in the sandbox, after two people in production. */
import type { Work } from '#journal/index.ts'
import { baseOf, proposeChange } from '#control/approvals/index.ts'
import { admit, type ApplicationRequest, keySha256 } from './admission.ts'
import { type Application, applicationEnded, type ApplicationId, stateOf } from './application.ts'
import {
  claimKeys,
  deciders,
  lockActivePartner,
  lockOwn,
  type Outcome,
  registerCertificates,
} from './applications.ts'
import { isLive } from './certificate.ts'
import type { PartnerId } from './partner.ts'
import * as store from './store.ts'

export const UPDATE_CHANGE = 'partners.application-update'

/** What may be asked anew; the cell stays, and a CSR has a way of its own. */
export type ApplicationUpdate = Omit<ApplicationRequest, 'cell' | 'csr' | 'rehearsal'>

export const updateApplication = async (
  work: Work,
  own: { partnerId: PartnerId; applicationId: ApplicationId },
  ask: ApplicationUpdate,
  offeredProducts: readonly string[],
): Promise<Outcome> => {
  await lockActivePartner(work, own.partnerId)
  const before = await lockOwn(work, own)
  if (before.status !== 'active') throw applicationEnded(`it is ${before.status}`)
  const { cell, rehearsal } = before
  const { application: asked, keys } = await admit(
    { ...ask, cell, rehearsal },
    offeredProducts,
    work.now,
  )
  await claimKeys(work, own.partnerId, cell, keys)
  const after: Application = { ...before, ...asked }
  if (cell === 'sandbox') {
    await changed(work, before, after)
    return { application: after }
  }
  const change = await proposeChange(work, {
    kind: UPDATE_CHANGE,
    subject: before.id,
    before: stateOf(before),
    after: stateOf(after),
    base: baseOf(stateOf(before)),
    reason: 'the partner changes its production application',
    roles: deciders,
  })
  return { application: before, change }
}

/** Puts the change in force. Keys that it no longer names never come back, and certificates of theirs end at once. */
export const changed = async (
  work: Work,
  before: Application,
  after: Application,
): Promise<void> => {
  const { id, partnerId, cell } = after
  await store.saveApplication(work, after)
  const kept = new Set(after.jwks.map(keySha256))
  const dropped = before.jwks.map(keySha256).filter((key) => !kept.has(key))
  await store.retireKeys(work, dropped, work.now)
  const named = new Set(after.jwks.flatMap((key) => key.x5c ?? []))
  const ended = (await store.listCertificates(work, [id])).filter(
    (c) => c.selfSigned && isLive(c, work.now) && !named.has(derOf(c.pem)),
  )
  await store.revokeCertificates(
    work,
    ended.map((c) => c.sha256),
    work.now,
  )
  for (const { sha256 } of ended)
    await work.record('partners.certificate-revoked', id, { partnerId, cell, sha256 })
  await registerCertificates(work, after)
  await work.record('partners.application-updated', id, { partnerId, cell })
}

/** RFC 7468: what stands between the lines of a PEM, as an `x5c` member has it. */
const derOf = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')
