/**
 * Two gateway processes of one cell behind a TCP balancer, killed at any moment while partners write and try again. The
 * bank is played as it is: it does a thing once for its key, whoever still listens. What is counted is what it heard.
 */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { UsageRecord } from '#gateway/usage.ts'
import { type Answered, openCell, type TestCell } from './cell.ts'
import type { Holder } from './partner.ts'
import { answerJson, type Heard } from './played.ts'
import { type Node, openBalancer, openNode } from './rolling.ts'

const OPERATION = 'releaseLeg'
const path = `/payments/v1/split-payments/split_${'0'.repeat(32)}/legs/all/release`
const leg = (execution: string) => ({
  legId: 'all',
  destination: {
    schemeName: 'UZ.AccountNumber',
    identification: '20208000500000007002',
    bankCode: '09998',
    name: execution,
  },
  role: 'seller',
  releaseCondition: 'manual',
  status: 'PAID',
  amount: { amount: '250000.00', currency: 'UZS' },
  paidAmount: { amount: '250000.00', currency: 'UZS' },
  heldAmount: { amount: '0.00', currency: 'UZS' },
  reversedAmount: { amount: '0.00', currency: 'UZS' },
})

/** What the bank did and was asked, by key. */
export const playBank = (tookMs: () => number) => {
  const executions = new Map<string, string>()
  const keyOfCall = new Map<string, string>()
  const asks = new Map<string, number>()
  const open = new Map<string, ServerResponse>()
  const violations: string[] = []
  const play = async ({ caller }: Heard, response: ServerResponse) => {
    const { idempotencyKey: key, callId } = caller
    if (key === null) return void violations.push('a write came without a key')
    const other = open.get(key)
    if (other && !other.destroyed && !other.writableEnded)
      violations.push(`${key}: asked while another gateway waits for it`)
    open.set(key, response)
    asks.set(key, (asks.get(key) ?? 0) + 1)
    keyOfCall.set(callId, key)
    await sleep(tookMs())
    const execution = executions.get(key) ?? `Execution ${executions.size + 1}`
    executions.set(key, execution)
    answerJson(response, 200, leg(execution))
  }
  return { executions, keyOfCall, asks, violations, play }
}
export type PlayedBank = ReturnType<typeof playBank>

export const executionIn = ({ json }: Answered): unknown => {
  const destination = json['destination']
  return destination instanceof Object ? Reflect.get(destination, 'name') : undefined
}

export interface Pair {
  readonly cell: TestCell
  readonly holder: Holder
  readonly nodes: readonly [Node, Node]
  readonly write: (key: string, reason?: string) => Promise<Answered>
  /** As a partner does it: until it is answered, with the same key. */
  readonly writeUntilDone: (key: string) => Promise<Answered>
  close(): Promise<void>
}

export const openPair = async (): Promise<Pair> => {
  const cell = await openCell()
  const base = cell.world.settings.PORTICO_PORT_BASE
  const nodes = [openNode(cell, base + 32), openNode(cell, base + 42)] as const
  const holder = await cell.addHolder('mtls')
  cell.publish()
  await Promise.all(nodes.map((node) => node.start()))
  const balancer = await openBalancer(nodes, cell.world.ports[cell.cell].gatewayMtls)
  let token = await cell.token(holder)
  const renewing = setInterval(() => {
    void cell.token(holder).then((next) => (token = next))
  }, 60_000)
  let closed = false
  const write = (key: string, reason = 'DELIVERED') =>
    cell.callMtls(holder, token, {
      method: 'POST',
      path,
      body: JSON.stringify({ reason }),
      headers: { 'idempotency-key': key },
    })
  return {
    cell,
    holder,
    nodes,
    write,
    writeUntilDone: async (key) => {
      for (;;) {
        const answered = await write(key).catch(() => undefined)
        if (answered?.status === 200) return answered
        if (closed) throw new Error('the cell is closed')
        if (answered && ![409, 502, 503, 504].includes(answered.status))
          throw new Error(`${answered.status} ${answered.text}`)
        await sleep(answered?.status === 409 ? 250 : 50)
      }
    },
    close: async () => {
      closed = true
      clearInterval(renewing)
      cell.hangUp()
      balancer.close()
      await Promise.all(nodes.map((node) => node.stop()))
      nodes.forEach((node) => node.remove())
      await cell.close()
    },
  }
}

