/** An access token (RFC 9068) as far as it proves itself: signature, issuer, audience, time, environment. */
import { hash } from 'node:crypto'
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { unprovenJws, verifyJws } from '#platform/jose.ts'
import type { Table } from '../snapshots/table.ts'

/** RFC 9396 §2: one thing that the customer consented to. Its members belong to its type. */
const Detail = z.looseObject({
  type: z.string(),
  permissions: z.array(z.string()).optional(),
  accounts: z.array(z.string()).optional(),
  expirationDateTime: z.string().optional(),
  /** Unattended accesses a day of each account and family; the bank may grant more than the law's four, never fewer. */
  frequencyPerDay: z.int().positive().optional(),
})
export type Detail = z.output<typeof Detail>

const Claims = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.tuple([z.string()]).transform(([only]) => only)]),
  sub: z.string(),
  client_id: z.string(),
  scope: z.string().default(''),
  jti: z.string().min(1),
  iat: z.int(),
  exp: z.int(),
  env: z.string(),
  partner_id: z.string(),
  consent_id: z.string().optional(),
  acr: z.string().optional(),
  auth_time: z.int().optional(),
  authorization_details: z.array(Detail).default([]),
  cnf: z.union([
    z
      .strictObject({ jkt: z.string().min(1) })
      .transform(({ jkt }) => ({ by: 'dpop' as const, jkt })),
    z
      .strictObject({ 'x5t#S256': z.string().min(1) })
      .transform((c) => ({ by: 'mtls' as const, sha256: c['x5t#S256'] })),
  ]),
})

export interface AccessToken {
  /** The id of the token itself, for the deny-set: never the raw text (S20). */
  readonly jti: string
  readonly kid: string
  readonly applicationId: string
  readonly partnerId: string
  readonly subject: string
  readonly scopes: ReadonlySet<string>
  readonly consentId: string | null
  readonly details: readonly Detail[]
  /** How the customer proved who they are, and when (RFC 9068 §2.2.1). Null where no customer signed in. */
  readonly acr: string | null
  readonly authenticatedAtMs: number | null
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  readonly binding: z.output<typeof Claims>['cnf']
  /** base64url SHA-256 of the token: the `ath` of a DPoP proof. */
  readonly ath: string
}

/** Of a table, what a token is held to. */
type Issued = Pick<Table, 'issuer' | 'cell'>

export type Reading =
  | { readonly valid: true; readonly token: AccessToken }
  | { readonly valid: false; readonly why: 'invalid' | 'expired' | 'other-environment' | 'unbound' }

const CLOCK_SKEW_S = 10
/** S18: an access token lives ten minutes at most, whatever it says. */
const LIFE_MAX_S = 600
const invalid: Reading = { valid: false, why: 'invalid' }

/** Reads a token once: RFC 9068 §4 with our profile. Nothing of it is believed before its signature held. */
const readToken = async (
  text: string,
  ath: string,
  table: Issued,
  nowMs: number,
): Promise<Reading> => {
  const unproven = unprovenJws(text)
  if (!unproven) return invalid
  const { header, claims: claimed } = unproven
  // A hint for whoever mixed up two worlds; it decides nothing but the wording.
  const said = Cell.safeParse(claimed['env'])
  const otherWorld = said.success && said.data !== table.cell
  const failed: Reading = otherWorld ? { valid: false, why: 'other-environment' } : invalid
  if (header.typ !== 'at+jwt' && header.typ !== 'application/at+jwt') return failed
  if (claimed['iss'] !== table.issuer.issuer || header.kid === undefined) return failed
  const key = table.issuer.keys.get(header.kid)
  if (!key || header.alg !== key.alg) return failed
  const proven = await verifyJws(text, key)
  if (!proven) return failed
  if (!('cnf' in proven)) return { valid: false, why: 'unbound' }
  const parsed = Claims.safeParse(proven)
  if (!parsed.success) return failed
  const claims = parsed.data
  if (claims.aud !== table.issuer.audience || claims.env !== table.cell) return failed
  const nowS = nowMs / 1000
  if (claims.iat > nowS + CLOCK_SKEW_S || claims.exp - claims.iat > LIFE_MAX_S) return invalid
  if (claims.exp <= nowS) return { valid: false, why: 'expired' }
  return {
    valid: true,
    token: {
      jti: claims.jti,
      kid: header.kid,
      applicationId: claims.client_id,
      partnerId: claims.partner_id,
      subject: claims.sub,
      scopes: new Set(claims.scope.split(' ')),
      consentId: claims.consent_id ?? null,
      details: claims.authorization_details,
      acr: claims.acr ?? null,
      authenticatedAtMs: claims.auth_time === undefined ? null : claims.auth_time * 1000,
      issuedAtMs: claims.iat * 1000,
      expiresAtMs: claims.exp * 1000,
      binding: claims.cnf,
      ath,
    },
  }
}

interface Held {
  readonly token: AccessToken
  readonly keysId: string
}

export interface Tokens {
  /** `verifying` stands around the verification of a token that is not held: it may refuse to let it begin. */
  read(
    text: string,
    table: Issued,
    nowMs: number,
    verifying?: <T>(verification: () => Promise<T>) => Promise<T>,
  ): Reading | Promise<Reading>
  /** Whether this very text proved itself a moment ago. It may have ended since. */
  knows(text: string): boolean
  /** Forgets those that have ended. */
  sweep(nowMs: number): void
  size(): number
}

/** Tokens that are also found by their text, since a digest of a kilobyte is dear. Few: texts are long. */
const RECENT_MAX = 4_096

/** Tokens that proved themselves are not verified again until they end or the issuer's keys change (G21). Bounded. */
export const openTokens = (heldMax = 50_000): Tokens => {
  const cache = new Map<string, Held>()
  const recent = new Map<string, Held>()
  const remember = (text: string, one: Held) => {
    if (recent.size >= RECENT_MAX) recent.clear()
    recent.set(text, one)
  }
  return {
    size: () => cache.size,
    knows: (text) => recent.has(text),
    sweep: (nowMs) => {
      for (const held of [cache, recent])
        for (const [key, { token }] of held) if (token.expiresAtMs <= nowMs) held.delete(key)
    },
    read: (text, table, nowMs, verifying = (verification) => verification()) => {
      const { keysId } = table.issuer
      const last = recent.get(text)
      if (last && last.keysId === keysId && last.token.expiresAtMs > nowMs)
        return { valid: true, token: last.token }
      if (last) recent.delete(text)
      const ath = hash('sha256', text, 'base64url')
      const found = cache.get(ath)
      if (found && found.keysId === keysId) {
        if (found.token.expiresAtMs > nowMs) {
          remember(text, found)
          return { valid: true, token: found.token }
        }
        cache.delete(ath)
        return { valid: false, why: 'expired' }
      }
      return verifying(() => readToken(text, ath, table, nowMs)).then((reading) => {
        if (!reading.valid) return reading
        // The oldest goes: losing a place here costs a verification, nothing else.
        if (cache.size >= heldMax)
          for (const oldest of cache.keys()) {
            cache.delete(oldest)
            break
          }
        const fresh = { token: reading.token, keysId }
        cache.set(ath, fresh)
        remember(text, fresh)
        return reading
      })
    },
  }
}
