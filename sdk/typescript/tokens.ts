/** Tokens: by the application's own credentials, or with a customer's consent. Kept until they run out, asked for once. */
import { createHash, type KeyObject, randomBytes, randomUUID } from 'node:crypto'
import type { Prover } from './dpop.ts'
import { signJws } from './jws.ts'
import { Refusal } from './refusal.ts'
import type { Answer, Transport } from './transport.ts'

/** Where calls get their token from. */
export interface Tokens {
  get(): Promise<string>
  /** The bank did not take this one: the next `get` asks for another. */
  forget(token: string): void
}

export type Authentication =
  | { readonly method: 'private_key_jwt'; readonly key: KeyObject; readonly kid: string }
  | { readonly method: 'tls_client_auth' }

export interface Issuer {
  /** Client credentials, for what needs no customer. */
  own(scope: string): Tokens
  /** Pushes what is asked of a customer (RFC 9126, RFC 9396); send them to `url`, and finish with where they come back. */
  askCustomer(
    ask: CustomerAsk,
  ): Promise<{ url: string; finish: (back: string) => Promise<Granted> }>
  /** Goes on with a refresh token that was kept. */
  kept(refreshToken: string): Granted
}

export interface CustomerAsk {
  readonly scope: string
  readonly details: readonly object[]
  readonly redirectUri: string
}

/** What a customer consented to. */
export interface Granted extends Tokens {
  /** Keep it: it is all that is needed to go on after a restart. */
  refreshToken(): string | undefined
  readonly details: readonly unknown[]
  /** Ends the consent (RFC 7009). */
  end(): Promise<void>
}

interface Given {
  readonly issuer: string
  readonly clientId: string
  readonly authentication: Authentication
  readonly transport: Transport
  /** Without one tokens are bound to the certificate. */
  readonly prover: Prover | undefined
  readonly mtls: boolean
  readonly now: () => number
}

interface Endpoints {
  readonly token: string
  readonly pushed: string
  readonly authorization: string
  readonly revocation: string
}

/** A token that ends within this is not begun with. */
const MARGIN_MS = 30_000
const ASSERTION_SECONDS = 60

export const openIssuer = (given: Given): Issuer => {
  const { issuer, clientId, transport, prover, now } = given
  let known: Promise<Endpoints> | undefined
  const endpoints = () =>
    (known ??= discovered(given).catch((error: unknown) => {
      known = undefined
      throw error
    }))

  const post = async (url: string, form: Record<string, string>): Promise<unknown> => {
    const send = async (): Promise<Answer> =>
      transport.send(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
          ...(prover && { dpop: prover.proof('POST', url) }),
        },
        body: new URLSearchParams({ ...form, ...authenticated(given) }).toString(),
      })
    const first = await send()
    const answer = prover?.takeNonce(url, first) ? await send() : first
    if (answer !== first) prover?.takeNonce(url, answer)
    if (answer.status >= 400) throw new Refusal(answer.status, answer.headers, answer.body, now())
    return answer.body
  }
  const asked = async (form: Record<string, string>): Promise<Held> =>
    heldOf(await post((await endpoints()).token, form), now())

  const granted = (first: Held | undefined, firstRefresh?: string): Granted => {
    let refresh = first?.refreshToken ?? firstRefresh
    const tokens = keeping(
      async () => {
        if (refresh === undefined)
          throw new Refusal(401, new Headers(), {
            error: 'invalid_grant',
            error_description: 'the customer gave no longer access than this',
          })
        const held = await asked({ grant_type: 'refresh_token', refresh_token: refresh })
        refresh = held.refreshToken ?? refresh
        return held
      },
      { now, first },
    )
    return {
      ...tokens,
      refreshToken: () => refresh,
      details: first?.details ?? [],
      end: async () => {
        if (refresh === undefined)
          throw new TypeError(
            'there is no refresh token to end the consent with: the customer ends it at the bank',
          )
        const { revocation } = await endpoints()
        await post(revocation, { token: refresh, token_type_hint: 'refresh_token' })
      },
    }
  }

  return {
    own: (scope) => keeping(() => asked({ grant_type: 'client_credentials', scope }), { now }),
    kept: (refreshToken) => granted(undefined, refreshToken),
    askCustomer: async ({ scope, details, redirectUri }) => {
      const { pushed, authorization } = await endpoints()
      const verifier = randomBytes(32).toString('base64url')
      const state = randomBytes(16).toString('base64url')
      const answer = await post(pushed, {
        response_type: 'code',
        redirect_uri: redirectUri,
        scope,
        state,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        authorization_details: JSON.stringify(details),
      })
      const url = new URL(authorization)
      url.searchParams.set('client_id', clientId)
      url.searchParams.set('request_uri', text(answer, 'request_uri'))
      return {
        url: url.href,
        finish: async (back) => {
          const said = new URL(back).searchParams
          // RFC 9207: a code of another server is not sent to this one.
          if (said.get('state') !== state || said.get('iss') !== issuer)
            throw new TypeError('the customer came back from elsewhere')
          const error = said.get('error')
          if (error !== null)
            throw new Refusal(403, new Headers(), {
              error,
              error_description: said.get('error_description') ?? 'the customer said no',
            })
          const code = said.get('code') ?? ''
          return granted(
            await asked({
              grant_type: 'authorization_code',
              code,
              redirect_uri: redirectUri,
              code_verifier: verifier,
            }),
          )
        },
      }
    },
  }
}

