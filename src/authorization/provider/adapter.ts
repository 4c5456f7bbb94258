import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider'
import { assert } from '#kernel/assert.ts'
import { isBefore } from '#kernel/time.ts'
import type { Actor } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Abuse } from '../abuse.ts'
import type { Clients } from '../clients/index.ts'
import {
  type Consent,
  endConsent,
  enrichedAt,
  findConsent,
  isLicensed,
  isLive,
  isReauthenticationDue,
  statusAt,
} from '../consents/index.ts'
import {
  ArtefactModel,
  consumeArtefact,
  findArtefact,
  forgetArtefact,
  forgetArtefactsOf,
  keepArtefact,
} from '../oauth/index.ts'
import { assertMayAsk } from './spending.ts'

export interface Storage {
  readonly postgres: Postgres
  readonly clients: Clients
  readonly abuse: Pick<Abuse, 'assertApplication' | 'charge'>
  /** RFC 8707: the one resource of the cell. */
  readonly audience: string
  readonly now: () => Temporal.Instant
}

const ignored = async () => undefined

const secondsOf = (instant: Temporal.Instant) => Math.floor(instant.epochMilliseconds / 1000)

/** What every model lacks unless it says otherwise: a call to it would be a bug of the configuration. */
const refusing = (model: string): Adapter => {
  const refuse = async (): Promise<never> => {
    assert(false, `the library asked ${model} for something that is not switched on`)
  }
  return {
    upsert: refuse,
    find: refuse,
    findByUserCode: refuse,
    findByUid: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  }
}

/** Clients are what control published: nothing here writes them. */
const clients = ({ clients: registry, abuse, now }: Storage): Adapter => ({
  ...refusing('Client'),
  find: async (id) => {
    assertMayAsk(abuse, id)
    await registry.expect(id, now())
    return registry.metadata(id, now())
  },
})

/** No session is kept: every authorisation has its own sign-in, so a live session can skip nothing. */
const sessions: Adapter = {
  ...refusing('Session'),
  upsert: ignored,
  find: ignored,
  findByUid: ignored,
  destroy: ignored,
}

/** Until its end, or until the customer must sign in again: no token lives beyond either. */
const endOfTokens = ({ expiresAt, nextScaDueAt }: Consent): Temporal.Instant =>
  nextScaDueAt !== null && isBefore(nextScaDueAt, expiresAt) ? nextScaDueAt : expiresAt

const grantPayload = (consent: Consent, { audience, now }: Storage): AdapterPayload => ({
  jti: consent.id,
  kind: 'Grant',
  iat: secondsOf(consent.authorisedAt ?? consent.createdAt),
  exp: secondsOf(endOfTokens(consent)),
  ...(consent.subject !== null && { accountId: consent.subject }),
  clientId: consent.applicationId,
  openid: { scope: consent.scopes.join(' ') },
  resources: { [audience]: consent.scopes.join(' ') },
  rar: [{ ...enrichedAt(consent, now()) }],
})

/** RFC 6749 §5.2, with our own code first in the description: the partner learns what to do about it. */
const grantRefused = (description: string) =>
  new errors.CustomOIDCProviderError('invalid_grant', description)

/** Why no token is issued on a consent that the customer did give; undefined where there is nothing to say. */
const standstill = (consent: Consent, storage: Storage): string | undefined => {
  const now = storage.now()
  const status = statusAt(consent, now)
  if (status === 'SUSPENDED') return 'consents/suspended: the bank holds this consent'
  if (status !== 'AUTHORISED') return undefined
  if (isReauthenticationDue(consent, now))
    return 'consents/reauthentication-due: ask the customer again, with authorization_details that name this consent'
  return isLicensed(consent, storage.clients, now)
    ? undefined
    : 'consents/suspended: the licence for this type of consent has lapsed'
}

/** Who ends a grant: the partner at the revocation endpoint, else the bank, which saw a code used twice. */
const endOfGrant = () => {
  const ctx = Provider.ctx
  const client: string | undefined = ctx?.oidc.client?.clientId
  const actor: Actor = client === undefined ? 'system' : `application:${client}`
  const interactionId = ctx?.res.getHeader('x-fapi-interaction-id')
  const where = typeof interactionId === 'string' ? { interactionId } : {}
  return ctx?.oidc.route === 'revocation'
    ? { actor, by: 'partner' as const, reason: 'refresh token revoked', ...where }
    : { actor, by: 'bank' as const, reason: 'used twice', ...where }
}

/** A grant is a view of a consent: whatever ends the one ends the other. */
const grants = (storage: Storage): Adapter => ({
  ...refusing('Grant'),
  find: async (id) => {
    const consent = await findConsent(storage.postgres, id)
    if (!consent) return undefined
    const why = standstill(consent, storage)
    if (why !== undefined && Provider.ctx?.oidc.route === 'token') throw grantRefused(why)
    const live = why === undefined && isLive(consent, storage.now())
    return live ? grantPayload(consent, storage) : undefined
  },
  destroy: async (id) => {
    const { actor, ...end } = endOfGrant()
    const world = { actor, now: storage.now() }
    await endConsent(storage.postgres, world, id, { ...end, channel: 'token-endpoint' })
  },
})

/** Codes, refresh tokens, pushed requests, interactions. */
const artefacts = (model: ArtefactModel, storage: Storage): Adapter => {
  const { postgres, now } = storage
  return {
    ...refusing(model),
    upsert: async (id, { jti: _id, ...payload }, expiresIn) => {
      assert(expiresIn !== undefined, `a ${model} has an end`)
      const expiresAt = now().add({ seconds: expiresIn })
      await keepArtefact(postgres, model, id, { payload, grantId: payload.grantId, expiresAt })
    },
    find: async (id) => {
      const artefact = await findArtefact(postgres, model, id)
      if (!artefact) return undefined
      const { payload, consumedAt } = artefact
      return { ...payload, jti: id, ...(consumedAt && { consumed: secondsOf(consumedAt) }) }
    },
    consume: async (id) => {
      const consumption = await consumeArtefact(postgres, model, id)
      if (consumption.first) return
      // RFC 6749 §4.1.2: a code that comes twice takes with it what the first one brought.
      if (consumption.grantId) await grants(storage).destroy(consumption.grantId)
      throw model === 'PushedAuthorizationRequest'
        ? new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used')
        : new errors.InvalidGrant('it was used before')
    },
    destroy: (id) => forgetArtefact(postgres, model, id),
    revokeByGrantId: (grantId) => forgetArtefactsOf(postgres, grantId),
  }
}

/** What the library calls to remember: each model goes where its noun lives. */
export const adapterFor =
  (storage: Storage) =>
  (model: string): Adapter => {
    const kept = ArtefactModel.safeParse(model)
    if (kept.success) return artefacts(kept.data, storage)
    switch (model) {
      case 'Client':
        return clients(storage)
      case 'Session':
        return sessions
      case 'Grant':
        return grants(storage)
      // A JWT access token is stored nowhere; the library still asks to forget those of a grant.
      case 'AccessToken':
        return { ...refusing(model), find: ignored, revokeByGrantId: ignored }
      case 'ClientCredentials':
        return { ...refusing(model), find: ignored }
      default:
        return refusing(model)
    }
  }
