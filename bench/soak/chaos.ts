/** What befalls a house in an hour: kills of everything, a frozen store, a slow core, restarts; and what the house is asked meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from '#test/isolation/chance.ts'
import { newApplication } from '#test/journeys/onboarding.ts'
import { callerPlan } from '#test/faults/callers.ts'
import type { Street } from '#test/faults/street.ts'
import { type Town, until } from '#test/faults/town.ts'

const killed = [
  'gateway --cell sandbox',
  'gateway --cell production',
  'authorization --cell sandbox',
  'bank --cell sandbox',
  'vault --cell sandbox',
  'courier --cell sandbox',
  'control',
  'status',
] as const

export interface Chaos {
  kills: number
  readonly byVictim: Map<string, number>
  freezes: number
  slow: number
  publications: number
  /** From the customer's word to the last call that was still taken. */
  readonly revocationMs: number[]
  /** Calls that were taken after another had been refused. */
  takenAfterRefusal: number
  readonly failed: string[]
}

export const newChaos = (): Chaos => ({
  kills: 0,
  byVictim: new Map(),
  freezes: 0,
  slow: 0,
  publications: 0,
  revocationMs: [],
  takenAfterRefusal: 0,
  failed: [],
})

const killOne = async (town: Town, chance: Chance, chaos: Chaos) => {
  const victim = chance.once(12)
    ? 'PostgreSQL'
    : chance.once(14) && town.hasValkey()
      ? 'Valkey'
      : chance.of(killed)
  if (victim === 'PostgreSQL') await town.killPostgres()
  else if (victim === 'Valkey') await town.killValkey()
  // One that is just being started again cannot be killed once more.
  else if (town.processOf(`start ${victim}`) === undefined) return
  else await town.kill(`start ${victim}`)
  chaos.kills++
  chaos.byVictim.set(victim, (chaos.byVictim.get(victim) ?? 0) + 1)
}

const freezeOne = async (town: Town, chance: Chance, chaos: Chaos) => {
  const thaw = chance.once(2) ? town.freezeValkey() : town.freezePostgres()
  chaos.freezes++
  await sleep(1_000 + chance.below(4_000))
  thaw()
}

const slowCore = async (town: Town, chance: Chance, chaos: Chaos) => {
  chaos.slow++
  await town.core('latency 3000 6000')
  await sleep(3_000 + chance.below(5_000))
  await town.core('latency 20 80')
}

/** The time of one revocation, asked for without pause: from the customer's word to the last call that was taken. */
const revoke = async (street: Street, chaos: Chaos) => {
  const { use, end } = await street.consent()
  if ((await use()) !== 'taken') return
  const fromMs = performance.now()
  await end()
  let lastTaken = 0
  let refused = 0
  const endMs = performance.now() + 20_000
  while (refused < 5 && performance.now() < endMs) {
    const askedMs = performance.now()
    const said = await use()
    if (said === 'refused') refused++
    if (said === 'taken') {
      if (refused > 0) chaos.takenAfterRefusal++
      lastTaken = askedMs - fromMs
    }
  }
  if (refused < 5) throw new Error('no five refusals within twenty seconds')
  chaos.revocationMs.push(lastTaken)
}

/** A new application: control publishes, and the gateways are to know. */
const publish = async (street: Street, chaos: Chaos) => {
  const [caller] = street.callers
  if (!caller) return
  const { wellKnown } = street
  const application = await newApplication({
    wellKnown,
    partner: caller.partner,
    plan: callerPlan,
    cell: 'sandbox',
  })
  await application.close()
  chaos.publications++
}

/** Until the time is over. What fails while something else is broken is noted, and is no end of it. */
export const wreak = async (
  street: Street,
  {
    seconds,
    kills,
    chance,
    chaos,
    say,
  }: {
    seconds: number
    kills: number
    chance: Chance
    chaos: Chaos
    say: (line: string) => void
  },
): Promise<void> => {
  const { town } = street
  const endMs = performance.now() + seconds * 1_000
  const everyMs = (seconds * 1_000) / kills
  const noted = async (what: string, body: () => Promise<unknown>) => {
    try {
      await body()
    } catch (error) {
      chaos.failed.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const killing = (async () => {
    while (performance.now() < endMs && chaos.kills < kills) {
      const nextMs = performance.now() + everyMs
      await noted('kill', () => killOne(town, chance, chaos))
      if (chaos.kills % 20 === 0) say(`${chaos.kills} of ${kills} kills`)
      await sleep(Math.max(0, nextMs - performance.now()))
    }
  })()
  const others = (async () => {
    while (performance.now() < endMs) {
      const what = chance.below(10)
      if (what === 0) await noted('freeze', () => freezeOne(town, chance, chaos))
      else if (what === 1) await noted('slow core', () => slowCore(town, chance, chaos))
      else if (what < 6) await noted('revocation', () => revoke(street, chaos))
      else await noted('publication', () => publish(street, chaos))
      await sleep(2_000 + chance.below(4_000))
    }
  })()
  await Promise.all([killing, others])
  await until('the house answers again', 180_000, async () => {
    const [caller] = street.callers
    return (await caller?.read('/payments/v1/sub-merchants')) === 200
  })
}
