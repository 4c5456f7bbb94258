/**
 * What is heard of each operation while the part behind the gateway is gone, says nothing, or says what no document allows:
 * the bank (and the vault) is killed, and something of ours stands at its address for a while. And while the core is shut.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { uuidv7 } from '#kernel/id.ts'
import { CALL_HEADER, CALLER_HEADER } from '#platform/caller.ts'
import { claimSocket } from '#platform/socket.ts'
import { layoutOf } from '#platform/layout.ts'
import { eventually } from '../journeys/walker.ts'
import { type Coverage, idOf, type Operation, walked } from './heard.ts'
import { properCall } from './provocations.ts'
import type { Wire } from './wire.ts'

export interface Away {
  readonly wire: Wire
  readonly coverage: Coverage
  readonly accounts: readonly string[]
  readonly data: string
  /** Where the legacy core's simulator is told what to do. */
  readonly coreControl: number
  readonly say: (line: string) => void
}

type Part = 'bank' | 'vault'
const Supervisor = z.object({ children: z.array(z.number()) })

/** The process of a part, as the supervisor of this house names it. */
const processOf = (data: string, part: Part, cell: Cell): number | undefined => {
  const { children } = Supervisor.parse(
    JSON.parse(readFileSync(layoutOf(data).supervisorPid, 'utf8')),
  )
  return children.find((pid) => {
    try {
      const title = execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
      return title.includes(`start ${part} --cell ${cell}`)
    } catch {
      return false
    }
  })
}

interface StandIn {
  /** What becomes of every request from now on. */
  answers: (response: ServerResponse) => void
  /** How many calls of an operation have come here. */
  readonly came: (operation: string) => number
  close(): Promise<void>
}

const Sealed = z.object({ operation: z.string() })

/** What is called stands in the header that the gateway seals (src/platform/caller.ts): here it is only read. */
const operationOf = (header: string): string =>
  Sealed.parse(JSON.parse(Buffer.from(header.split('.')[0] ?? '', 'base64url').toString('utf8')))
    .operation

/** Kills a part and takes its address; the supervisor starts it again and again until the address is free. */
const standIn = async (data: string, part: Part, cell: Cell): Promise<StandIn> => {
  const path = layoutOf(data).cell(cell).socket(part)
  const pid = processOf(data, part, cell)
  assert.ok(pid, `${part} runs in ${cell}`)
  const held: ServerResponse[] = []
  const came: string[] = []
  const place: StandIn = {
    came: (operation) => came.filter((one) => one === operation).length,
    answers: (response) => held.push(response),
    close: async () => {
      for (const response of held) response.destroy()
      server.closeAllConnections()
      await new Promise<void>((closed) => server.close(() => closed()))
    },
  }
  const server = createServer((request, response) => {
    const call = request.headers[CALL_HEADER]
    if (typeof call === 'string') response.setHeader(CALL_HEADER, call)
    request.resume()
    const caller = request.headers[CALLER_HEADER]
    if (typeof caller === 'string') came.push(operationOf(caller))
    place.answers(response)
  })
  process.kill(pid, 'SIGKILL')
  for (let tries = 0; ; tries++) {
    try {
      await claimSocket(path)
      await new Promise<void>((listening, refused) =>
        server.once('error', refused).listen(path, listening),
      )
      return place
    } catch (error) {
      // It was there again before us, or is still ending.
      if (tries === 100) throw error
      const again = processOf(data, part, cell)
      if (again !== undefined) process.kill(again, 'SIGKILL')
      await sleep(50)
    }
  }
}

/** So many may wait in vain at once without a product being left alone. */
const PATIENCE = 4
/** For so long the gateway remembers how a product answered. */
const FORGOTTEN_MS = 2_500

const lanesOf = (operations: readonly Operation[]): Operation[][] => [
  ...Map.groupBy(operations, ({ product }) => product).values(),
]

const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.slice(at * size, (at + 1) * size),
  )

/** A machine with much other work hears something else instead: that it was too busy, or that a product is left alone. */
const ROUNDS = 4

/** What is answered is nothing that a document knows. */
const misspoken = async ({ wire, accounts, coverage }: Away, operations: readonly Operation[]) => {
  const open = () => operations.filter((one) => !coverage.heard(wire.cell, one, 502))
  for (let round = 0; round < ROUNDS && open().length > 0; round++)
    for (const some of chunks(open(), PATIENCE))
      await Promise.all(
        some.map((operation) => wire.call(operation, properCall(operation, accounts))),
      )
}

const ARRIVES_MS = 20_000

/** What has not been heard yet of being left without an answer: the deadline, and of a write that it is under way. */
const isAwaited = ({ wire, coverage }: Away, operation: Operation): boolean =>
  (operation.method === 'POST' ? [504, 409] : [504]).some(
    (status) =>
      operation.operation.responses[String(status)] !== undefined &&
      !coverage.heard(wire.cell, operation, status),
  )

