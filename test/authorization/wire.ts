/** Requests by hand: assertions, proofs and forms that no careful library would send. */
import { createHash, randomUUID } from 'node:crypto'
import { type Agent, fetch } from 'undici'
import { z } from 'zod'
import type { House } from './house.ts'
import type { Application } from './partner.ts'

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A JWS signed with an ECDSA P-256 key, whatever its header says. */
export const jws = async (header: object, claims: object, key: CryptoKey): Promise<string> => {
  const text = `${encode(header)}.${encode(claims)}`
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const signature = await crypto.subtle.sign(algorithm, key, Buffer.from(text))
  return `${text}.${Buffer.from(signature).toString('base64url')}`
}

export const seconds = () => Math.floor(Temporal.Now.instant().epochMilliseconds / 1000)

/** A client assertion (RFC 7523); `undefined` leaves a claim out. */
export const assertion = (
  house: House,
  app: Application,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> =>
  jws(
    { alg: 'ES256', kid: app.kid, ...header },
    {
      iss: app.id,
      sub: app.id,
      aud: house.issuer,
      jti: randomUUID(),
      iat: seconds(),
      exp: seconds() + 60,
      ...claims,
    },
    app.key.privateKey,
  )

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** What authenticates an application in a form. */
export const authenticated = async (house: House, app: Application, given?: string) => ({
  client_id: app.id,
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: given ?? (await assertion(house, app)),
})

/** A DPoP proof (RFC 9449 §4.2). */
export const proof = async (
  keys: CryptoKeyPair,
  htu: string,
  claims: Record<string, unknown> = {},
): Promise<string> => {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', keys.publicKey)
  return jws(
    { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } },
    { htm: 'POST', htu, iat: seconds(), jti: randomUUID(), ...claims },
    keys.privateKey,
  )
}

export const newKeys = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])

const Answer = z.looseObject({
  error: z.string().optional(),
  error_description: z.string().optional(),
  access_token: z.string().optional(),
  refresh_token: z.string().optional(),
  request_uri: z.string().optional(),
  code: z.string().optional(),
  status: z.unknown().optional(),
})

export interface Answered {
  readonly status: number
  readonly body: z.output<typeof Answer>
  readonly headers: Headers
}

/** Sends a form; answers status and JSON. */
export const post = async (
  agent: Agent,
  url: string,
  form: Record<string, string> | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<Answered> => {
  const answer = await fetch(url, {
    method: 'POST',
    dispatcher: agent,
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form).toString(),
  })
  const text = await answer.text()
  const body = text.startsWith('{') ? Answer.parse(JSON.parse(text)) : {}
  return { status: answer.status, body, headers: new Headers([...answer.headers]) }
}

/** An authorization request with all that is needed, for the test to spoil. */
export const authorizationRequest = (app: Application, detail: object, scope = 'accounts') => {
  const verifier = randomUUID() + randomUUID()
  return {
    verifier,
    form: {
      response_type: 'code',
      redirect_uri: app.redirectUri,
      scope,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      authorization_details: JSON.stringify([detail]),
    },
  }
}

/** Counts what the answers were: `{ 'ok': 1, 'invalid_grant': 49 }`. */
export const tally = (answers: readonly Answered[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { status, body } of answers) {
    const word = status < 300 ? 'ok' : (body.error ?? String(status))
    counts[word] = (counts[word] ?? 0) + 1
  }
  return counts
}
