/**
 * What one partner, or one product, can do to the others: the real gateway process in front of a bank whose core works
 * on a handful of calls at a time. `node bench/fairness.ts [--seconds 10] [--rounds 3]` prints JSON.
 */
import { parseArgs } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCell } from '#test/gateway/cell.ts'
import { type Holder, withConsent } from '#test/gateway/partner.ts'
import { answerJson } from '#test/gateway/played.ts'
import { accountsAnswer } from './ladder/answer.ts'
import { load, type Reading } from './ladder/load.ts'
import { canPin, stepAside } from './ladder/machine.ts'
import type { Lane, Phase } from './ladder/plan.ts'
import { portico } from './ladder/portico.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
  },
})
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)

/** The core behind the bank: so many calls at a time, each so long, the others in a queue. */
const SERVERS = 8
const SERVICE_MS = 20
/** The others: partners, connections of each, calls in a second of all. */
const OTHERS = 4
const CONNECTIONS = 8
const OTHERS_PER_SECOND = 100
/** The loud one's contract, and how much of it it sends. */
const RATE = 5
const TIMES = 50

stepAside()
const cell = await openCell()
const accounts = JSON.parse(accountsAnswer()) as unknown
const busyUntil = Array.from({ length: SERVERS }, () => 0)
cell.setPlay(async ({ url }, response) => {
  if (url.startsWith('/cards')) return // It hangs, and so does its product.
  const now = performance.now()
  const first = busyUntil.indexOf(Math.min(...busyUntil))
  const doneMs = Math.max(now, busyUntil[first] ?? 0) + SERVICE_MS
  busyUntil[first] = doneMs
  await sleep(doneMs - now)
  answerJson(response, 200, accounts)
})

const limits = (rate: number, concurrency: number): Holder['partner']['limits'] => ({
  rate: { perSecond: rate, burst: rate },
  concurrency,
  dailyQuota: null,
  budgets: {},
})
const newPartners = (count: number, rate: number, concurrency: number) =>
  Promise.all(
    Array.from({ length: count }, () =>
      cell.addHolder('mtls', { limits: limits(rate, concurrency) }),
    ),
  )
const others = await newPartners(OTHERS, 10_000, 500)
const [loud] = await newPartners(1, RATE, 50)
const [entitled] = await newPartners(1, 100_000, 500)
const stuck = await newPartners(2, 100_000, 500)
if (!loud || !entitled) throw new Error('there are partners')

const host = new URL(cell.addresses.gatewayMtls).host
const account = `acc_${'1'.repeat(32)}`
const detail = {
  type: 'urn:bank:accounts:v1',
  permissions: ['ReadAccountsBasic'],
  accounts: [account],
}
const laneOf = async (holder: Holder, path: string): Promise<Lane> => {
  const consented = withConsent(`consent_${crypto.randomUUID().replaceAll('-', '')}`, detail)
  const token = await cell.token(holder, (claims) => ({
    ...(path.startsWith('/accounts') ? consented(claims) : claims),
    acr: 'urn:bank:sca',
  }))
  const head = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: Bearer ${token}`,
    'x-fapi-customer-ip-address: 192.0.2.7',
  ]
  return {
    cert: holder.certificate.pem,
    key: holder.certificate.key,
    requests: [`${head.join('\r\n')}\r\n\r\n`],
    dpop: null,
  }
}
const lanesOf = (holders: readonly Holder[], each: number, path: string) =>
  Promise.all(holders.flatMap((h) => Array.from({ length: each }, () => laneOf(h, path))))

const gateway = await portico.start('T5', cell)
const send = async (lanes: Lane[], ...phases: Phase[]) => {
  const port = cell.world.ports.production.gatewayMtls
  return load({ port, ca: cell.ca.toString(), lanes, phases }, [gateway.child.pid ?? 0])
}
const othersCall = async (): Promise<Reading> => {
  const lanes = await lanesOf(others, CONNECTIONS, '/accounts/v1/accounts')
  const paced = { mode: 'open', perSecond: OTHERS_PER_SECOND } as const
  const phases = await send(
    lanes,
    { name: 'warm', seconds: 3, ...paced },
    { name: 'read', seconds, ...paced },
  )
  const read = phases['read']
  if (!read) throw new Error('the loader read nothing')
  return read
}
/** From before the others begin until after they end. */
const whole = seconds + 6

const besides = {
  alone: async () => undefined,
  /** Fifty times its rate. */
  loud: async () =>
    send(await lanesOf([loud], 48, '/accounts/v1/accounts'), {
      name: 'noise',
      mode: 'open',
      seconds: whole,
      perSecond: RATE * TIMES,
    }),
  /** Half as much again as the core can do, and a contract that lets it: only its protection is before the core. */
  flood: async () =>
    send(await lanesOf([entitled], 96, '/accounts/v1/accounts'), {
      name: 'noise',
      mode: 'open',
      seconds: whole,
      perSecond: (1.5 * SERVERS * 1000) / SERVICE_MS,
    }),
  /** Another product of the same bank never answers. */
  hanging: async () =>
    send(await lanesOf(stuck, 32, '/cards/v1/cards'), {
      name: 'noise',
      mode: 'open',
      seconds: whole,
      perSecond: 100,
    }),
}

interface Round {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly statuses: Readonly<Record<string, number>>
  readonly noise: Pick<Reading, 'perSecond' | 'statuses'> | null
}
const runs = Object.fromEntries(Object.keys(besides).map((name) => [name, [] as Round[]]))
// In turns, so that what else the machine does falls on all alike.
for (let round = 0; round < rounds; round++)
  for (const [name, noise] of Object.entries(besides)) {
    const noisy = noise()
    if (name !== 'alone') await sleep(1_500)
    const { p50Ms, p99Ms, statuses } = await othersCall()
    const made = (await noisy)?.['noise']
    runs[name]?.push({
      p50Ms,
      p99Ms,
      statuses,
      noise: made ? { perSecond: made.perSecond, statuses: made.statuses } : null,
    })
    process.stderr.write(`${name}: p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms\n`)
  }

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
const p99Of = (name: string) => median((runs[name] ?? []).map(({ p99Ms }) => p99Ms))
const alone = p99Of('alone')
/** Where the others are late by themselves, the machine stood still, and what moved them more does not show. */
const telling = alone <= 3 * SERVICE_MS
const verdicts = Object.fromEntries(
  Object.keys(runs).map((name) => {
    const p99Ms = p99Of(name)
    const within = p99Ms <= Math.max(alone * 1.1, alone + 5)
    return [name, { p99Ms, addedMs: p99Ms - alone, within, telling }]
  }),
)
const core = { servers: SERVERS, serviceMs: SERVICE_MS }
const said = { core, seconds, rounds, pinned: canPin, verdicts, runs }
process.stdout.write(`${JSON.stringify(said, null, 2)}\n`)
await gateway.stop()
await cell.close()
process.exit(0)
