/** The only importer of `jose`: algorithms come from our key records, never from a token's header. */
import { createHash, type KeyObject } from 'node:crypto'
import {
  calculateJwkThumbprint,
  CompactEncrypt,
  compactDecrypt,
  CompactSign,
  compactVerify,
  exportJWK,
  FlattenedSign,
  flattenedVerify,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from 'jose'
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { problem } from '#kernel/problem.ts'

export type { JWK } from 'jose'
export type SigningAlgorithm = 'PS256' | 'ES256' | 'EdDSA'

/** RFC 7515 §7.1 in its one canonical spelling: jose itself accepts padding and white space inside segments. */
const canonicalJws = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
const TOKEN_CHARS_MAX = 16_384

export const tokenMalformed = problem(
  'gateway/token-malformed',
  401,
  'The token is not a well-formed JWS',
)

/** Whether every segment is base64url without spare bits: one token has one spelling. */
const isCanonical = (token: string) =>
  token.length <= TOKEN_CHARS_MAX &&
  canonicalJws.test(token) &&
  token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)

const Header = z.looseObject({
  alg: z.string(),
  typ: z.string().optional(),
  kid: z.string().optional(),
  crit: z.never().optional(),
})
const Claims = z.record(z.string(), z.unknown())

/** Header and claims as they claim to be: nothing of it is proven. Undefined where it is not a canonical JWS. */
export const unprovenJws = (
  token: string,
): { header: z.output<typeof Header>; claims: Record<string, unknown> } | undefined => {
  if (!isCanonical(token)) return undefined
  const [head = '', body = ''] = token.split('.')
  try {
    const header = Header.safeParse(JSON.parse(Buffer.from(head, 'base64url').toString('utf8')))
    const claims = Claims.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')))
    return header.success && claims.success
      ? { header: header.data, claims: claims.data }
      : undefined
  } catch {
    return undefined
  }
}

/** A key that verifies, with the one algorithm it may be used with. */
export interface VerifyKey {
  readonly alg: SigningAlgorithm
  readonly key: CryptoKey | KeyObject | Uint8Array
}

export const importVerifyKey = async (jwk: JWK, alg: SigningAlgorithm): Promise<VerifyKey> => ({
  alg,
  key: await importJWK(jwk, alg),
})

/** Proves a canonical JWS with this key and its algorithm; answers what was signed, undefined where it does not hold. */
export const proveJws = async (token: string, key: VerifyKey): Promise<Uint8Array | undefined> => {
  if (!isCanonical(token)) return undefined
  try {
    return (await compactVerify(token, key.key, { algorithms: [key.alg] })).payload
  } catch {
    return undefined
  }
}

/** As `proveJws`; answers its claims, undefined where it has none. */
export const verifyJws = async (
  token: string,
  key: VerifyKey,
): Promise<Record<string, unknown> | undefined> => {
  const payload = await proveJws(token, key)
  if (!payload) return undefined
  try {
    return Claims.safeParse(JSON.parse(Buffer.from(payload).toString('utf8'))).data
  } catch {
    return undefined
  }
}

export interface SigningKey {
  readonly alg: SigningAlgorithm
  readonly kid: string
  readonly key: CryptoKey | KeyObject | Uint8Array
}

export const importSigningKey = async (jwk: JWK): Promise<SigningKey> => {
  const alg = z.enum(['PS256', 'ES256', 'EdDSA']).parse(jwk.alg)
  return { alg, kid: z.string().parse(jwk.kid), key: await importJWK(jwk, alg) }
}

export const signJws = async (
  claims: Record<string, unknown>,
  key: SigningKey,
  header: { typ: string } & Record<string, unknown>,
): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ ...header, alg: key.alg, kid: key.kid }).sign(key.key)

/** Signs bytes as a compact JWS. */
export const signBytes = (payload: Uint8Array, key: SigningKey): Promise<string> =>
  new CompactSign(payload).setProtectedHeader({ alg: key.alg, kid: key.kid }).sign(key.key)

