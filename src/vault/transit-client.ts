/** The HTTP API of HashiCorp Vault and OpenBao, as far as keys need it: signed in by client certificate, bounded in every way. */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'undici'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { Secret } from '#platform/secret.ts'
import { openCircuit, type Circuit } from './circuit.ts'

export const keysAway = problem('vault/keys-away', 503, 'The key service does not answer')
export const keysRefused = problem('vault/keys-refused', 503, 'The key service refuses the vault')

export interface TransitSettings {
  /** `https://keys.bank.example:8200`. */
  readonly url: string
  /** Name of the role at `auth/cert`; of the key in the engine, too. */
  readonly name: string
  /** Where the transit engine is mounted. */
  readonly mount: string
  /** PEM of the authority of the service, and of the certificate that the vault shows. */
  readonly ca: string
  readonly certificate: string
  readonly key: string
  readonly circuit?: Circuit
  readonly timeoutMs?: number
}

export interface TransitClient {
  /** The `data` of the answer; undefined where the service says that what was sent is wrong (400). Throws the problems above. */
  ask<T>(
    method: 'GET' | 'POST',
    path: string,
    body: object | undefined,
    data: z.ZodType<T>,
  ): Promise<T | undefined>
  readonly close: () => Promise<void>
}

/** Longer than any answer takes that is of use to a person who waits for a card. */
const TIMEOUT_MS = 2_000
const ANSWER_BYTES_MAX = 65_536
/** A token is renewed when this share of its life is over. */
const SPENT = 0.8

const Login = z.object({
  auth: z.object({ client_token: z.string().min(1), lease_duration: z.number().int().min(0) }),
})

interface Answer {
  readonly status: number
  readonly body: unknown
}

export const openTransit = (settings: TransitSettings): TransitClient => {
  const { url, name, timeoutMs = TIMEOUT_MS, circuit = openCircuit() } = settings
  const agent = new Agent({
    connect: {
      ca: readFileSync(settings.ca),
      cert: readFileSync(settings.certificate),
      key: readFileSync(settings.key),
      minVersion: 'TLSv1.2',
      timeout: timeoutMs,
    },
    connections: 4,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: ANSWER_BYTES_MAX,
  })
  let token: { readonly value: Secret<string>; readonly untilMs: number } | undefined

  /** One request. What never arrived, took too long, or is an error of the service's own counts against it. */
  const send = async (
    method: 'GET' | 'POST',
    path: string,
    body: object | undefined,
    with_: Secret<string> | undefined,
  ): Promise<Answer> => {
    if (!circuit.lets()) throw keysAway('it did not answer just now', { headers: retryAfter })
    try {
      const answer = await request(`${url}/v1/${path}`, {
        method,
        dispatcher: agent,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          ...(with_ && { 'x-vault-token': with_.reveal() }),
        },
        ...(body && { body: JSON.stringify(body) }),
      })
      const text = await answer.body.text()
      if (answer.statusCode >= 500 || answer.statusCode === 429)
        throw new Error(`the key service answered ${answer.statusCode}`)
      circuit.answered()
      return { status: answer.statusCode, body: text === '' ? {} : JSON.parse(text) }
    } catch (cause) {
      circuit.failed()
      throw keysAway('try again in a moment', { cause, headers: retryAfter })
    }
  }

  const signedIn = async (): Promise<Secret<string>> => {
    if (token && performance.now() < token.untilMs) return token.value
    const { status, body } = await send('POST', 'auth/cert/login', { name }, undefined)
    const parsed = Login.safeParse(body)
    if (status !== 200 || !parsed.success)
      throw keysRefused(`it does not sign the vault in as ${name} (${status})`)
    const { client_token, lease_duration } = parsed.data.auth
    const lifeMs = lease_duration === 0 ? Number.POSITIVE_INFINITY : lease_duration * 1_000 * SPENT
    token = { value: new Secret(client_token), untilMs: performance.now() + lifeMs }
    return token.value
  }

  return {
    ask: async (method, path, body, data) => {
      let answer = await send(method, path, body, await signedIn())
      if (answer.status === 403) {
        // The token was revoked, or its time was told otherwise: once again with a new one.
        token = undefined
        answer = await send(method, path, body, await signedIn())
      }
      if (answer.status === 400) return undefined
      if (answer.status !== 200 && answer.status !== 204)
        throw keysRefused(`it answers ${answer.status} to ${method} ${path}`)
      const parsed = z
        .object({ data })
        .safeParse(answer.status === 204 ? { data: {} } : answer.body)
      if (!parsed.success)
        throw keysRefused(`its answer to ${method} ${path} is not understood`, {
          // Never the answer itself: a key may be in it.
          cause: new Error(
            parsed.error.issues.map(({ path: at, code }) => `${at.join('.')} ${code}`).join(', '),
          ),
        })
      return parsed.data.data
    },
    close: () => agent.close(),
  }
}

const retryAfter = { 'retry-after': '5' }
