/** What befalls a house in an hour: kills of everything, a frozen store, a slow core; and what the house is asked meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from '#test/isolation/chance.ts'
import { type Caller, callerPlan } from '#test/faults/callers.ts'
import type { Street } from '#test/faults/street.ts'
import { type Town, until } from '#test/faults/town.ts'
import { newApplication } from '#test/journeys/onboarding.ts'

/**
 * How often each is killed, of all kills: what everything waits for less often than what comes back in a second, so that
 * the house stands again in between and the next kill finds something at work.
 */
const victims: readonly (readonly [victim: string, share: number])[] = [
  ['gateway --cell sandbox', 5],
  ['control', 5],
  ['PostgreSQL', 4],
  ['bank --cell sandbox', 7],
  ['authorization --cell sandbox', 7],
  ['vault --cell sandbox', 8],
  ['courier --cell sandbox', 8],
  ['Valkey', 7],
  ['status', 6],
  ['gateway --cell production', 6],
  ['authorization --cell production', 6],
  ['bank --cell production', 6],
  ['vault --cell production', 6],
  ['courier --cell production', 6],
]
const drawn = victims.flatMap(([victim, share]) => Array.from({ length: share }, () => victim))

/** Without one of these no word of a revocation, and no document, goes from who says it to who obeys it. */
const carriers: ReadonlySet<string> = new Set([
  'gateway --cell sandbox',
  'control',
  'PostgreSQL',
  'authorization --cell sandbox',
  'bank --cell sandbox',
  'store frozen',
])

/** Something broken: since when, and until it took calls again; milliseconds of `performance`. */
export interface Mishap {
  readonly what: string
  readonly fromMs: number
  untilMs: number
}

export interface Asked {
  readonly fromMs: number
  readonly untilMs: number
  readonly ms: number
}

export interface Chaos {
  readonly mishaps: Mishap[]
  kills: number
  freezes: number
  slow: number
  floods: number
  /** From the partner's word that a consent ends to the last call that was still taken. */
  readonly revocations: Asked[]
  /** Applications that were registered: when they were asked for, by both clocks. */
  readonly publications: { readonly at: Temporal.Instant; readonly fromMs: number }[]
  /** Calls that were taken after another had been refused. */
  takenAfterRefusal: number
  readonly failed: string[]
}

export const newChaos = (): Chaos => ({
  mishaps: [],
  kills: 0,
  freezes: 0,
  slow: 0,
  floods: 0,
  revocations: [],
  publications: [],
  takenAfterRefusal: 0,
  failed: [],
})

/** Whether all that carries a word was there from one moment to another. */
export const wereCarried = (chaos: Chaos, fromMs: number, untilMs: number): boolean =>
  !chaos.mishaps.some(
    (one) => carriers.has(one.what) && one.fromMs < untilMs && one.untilMs > fromMs,
  )

/** The house between two kills: a victim that does not stand yet is given so long, and then the next one falls. */
const STANDS_WITHIN_MS = 45_000
/** However far behind the schedule is, so much is between a house that stands and its next kill. */
const REST_MS = 2_500

const processOf = (victim: string) => `start ${victim}`

/** Kills it; resolves when it runs again. */
const killed = async (town: Town, victim: string): Promise<void> => {
  if (victim === 'Valkey') return town.killValkey()
  if (victim === 'PostgreSQL') {
    const pid = await town.killPostgres()
    await until('another PostgreSQL', STANDS_WITHIN_MS, () => town.postmaster() !== pid)
    return undefined
  }
  const pid = await town.kill(processOf(victim))
  await until(`${victim} runs`, STANDS_WITHIN_MS, () => {
    const next = town.processOf(processOf(victim))
    return next !== undefined && next !== pid
  })
  return undefined
}

const patiently = (what: string, holds: () => Promise<boolean>) =>
  until(what, STANDS_WITHIN_MS, holds)

/** Asks what only the victim can answer, until it does. */
const stands = async ({ callers, town }: Street, victim: string): Promise<void> => {
  const [caller] = callers
  if (!caller) return
  const isRead = async (path: string) => (await caller.read(path)) === 200
  if (victim === 'authorization --cell sandbox')
    await patiently(victim, () => caller.application.token('fx:rates').then(() => true))
  else if (victim === 'control')
    await patiently(victim, async () => (await fetch(town.portal)).status < 500)
  else await patiently(victim, () => isRead('/payments/v1/sub-merchants'))
}

const killOne = async (street: Street, chance: Chance, chaos: Chaos) => {
  const { town } = street
  const victim = chance.of(drawn)
  if (victim === 'Valkey' && !town.hasValkey()) return
  const mishap: Mishap = {
    what: victim,
    fromMs: performance.now(),
    untilMs: Number.POSITIVE_INFINITY,
  }
  chaos.mishaps.push(mishap)
  chaos.kills++
  try {
    await killed(town, victim)
    await stands(street, victim)
  } finally {
    mishap.untilMs = performance.now()
  }
}

