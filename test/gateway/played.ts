/** What stands around a gateway, played: control at the other end of its link, bank and vault at their sockets. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { FieldBatch } from '#gateway/field-report.ts'
import { LiveReport } from '#gateway/live-report.ts'
import type { Snapshot } from '#gateway/snapshot.ts'
import type { UsageRecord } from '#gateway/usage.ts'
import { UsageBatch } from '#gateway/usage.ts'
import type { Cell } from '#kernel/cell.ts'
import { Problem } from '#kernel/problem.ts'
import { CALL_HEADER, CALLER_HEADER, type Caller, callerVerifier } from '#platform/caller.ts'
import type { JWK } from '#platform/jose.ts'
import { Receipt } from '#platform/link.ts'
import { type Revocation, sealEnvelope } from '#platform/publication.ts'
import { claimSocket } from '#platform/socket.ts'

export const read = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

export const answerJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  type = 'application/json',
): void => {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body))
}

/** Control as the link knows it: the newest envelope, a stream of lines with a heartbeat, a till for usage. */
export const playControl = (options: {
  cell: Cell
  socketPath: string
  snapshotKey: JWK
  content: () => Snapshot
}) => {
  let epoch = 0
  let envelope: unknown
  let takesUsage = true
  let server: Server | undefined
  const streams = new Set<ServerResponse>()
  const revocations: Revocation[] = []
  const usage: UsageRecord[] = []
  const receipts: Receipt[] = []
  const live: LiveReport[] = []
  const say = (line: unknown) =>
    streams.forEach((stream) => stream.write(`${JSON.stringify(line)}\n`))
  const beats = setInterval(() => say({ type: 'heartbeat', at: new Date().toISOString() }), 250)

  const stream = (response: ServerResponse) => {
    response.writeHead(200)
    for (const revocation of revocations)
      response.write(`${JSON.stringify({ type: 'revocation', revocation })}\n`)
    response.write(`${JSON.stringify({ type: 'heartbeat', at: '' })}\n`)
    streams.add(response)
    response.once('close', () => streams.delete(response))
  }
  const takeUsage = async (request: IncomingMessage, response: ServerResponse) => {
    const text = await read(request)
    if (!takesUsage)
      return answerJson(response, 503, {
        code: 'usage/away',
        title: 'Away',
        status: 503,
        detail: 'away',
      })
    const { records } = UsageBatch.parse(JSON.parse(text))
    usage.push(...records)
    answerJson(response, 200, { seq: records.at(-1)?.seq })
  }
  const takeLive = async (request: IncomingMessage, response: ServerResponse) => {
    live.push(LiveReport.parse(JSON.parse(await read(request))))
    answerJson(response, 200, {})
  }
  const takeFields = async (request: IncomingMessage, response: ServerResponse) => {
    const { seq } = FieldBatch.parse(JSON.parse(await read(request)))
    answerJson(response, 200, { seq })
  }
  const takeReceipt = async (request: IncomingMessage, response: ServerResponse) => {
    receipts.push(Receipt.parse(JSON.parse(await read(request))))
    answerJson(response, 200, {})
  }
  return {
    usage,
    receipts,
    live,
    setTakesUsage: (takes: boolean) => {
      takesUsage = takes
    },
    open: async () => {
      const opened = createServer((request, response) => {
        if (request.url?.includes('/stream')) stream(response)
        else if (request.url?.endsWith('/usage')) void takeUsage(request, response)
        else if (request.url?.endsWith('/fields')) void takeFields(request, response)
        else if (request.url?.endsWith('/live')) void takeLive(request, response)
        else if (request.url?.endsWith('/receipts')) void takeReceipt(request, response)
        else if (envelope instanceof Uint8Array)
          response.writeHead(200, { 'content-length': envelope.length }).end(envelope)
        else if (envelope) answerJson(response, 200, envelope)
        else answerJson(response, 404, {})
      })
      server = opened
      await claimSocket(options.socketPath)
      await new Promise<void>((resolve) => opened.listen(options.socketPath, resolve))
    },
    close: async () => {
      const opened = server
      server = undefined
      opened?.closeAllConnections()
      if (opened) await new Promise((resolve) => opened.close(resolve))
    },
    end: () => clearInterval(beats),
    /** Publishes what the content is now. `bend` may spoil the envelope, `change` the content that is signed. */
    publish: (
      bend: (envelope: Record<string, unknown>) => unknown = (same) => same,
      change: (content: Snapshot) => unknown = (same) => same,
    ) => {
      epoch++
      const compiledAt = new Date().toISOString()
      const content = change(options.content())
      const { cell, snapshotKey } = options
      const head = { cell, audience: 'gateway', epoch, compiledAt, content } as const
      envelope = bend({ ...sealEnvelope(head, snapshotKey) })
      say({ type: 'epoch', epoch })
      return epoch
    },
    /** Publishes an envelope that was sealed elsewhere, as it is. */
    publishSealed: (sealed: (epoch: number) => Uint8Array) => {
      epoch++
      envelope = sealed(epoch)
      say({ type: 'epoch', epoch })
      return epoch
    },
    revoke: (kind: Revocation['kind'], id: string) => {
      const at = new Date()
      const expiresAt = new Date(at.getTime() + 86_400_000).toISOString()
      const revocation: Revocation = {
        source: 'control',
        seq: revocations.length + 1,
        kind,
        id,
        at: at.toISOString(),
        expiresAt,
      }
      revocations.push(revocation)
      say({ type: 'revocation', revocation })
    },
  }
}

/** What the played bank heard: the caller is verified as the real one does it. */
export interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly caller: Caller
  readonly body: string
}

export type Play = (heard: Heard, response: ServerResponse) => void | Promise<void>

const verified = (verify: () => Caller): Caller | undefined => {
  try {
    return verify()
  } catch (error) {
    if (error instanceof Problem && error.code === 'bank/caller-late') return undefined
    throw error
  }
}

/** Bank or vault at a socket: does what the test says. A call without a good caller header fails loudly. */
export const playUpstream = async (
  path: string,
  callerKey: Uint8Array,
  play: Play,
): Promise<Server> => {
  const verify = callerVerifier(callerKey)
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      response.setHeader(CALL_HEADER, String(request.headers[CALL_HEADER]))
      const caller = verified(() => verify(request.headers[CALLER_HEADER], Temporal.Now.instant()))
      // As the real one: a gateway whose clock is wrong is told so, and nothing is done.
      if (caller === undefined) return answerJson(response, 401, { code: 'bank/caller-late' })
      const { method = '', url = '', headers, rawHeaders } = request
      if (caller.bodySha256 !== createHash('sha256').update(body).digest('base64url'))
        throw new Error('the body is not the one that was signed for')
      return play({ method, url, headers, rawHeaders, caller, body }, response)
    })
  })
  await claimSocket(path)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return server
}
