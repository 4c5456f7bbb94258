/** One gateway process between a bank and a control that are played, one partner that counts for itself, and its judge. */
import { setTimeout as sleep } from 'node:timers/promises'
import { executionIn, playBank } from '../gateway/crashing.ts'
import { type Answered, openCell, type TestCell } from '../gateway/cell.ts'
import { answerJson } from '../gateway/played.ts'
import { type NodeMore, openBalancer, openNode } from '../gateway/rolling.ts'
import type { Found } from './run.ts'
import { until } from './town.ts'

const cards = { path: '/cards/v1/cards' }
const releasing = `/payments/v1/split-payments/split_${'0'.repeat(32)}/legs/all/release`

/** One gateway, one partner, and what the partner was told. */
export const openPlace = async (
  more: (cell: TestCell) => Promise<NodeMore> | NodeMore = () => ({}),
) => {
  const cell = await openCell()
  const node = openNode(cell, cell.world.settings.PORTICO_PORT_BASE + 32, await more(cell))
  const holder = await cell.addHolder('mtls')
  cell.publish()
  const bank = playBank(() => 2)
  cell.setPlay((heard, response) =>
    heard.method === 'GET'
      ? answerJson(response, 200, { data: [], next: null })
      : bank.play(heard, response),
  )
  const tally = {
    sent: 0,
    taken: 0,
    unheard: 0,
    refused: new Map<string, number>(),
    done: new Map<string, unknown>(),
    longestGapMs: 0,
    lastMs: performance.now(),
  }
  const tell = (answered: Answered | undefined): Answered | undefined => {
    tally.sent++
    if (!answered) tally.unheard++
    else if (answered.status >= 400) {
      const code = `${answered.status} ${String(answered.json['code'])}`
      tally.refused.set(code, (tally.refused.get(code) ?? 0) + 1)
    } else {
      tally.longestGapMs = Math.max(tally.longestGapMs, performance.now() - tally.lastMs)
      tally.lastMs = performance.now()
      if (answered.headers['idempotent-replayed'] !== 'true') tally.taken++
    }
    return answered
  }
  let token = ''
  /** Counts what a call was answered; undefined where nobody answered. */
  const heard = async (answer: Promise<Answered>) => tell(await answer.catch(() => undefined))
  const call = (asked: Parameters<TestCell['callMtls']>[2]) =>
    heard(cell.callMtls(holder, token, asked))
  return {
    cell,
    holder,
    node,
    bank,
    tally,
    tell: heard,
    start: async () => {
      await node.start()
      const balancer = await openBalancer([node], cell.world.ports[cell.cell].gatewayMtls)
      token = await cell.token(holder)
      return balancer
    },
    useToken: (next: string) => {
      token = next
    },
    token: (change?: Parameters<TestCell['token']>[1]) => cell.token(holder, change),
    read: () => call(cards),
    write: async (key: string) => {
      const body = JSON.stringify({ reason: 'DELIVERED' })
      const headers = { 'idempotency-key': key }
      const answered = await call({ method: 'POST', path: releasing, body, headers })
      if (answered?.status === 200) tally.done.set(key, executionIn(answered))
      return answered
    },
  }
}
export type Place = Awaited<ReturnType<typeof openPlace>>

/** What control was told, held against what the partner was. */
const judge = async ({ cell, bank, tally }: Place): Promise<Found['books']> => {
  const billable = () => new Set(cell.usage.filter((u) => u.billable).map((u) => u.callId)).size
  await until('usage has arrived', 120_000, () => billable() >= tally.taken).catch(() => 0)
  await sleep(500)
  const executions = [...tally.done].filter(([key, said]) => bank.executions.get(key) !== said)
  return {
    lost: Math.max(0, tally.taken - billable()),
    doubled: Math.max(0, billable() - tally.taken - tally.unheard),
    writesLost: executions.length,
    writesTwice: bank.violations.length,
  }
}

export const foundIn = async (
  place: Place,
  about: Pick<Found, 'name' | 'breaks' | 'keeps'>,
  figures: string[],
  wrong: string[] = [],
): Promise<Found> => {
  const books = await judge(place)
  const { sent, taken, unheard, refused, longestGapMs } = place.tally
  return {
    ...about,
    course: { figures, ...(wrong.length > 0 && { wrong }) },
    sent,
    taken,
    unheard,
    refused: [...refused].toSorted(([, a], [, b]) => b - a),
    longestGapMs,
    books,
    consentsIgnored: 0,
  }
}

export const skipped = (about: Pick<Found, 'name' | 'breaks' | 'keeps'>, why: string): Found => ({
  ...about,
  course: { figures: [], skipped: why },
  sent: 0,
  taken: 0,
  unheard: 0,
  refused: [],
  longestGapMs: 0,
  books: { lost: 0, doubled: 0, writesLost: 0, writesTwice: 0 },
  consentsIgnored: 0,
})

export const ended = async (place: Place, balancer: { close(): void }) => {
  place.cell.hangUp()
  balancer.close()
  await place.node.kill()
  place.node.remove()
  await place.cell.close()
}