/**
 * A detached JWS with an unencoded payload (RFC 7515 Appendix F, RFC 7797): `header..signature`, over the bytes as they
 * travel. Whoever reads it must understand every member of `said`: each is named in `crit`.
 */
export const signDetached = async (
  payload: Uint8Array,
  key: SigningKey,
  said: Readonly<Record<string, string | number>>,
): Promise<string> => {
  const names = Object.keys(said)
  const header = { alg: key.alg, kid: key.kid, b64: false, crit: ['b64', ...names], ...said }
  const { protected: head, signature } = await new FlattenedSign(payload)
    .setProtectedHeader(header)
    .sign(key.key, { crit: understood(names) })
  return `${head}..${signature}`
}

const understood = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, true]))

const detachedJws = /^([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]+)$/
const DetachedHeader = z.strictObject({
  alg: z.enum(['PS256', 'ES256', 'EdDSA']),
  kid: z.string(),
  b64: z.literal(false),
  crit: z.array(z.string()),
  typ: z.literal('JOSE').optional(),
})

/**
 * Proves a detached JWS over these bytes with the key that its `kid` names and with that key's one algorithm. `said` is
 * the schema of what must stand in its header beside alg, kid, b64 and crit; all of it must be critical. Answers it, or why not.
 */
export const verifyDetached = async <T extends z.ZodRawShape>(
  jws: string,
  payload: Uint8Array,
  keys: ReadonlyMap<string, VerifyKey>,
  said: T,
): Promise<{ said: z.output<z.ZodObject<T>> } | { why: string }> => {
  const [, head = '', signature = ''] = detachedJws.exec(jws) ?? []
  const parts = [head, signature]
  if (
    jws.length > TOKEN_CHARS_MAX ||
    parts.some((p) => p === '' || Buffer.from(p, 'base64url').toString('base64url') !== p)
  )
    return { why: 'it is no detached JWS' }
  const names = Object.keys(said)
  const header = headerOf(head, DetachedHeader.extend(said))
  if (!header) return { why: `its header does not hold ${names.join(', ')} and b64: false` }
  const { alg, kid, crit, b64: _, typ: __, ...rest } = DetachedHeader.loose().parse(header)
  if (crit.toSorted().join() !== ['b64', ...names].toSorted().join())
    return { why: `crit must name b64, ${names.join(', ')} and nothing else` }
  const key = keys.get(kid)
  if (!key) return { why: 'its kid is no key that is registered for the application' }
  if (key.alg !== alg) return { why: `this key signs with ${key.alg}` }
  try {
    await flattenedVerify({ protected: head, payload, signature }, key.key, {
      algorithms: [key.alg],
      crit: understood(names),
    })
    return { said: z.object(said).parse(rest) }
  } catch {
    return { why: 'the signature does not hold' }
  }
}

const headerOf = (head: string, schema: z.ZodType): unknown => {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(head, 'base64url').toString('utf8'))
    return schema.safeParse(parsed).data
  } catch {
    return undefined
  }
}

const kinds = new Map<string, SigningAlgorithm>([
  ['RSA', 'PS256'],
  ['EC P-256', 'ES256'],
  ['OKP Ed25519', 'EdDSA'],
])

/** The one algorithm of a partner's key: what it names, or what its kind of key is used with. None for keys of other use. */
export const algorithmOf = (jwk: JWK): SigningAlgorithm | undefined => {
  if (jwk.use !== undefined && jwk.use !== 'sig') return undefined
  const fits = kinds.get(`${jwk.kty} ${jwk.crv ?? ''}`.trim())
  return jwk.alg === undefined || jwk.alg === fits ? fits : undefined
}

const base64url = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')

/** RFC 4648 §5 without padding, from bytes to bytes: `toString('base64url')` would leave a string that nobody can wipe. */
const encodeBytes = (bytes: Uint8Array): Buffer => {
  const encoded = Buffer.alloc(Math.ceil((bytes.length * 4) / 3))
  for (let from = 0, to = 0; from < bytes.length; from += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(from, from + 3)
    const sextets = [a >> 2, ((a & 3) << 4) | (b >> 4), ((b & 15) << 2) | (c >> 6), c & 63]
    for (const sextet of sextets) if (to < encoded.length) encoded[to++] = base64url[sextet] ?? 0
  }
  return encoded
}

