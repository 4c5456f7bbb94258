/** The witness over HTTP: `POST /add-checkpoint` of C2SP tlog-witness, and what it remembers for whoever verifies. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Problem } from '#kernel/problem.ts'
import type { Log } from '#platform/log.ts'
import type { Running } from '#platform/process.ts'
import { readAddCheckpoint, SIZE_TYPE } from '#journal/witnessing.ts'
import { addCheckpoint, openWitness, rememberedOf, type Witness } from './witness.ts'

/** 63 hashes and a note fit many times. */
const BODY_BYTES_MAX = 65_536
const REQUEST_MS_MAX = 10_000

export interface RunningWitness extends Running {
  readonly url: string
  /** What logs and verifiers pin. */
  readonly vkey: string
}

/** Starts a witness whose key and memory are in `folder`. */
export const startWitness = async (
  { log, now }: { log: Log; now: () => Temporal.Instant },
  { folder, port, host = '127.0.0.1' }: { folder: string; port: number; host?: string },
): Promise<RunningWitness> => {
  const witness = await openWitness(folder)
  const server = createServer({ requestTimeout: REQUEST_MS_MAX }, (request, response) => {
    answer(witness, request, response, now).catch((cause: unknown) => {
      log.error({ err: cause }, 'a question to the witness ended without an answer')
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  // Listening on an address, it has one.
  const { port: held } = server.address() as AddressInfo
  log.info({ port: held, vkey: witness.signer.vkey }, 'the witness is open')
  return {
    url: `http://${host}:${held}`,
    vkey: witness.signer.vkey,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

const answer = async (
  witness: Witness,
  request: IncomingMessage,
  response: ServerResponse,
  now: () => Temporal.Instant,
): Promise<void> => {
  const url = new URL(request.url ?? '/', 'http://witness')
  if (request.method === 'POST' && url.pathname === '/add-checkpoint') {
    const body = await readBody(request)
    if (body === undefined) return say(response, 413, 'the body is too long\n')
    return judge(witness, body, response, now)
  }
  if (request.method === 'GET' && url.pathname === '/remembered') {
    const data = rememberedOf(witness, url.searchParams.get('origin') ?? '')
    return say(response, 200, JSON.stringify({ data }), 'application/json')
  }
  say(response, 404, 'there is nothing here\n')
}

const judge = (
  witness: Witness,
  body: string,
  response: ServerResponse,
  now: () => Temporal.Instant,
): void => {
  try {
    const verdict = addCheckpoint(witness, readAddCheckpoint(body), now())
    if (verdict.status === 200) say(response, 200, verdict.line)
    else if (verdict.status === 409) say(response, 409, `${verdict.size}\n`, SIZE_TYPE)
    else say(response, verdict.status, `${verdict.why}\n`)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    say(response, error.status, `${error.detail}\n`)
  }
}

const say = (response: ServerResponse, status: number, text: string, type = 'text/plain') => {
  response.writeHead(status, { 'content-type': type })
  response.end(text)
}

const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request) {
    const bytes = Buffer.from(part)
    length += bytes.length
    if (length > BODY_BYTES_MAX) return undefined
    parts.push(bytes)
  }
  return Buffer.concat(parts).toString('utf8')
}
