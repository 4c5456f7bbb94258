/** Whether an event is the bank's (Standard Webhooks 1.0.0): `v1a` by its public key, `v1` by the shared secret. */
import { createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto'

export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused'
}

export interface WebhookMessage {
  /** As they came: `webhook-id`, `webhook-timestamp`, `webhook-signature`. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The bytes that came: JSON that was parsed and written again is another text. */
  readonly body: string | Uint8Array
}

export interface WebhookEvent {
  /** The same on every attempt and replay: remember those that were handled. */
  readonly id: string
  readonly type: string
  readonly timestamp: string
  readonly data: unknown
}

/** Older and newer messages are refused: somebody may have kept them. */
const TOLERANCE_SECONDS = 300

type Check = (scheme: string, content: Buffer, signature: Buffer) => boolean

/** `keys`: what was pinned beforehand, `whpk_…` and `whsec_…`; several while one is being replaced. */
export const openWebhookVerifier = (
  keys: readonly string[],
  { now = Date.now }: { now?: () => number } = {},
): ((message: WebhookMessage) => WebhookEvent) => {
  if (keys.length === 0) throw new TypeError('without a key nothing can be verified')
  const checks = keys.map(checkOf)
  return ({ headers, body }) => {
    const [id, timestamp, signatures] = [
      'webhook-id',
      'webhook-timestamp',
      'webhook-signature',
    ].map((name) => one(headers, name))
    if (!id || !timestamp || !signatures) throw new WebhookRefused('a header is missing')
    if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookRefused('its time cannot be read')
    if (Math.abs(now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS)
      throw new WebhookRefused('it is too old, or from the future')
    const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)])
    const genuine = signatures.split(' ').some((text) => {
      const [scheme = '', encoded = ''] = text.split(',', 2)
      const signature = Buffer.from(encoded, 'base64')
      return checks.some((check) => check(scheme, content, signature))
    })
    if (!genuine) throw new WebhookRefused('no signature of it holds')
    return eventOf(id, Buffer.from(body).toString('utf8'))
  }
}

const one = (headers: WebhookMessage['headers'], name: string): string | undefined => {
  const found = Object.entries(headers).filter(([n]) => n.toLowerCase() === name)
  const values = found.flatMap(([, value]) => value ?? [])
  return values.length === 1 ? values[0] : undefined
}

/** A key checks its own scheme and no other: a public key must never be taken for a shared secret. */
const checkOf = (text: string): Check => {
  const [prefix, encoded = ''] = text.split('_', 2)
  const bytes = Buffer.from(encoded, 'base64')
  if (prefix === 'whpk' && bytes.length === 32) {
    const key = publicKey(bytes)
    return (scheme, content, signature) =>
      scheme === 'v1a' && signature.length === 64 && verify(null, content, key, signature)
  }
  if (prefix === 'whsec' && bytes.length >= 24 && bytes.length <= 64)
    return (scheme, content, signature) => {
      const own = createHmac('sha256', bytes).update(content).digest()
      return scheme === 'v1' && signature.length === own.length && timingSafeEqual(signature, own)
    }
  throw new TypeError('a key is whpk_ and 32 bytes, or whsec_ and 24 to 64 bytes')
}

const publicKey = (bytes: Buffer): KeyObject =>
  createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
    format: 'jwk',
  })

const eventOf = (id: string, text: string): WebhookEvent => {
  const said: unknown = JSON.parse(text)
  const members: Record<string, unknown> =
    typeof said === 'object' && said !== null ? Object.fromEntries(Object.entries(said)) : {}
  const { type, timestamp, data } = members
  return {
    id,
    type: typeof type === 'string' ? type : '',
    timestamp: typeof timestamp === 'string' ? timestamp : '',
    data,
  }
}
