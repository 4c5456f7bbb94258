/**
 * Control asks a cell. The cell always calls, so it opens a line and keeps it: control writes its questions there, the
 * cell's process answers each with a call of its own. Where no line is open, there is nobody to ask.
 *
 * `GET  /link/{cell}/asks?of=…`     NDJSON of AskLine for this process of the cell; never ends
 * `POST /link/{cell}/answers?of=…`  AskAnswer → {}
 *
 * The link's key says which cell calls; all its processes hold it. A key of its own, `portico-answering`, says which of
 * them: the gateway of a cell cannot answer for its bank.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { request } from 'undici'
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { uuidv7 } from '#kernel/id.ts'
import { Problem, problem, problemBody } from '#kernel/problem.ts'
import { parseRequest, problemOf, type Server } from './http.ts'
import { dispatcherTo, eachDoor, type Link } from './control-doors.ts'
import type { Log } from './log.ts'
import type { Running } from './process.ts'
import type { Secret } from './secret.ts'
import { type Client, type Endpoint, peerUnavailable, problemFromAnswer } from './rpc.ts'

const AskLine = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ask'), id: z.string(), path: z.string(), input: z.unknown() }),
  z.strictObject({ type: z.literal('heartbeat') }),
])
const AskAnswer = z.strictObject({
  id: z.string().max(64),
  status: z.int().min(100).max(599),
  body: z.unknown(),
})

export const answeringUnproven = problem(
  'platform/answering-unproven',
  401,
  'The call does not come from the process that it answers for',
)
export const lineTaken = problem(
  'platform/line-taken',
  409,
  'Another process holds the line already',
)

const KEY_HEADER = 'portico-answering'
const HEARTBEAT_MS = 1_000
const HEARD_NOTHING_MS = 5_000
const ANSWER_MS = 20_000
/** A line that broke comes back within this: a question waits so long for one. */
const LINE_MS = 3_000

type Contract = Readonly<Record<string, Endpoint>>

/** Which process of a cell answers. */
const Answering = z.enum(['courier', 'bank', 'authorization'])
export type Answering = z.output<typeof Answering>
const AsksQuery = z.object({ of: Answering.default('courier') })

export interface AskBoard {
  /** Puts the line's two addresses on control's end of the link. */
  routes(server: Server): void
  /** Asks whoever holds the line. Throws what was answered; `platform/peer-unavailable` where nobody answers. */
  client<C extends Contract>(contract: C, cell: Cell, of?: Answering): Client<C>
  /** Whether somebody can be asked now. */
  hears(cell: Cell, of?: Answering): boolean
  stop(): void
}

interface Pending {
  readonly cell: Cell
  readonly of: Answering
  readonly answer: (answer: z.output<typeof AskAnswer>) => void
}

interface Asked {
  readonly params: unknown
  readonly query: unknown
  readonly headers: IncomingHttpHeaders
}

const CellPath = z.object({ cell: Cell })

/** `keyOf` answers the key that this process of the cell alone has, besides control. */
export const openAskBoard = (keyOf: (cell: Cell, of: Answering) => Uint8Array): AskBoard => {
  const lines = new Map<`${Cell} ${Answering}`, ServerResponse>()
  const pending = new Map<string, Pending>()
  const beat = setInterval(() => {
    for (const line of lines.values()) line.write(`${JSON.stringify({ type: 'heartbeat' })}\n`)
  }, HEARTBEAT_MS)
  beat.unref()

  const lineOf = async (cell: Cell, of: Answering): Promise<ServerResponse> => {
    const endsMs = performance.now() + LINE_MS
    for (;;) {
      const line = lines.get(`${cell} ${of}`)
      if (line) return line
      if (performance.now() > endsMs)
        throw peerUnavailable(`the ${of} of ${cell} cannot be asked now`)
      await sleep(50)
    }
  }
  const ask = async (
    [cell, of]: readonly [Cell, Answering],
    { path, input, output }: Endpoint,
    value: unknown,
  ) => {
    const line = await lineOf(cell, of)
    const id = uuidv7()
    const { promise, resolve, reject } = Promise.withResolvers<z.output<typeof AskAnswer>>()
    const late = setTimeout(
      () => reject(peerUnavailable(`the ${of} of ${cell} does not answer`)),
      ANSWER_MS,
    )
    pending.set(id, { cell, of, answer: resolve })
    try {
      line.write(`${JSON.stringify({ type: 'ask', id, path, input: z.encode(input, value) })}\n`)
      const { status, body } = await promise
      if (status !== 200) throw problemFromAnswer(status, body)
      return output.parse(body)
    } finally {
      clearTimeout(late)
      pending.delete(id)
    }
  }

  /** Which process of which cell calls, proven by its own key. */
  const answeringIn = ({ params, query, headers }: Asked) => {
    const { cell } = parseRequest(CellPath, params)
    const { of } = parseRequest(AsksQuery, query)
    const key = Buffer.from(keyOf(cell, of)).toString('base64url')
    if (!timingSafeEqual(digest(String(headers[KEY_HEADER])), digest(key)))
      throw answeringUnproven(`the key is not the one of the ${of} of ${cell}`)
    return { cell, of }
  }

  return {
    routes: (server) => {
      server.get('/link/:cell/asks', async (request, reply) => {
        const { cell, of } = answeringIn(request)
        const name = `${cell} ${of}` as const
        if (lines.has(name)) throw lineTaken(`the ${of} of ${cell} is heard already`)
        reply.hijack()
        reply.raw.writeHead(200, {
          'content-type': 'application/x-ndjson',
          'cache-control': 'no-store',
        })
        reply.raw.flushHeaders()
        lines.set(name, reply.raw)
        reply.raw.once('close', () => lines.delete(name))
      })
      server.post('/link/:cell/answers', async (request, reply) => {
        const { cell, of } = answeringIn(request)
        const answer = parseRequest(AskAnswer, request.body)
        const asked = pending.get(answer.id)
        // What another cell was asked, or another process of it, this one cannot answer.
        if (asked?.cell === cell && asked.of === of) asked.answer(answer)
        return reply.send({})
      })
    },
    client: (contract, cell, of = 'courier') =>
      Object.fromEntries(
        Object.entries(contract).map(([name, endpoint]) => [
          name,
          (value: unknown) => ask([cell, of], endpoint, value),
        ]),
      ) as Client<typeof contract>,
    hears: (cell, of = 'courier') => lines.has(`${cell} ${of}`),
    stop: () => {
      clearInterval(beat)
      for (const line of lines.values()) line.end()
    },
  }
}