export interface Crashed {
  readonly kills: number
  readonly writes: number
  /** Of these, how many the bank was asked about more than once. */
  readonly askedAgain: number
  /** How many had more than one billable record, of which the charge makes one. */
  readonly toldTwice: number
  /** What must not be; none is what is hoped for. */
  readonly violations: readonly string[]
}

/** Kills one of the two at a random moment, so many times, under the writes of `writers` partners at a time. */
export const crash = async (
  kills: number,
  writers: number,
  told: (line: string) => void = () => {},
): Promise<Crashed> => {
  const pair = await openPair()
  const bank = playBank(() => randomInt(0, 40))
  const violations: string[] = []
  let done = false
  try {
    pair.cell.setPlay(bank.play)
    const answers = new Map<string, unknown>()
    const writing = Promise.all(
      Array.from({ length: writers }, async () => {
        while (!done) {
          const key = crypto.randomUUID()
          answers.set(key, executionIn(await pair.writeUntilDone(key)))
        }
      }),
    )
    // What fails while nobody waits for it yet is heard below.
    writing.catch(() => {})
    for (let i = 0; i < kills; i++) {
      await sleep(randomInt(300, 1_200))
      const node = pair.nodes[randomInt(0, 2)] ?? pair.nodes[0]
      await node.kill()
      await node.start()
      told(`${i + 1} of ${kills} kills, ${answers.size} writes`)
    }
    done = true
    await writing

    for (const [key, execution] of answers)
      if (bank.executions.get(key) !== execution)
        violations.push(
          `${key}: answered by ${String(execution)}, done as ${bank.executions.get(key)}`,
        )
    // Once more, for each: a replay, and the bank is not asked.
    const asked = [...bank.asks.values()].reduce((sum, n) => sum + n, 0)
    for (const key of [...answers.keys()].slice(-50)) {
      const again = await pair.write(key)
      if (again.headers['idempotent-replayed'] !== 'true') violations.push(`${key}: no replay`)
    }
    if ([...bank.asks.values()].reduce((sum, n) => sum + n, 0) !== asked)
      violations.push('the bank was asked about what is kept')
    const { charges, records } = await chargesOf(pair.cell, bank, answers.size)
    for (const key of answers.keys()) {
      const of = charges.get(key)
      if (of?.size !== 1) violations.push(`${key}: ${of?.size ?? 0} charges`)
    }
    return {
      kills,
      writes: answers.size,
      askedAgain: [...bank.asks.values()].filter((n) => n > 1).length,
      toldTwice: records - answers.size,
      violations: [...violations, ...bank.violations],
    }
  } finally {
    done = true
    await pair.close()
  }
}

/** The charges of each key, by what control was told; waits for the spools to be empty, for a while. */
const chargesOf = async (cell: TestCell, bank: PlayedBank, expected: number) => {
  const endMs = performance.now() + 60_000
  for (;;) {
    const records = billable(cell.usage, bank)
    const charges = new Map<string, Set<string>>()
    for (const { callId, chargeId } of records) {
      const key = bank.keyOfCall.get(callId) ?? ''
      charges.set(key, (charges.get(key) ?? new Set()).add(chargeId ?? `without: ${callId}`))
    }
    if (charges.size >= expected || performance.now() > endMs)
      return { charges, records: records.length }
    await sleep(100)
  }
}

/** Each call once, as control counts it. */
const billable = (usage: readonly UsageRecord[], bank: PlayedBank): UsageRecord[] => {
  const calls = new Map(usage.map((u) => [u.callId, u]))
  return [...calls.values()].filter(
    (u) => u.billable && u.operation === OPERATION && bank.keyOfCall.has(u.callId),
  )
}

/** When the node’s process has ended, its connections to the bank have too. */
export const killed = async (node: Node, held: ServerResponse): Promise<void> => {
  const gone = once(held, 'close')
  await node.kill()
  await gone
}
