/**
 * Made-up answers of a bank through a whole gateway: TLS, tokens, contracts, consents, the socket of the bank. A canary
 * stands in every place that the caller was not granted, and none may come back, nor stand in what the gateway writes.
 */
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { openCell, type TestCell } from './cell.ts'
import { isExpected } from './release-answers.ts'
import { type BankAnswer, makeBankAnswer, sayAnswer, type Verdict } from './release-bank.ts'
import { holdsCanary, openDice, schemaOf } from './release-fuzz.ts'
import { ConnectionEnded, openLine, type RawAnswer } from './release-line.ts'
import {
  type FuzzedOperation,
  heldFor,
  isLetIn,
  makeOperations,
  openParties,
  type Party,
  productsOf,
  type WireCaller,
} from './release-world.ts'

/** Calls in flight, each on a connection of its own. */
const LANES = 32
/** Between two looks at what the gateway wrote. */
const LOOKED_EVERY = 2_000
const TRIES_MAX = 600

export interface WireTrial {
  /** Answers of the bank. */
  readonly documents: number
  readonly operations: number
  readonly callers: number
  /** Released, and compared with what was granted. */
  readonly released: number
  /** Released of a document that is broken somewhere: not compared, and without a canary. */
  readonly releasedOfBroken: number
  readonly withheld: number
  readonly refused: number
  /** Answers of writes that were given a second time. */
  readonly replayed: number
  /** Calls that the consent did not let in: the bank heard none of them. */
  readonly turnedBack: number
  /** Lines of the log, records of usage and files that were searched. */
  readonly searched: number
}

/** Words of the gateway when it has no room: the call is made again. */
const noRoom = new Set([
  'gateway/overloaded',
  'gateway/core-protected',
  'gateway/upstream-unavailable',
  'gateway/revocations-unheard',
  'gateway/limits-unavailable',
  'gateway/spool-full',
  'limits/concurrency-exceeded',
])

/** How the gateway says that a consent does not reach so far: of the first that is of the right kind. */
const turningBack = new Set(['consents/exceeded', 'consents/expired'])

const Refusal = z.looseObject({ code: z.string(), status: z.number(), detail: z.string() })

/**
 * Names that the gateway itself makes of random hex digits: in a million of them some spell a canary of digits. A canary
 * never looks like one of them.
 */
const ownNames =
  /\b(?:tok|ref)_[0-9a-f]{32}\b|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}(?![0-9a-f])/g

const tells = (text: string): boolean =>
  holdsCanary(text) && holdsCanary(text.replaceAll(ownNames, ''))

interface OneCall {
  readonly operation: FuzzedOperation
  readonly id: string
  readonly request: string
}

const requestOf = async (
  cell: TestCell,
  operation: FuzzedOperation,
  caller: WireCaller,
): Promise<OneCall> => {
  const id = randomUUID()
  const lines = [
    `${operation.method} ${operation.path} HTTP/1.1`,
    `host: localhost:${cell.world.ports.production.gatewayMtls}`,
    `authorization: Bearer ${await caller.token()}`,
    `x-fapi-interaction-id: ${id}`,
    'x-fapi-customer-ip-address: 192.0.2.1',
    ...(operation.method === 'POST' ? [`idempotency-key: ${id}`, 'content-length: 0'] : []),
  ]
  return { operation, id, request: `${lines.join('\r\n')}\r\n\r\n` }
}

/** The code of a refusal; null where it is none. */
const refusalIn = ({ status, body }: RawAnswer) =>
  status < 400 ? null : Refusal.parse(JSON.parse(body))

/** Why an answer is not what the verdict says; null where it is. */
const wrongIn = (answer: RawAnswer, { verdict }: BankAnswer): string | null => {
  if (tells(answer.head) || tells(answer.body)) return 'a canary came through'
  const refusal = refusalIn(answer)
  switch (verdict.is) {
    case 'released':
      if (refusal) return 'an answer as declared was refused'
      if (answer.status !== 200 || !isExpected(JSON.parse(answer.body), verdict.body))
        return 'not what was granted'
      return null
    case 'released or withheld':
      return answer.status === 200 || refusal?.code === 'gateway/answer-withheld'
        ? null
        : 'neither released nor withheld'
    case 'refused': {
      const { status, code, detail } = verdict
      const is = answer.status === status && refusal?.code === code
      return is && (detail === undefined || refusal.detail === detail) ? null : `not ${code}`
    }
  }
}