/** As `signBytes` with ES256, for a payload that must be wiped: no string of it comes to be. The caller wipes the answer. */
export const signToBytes = async (payload: Uint8Array, key: SigningKey): Promise<Buffer> => {
  assert(key.alg === 'ES256' && key.key instanceof CryptoKey, 'what is wiped is signed with ES256')
  const header = Buffer.from(JSON.stringify({ alg: key.alg, kid: key.kid })).toString('base64url')
  const body = encodeBytes(payload)
  const input = Buffer.concat([Buffer.from(`${header}.`), body])
  const signature = Buffer.from(
    await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.key, input),
  )
  const jws = Buffer.concat([input, Buffer.from(`.${signature.toString('base64url')}`)])
  body.fill(0)
  input.fill(0)
  return jws
}

/** A new private JWK with `kid` = its RFC 7638 thumbprint. */
export const newSigningJwk = async (alg: SigningAlgorithm): Promise<JWK> => {
  const { privateKey } = await generateKeyPair(alg, {
    extractable: true,
    ...(alg === 'PS256' && { modulusLength: 2048 }),
  })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) }
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']

/** The public half of a private JWK. */
export const publicJwk = (jwk: JWK): JWK =>
  Object.fromEntries(Object.entries(jwk).filter(([member]) => !privateMembers.includes(member)))

export const thumbprint = (jwk: JWK): Promise<string> => calculateJwkThumbprint(jwk)

/** Key management and content encryption that we use and accept (PCI DSS 4.2.1: strong cryptography in transit). */
const keyManagement = ['ECDH-ES+A256KW', 'RSA-OAEP-256'] as const
export type EncryptionAlgorithm = (typeof keyManagement)[number]

/** Encrypts bytes to a partner's key as a compact JWE (A256GCM). */
export const encryptTo = async (payload: Uint8Array, jwk: JWK, cty: string): Promise<string> => {
  const alg = z.enum(keyManagement).parse(jwk.alg)
  return new CompactEncrypt(payload)
    .setProtectedHeader({ alg, enc: 'A256GCM', cty, ...(jwk.kid && { kid: jwk.kid }) })
    .encrypt(await importJWK(jwk, alg))
}

/** The reader's side of `encryptTo`. */
export const decryptWith = async (jwe: string, jwk: JWK): Promise<Uint8Array> => {
  const alg = z.enum(keyManagement).parse(jwk.alg)
  const { plaintext } = await compactDecrypt(jwe, await importJWK(jwk, alg), {
    keyManagementAlgorithms: [alg],
    contentEncryptionAlgorithms: ['A256GCM'],
  })
  return plaintext
}

/** RFC 7518 §6.2.1/§6.3.1 and FAPI 2.0 §5.4: the partner keys that we accept. Names what is wrong. */
export const weakness = (jwk: JWK): string | undefined => {
  if (privateMembers.some((member) => member in jwk)) return 'it holds private members'
  if (jwk.kty === 'RSA') {
    const bits = Buffer.from(jwk.n ?? '', 'base64url').length * 8
    const e = BigInt(`0x${Buffer.from(jwk.e ?? '', 'base64url').toString('hex') || '0'}`)
    if (bits < 2048) return 'RSA needs at least 2048 bits'
    return e < 65_537n ? 'RSA needs an exponent of at least 65537' : undefined
  }
  if (jwk.kty === 'EC')
    return jwk.crv === 'P-256' || jwk.crv === 'P-384' ? undefined : 'EC needs P-256 or P-384'
  if (jwk.kty === 'OKP') return jwk.crv === 'Ed25519' ? undefined : 'OKP needs Ed25519'
  return 'kty must be RSA, EC or OKP'
}

/** base64url SHA-256: the `ath` of RFC 9449 and the key of every cache of tokens. */
export const sha256url = (value: string | Uint8Array): string =>
  createHash('sha256').update(value).digest('base64url')
