/** What a partner may do with its own consents over HTTP: read, end. What the types are is public. */
import { z } from 'zod'
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Access, ProvesAccess } from '../access.ts'
import { answerJson, type Exchange } from '../exchange.ts'
import {
  type Consent,
  consentNotFound,
  consentTypes,
  enriched,
  findConsent,
  nextScaDueAt,
  revokeConsent,
  statusAt,
} from './index.ts'

export interface ConsentRoutesWorld {
  readonly postgres: Postgres
  readonly prove: ProvesAccess
  readonly now: () => Temporal.Instant
}

const presented = (consent: Consent, now: Temporal.Instant) => ({
  consentId: consent.id,
  status: statusAt(consent, now),
  ...(consent.endedBy && { by: consent.endedBy }),
  authorizationDetails: [enriched(consent)],
  scope: consent.scopes.join(' '),
  createdAt: consent.createdAt.toString(),
  authorisedAt: consent.authorisedAt?.toString() ?? null,
  expiresAt: consent.expiresAt.toString(),
  endedAt: consent.endedAt?.toString() ?? null,
  nextScaDueAt: nextScaDueAt(consent)?.toString() ?? null,
})

/** JSON Schemas of all types (RFC 9396 §10 wants them documented). */
const published = () => ({
  data: Object.entries(consentTypes).map(([type, kind]) => ({
    type,
    scopes: kind.opens,
    daysAtMost: kind.days.most,
    schema: z.toJSONSchema(kind.schema, { io: 'input' }),
  })),
})

/** Somebody else's is answered as one that does not exist. */
const ownConsent = async (
  { postgres }: ConsentRoutesWorld,
  access: Access,
  id: string,
): Promise<Consent> => {
  const consent = await findConsent(postgres, id)
  if (consent?.applicationId !== access.applicationId)
    throw consentNotFound('there is no such consent of this application')
  return consent
}

const CONSENT = /^\/consents\/v1\/consents\/([\w-]+)(\/revocation)?$/

/** Answers everything under `/consents`. */
export const serveConsents = async (
  world: ConsentRoutesWorld,
  exchange: Exchange,
): Promise<void> => {
  if (exchange.path === '/consents/v1/types') return answerJson(exchange, 200, published())
  const access = await world.prove(exchange)
  const [, id = '', ending] = CONSENT.exec(exchange.path) ?? []
  const consent = await ownConsent(world, access, id)
  const now = world.now()
  if (ending === undefined) return answerJson(exchange, 200, presented(consent, now))
  const after = await work(world.postgres, `application:${access.applicationId}`, now, (w) =>
    revokeConsent(w, consent.id, { by: 'partner', channel: 'api' }),
  )
  answerJson(exchange, 200, presented(after, now))
}
