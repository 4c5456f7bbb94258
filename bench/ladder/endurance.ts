/** What must hold while it is fast: changes of policy, stops of consents, limits. Against the whole pipeline under load. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { openCell } from '#test/gateway/cell.ts'
import type { Clients } from './clients.ts'
import { load } from './load.ts'

type Cell = Awaited<ReturnType<typeof openCell>>

export interface Endurance {
  /** New snapshots under load, and the calls that failed meanwhile. */
  readonly swaps: { readonly count: number; readonly calls: number; readonly failed: number }
  /** From the commit of a consent's end to the last call that was still accepted. */
  readonly revocation: { readonly count: number; readonly p50Ms: number; readonly maxMs: number }
  /** Calls admitted of those that the published limit allows in that time. */
  readonly limit: { readonly allowed: number; readonly admitted: number; readonly asked: number }
}

const SWAPS = 50
const REVOCATIONS = 20

export const endure = async (
  cell: Cell,
  clients: Clients,
  { seconds, perSecond }: { seconds: number; perSecond: number },
): Promise<Endurance> => ({
  swaps: await swapUnderLoad(cell, clients, { seconds, perSecond }),
  revocation: await revokeUnderCalls(cell, clients),
  limit: await askBeyondLimit(cell, clients, seconds),
})

const portOf = (cell: Cell) => cell.world.ports.production.gatewayMtls

const swapUnderLoad = async (
  cell: Cell,
  clients: Clients,
  pace: { seconds: number; perSecond: number },
) => {
  const loading = load(
    {
      port: portOf(cell),
      ca: cell.ca.toString(),
      lanes: await clients.lanesFor('T5'),
      phases: [{ name: 'swaps', mode: 'open', ...pace }],
    },
    [],
  )
  for (let i = 0; i < SWAPS; i++) {
    cell.publish()
    await sleep((pace.seconds * 1000) / SWAPS)
  }
  const { calls, statuses, broken } = (await loading)['swaps']!
  return { count: SWAPS, calls, failed: broken + calls - (statuses['200'] ?? 0) }
}

const asked = {
  path: '/accounts/v1/accounts',
  headers: { 'x-fapi-customer-ip-address': '192.0.2.7' },
}

/** A gateway that has just been under full load may still turn callers away (503). */
const untilAccepted = async (call: () => Promise<{ readonly status: number }>): Promise<void> => {
  for (let tries = 0; ; tries++) {
    const { status } = await call()
    if (status === 200) return
    if (status !== 503 || tries === 100) throw new Error(`a good token is answered ${status}`)
    await sleep(50)
  }
}

const revokeUnderCalls = async (cell: Cell, clients: Clients) => {
  const delays: number[] = []
  const holder = clients.mtls[0]!
  const tokens = [...(await clients.tokensOf(holder)), ...(await clients.tokensOf(holder))]
  for (const { token, consentId } of tokens.slice(0, REVOCATIONS)) {
    await untilAccepted(() => cell.callMtls(holder, token, asked))
    await cell.revokeInCell('consent', consentId)
    const committedMs = performance.now()
    let acceptedMs = committedMs
    for (let refusals = 0; refusals < 5;) {
      const startedMs = performance.now()
      const { status } = await cell.callMtls(holder, token, asked)
      if (status === 200) acceptedMs = startedMs
      else refusals++
    }
    delays.push(acceptedMs - committedMs)
  }
  delays.sort((a, b) => a - b)
  const ms = (value = 0) => Math.round(value * 10) / 10
  return {
    count: delays.length,
    p50Ms: ms(delays[Math.floor(delays.length / 2)]),
    maxMs: ms(delays.at(-1)),
  }
}

const LIMITED = { perSecond: 200, burst: 100 }

const askBeyondLimit = async (cell: Cell, clients: Clients, seconds: number) => {
  const holder = await clients.newHolder({
    rate: LIMITED,
    concurrency: 500,
    dailyQuota: null,
    budgets: {},
  })
  await cell.publishAndWait()
  const [lane] = await clients.lanesOf([holder])
  const { limited } = await load(
    {
      port: portOf(cell),
      ca: cell.ca.toString(),
      lanes: [lane!, lane!, lane!, lane!],
      phases: [{ name: 'limited', mode: 'closed', seconds }],
    },
    [],
  )
  return {
    allowed: Math.floor(LIMITED.burst + LIMITED.perSecond * limited!.seconds),
    admitted: limited!.statuses['200'] ?? 0,
    asked: limited!.calls,
  }
}
