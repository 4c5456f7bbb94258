import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider'
import { assert } from '#kernel/assert.ts'
import type { Actor } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Clients } from '../clients/index.ts'
import { type Consent, endConsent, enriched, findConsent, isLive } from '../consents/index.ts'
import {
  ArtefactModel,
  consumeArtefact,
  findArtefact,
  forgetArtefact,
  forgetArtefactsOf,
  keepArtefact,
} from '../oauth/index.ts'

export interface Storage {
  readonly postgres: Postgres
  readonly clients: Clients
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
const clients = ({ clients: registry, now }: Storage): Adapter => ({
  ...refusing('Client'),
  find: async (id) => registry.metadata(id, now()),
})

/** No session is kept: every authorisation has its own sign-in, so a live session can skip nothing. */
const sessions: Adapter = {
  ...refusing('Session'),
  upsert: ignored,
  find: ignored,
  findByUid: ignored,
  destroy: ignored,
}

const grantPayload = (consent: Consent, audience: string): AdapterPayload => ({
  jti: consent.id,
  kind: 'Grant',
  iat: secondsOf(consent.authorisedAt ?? consent.createdAt),
  exp: secondsOf(consent.expiresAt),
  accountId: consent.subject,
  clientId: consent.applicationId,
  openid: { scope: consent.scopes.join(' ') },
  resources: { [audience]: consent.scopes.join(' ') },
  rar: [{ ...enriched(consent) }],
})

/** Who ends a grant: the partner at the revocation endpoint, else the bank, which saw a code used twice. */
const endOfGrant = () => {
  const ctx = Provider.ctx
  const client: string | undefined = ctx?.oidc.client?.clientId
  const actor: Actor = client === undefined ? 'system' : `application:${client}`
  return ctx?.oidc.route === 'revocation'
    ? { actor, by: 'partner' as const, reason: 'refresh token revoked' }
    : { actor, by: 'bank' as const, reason: 'used twice' }
}

/** A grant is a view of a consent: whatever ends the one ends the other. */
const grants = ({ postgres, audience, now }: Storage): Adapter => ({
  ...refusing('Grant'),
  find: async (id) => {
    const consent = await findConsent(postgres, id)
    return consent && isLive(consent, now()) ? grantPayload(consent, audience) : undefined
  },
  destroy: async (id) => {
    const { actor, ...end } = endOfGrant()
    await endConsent(postgres, { actor, now: now() }, id, { ...end, channel: 'token-endpoint' })
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
