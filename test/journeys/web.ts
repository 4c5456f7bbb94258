/** The web as a stranger uses it: the addresses of the well-known document, TLS with its authority, cookies, JSON. */
import { Agent, fetch as undiciFetch, type RequestInit } from 'undici'
import { z } from 'zod'
import type { Answer } from './walker.ts'

const CellAddresses = z.object({
  gateway: z.string(),
  gatewayMtls: z.string(),
  issuer: z.string(),
  cardKeys: z.array(z.looseObject({ kty: z.string() })),
})

export const WellKnown = z.object({
  version: z.string(),
  ready: z.boolean(),
  portal: z.string(),
  console: z.string(),
  ca: z.string(),
  cells: z.object({ sandbox: CellAddresses, production: CellAddresses }),
})
export type WellKnown = z.output<typeof WellKnown>

export const readWellKnown = async (portal: string): Promise<WellKnown> => {
  const answer = await fetch(`${portal}/.well-known/portico`).catch((cause: unknown) => {
    throw new Error(`nothing answers at ${portal}; run npm start first`, { cause })
  })
  return WellKnown.parse(await answer.json())
}

export interface ClientIdentity {
  readonly key: string
  readonly certificate: string
}

/**
 * How long a partner's program that is opened now tries again what was not done, or may be asked twice; 0: it takes the
 * first answer, and so does whoever counts each of his calls.
 */
export const patience = { ms: 0 }
const AGAIN_MS = 500
/** A connection that breaks for so long is broken on purpose: nobody takes this certificate. */
const BROKEN_MS = 15_000

const causesOf = (error: unknown): string =>
  error instanceof Error ? `${Reflect.get(error, 'code')} ${causesOf(error.cause)}` : ''

/** What never arrived may be sent again, and what is answered by 503 was not done; all else only where it harms nobody. */
export const patiently = async (
  { harmless, withinMs }: { harmless: boolean; withinMs: number },
  ask: () => Promise<Response>,
): Promise<Response> => {
  const fromMs = performance.now()
  for (;;) {
    const tookMs = performance.now() - fromMs
    const isLast = tookMs > withinMs
    try {
      const response = await ask()
      const again = response.status === 503 || (harmless && [502, 504].includes(response.status))
      if (isLast || !again) return response
      await response.text()
    } catch (error) {
      const isRefused = causesOf(error).includes('ECONNREFUSED')
      const again = isRefused || (harmless && tookMs < BROKEN_MS)
      if (isLast || !again) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
}

/** `fetch` that trusts the local authority and, where one is given, shows a client certificate. */
export const secureFetch = (ca: string, identity?: ClientIdentity) => {
  const dispatcher = new Agent({
    connect: { ca, ...(identity && { key: identity.key, cert: identity.certificate }) },
    connections: 16,
  })
  const withinMs = patience.ms
  const call = (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const ask = async () => (await undiciFetch(url, { ...init, dispatcher })) as unknown as Response
    const headers = new Headers(init.headers as HeadersInit)
    // RFC 9449 §11.1: a proof is shown once. Whoever made it makes another one.
    if (headers.has('dpop')) return ask()
    const harmless = (init.method ?? 'GET') === 'GET' || headers.has('idempotency-key')
    return patiently({ harmless, withinMs }, ask)
  }
  return Object.assign(call, { close: () => dispatcher.close() })
}
export type SecureFetch = ReturnType<typeof secureFetch>

/** A problem or an object, whatever the answer holds; a text becomes `{ text }`. */
export const readAnswer = async (response: Response): Promise<Answer> => {
  const text = await response.text()
  const parse = (): Record<string, unknown> => {
    try {
      const value: unknown = JSON.parse(text)
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)
        : { value }
    } catch {
      return { text }
    }
  }
  return { status: response.status, headers: response.headers, body: text === '' ? {} : parse() }
}

/** Cookies of one site, as a browser keeps them: the newest value of each name. */
export class CookieJar {
  readonly #cookies = new Map<string, string>()
  take(response: Response) {
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      const [name, value] = [pair.slice(0, at).trim(), pair.slice(at + 1)]
      if (value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(line))
        this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
  }
  header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }
}

/** A person signed in at the portal or the console: JSON both ways, the session's cookie kept. */
export const officeOf = (origin: string) => {
  const jar = new CookieJar()
  return async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<Answer> => {
    const response = await patiently({ harmless: method === 'GET', withinMs: patience.ms }, () =>
      fetch(`${origin}/api${path}`, {
        method,
        headers: {
          cookie: jar.header(),
          'x-portico-csrf': '1',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
    jar.take(response)
    return readAnswer(response)
  }
}
export type Office = ReturnType<typeof officeOf>