/** Tries so many answers; throws at the first that is not what was granted. */
export const tryOverTheWire = async (
  count: number,
  seed: number,
  progress: (done: number) => void = () => {},
): Promise<WireTrial> => {
  const dice = openDice(seed)
  const operations = makeOperations(dice)
  // Every caller comes from one machine.
  const cell = await openCell(
    { PORTICO_EDGE_HANDSHAKES_PER_ADDRESS: '10000' },
    productsOf(operations),
  )
  const counts = {
    documents: 0,
    released: 0,
    releasedOfBroken: 0,
    withheld: 0,
    refused: 0,
    replayed: 0,
    turnedBack: 0,
    searched: 0,
  }
  const look = () => {
    counts.searched += lookAtWriting(cell)
    progress(counts.documents)
  }
  try {
    const parties = await openParties(cell, operations, dice)
    await cell.start()
    await cell.publishAndWait()
    const bank = playBank(cell)

    /** Each lane has dice of its own, so that a seed makes the same documents however the lanes meet. */
    const runLane = async (lane: number) => {
      const own = openDice(seed + 1 + lane)
      const party = parties[lane % parties.length]
      assert(party, 'there is somebody for each lane')
      const line = openLine(connectionOf(cell, party))
      for (let n = lane; n < count;) {
        const operation = own.pick(operations)
        const caller = own.pick(party.callers)
        const call = await requestOf(cell, operation, caller)
        if (!isLetIn(caller, operation)) {
          const answer = await askUntilHeard(line, call.request)
          if (!turningBack.has(refusalIn(answer)?.code ?? ''))
            throw new Error(`${operation.id} let in who holds too little: ${answer.body}`)
          counts.turnedBack++
          continue
        }
        const held = heldFor(party, caller, operation)
        const spec = party.specOf(operation)
        const given = makeBankAnswer(own, spec, held)
        bank.willSay(call.id, given)
        const answer = await askUntilHeard(line, call.request, given.verdict)
        const wrong = wrongIn(answer, given)
        if (wrong !== null)
          throw new Error(
            [
              `${wrong} (seed ${seed}, document ${n}: ${given.what}, ${operation.id})`,
              JSON.stringify(schemaOf(spec)),
              JSON.stringify({ ...held, consent: [...held.consent], scope: [...held.scope] }),
              JSON.stringify(given.headers),
              given.body.toString(),
              answer.head,
              answer.body,
            ].join('\n'),
          )
        if (operation.method === 'POST') {
          const again = await askUntilHeard(line, call.request, given.verdict)
          const same = answer.status !== 200 || again.body === answer.body
          if (tells(again.head) || tells(again.body) || !same)
            throw new Error(
              `not what it was (seed ${seed}, replay of document ${n}): ${again.body}`,
            )
          counts.replayed++
        }
        bank.hasSaid(call.id)
        counts.documents++
        counts[outcomeOf(answer, given)]++
        n += LANES
        if (counts.documents % LOOKED_EVERY === 0) look()
      }
      line.close()
    }
    await Promise.all(Array.from({ length: Math.min(LANES, count) }, (_, lane) => runLane(lane)))
    bank.end()
    counts.searched += lookAtWriting(cell)
    counts.searched += lookAtFiles(cell.data)
    const callers = parties.flatMap((party) => party.callers).length
    return { operations: operations.length, callers, ...counts }
  } finally {
    await cell.close()
  }
}

const connectionOf = (cell: TestCell, { holder }: Party): ConnectionOptions => ({
  host: 'localhost',
  port: cell.world.ports.production.gatewayMtls,
  ca: cell.ca,
  cert: holder.certificate.pem,
  key: holder.certificate.key,
})

const outcomeOf = (answer: RawAnswer, { verdict }: BankAnswer) => {
  if (answer.status === 200) return verdict.is === 'released' ? 'released' : 'releasedOfBroken'
  return refusalIn(answer)?.code === 'gateway/answer-withheld' ? 'withheld' : 'refused'
}

/** Asks until the gateway has room for it, and the connection lasts: it may end between two questions. */
const askUntilHeard = async (
  line: ReturnType<typeof openLine>,
  request: string,
  verdict?: Verdict,
): Promise<RawAnswer> => {
  const expected = verdict?.is === 'refused' ? verdict.code : undefined
  for (let tries = 0; ; tries++) {
    try {
      const answer = await line.ask(request)
      const code = refusalIn(answer)?.code
      if (code === undefined || code === expected || !noRoom.has(code)) return answer
      if (tells(answer.head) || tells(answer.body) || tries > TRIES_MAX)
        throw new Error(`no room, or too many words: ${answer.body}`)
      await sleep(100)
    } catch (error) {
      if (!(error instanceof ConnectionEnded) || tries > TRIES_MAX) throw error
    }
  }
}

/** The bank says to each call what was made for it, and to any other nothing good. */
const playBank = (cell: TestCell) => {
  const saying = new Map<string, BankAnswer>()
  let strangers = 0
  cell.setPlay(({ headers }, response) => {
    const given = saying.get(String(headers['x-fapi-interaction-id']))
    if (given) return sayAnswer(given, response)
    strangers++
    response.writeHead(500).end()
  })
  return {
    willSay: (id: string, answer: BankAnswer) => void saying.set(id, answer),
    hasSaid: (id: string) => void saying.delete(id),
    end: () => {
      if (strangers > 0) throw new Error(`the bank heard ${strangers} calls that were not let in`)
    },
  }
}

/** What was logged and recorded since the last look. */
const lookAtWriting = (cell: TestCell): number => {
  cell.heard.length = 0
  const lines = cell.printed.splice(0)
  const records = cell.usage.splice(0)
  const found = [...lines, ...records.map((record) => JSON.stringify(record))].find(tells)
  if (found !== undefined) throw new Error(`a canary stands in what the gateway wrote: ${found}`)
  return lines.length + records.length
}

/** All that stands on the gateway's disk. */
const lookAtFiles = (folder: string): number => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
  for (const file of files)
    if (tells(readFileSync(file, 'latin1'))) throw new Error(`a canary stands in ${file}`)
  return files.length
}
