/** What somebody without the key can do to a JWS: every known way to make a verifier look away. */
import { createHmac } from 'node:crypto'
import type { JWK } from '#platform/jose.ts'
import type { Chance } from './chance.ts'

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (part: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>

const algorithms = ['none', 'None', 'HS256', 'HS512', 'RS256', 'PS256', 'ES256', 'EdDSA', 'ES256K']

interface Means {
  readonly chance: Chance
  /** A genuine JWS of the cell that is attacked, seen on the way. */
  readonly seen: string
  /** Public keys of that cell: what algorithm confusion uses as a secret. */
  readonly publicKeys: readonly JWK[]
  /** Claims that the attacked cell wants to see. */
  readonly wanted: Readonly<Record<string, unknown>>
}

type Forgery = (parts: readonly [string, string, string], means: Means) => string

/** RFC 8725 §2 and §3, one function for each way. */
const forgeries: Readonly<Record<string, Forgery>> = {
  'as it is': (parts) => parts.join('.'),
  'another alg in the header': ([head, body, mac], { chance }) =>
    `${encode({ ...decode(head), alg: chance.of(algorithms) })}.${body}.${mac}`,
  'no signature': ([head, body], { chance }) =>
    `${encode({ ...decode(head), alg: chance.of(['none', 'NONE', '', 'PS256']) })}.${body}.`,
  'HMAC with a public key': ([head, body], { chance, publicKeys }) => {
    const key = chance.of(publicKeys)
    const input = `${encode({ ...decode(head), alg: 'HS256', kid: key.kid })}.${body}`
    const secret = chance.of([JSON.stringify(key), String(key.n ?? key.x)])
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  },
  'a signature that was seen': ([head, body], { seen }) => `${head}.${body}.${seen.split('.')[2]}`,
  'a header and signature that were seen': ([, body], { seen }) =>
    `${seen.split('.')[0]}.${body}.${seen.split('.')[2]}`,
  'a header that was seen': ([, body, mac], { seen }) => `${seen.split('.')[0]}.${body}.${mac}`,
  'claims changed after signing': ([head, body, mac], { chance, wanted }) => {
    const claims = decode(body)
    for (const name of Object.keys(wanted)) if (chance.once(2)) claims[name] = wanted[name]
    return `${head}.${encode({ ...claims, jti: `jti-${chance.below(2 ** 32)}` })}.${mac}`
  },
  'the key in the header': ([head, body, mac], { chance, publicKeys }) =>
    `${encode({
      ...decode(head),
      [chance.of(['jwk', 'jku', 'x5u', 'x5c'])]: chance.of([
        publicKeys[0],
        'https://keys.example/jwks.json',
      ]),
    })}.${body}.${mac}`,
  'a critical extension': ([head, body, mac]) =>
    `${encode({ ...decode(head), crit: ['exp'], exp: 4_102_444_800 })}.${body}.${mac}`,
  'another spelling': (parts, { chance }) =>
    chance.of(['=', '==', ' ', '\n', '.', '.e30', '\u0000']).replace(/^/, parts.join('.')),
  'a member twice': ([head, body, mac], { wanted }) => {
    const text = Buffer.from(body, 'base64url').toString('utf8')
    const twice = `{${JSON.stringify(wanted).slice(1, -1)},${text.slice(1)}`
    return `${head}.${Buffer.from(twice).toString('base64url')}.${mac}`
  },
  'one bit of the signature': ([head, body, mac], { chance }) => {
    const bytes = Buffer.from(mac, 'base64url')
    const at = chance.below(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8))
    return `${head}.${body}.${bytes.toString('base64url')}`
  },
  'an empty or zero signature': ([head, body, mac], { chance }) =>
    `${head}.${body}.${Buffer.alloc(chance.of([1, 32, 64, Buffer.from(mac, 'base64url').length])).toString('base64url')}`,
}
export const waysToForge = Object.keys(forgeries)

/** The JWS as an attacker would send it. */
export const forged = (jws: string, way: string, means: Means): string => {
  const [head = '', body = '', mac = ''] = jws.split('.')
  return forgeries[way]?.([head, body, mac], means) ?? jws
}