/** Nothing is answered; whoever asks again meanwhile is told so. */
const unanswered = async (away: Away, lane: readonly Operation[], place: StandIn) => {
  const { wire, accounts } = away
  const askTwice = async (operation: Operation) => {
    const proper = properCall(operation, accounts)
    if (operation.method !== 'POST') return wire.call(operation, proper)
    const once = { ...proper, key: uuidv7(), consentId: `consent_${uuidv7()}` }
    const before = place.came(idOf(operation))
    const first = wire.call(operation, once)
    const arrived = eventually(
      ARRIVES_MS,
      async () => place.came(idOf(operation)) > before,
      (is) => is,
    )
    await Promise.race([first, arrived])
    await wire.call(operation, once)
    return first
  }
  const awaited = lane.filter((operation) => isAwaited(away, operation))
  for (const some of chunks(awaited, PATIENCE)) {
    await Promise.all(some.map(askTwice))
    await sleep(FORGOTTEN_MS)
  }
}

const ENOUGH_TO_GIVE_UP = 8
const TRIES = 20

/** So many wait in vain that the gateway asks no more for a moment. */
const leftAlone = async ({ wire, accounts, coverage }: Away, lane: readonly Operation[]) => {
  const [any] = lane
  if (!any) return
  const heard = (operation: Operation) => coverage.heard(wire.cell, operation, 503)
  const waiting = Array.from({ length: ENOUGH_TO_GIVE_UP }, () =>
    wire.call(any, properCall(any, accounts)),
  )
  for (let tries = 0; tries < TRIES && !lane.every(heard); tries++) {
    await sleep(FORGOTTEN_MS)
    const open = lane.filter((operation) => !heard(operation))
    // One in a while is let through, to find out; what it hears is nothing new, so that each is called twice.
    await Promise.all(
      [...open, ...open].map((operation) => wire.call(operation, properCall(operation, accounts))),
    )
  }
  await Promise.all(waiting)
}

const RETURNED_MS = 90_000

/** Until whoever stands behind the gateway is asked again in each product, and what it says is `wanted`. */
const untilAsked = async (
  { wire, accounts }: Away,
  lanes: readonly (readonly Operation[])[],
  wanted: (status: number) => boolean = (status) => status !== 503 && status !== 504,
) => {
  for (const lane of lanes) {
    const asked = lane.find(({ method }) => method === 'GET') ?? lane[0]
    if (!asked) continue
    const answer = await eventually(
      RETURNED_MS,
      () => wire.call(asked, properCall(asked, accounts)),
      ({ status }) => wanted(status),
    )
    assert.ok(wanted(answer.status), `${idOf(asked)} is answered again in ${wire.cell}`)
  }
}

/** Until the part answers again what it is asked. */
const untilBack = (away: Away, lanes: readonly (readonly Operation[])[]) =>
  untilAsked(away, lanes, (status) => status < 500)

const withoutPart = async (away: Away, part: Part) => {
  const { wire, data, say } = away
  const operations = walked.filter(({ operation }) => operation['x-upstream'] === part)
  const lanes = lanesOf(operations)
  const place = await standIn(data, part, wire.cell)
  try {
    const misspeaks = (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"undeclared":true}')
    }
    place.answers = misspeaks
    await misspoken(away, operations)
    say(`the ${part} in ${wire.cell} has said what nobody knows`)
    const silent: ServerResponse[] = []
    const open = () => operations.some((operation) => isAwaited(away, operation))
    for (let round = 0; round < ROUNDS && open(); round++) {
      // Whoever was left alone is asked again first: it has said something, and is waited for once more.
      place.answers = misspeaks
      await untilAsked(away, lanes)
      place.answers = (response) => silent.push(response)
      await Promise.all(lanes.map((lane) => unanswered(away, lane, place)))
    }
    say(`the ${part} in ${wire.cell} has said nothing`)
    await Promise.all(lanes.map((lane) => leftAlone(away, lane)))
    say(`the ${part} in ${wire.cell} was left alone`)
    for (const response of silent) response.destroy()
  } finally {
    await place.close()
  }
  await untilBack(away, lanes)
}

/** One command to the desk of the legacy core's simulator. */
const tellCore = async (port: number, command: string): Promise<void> => {
  const socket = connect(port, '127.0.0.1')
  const said = await new Promise<string>((told, failed) => {
    socket.once('error', failed).once('data', (bytes: Buffer) => told(bytes.toString('utf8')))
    socket.write(`${command}\n`)
  })
  socket.destroy()
  assert.match(said, /^ok/, command)
}

/** The real core behind the real bank: shut in production, out in the sandbox; what needs no core is answered. */
const withoutCore = async ({ wire, accounts, coreControl }: Away) => {
  const { cell } = wire
  const asked = walked.filter(
    ({ operation }) =>
      cell === 'production' || operation['x-sandbox-scenarios']?.includes('core_outage'),
  )
  if (cell === 'production') await tellCore(coreControl, 'window shut 600')
  try {
    for (const some of chunks(asked, PATIENCE))
      await Promise.all(
        some.map((operation) =>
          wire.call(operation, {
            ...properCall(operation, accounts),
            ...(cell === 'sandbox' && { headers: { 'sandbox-scenario': 'core_outage' } }),
          }),
        ),
      )
  } finally {
    if (cell === 'production') await tellCore(coreControl, 'window auto')
  }
}

/** First: nothing has been answered yet that the gateway could answer from memory. */
export const hearAway = async (away: Away): Promise<void> => {
  await Promise.all([withoutPart(away, 'bank'), withoutPart(away, 'vault')])
}

/** Last: the gateway remembers for a while when the core opens again. */
export const hearShut = withoutCore
