/** What an application may be: one function for portal, console and whoever comes later, before anything is kept. */
import { createHash, createPublicKey } from 'node:crypto'
import { isIP } from 'node:net'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { Cell } from '#kernel/cell.ts'
import { type FieldError, problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import {
  readCertificateRequest,
  readSelfSigned,
  type SelfSignedCertificate,
} from '#platform/certificates.ts'
import { type JWK, weakness } from '#platform/jose.ts'
import {
  type Application,
  Authentication,
  GrantType,
  PublicJwk,
  SenderConstraint,
} from './application.ts'
import { CERTIFICATES_MAX } from './certificate.ts'

export const applicationRefused = problem(
  'partners/application-refused',
  400,
  'The application cannot be admitted as it is',
)

/** Text that people read: no control and no direction signs, so that a name shows as it is written. */
export const Name = z
  .string()
  .trim()
  .normalize('NFC')
  .regex(/^[^\p{C}]{2,120}$/u, 'needs 2 to 120 visible characters')

const GivenJwk = z.looseObject({ kty: z.string() })

/** Members as RFC 7591 means them, in our spelling. Unknown ones are refused, never ignored. */
export const ApplicationRequest = z.strictObject({
  cell: Cell,
  name: Name,
  authentication: Authentication,
  senderConstraint: SenderConstraint,
  jwks: z.strictObject({ keys: z.array(GivenJwk).min(1).max(5) }).optional(),
  csr: z.string().max(16_384).optional(),
  revealKey: GivenJwk.optional(),
  redirectUris: z.array(z.string().max(2_000)).max(20).default([]),
  grantTypes: z.array(GrantType).min(1),
  products: z.array(z.string()).min(1),
  scopes: z.array(z.string().max(64)).max(50).exactOptional(),
  authorizationDetailsTypes: z.array(z.string().max(128)).max(50).exactOptional(),
  rehearsal: z.boolean().default(false),
})
export type ApplicationRequest = z.output<typeof ApplicationRequest>

/** A key that asks to be admitted, under the name that two encodings of it share. */
export interface AskedKey {
  readonly pointer: string
  /** Hex SHA-256 of the canonical JWK members (RFC 7638). */
  readonly sha256: string
  readonly purpose: 'authentication' | 'reveal'
}

export interface Admitted {
  readonly application: Omit<Application, 'id' | 'partnerId' | 'status' | 'requestedAt'>
  readonly keys: readonly AskedKey[]
}

/** Answers what will be kept, or throws `partners/application-refused` with a pointer for every wrong place. */
export const admit = async (
  request: ApplicationRequest,
  offeredProducts: readonly string[],
  now: Temporal.Instant,
): Promise<Admitted> => {
  const errors: FieldError[] = [
    ...redirectErrors(request),
    ...grantErrors(request),
    ...productErrors(request.products, offeredProducts),
  ]
  if (request.rehearsal && request.cell !== 'sandbox')
    errors.push(wrong('/rehearsal', 'not_here', 'production is not rehearsed in production'))
  if (request.authentication === 'private_key_jwt' && !request.jwks)
    errors.push(wrong('/jwks', 'required', 'private_key_jwt needs the public keys that will sign'))
  if (request.authentication === 'self_signed_tls_client_auth' && !request.jwks)
    errors.push(wrong('/jwks', 'required', 'its keys come with their certificates, as x5c'))

  const keys: AskedKey[] = []
  const keep = (pointer: string, given: JWK, purpose: AskedKey['purpose']) => {
    const read = readKey(pointer, given, purpose)
    if ('detail' in read) {
      errors.push(read)
      return []
    }
    keys.push({ pointer, sha256: keySha256(read), purpose })
    return [read]
  }
  const jwks = (request.jwks?.keys ?? []).flatMap((given, i) => {
    const pointer = `/jwks/keys/${i}`
    const [key] = keep(pointer, given, 'authentication')
    if (!key) return []
    const certificate = certificateOf(request, pointer, given, now)
    if (certificate === undefined) return [key]
    if ('detail' in certificate) {
      errors.push(certificate)
      return []
    }
    return [{ ...key, x5c: [certificate.der] }]
  })
  const revealKey = request.revealKey
    ? (keep('/revealKey', request.revealKey, 'reveal')[0] ?? null)
    : null
  if (request.csr !== undefined) keys.push(await keyOfRequest(request.csr))
  errors.push(
    ...repeated(
      '/jwks/keys',
      jwks.map((key) => key.kid),
      'kid',
    ),
  )
  errors.push(...onePurposeEach(keys))
  if (jwks.filter((key) => 'x5c' in key).length > CERTIFICATES_MAX)
    errors.push(
      wrong('/jwks/keys', 'many', `at most ${CERTIFICATES_MAX} certificates live at once`),
    )

  if (errors.length > 0) throw applicationRefused(`${errors.length} place(s) are wrong`, { errors })
  const { jwks: _, csr: __, revealKey: ___, scopes = null, ...rest } = request
  const { authorizationDetailsTypes = null } = request
  return { application: { ...rest, jwks, revealKey, scopes, authorizationDetailsTypes }, keys }
}

/** The certificate that comes with a key; undefined where none belongs there. */
const certificateOf = (
  { authentication, senderConstraint }: ApplicationRequest,
  pointer: string,
  given: JWK,
  now: Temporal.Instant,
): SelfSignedCertificate | FieldError | undefined => {
  const selfSigned = authentication === 'self_signed_tls_client_auth'
  const place = `${pointer}/x5c`
  if (given.x5c === undefined)
    return selfSigned
      ? wrong(place, 'required', 'the certificate of this key is missing')
      : undefined
  if (!selfSigned && senderConstraint !== 'mtls')
    return wrong(place, 'unused', 'this application shows no certificate: leave x5c out')
  const [der = '', ...chain] = z.array(z.string()).safeParse(given.x5c).data ?? []
  const certificate = chain.length === 0 ? readSelfSigned(der) : undefined
  if (!certificate) return wrong(place, 'certificate', 'it needs one self-signed certificate')
  if (keySha256(certificate.jwk) !== keySha256(given))
    return wrong(place, 'certificate', 'the certificate is of another key')
  if (isBefore(now, certificate.notBefore) || !isBefore(now, certificate.notAfter))
    return wrong(place, 'certificate', 'the certificate is not in force now')
  return certificate
}

const wrong = (pointer: string, code: string, detail: string): FieldError => ({
  pointer,
  code,
  detail,
})

/** The key of a CSR, which must be held and strong: `partners/csr-refused` otherwise. */
export const keyOfRequest = async (csr: string): Promise<AskedKey> => {
  const { jwk } = await readCertificateRequest(csr)
  return { pointer: '/csr', sha256: keySha256(jwk), purpose: 'authentication' }
}

const productErrors = (products: readonly string[], offered: readonly string[]) => [
  ...products.flatMap((product, i) =>
    offered.includes(product)
      ? []
      : [wrong(`/products/${i}`, 'unknown', `offered are ${offered.join(', ')}`)],
  ),
  ...repeated('/products', products, 'product'),
]

const grantErrors = ({ grantTypes, redirectUris }: ApplicationRequest) => {
  const errors = repeated('/grantTypes', grantTypes, 'grant type')
  const hasCode = grantTypes.includes('authorization_code')
  if (grantTypes.includes('refresh_token') && !hasCode)
    errors.push(wrong('/grantTypes', 'alone', 'refresh_token needs authorization_code beside it'))
  if (hasCode && redirectUris.length === 0)
    errors.push(wrong('/redirectUris', 'required', 'authorization_code needs a redirect address'))
  return errors
}

const repeated = (pointer: string, words: readonly string[], what: string): FieldError[] =>
  words.flatMap((word, i) =>
    words.indexOf(word) === i
      ? []
      : [wrong(`${pointer}/${i}`, 'repeated', `the ${what} stands here twice`)],
  )

/** FAPI 2.0 §5.3.2.2 and RFC 9700 §4.1: exact https addresses that nobody else can receive. */
const redirectErrors = ({ redirectUris, cell }: ApplicationRequest) => [
  ...redirectUris.flatMap((text, i) => {
    const why = redirectFlaw(text, cell)
    return why === undefined ? [] : [wrong(`/redirectUris/${i}`, 'redirect', why)]
  }),
  ...repeated('/redirectUris', redirectUris, 'address'),
]

const redirectFlaw = (text: string, cell: Cell): string | undefined => {
  if (!URL.canParse(text)) return 'it is no absolute address'
  const url = new URL(text)
  if (url.protocol !== 'https:') return 'it must be https'
  if (url.username || url.password) return 'it holds a user'
  if (text.includes('#')) return 'it holds a fragment'
  if (text.includes('*')) return 'it holds a wildcard'
  if (isIP(url.hostname.replace(/^\[|\]$/g, ''))) return 'it names a host by its number'
  const local = url.hostname === 'localhost' || url.hostname.endsWith('.localhost')
  if (local && cell === 'production') return 'localhost is for the sandbox'
  // It is compared letter by letter later, so it has to be written the one way.
  if (url.href !== text && url.href !== `${text}/`) return `write it as ${url.href}`
  return undefined
}

const algorithmOf = (jwk: JWK, purpose: AskedKey['purpose']): string | undefined => {
  if (purpose === 'reveal')
    return jwk.kty === 'EC' ? 'ECDH-ES+A256KW' : jwk.kty === 'RSA' ? 'RSA-OAEP-256' : undefined
  if (jwk.kty === 'RSA') return 'PS256'
  return jwk.crv === 'P-256' ? 'ES256' : jwk.crv === 'Ed25519' ? 'EdDSA' : undefined
}

/** Modulus or x of the keys that RFC 7515 (A.2, A.3), 7517 (A), 8037 (A.1) and 9449 (§4) print with or for everybody. */
const printedKeys: ReadonlySet<string> = new Set([
  'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
  '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
])

/** The key in its one spelling, or what is wrong with it. */
const readKey = (
  pointer: string,
  given: JWK,
  purpose: AskedKey['purpose'],
): PublicJwk | FieldError => {
  const held = weakness(given)
  if (held) return wrong(pointer, 'key', held)
  let key: JWK
  try {
    key = createPublicKey({ key: given, format: 'jwk' }).export({ format: 'jwk' })
  } catch {
    return wrong(pointer, 'key', 'it is not a public key: a member is missing or off its curve')
  }
  // Once more, on the one spelling: zeros in front of a short modulus are gone now.
  const weak = weakness(key)
  if (weak) return wrong(pointer, 'key', weak)
  if (printedKeys.has(key.n ?? key.x ?? ''))
    return wrong(pointer, 'key', 'its private half stands in a public document: make a new one')
  const alg = algorithmOf(key, purpose)
  if (alg === undefined) return wrong(pointer, 'key', `it cannot be used for ${purpose}`)
  if (given.alg !== undefined && given.alg !== alg)
    return wrong(`${pointer}/alg`, 'algorithm', `a key of this kind is used with ${alg}`)
  const use = purpose === 'reveal' ? 'enc' : 'sig'
  if (given.use !== undefined && given.use !== use)
    return wrong(`${pointer}/use`, 'use', `it must be ${use}`)
  const kid = z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/)
    .safeParse(given.kid ?? keySha256(key))
  if (!kid.success)
    return wrong(`${pointer}/kid`, 'kid', 'it needs 1 to 128 visible ASCII characters')
  return PublicJwk.parse({ ...key, kid: kid.data, alg, use })
}

/** RFC 7638: the members that make the key, and nothing else. */
export const keySha256 = ({ kty, crv, x, y, n, e }: JWK): string =>
  createHash('sha256').update(canonical({ kty, crv, x, y, n, e })).digest('hex')

const onePurposeEach = (keys: readonly AskedKey[]): FieldError[] =>
  keys
    .filter((key) =>
      keys.some((other) => other.sha256 === key.sha256 && other.purpose !== key.purpose),
    )
    .map(({ pointer }) =>
      wrong(pointer, 'purpose', 'a key has one purpose: to sign, or to be encrypted to'),
    )
