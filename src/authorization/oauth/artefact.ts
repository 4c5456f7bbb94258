import { createHash } from 'node:crypto'
import { z } from 'zod'

/** What the library hands us to remember. Clients, grants and sessions are not among them: see `provider/adapter.ts`. */
export const ArtefactModel = z.enum([
  'AuthorizationCode',
  'RefreshToken',
  'PushedAuthorizationRequest',
  'Interaction',
])
export type ArtefactModel = z.output<typeof ArtefactModel>

export const Artefact = z.object({
  payload: z.record(z.string(), z.unknown()),
  consumedAt: z.instanceof(Temporal.Instant).nullable(),
  expiresAt: z.instanceof(Temporal.Instant),
})
export type Artefact = z.output<typeof Artefact>

/** A code or an opaque token is its own id, so only this is kept. */
export const digestOf = (id: string): Buffer => createHash('sha256').update(id).digest()
