/** RFC 7009 for access tokens. The library turns signed ones away, since it keeps none: ours are denied at the gateways. */
import type { KoaContextWithOIDC } from 'oidc-provider'
import { z } from 'zod'
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import { importVerifyKey, type JWK, unprovenJws, verifyJws } from '#platform/jose.ts'
import { deny } from '../revocations/index.ts'

const Refused = z.object({ error: z.literal('unsupported_token_type') })
const Token = z.object({ jti: z.string(), client_id: z.string(), exp: z.number() })
type Token = z.output<typeof Token>

export interface TokenRevocationWorld {
  /** Of the issuer: those that a living token may be signed with. */
  readonly keys: readonly JWK[]
  readonly postgres: Postgres
  readonly now: () => Temporal.Instant
}

/** Whose the token is, if it is one of ours; how long it lives plays no part. */
const proven = async (raw: string, keys: readonly JWK[]): Promise<Token | undefined> => {
  const header = unprovenJws(raw)?.header
  const jwk = keys.find(({ kid }) => kid !== undefined && kid === header?.kid)
  if (!jwk || header?.typ !== 'at+jwt') return undefined
  return Token.safeParse(await verifyJws(raw, await importVerifyKey(jwk, 'PS256'))).data
}

/** Stands around the library: what it turned away after the client had proven itself is looked at here. */
export const revokesAccessTokens =
  ({ keys, postgres, now }: TokenRevocationWorld) =>
  async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next()
    if (ctx.oidc?.route !== 'revocation' || !Refused.safeParse(ctx.body).success) return
    const applicationId: string | undefined = ctx.oidc.client?.clientId
    const token = await proven(String(ctx.oidc.params?.['token']), keys)
    if (token && token.client_id === applicationId && token.exp * 1000 > now().epochMilliseconds)
      await work(postgres, `application:${token.client_id}`, now(), async (w) => {
        await deny(w, 'token', token.jti)
        await w.record('tokens.revoked', token.jti, { applicationId: token.client_id })
      })
    // §2.2: what is invalid, or somebody else's, is answered as what was revoked; nothing tells them apart.
    ctx.status = 200
    ctx.body = ''
  }