/** Digests have one length, whatever was sent, so that comparing them takes one time. */
const digest = (text: string) => createHash('sha256').update(text).digest()

/** As `answerAsks`, a line to each copy of control: whoever is at one of them asks there. */
export const answerEach = <C extends Contract>(
  link: Link,
  ...[contract, handlers, options]: readonly [C, Client<C>, Parameters<typeof answerAsks>[3]]
): Running => {
  const lines = eachDoor(link).map((door) => answerAsks(door, contract, handlers, options))
  return { stop: async () => void (await Promise.all(lines.map((line) => line.stop()))) }
}

/** Holds the cell's line open for as long as it runs, and answers what is asked. `key` is this process's own. */
export const answerAsks = <C extends Contract>(
  link: Link,
  contract: C,
  handlers: Client<C>,
  { log, key, of = 'courier' }: { log: Log; key: Secret<Uint8Array>; of?: Answering },
): Running => {
  const dispatcher = dispatcherTo(link, HEARD_NOTHING_MS)
  const headers = {
    authorization: `Bearer ${link.key.reveal()}`,
    [KEY_HEADER]: Buffer.from(key.reveal()).toString('base64url'),
  }
  const byPath = new Map(
    Object.entries(contract).map(([name, endpoint]) => [
      endpoint.path,
      { endpoint, handle: handlers[name as keyof C] as (input: unknown) => Promise<unknown> },
    ]),
  )
  let stopped = false

  const answerTo = async (path: string, given: unknown) => {
    const asked = byPath.get(path)
    try {
      if (!asked) throw peerUnavailable(`${path} is nothing that can be asked`)
      const answer = await asked.handle(parseRequest(asked.endpoint.input, given))
      return { status: 200, body: z.encode(asked.endpoint.output, answer ?? null) }
    } catch (error) {
      const failure = problemOf(error)
      if (failure.status >= 500) log.error({ cause: error, path }, 'a question found no answer')
      return { status: failure.status, body: problemBody(failure, uuidv7()) }
    }
  }
  const answer = async (id: string, path: string, input: unknown) => {
    const { status, body } = await answerTo(path, input)
    const sent = await request(`http://control/link/${link.cell}/answers?of=${of}`, {
      method: 'POST',
      dispatcher,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ id, status, body }),
    })
    await sent.body.dump()
  }
  const hold = async () => {
    const line = await request(`http://control/link/${link.cell}/asks?of=${of}`, {
      dispatcher,
      headers,
    })
    if (line.statusCode !== 200) throw problemFromAnswer(line.statusCode, await line.body.json())
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of line.body as AsyncIterable<Uint8Array>) {
      const texts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = texts.pop() ?? ''
      for (const text of texts) {
        const said = AskLine.parse(JSON.parse(text))
        if (said.type === 'heartbeat') continue
        answer(said.id, said.path, said.input).catch((cause: unknown) =>
          log.warn({ cause, path: said.path }, 'control did not take an answer'),
        )
      }
    }
  }
  const run = async () => {
    let waitMs = 100
    while (!stopped) {
      try {
        await hold()
        waitMs = 100
      } catch (cause) {
        if (cause instanceof Problem && cause.code === answeringUnproven.code)
          log.error({ of }, 'control holds another key of this process, and asks it nothing')
        // Control starts later, or again: whoever looks for the courier there sees that it is not heard.
        waitMs = Math.min(waitMs * 2, 1_000)
      }
      if (!stopped) await sleep(waitMs)
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopped = true
      await dispatcher.destroy()
      await running
    },
  }
}
