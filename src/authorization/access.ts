/** Proves a sender-constrained access token of this issuer (RFC 9068, RFC 8705 §3, RFC 9449 §7) for its own resources. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import type { Postgres } from '#platform/db.ts'
import {
  importVerifyKey,
  type JWK,
  type SigningAlgorithm,
  thumbprint,
  unprovenJws,
  type VerifyKey,
  verifyJws,
  weakness,
} from '#platform/jose.ts'
import type { Clients } from './clients/index.ts'
import { findConsent } from './consents/index.ts'
import type { Exchange } from './exchange.ts'
import { claimFirstUse } from './oauth/index.ts'
import { peerCertificateOf } from './provider/certificates.ts'
import { isDenied } from './revocations/index.ts'

export const tokenInvalid = problem(
  'authorization/token-invalid',
  401,
  'The access token is not valid',
)
export const senderUnproven = problem(
  'authorization/sender-unproven',
  401,
  'The token is bound to a key that was not proven',
)

export interface Access {
  readonly applicationId: string
}
export type ProvesAccess = (exchange: Exchange) => Promise<Access>

const Token = z.object({
  iss: z.string(),
  aud: z.string(),
  iat: z.number(),
  exp: z.number(),
  jti: z.string(),
  client_id: z.string(),
  consent_id: z.string().optional(),
  cnf: z.union([z.object({ jkt: z.string() }), z.object({ 'x5t#S256': z.string() })]),
})

const ProofHeader = z.object({
  typ: z.literal('dpop+jwt'),
  alg: z.enum(['PS256', 'ES256', 'EdDSA']),
  jwk: z.looseObject({ kty: z.string() }),
})

const Proof = z.object({
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  jti: z.string().min(1),
  ath: z.string(),
})

const PROOF_SECONDS = 60
const schemes = ['DPoP', 'Bearer'] as const

const challenge = (error: string) => ({
  headers: {
    'www-authenticate': `DPoP error="${error}", algs="PS256 ES256 EdDSA", Bearer error="${error}"`,
  },
})
const refused = (detail: string) => tokenInvalid(detail, challenge('invalid_token'))
const unproven = (detail: string) => senderUnproven(detail, challenge('invalid_dpop_proof'))

export interface AccessWorld {
  readonly issuer: string
  readonly audience: string
  /** Public keys of the issuer. */
  readonly keys: readonly JWK[]
  /** Host of the door → its origin: what `htu` must begin with. */
  readonly originOf: (host: string) => string
  readonly clients: Clients
  readonly postgres: Postgres
  readonly now: () => Temporal.Instant
}

export const accessProver = async (world: AccessWorld): Promise<ProvesAccess> => {
  const keys = new Map<string, VerifyKey>()
  for (const jwk of world.keys) keys.set(jwk.kid ?? '', await importVerifyKey(jwk, 'PS256'))
  const seconds = () => world.now().epochMilliseconds / 1000

  const proveToken = async (raw: string) => {
    const header = unprovenJws(raw)?.header
    const key = keys.get(header?.kid ?? '')
    if (!key || header?.typ !== 'at+jwt') throw refused('it is not a token of this issuer')
    const token = Token.safeParse(await verifyJws(raw, key))
    if (!token.success) throw refused('its signature or its claims do not hold')
    const { iss, aud, exp } = token.data
    if (iss !== world.issuer || aud !== world.audience) throw refused('it is for another server')
    if (exp <= seconds()) throw refused('it has expired')
    if (await isDenied(world.postgres, 'token', token.data.jti)) throw refused('it was revoked')
    return token.data
  }

  const proveCertificate = ({ req }: Exchange, applicationId: string, bound: string) => {
    const peer = peerCertificateOf(req.socket)
    if (peer?.sha256 !== bound) throw unproven('the certificate of the connection is another one')
    if (!world.clients.holdsCertificate(applicationId, bound, world.now()))
      throw unproven('the certificate is not one of the application’s')
  }

  const proveKey = async ({ req, path }: Exchange, token: string, owner: string, jkt: string) => {
    const raw = req.headersDistinct['dpop'] ?? []
    const [proof = ''] = raw
    const header = ProofHeader.safeParse(unprovenJws(proof)?.header)
    if (raw.length !== 1 || !header.success) throw unproven('there is not exactly one DPoP proof')
    const { alg, jwk }: { alg: SigningAlgorithm; jwk: JWK } = header.data
    if (weakness(jwk) !== undefined || (await thumbprint(jwk)) !== jkt)
      throw unproven('the proof is of another key')
    const claims = Proof.safeParse(await verifyJws(proof, await importVerifyKey(jwk, alg)))
    if (!claims.success) throw unproven('the proof does not hold')
    const { htm, htu, iat, jti, ath } = claims.data
    const at = URL.parse(htu)
    const here = `${world.originOf(req.headers.host ?? '')}${path}`
    if (htm !== req.method || !at || `${at.origin}${at.pathname}` !== here)
      throw unproven('the proof is of another request')
    if (ath !== createHash('sha256').update(token).digest('base64url'))
      throw unproven('the proof is of another token')
    if (Math.abs(seconds() - iat) > PROOF_SECONDS) throw unproven('the proof is not of now')
    const expiresAt = world.now().add({ seconds: 2 * PROOF_SECONDS })
    if (!(await claimFirstUse(world.postgres, { issuer: owner, jti, expiresAt, now: world.now() })))
      throw unproven('the proof was used before')
  }

  const isEnded = async (consentId: string): Promise<boolean> => {
    const status = (await findConsent(world.postgres, consentId))?.status
    return status === undefined || status === 'REVOKED' || status === 'SUSPENDED'
  }

  return async (exchange) => {
    const [scheme = '', raw = '', ...more] = (exchange.req.headers.authorization ?? '').split(' ')
    const known = schemes.find((name) => name.toLowerCase() === scheme.toLowerCase())
    if (!known || more.length > 0) throw refused('the Authorization header holds no token')
    const { client_id: applicationId, consent_id: consentId, cnf, iat } = await proveToken(raw)
    if (!world.clients.find(applicationId, world.now()))
      throw refused('its application is not served')
    const since = world.clients.tokensSince(applicationId, world.now())
    if (since && iat * 1000 <= since.epochMilliseconds)
      throw refused('a key of its application was revoked')
    // FAPI 2.0 §5.3.4: the gateways follow the denial; here the consent itself is at hand.
    if (consentId !== undefined && (await isEnded(consentId)))
      throw refused('its consent has ended')
    if ('jkt' in cnf && known === 'DPoP') await proveKey(exchange, raw, applicationId, cnf.jkt)
    else if ('x5t#S256' in cnf && known === 'Bearer')
      proveCertificate(exchange, applicationId, cnf['x5t#S256'])
    else throw unproven('a bound token is shown with its proof')
    return { applicationId }
  }
}
