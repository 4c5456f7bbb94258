/**
 * What the adapter of the old core costs, and whether 200 partners share its 8 sessions fairly.
 *
 *   node bench/core-adapter.ts [seconds]   CPU a call by kind of call; then so many seconds of 200 partners, one of them greedy;
 *                                          ends with 1 where a goal is missed
 */
import { openLegacyCore } from '#bank/cores/legacy/legacy-core.ts'
import { startSimulator } from '#bank/cores/legacy/simulator-process.ts'
import { type Core, coreBusy } from '#bank/cores/core.ts'
import { Problem } from '#kernel/problem.ts'
import { newReference } from '#bank/reference.ts'
import { Secret } from '#platform/secret.ts'

const [seconds = '20'] = process.argv.slice(2)
const SESSIONS = 8
const PARTNERS = 200
/** Calls that the greedy partner has open at once; the others wait for each answer. */
const GREEDY = 50
const CALLS = 4_000
const CPU_MS_MAX = 0.3
/** Of turns that are shared fairly, the luckiest partner has at most half as many again as the unluckiest. */
const MOST_TO_LEAST_MAX = 1.5
let missed = false

const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)
const endings: (() => Promise<void>)[] = []
const simulator = await startSimulator({ after: (ending) => void endings.push(ending) })
const core = openLegacyCore({
  host: '127.0.0.1',
  port: simulator.port,
  signOn: { operator: 'PORTICO', password: new Secret('NAMUNA-09999') },
  sessionsMax: SESSIONS,
  now: () => Temporal.Now.instant(),
  log: { warn: (about, message) => print({ warning: message, ...about }) },
})

/** So many workers do so many calls between them; answers the CPU of this process and the time, a call. */
const measured = async (count: number, call: () => Promise<unknown>) => {
  let left = count
  const worker = async () => {
    while (left-- > 0) await call()
  }
  const [cpu, began] = [process.cpuUsage(), performance.now()]
  await Promise.all(Array.from({ length: SESSIONS }, worker))
  const { user, system } = process.cpuUsage(cpu)
  const ms = performance.now() - began
  return { cpuMs: (user + system) / 1000 / count, ms: (ms * SESSIONS) / count }
}

const purse = '9000010501'
const till = await core.account('9000010801')
if (!till) throw new Error('the simulator has the account that the bench pays')
const references = Array.from({ length: CALLS * 2 }, newReference)
const calls: Readonly<Record<string, (on: Core) => Promise<unknown>>> = {
  balances: (on) => on.balances(purse),
  account: (on) => on.account(purse),
  'entries (12)': (on) => on.entries(purse, { limit: 12 }),
  transfer: (on) =>
    on.transfer({
      reference: references.pop() ?? newReference(),
      debtor: purse,
      creditor: { number: till.number, bankCode: till.bankCode, name: 'Toshkent Energo' },
      amount: { minor: 1n, currency: 'UZS' },
      text: 'Bench',
    }),
}

await simulator.control('latency 0 0')
for (const [name, call] of Object.entries(calls)) {
  await measured(CALLS / 2, () => call(core))
  const { cpuMs } = await measured(CALLS, () => call(core))
  missed ||= cpuMs > CPU_MS_MAX
  print({ call: name, calls: CALLS, cpuMsPerCall: round(cpuMs, 3), goalMs: CPU_MS_MAX })
}
await simulator.control('latency 50 50')
const beside = await measured(SESSIONS * 40, () => core.balances(purse))
print({ coreDelayMs: 50, callMs: round(beside.ms, 2), addedMs: round(beside.ms - 50, 2) })

await simulator.control('latency 20 80')
const until = performance.now() + Number(seconds) * 1000
const served = Array.from({ length: PARTNERS }, () => 0)
const refused = Array.from({ length: PARTNERS }, () => 0)
const waits: number[] = []
const partner = async (index: number) => {
  const on = core.behalfOf(`partner_${index}`)
  while (performance.now() < until) {
    const began = performance.now()
    try {
      await on.balances(purse)
    } catch (error) {
      // Whoever asks for more than their turns is told so; that is no answer.
      if (!(error instanceof Problem) || error.code !== coreBusy.code) throw error
      refused[index] = (refused[index] ?? 0) + 1
      continue
    }
    // What is still open when the time is over drains in no order of turns.
    if (performance.now() >= until) return
    waits.push(performance.now() - began)
    served[index] = (served[index] ?? 0) + 1
  }
}
const all = served.map((_, index) => partner(index))
// The greedy one comes last: sessions that nobody else waits for would be its by right.
const greedy = Array.from({ length: GREEDY - 1 }, () => partner(0))
await Promise.all([...all, ...greedy])
waits.sort((a, b) => a - b)
const [least, most] = [Math.min(...served), Math.max(...served)]
print({
  partners: PARTNERS,
  sessions: SESSIONS,
  greedyOpen: GREEDY,
  seconds: Number(seconds),
  callsPerSecond: round(waits.length / Number(seconds), 1),
  servedLeast: least,
  servedMost: most,
  servedGreedy: served[0],
  mostToLeast: round(most / least, 2),
  goalMostToLeast: MOST_TO_LEAST_MAX,
  refusedGreedy: refused[0],
  refusedOthers: refused.slice(1).reduce((sum, count) => sum + count, 0),
  starved: served.filter((count) => count === 0).length,
  waitMs: { p50: at(0.5), p99: at(0.99), longest: at(1) },
})

missed ||= least === 0 || most / least > MOST_TO_LEAST_MAX

await core.close()
for (const ending of endings) await ending()
process.exit(missed ? 1 : 0)

function at(share: number) {
  return round(waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0, 0)
}

function round(value: number, digits: number) {
  return Number(value.toFixed(digits))
}
