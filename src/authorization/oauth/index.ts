/** What must be remembered between two requests of a partner or a browser, and what can be used only once. */
import type { Db } from '#platform/db.ts'
import { type ArtefactModel, digestOf } from './artefact.ts'
import * as store from './store.ts'

export { type Artefact, ArtefactModel, digestOf } from './artefact.ts'
export { sweep as sweepExpired } from './store.ts'

export const findArtefact = (db: Db, model: ArtefactModel, id: string) =>
  store.find(db, { model, digest: digestOf(id) })

export const keepArtefact = async (
  db: Db,
  model: ArtefactModel,
  id: string,
  artefact: { payload: object; grantId: string | undefined; expiresAt: Temporal.Instant },
): Promise<void> => {
  await store.save(db, { model, digest: digestOf(id) }, artefact)
}

export const forgetArtefact = async (db: Db, model: ArtefactModel, id: string): Promise<void> => {
  await store.remove(db, { model, digest: digestOf(id) })
}

export type Consumption =
  | { readonly first: true }
  | { readonly first: false; readonly grantId: string | undefined }

/** Uses it up. Of any number of callers at once exactly one is the first; the others learn whose grant it was. */
export const consumeArtefact = async (
  db: Db,
  model: ArtefactModel,
  id: string,
): Promise<Consumption> => {
  const key = { model, digest: digestOf(id) }
  if (await store.consume(db, key)) return { first: true }
  const used = await store.grantOf(db, key)
  return { first: false, grantId: used?.grantId ?? undefined }
}

/** Codes and refresh tokens of one grant, gone. */
export const forgetArtefactsOf = async (db: Db, grantId: string): Promise<void> => {
  await store.removeOfGrant(db, grantId)
}

/** How much longer than its own life a `jti` is remembered: the library accepts proofs dated minutes ahead. */
const MEMORY_MARGIN = Temporal.Duration.from({ minutes: 10 })

/** Whether this `jti` of this issuer is seen for the first time (RFC 7523 §3, RFC 9449 §11.1). */
export const claimFirstUse = async (
  db: Db,
  use: { issuer: string; jti: string; expiresAt: Temporal.Instant; now: Temporal.Instant },
): Promise<boolean> => {
  const { issuer, jti, expiresAt, now } = use
  const claimed = await store.claim(db, {
    issuer,
    digest: digestOf(jti),
    expiresAt: expiresAt.add(MEMORY_MARGIN),
    now,
  })
  return claimed !== undefined
}

/** The state of a visit that has not ended. */
export const findVisit = async (db: Db, id: string, now: Temporal.Instant): Promise<unknown> =>
  (await store.findVisit(db, digestOf(id), now))?.state

export const keepVisit = async (
  db: Db,
  visit: { id: string; state: object; expiresAt: Temporal.Instant },
): Promise<void> => {
  await store.saveVisit(db, { ...visit, digest: digestOf(visit.id) })
}

export const endVisit = async (db: Db, id: string): Promise<void> => {
  await store.removeVisit(db, digestOf(id))
}