interface Held {
  readonly accessToken: string
  readonly endsMs: number
  readonly refreshToken: string | undefined
  readonly details: readonly unknown[]
}

/** One token for all calls of a moment: those that come while it is asked for wait for the same one. */
const keeping = (
  ask: () => Promise<Held>,
  { now, first }: { now: () => number; first?: Held | undefined },
): Tokens => {
  let held: Held | undefined = first
  let asking: Promise<Held> | undefined
  return {
    get: async () => {
      if (held && held.endsMs - MARGIN_MS > now()) return held.accessToken
      asking ??= ask().finally(() => (asking = undefined))
      held = await asking
      return held.accessToken
    },
    forget: (token) => {
      if (held?.accessToken === token) held = undefined
    },
  }
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).find(([n]) => n === name)?.[1]
    : undefined

const text = (value: unknown, name: string): string => {
  const found = member(value, name)
  if (typeof found !== 'string') throw new TypeError(`the issuer’s answer has no ${name}`)
  return found
}

const heldOf = (answer: unknown, nowMs: number): Held => {
  const seconds = member(answer, 'expires_in')
  const refresh = member(answer, 'refresh_token')
  const details = member(answer, 'authorization_details')
  return {
    accessToken: text(answer, 'access_token'),
    endsMs: nowMs + (typeof seconds === 'number' ? seconds : 60) * 1000,
    refreshToken: typeof refresh === 'string' ? refresh : undefined,
    details: Array.isArray(details) ? details : [],
  }
}

/** RFC 8414; with a certificate the addresses that ask for one (RFC 8705 §5). */
const discovered = async ({ issuer, transport, mtls, now }: Given): Promise<Endpoints> => {
  const { status, headers, body } = await transport.send(
    `${issuer}/.well-known/openid-configuration`,
    { method: 'GET', headers: { accept: 'application/json' } },
  )
  if (status !== 200) throw new Refusal(status, headers, body, now())
  if (text(body, 'issuer') !== issuer) throw new TypeError('the document is of another issuer')
  const aliases = mtls ? member(body, 'mtls_endpoint_aliases') : undefined
  const at = (name: string) => {
    const alias = member(aliases, name)
    return typeof alias === 'string' ? alias : text(body, name)
  }
  return {
    token: at('token_endpoint'),
    pushed: at('pushed_authorization_request_endpoint'),
    authorization: text(body, 'authorization_endpoint'),
    revocation: at('revocation_endpoint'),
  }
}

/** RFC 7523 for this issuer alone (FAPI 2.0 §5.3.3.4), or nothing but the certificate. */
const authenticated = ({
  authentication,
  clientId,
  issuer,
  now,
}: Given): Record<string, string> => {
  if (authentication.method === 'tls_client_auth') return { client_id: clientId }
  const iat = Math.floor(now() / 1000)
  const claims = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat }
  return {
    client_id: clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: signJws(
      { kid: authentication.kid },
      { ...claims, exp: iat + ASSERTION_SECONDS },
      authentication.key,
    ),
  }
}
