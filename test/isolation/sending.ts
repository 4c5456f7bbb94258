/** Requests over real TLS and real sockets, from many loopback addresses: no one address may try so often. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { connect } from 'node:net'

export interface Heard {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Readonly<Record<string, unknown>>
}

export interface Request {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Identity {
  readonly key: Buffer
  readonly cert: Buffer
}

const ADDRESSES = 128
const TIMEOUT_MS = 15_000

const parsed = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text)
    return Object(value) === value ? (value as Record<string, unknown>) : { value }
  } catch {
    return { text: text.slice(0, 20_000) }
  }
}

const heardFrom = (response: IncomingMessage): Promise<Heard> =>
  new Promise((resolve, reject) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => (text += chunk))
    response.once('error', reject)
    response.once('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: parsed(text),
      }),
    )
  })

const sent = (request: ReturnType<typeof httpRequest>, body: string | undefined): Promise<Heard> =>
  new Promise((resolve, reject) => {
    request.setTimeout(TIMEOUT_MS, () => request.destroy(new Error('no answer')))
    request.once('response', (response) => void heardFrom(response).then(resolve, reject))
    request.once('error', reject)
    request.end(body)
  })

const lengthOf = (body: string | undefined) =>
  body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }

/** 127.0.0.2 and its neighbours, where this system has them; else the one address that it has. */
const sources = async (port: number): Promise<(string | undefined)[]> => {
  const works = await new Promise<boolean>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
  return works ? Array.from({ length: ADDRESSES }, (_, at) => `127.0.0.${at + 2}`) : [undefined]
}

/** A way to every port of localhost, each request from the next address. */
export const openSending = async (ca: string, anyPort: number) => {
  const from = await sources(anyPort)
  const agents = from.map(
    (localAddress) =>
      new Agent({ ca, keepAlive: true, maxSockets: 2, ...(localAddress && { localAddress }) }),
  )
  let turn = 0
  return {
    addresses: from.length,
    /** Without a certificate, on connections that stay. */
    send: (port: number, { method, path, headers, body }: Request): Promise<Heard> => {
      const agent = agents[turn++ % agents.length]!
      const all = { ...lengthOf(body), ...headers }
      const options = { host: 'localhost', family: 4, port, method, path, agent, headers: all }
      return sent(httpsRequest(options), body)
    },
    /** With a client certificate, each on a connection of its own. */
    sendAs: (
      identity: Identity,
      port: number,
      { method, path, headers, body }: Request,
    ): Promise<Heard> => {
      const localAddress = from[turn++ % from.length]
      const options = {
        host: 'localhost',
        family: 4,
        port,
        method,
        path,
        ca,
        ...identity,
        agent: false as const,
        headers: { ...lengthOf(body), ...headers },
        ...(localAddress && { localAddress }),
      }
      return sent(httpsRequest(options), body)
    },
    sendToSocket: (socketPath: string, { method, path, headers, body }: Request) =>
      sent(
        httpRequest({ socketPath, method, path, headers: { ...lengthOf(body), ...headers } }),
        body,
      ),
    close: () => {
      for (const agent of agents) agent.destroy()
    },
  }
}
export type Sending = Awaited<ReturnType<typeof openSending>>
