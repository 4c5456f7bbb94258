/** Software statements (RFC 7591 §2.3): taken from issuers that the bank has named, and from nobody else. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { importVerifyKey, type JWK, unprovenJws, verifyJws, weakness } from '#platform/jose.ts'
import { RegistrationRefusal } from './refusal.ts'

const Anchor = z.strictObject({
  issuer: z.string().min(1),
  keys: z.array(
    z.looseObject({ kty: z.string(), kid: z.string(), alg: z.enum(['PS256', 'ES256', 'EdDSA']) }),
  ),
})
type Anchor = z.output<typeof Anchor>

/** The file that names them: `[{ "issuer", "keys": [JWK with kid and alg] }]`. No file: no issuer. */
export const readAnchors = (path: string | undefined): readonly Anchor[] =>
  path === undefined ? [] : z.array(Anchor).parse(JSON.parse(readFileSync(path, 'utf8')))

const Statement = z.looseObject({
  iss: z.string(),
  iat: z.number(),
  exp: z.number(),
  software_id: z.string(),
})
/** Of the statement itself, not of the client. */
const about = new Set([
  'iss',
  'iat',
  'exp',
  'nbf',
  'jti',
  'aud',
  'sub',
  'software_id',
  'software_version',
])

export type ReadsStatement = (
  sent: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>>>

/** Takes the statement out of the metadata and its claims in: what it says counts more than what stands beside it. */
export const statementReader =
  (anchors: readonly Anchor[], now: () => Temporal.Instant): ReadsStatement =>
  async ({ software_statement: statement, ...plain }) => {
    if (statement === undefined) return plain
    const invalid = (why: string) =>
      new RegistrationRefusal('invalid_software_statement', why, '/software_statement')
    const unproven = typeof statement === 'string' ? unprovenJws(statement) : undefined
    if (typeof statement !== 'string' || !unproven) throw invalid('it is not a signed JWT')
    const anchor = anchors.find((a) => a.issuer === unproven.claims['iss'])
    if (!anchor)
      throw new RegistrationRefusal(
        'unapproved_software_statement',
        'the bank takes no statements of this issuer',
        '/software_statement',
      )
    const jwk = anchor.keys.find((key) => key.kid === unproven.header.kid)
    if (!jwk || weakness(jwk) !== undefined) throw invalid('its key is not one of its issuer’s')
    const key: JWK = jwk
    const claims = Statement.safeParse(
      await verifyJws(statement, await importVerifyKey(key, jwk.alg)),
    )
    if (!claims.success) throw invalid('its signature or its claims do not hold')
    const seconds = now().epochMilliseconds / 1000
    if (claims.data.exp <= seconds || claims.data.iat > seconds + 60)
      throw invalid('it is not in force now')
    const said = Object.entries(claims.data).filter(([claim]) => !about.has(claim))
    return { ...plain, ...Object.fromEntries(said) }
  }
