/** The way to the bank: TLS with its authority, and the application's certificate where it has one. */
import { Agent, fetch as undiciFetch } from 'undici'

export interface Identity {
  /** PEM. */
  readonly certificate: string
  readonly key: string
}

export interface Request {
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  /** Parsed where it is JSON; text where it is text; the bytes of any other file; undefined where there is nothing. */
  readonly body: unknown
}

export interface Transport {
  send(url: string, request: Request): Promise<Answer>
  close(): Promise<void>
}

const ANSWER_MS = 30_000

/** `authority`: PEM of the authority of the bank's servers, where it is none that everybody knows. */
export const openTransport = ({
  authority,
  identity,
}: {
  authority?: string | undefined
  identity?: Identity | undefined
} = {}): Transport => {
  const dispatcher = new Agent({
    connect: {
      minVersion: 'TLSv1.2',
      ...(authority !== undefined && { ca: authority }),
      ...(identity && { cert: identity.certificate, key: identity.key }),
    },
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
  })
  return {
    send: async (url, { method, headers = {}, body, signal }) => {
      const answer = await undiciFetch(url, {
        dispatcher,
        method,
        headers,
        redirect: 'error',
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      })
      const bytes = new Uint8Array(await answer.arrayBuffer())
      const media = answer.headers.get('content-type') ?? 'application/json'
      return { status: answer.status, headers: answer.headers, body: bodyOf(media, bytes) }
    },
    close: () => dispatcher.close(),
  }
}

const bodyOf = (media: string, bytes: Uint8Array): unknown => {
  if (bytes.length === 0) return undefined
  const json = /^application\/([\w.-]+\+)?json\b/i.test(media)
  if (!json && !/^text\//i.test(media)) return bytes
  const text = new TextDecoder().decode(bytes)
  if (!json) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