const freezeOne = async (town: Town, chance: Chance, chaos: Chaos) => {
  const fromMs = performance.now()
  const mishap: Mishap = { what: 'store frozen', fromMs, untilMs: Number.POSITIVE_INFINITY }
  const thaw = chance.once(2) ? town.freezeValkey() : town.freezePostgres()
  chaos.mishaps.push(mishap)
  chaos.freezes++
  await sleep(1_000 + chance.below(3_000))
  thaw()
  mishap.untilMs = performance.now()
}

const slowCore = async (town: Town, chance: Chance, chaos: Chaos) => {
  chaos.slow++
  await town.core('latency 3000 6000')
  await sleep(3_000 + chance.below(5_000))
  await town.core('latency 20 80')
}

/** One partner calls far above its rate, in the middle of everything: what it is admitted is held against its limits. */
const floodOne = async ({ callers }: Street, chance: Chance, chaos: Chaos) => {
  chaos.floods++
  await chance.of(callers).flood(4 + chance.below(4), 10)
}

const REFUSALS = 5
const LANES = 4

/**
 * The time of one revocation. Calls go on without pause, before it is asked for, while it is, and after: from the partner's
 * word to the last call that was sent and still taken.
 */
const revoke = async (street: Street, caller: Caller, chaos: Chaos) => {
  const { use, end } = await street.consent(caller)
  await until('the consent is good', 20_000, async () => (await use()) === 'taken')
  let fromMs = Number.POSITIVE_INFINITY
  let lastTaken = 0
  let refused = 0
  let over = false
  const using = async () => {
    while (!over && refused < REFUSALS) {
      const askedMs = performance.now()
      const refusedBefore = refused
      const said = await use()
      if (said === 'refused' && askedMs > fromMs) refused++
      if (said === 'taken') {
        // One that was under way when another was refused is no call after it.
        if (refusedBefore > 0) chaos.takenAfterRefusal++
        lastTaken = Math.max(lastTaken, askedMs - fromMs)
      }
      await sleep(said === 'unheard' ? 200 : 20)
    }
  }
  // Several at a time: the time between two calls that are sent is how finely it is measured.
  const all = Promise.all(Array.from({ length: LANES }, using))
  try {
    await sleep(200)
    fromMs = performance.now()
    await end()
    await until('five refusals', 60_000, () => refused >= REFUSALS)
    // Where its word came late, all that carries it counts until it was obeyed.
    chaos.revocations.push({ fromMs, untilMs: performance.now(), ms: lastTaken })
  } finally {
    over = true
    await all
  }
}

/** A new application: control publishes, and the gateways are to know. */
const publish = async (street: Street, caller: Caller, chaos: Chaos) => {
  const asked = { at: Temporal.Now.instant(), fromMs: performance.now() }
  const { wellKnown } = street
  const plan = callerPlan
  const { partner } = caller
  const application = await newApplication({ wellKnown, partner, plan, cell: 'sandbox' })
  await application.close()
  chaos.publications.push(asked)
}

export interface Wreaking {
  readonly seconds: number
  readonly kills: number
  readonly chance: Chance
  readonly chaos: Chaos
  /** Whether somebody wants an early end. */
  readonly stopped: () => boolean
}

/** Until the time is over. What fails while something else is broken is noted, and is no end of it. */
export const wreak = async (street: Street, options: Wreaking): Promise<void> => {
  const { seconds, kills, chance, chaos, stopped } = options
  const { town, callers } = street
  const endMs = performance.now() + seconds * 1_000
  const everyMs = (seconds * 1_000) / kills
  const goesOn = () => performance.now() < endMs && !stopped()
  const noted = async (what: string, body: () => Promise<unknown>) => {
    try {
      await body()
    } catch (error) {
      chaos.failed.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const lane = async (pauseMs: number, what: string, body: (n: number) => Promise<unknown>) => {
    for (let n = 0; goesOn(); n++) {
      await noted(what, () => body(n))
      // Woken often enough that an early end is an early end.
      for (const untilMs = performance.now() + pauseMs; performance.now() < untilMs && goesOn();)
        await sleep(100)
    }
  }
  const killing = async () => {
    let nextMs = performance.now() + everyMs
    while (goesOn() && chaos.kills < kills) {
      await noted('kill', () => killOne(street, chance, chaos))
      await sleep(Math.max(REST_MS, nextMs - performance.now()))
      nextMs += everyMs
    }
  }
  const someone = (n: number): Caller => {
    const caller = callers[n % callers.length]
    if (!caller) throw new Error('nobody calls')
    return caller
  }
  await Promise.all([
    killing(),
    lane(45_000, 'freeze', () => freezeOne(town, chance, chaos)),
    lane(60_000, 'slow core', () => slowCore(town, chance, chaos)),
    lane(30_000, 'flood', () => floodOne(street, chance, chaos)),
    lane(6_000, 'revocation', (n) => revoke(street, someone(2 * n), chaos)),
    lane(6_000, 'revocation', (n) => revoke(street, someone(2 * n + 1), chaos)),
    lane(9_000, 'publication', (n) => publish(street, someone(7 * n), chaos)),
  ])
  await noted('the end', () =>
    until('the house answers again', 180_000, async () => {
      return (await someone(0).read('/payments/v1/sub-merchants')) === 200
    }),
  )
}
