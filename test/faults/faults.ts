/** What can go wrong in a house, done to it: each breaks something, waits, and mends it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { uuidv7 } from '#kernel/id.ts'
import { probeQuestion, probeWith, readProbeSubject } from '../../src/supervisor/probe.ts'
import { openLog } from '#platform/log.ts'
import { reads } from './callers.ts'
import type { Fault } from './fault.ts'
import { natsFaults } from './nats.ts'
import type { Street } from './street.ts'
import { until } from './town.ts'

/** The gateway's own deadline is 25 s; a token is asked for before, on a machine that is busy. */
const DEADLINE_MS = 35_000

const ms = (n: number) => (n < 10_000 ? `${Math.round(n)} ms` : `${(n / 1_000).toFixed(1)} s`)

/** A process is killed; the supervisor starts the next one. */
const killing = (words: string, keeps: string, times = 3): Fault => ({
  breaks: `\`kill -9\` of ${words}`,
  keeps,
  run: async ({ town }, { short }) => {
    const backMs: number[] = []
    for (let n = 0; n < (short ? 1 : times); n++) {
      const pid = await town.kill(`start ${words}`)
      backMs.push(
        await until(`${words} is back`, 120_000, () => {
          const next = town.processOf(`start ${words}`)
          return next !== undefined && next !== pid
        }),
      )
      await sleep(short ? 2_000 : 5_000)
    }
    return {
      figures: [`${backMs.length} kills, the next one started after ${ms(Math.max(...backMs))}`],
    }
  },
})

/** Until a read is taken; answers how long that was. */
export const worksAgain = async ({ callers }: Street, path: string): Promise<number> =>
  until(`${path} is answered`, 180_000, async () => {
    const [first] = callers
    const status = first ? await first.read(path) : 0
    return status >= 200 && status < 300
  })

const postgresKilled: Fault = {
  breaks: '`kill -9` of PostgreSQL',
  keeps: 'reads that need no count; the server is started again and recovers',
  run: async (street, { short }) => {
    const back: number[] = []
    for (let n = 0; n < (short ? 1 : 3); n++) {
      const pid = await street.town.killPostgres()
      await until('another PostgreSQL', 120_000, () => {
        try {
          return street.town.postmaster() !== pid
        } catch {
          return false
        }
      })
      back.push(await worksAgain(street, '/payments/v1/sub-merchants'))
      await sleep(2_000)
    }
    return {
      figures: [
        `${back.length} kills, the database’s own data answered after ${ms(Math.max(...back))}`,
      ],
    }
  },
}

const postgresAway: Fault = {
  breaks: 'PostgreSQL does not answer (every process of it stopped)',
  keeps: 'holders of live tokens are served what needs no database',
  run: async (street, { short }) => {
    const before = street.sum()
    const thaw = street.town.freezePostgres()
    try {
      await sleep(short ? 20_000 : 600_000)
    } finally {
      thaw()
    }
    const { taken } = street.since(street.sum(), before)
    const back = await worksAgain(street, '/payments/v1/sub-merchants')
    return {
      figures: [
        `away ${short ? '20 s' : '10 min'}, ${taken} calls taken meanwhile, back after ${ms(back)}`,
      ],
    }
  },
}

const valkeyAway: Fault = {
  breaks: 'Valkey stops answering, then is killed and comes back empty',
  keeps: 'calls are admitted from leases and, after these, by shares; the bound holds',
  run: async (street, { short }) => {
    const { town } = street
    if (!town.hasValkey())
      return { figures: [], skipped: 'neither valkey-server nor redis-server is installed' }
    const before = street.sum()
    const thaw = town.freezeValkey()
    await sleep(short ? 8_000 : 120_000)
    thaw()
    await sleep(1_000)
    await town.killValkey()
    await sleep(short ? 4_000 : 30_000)
    const { taken, sent } = street.since(street.sum(), before)
    return { figures: [`${taken} of ${sent} calls taken meanwhile`] }
  },
}

/** The sandbox's gateway is killed, and the next one runs. */
const nextGateway = async ({ town }: Street): Promise<void> => {
  const words = 'start gateway --cell sandbox'
  const pid = await town.kill(words)
  await until('the next gateway', 60_000, () => {
    const next = town.processOf(words)
    return next !== undefined && next !== pid
  })
}

const coldStart: Fault = {
  breaks: 'control is stopped, and the gateway is killed meanwhile',
  keeps: 'the gateway starts from its disk; calls go on; usage waits in the spool',
  run: async (street, { short }) => {
    const thaw = street.town.freeze('start control')
    try {
      await sleep(1_000)
      await nextGateway(street)
      const cold = await worksAgain(street, '/cards/v1/cards')
      const before = street.sum()
      await sleep(short ? 5_000 : 120_000)
      const { taken } = street.since(street.sum(), before)
      return {
        figures: [
          `served ${ms(cold)} after its start without control; ${taken} calls taken until control was back`,
        ],
        ...(taken === 0 && { wrong: ['no call was taken'] }),
      }
    } finally {
      thaw()
    }
  },
}

const poisonedDisk: Fault = {
  breaks:
    'control is stopped, one bit of the newest snapshot on the gateway’s disk is flipped, the gateway is killed',
  keeps:
    'no older document serves in its place; the spoiled one is named in the log, calls are refused by name until control sends it again',
  run: async (street, { short }) => {
    const { town } = street
    const thaw = town.freeze('start control')
    const wrong: string[] = []
    try {
      const folder = join(town.data, 'snapshots', 'sandbox')
      const newest = readdirSync(folder)
        .filter((name) => /^gateway-\d+\.json$/.test(name))
        .toSorted()
        .at(-1)
      if (newest === undefined) return { figures: [], skipped: 'no snapshot is on the disk' }
      const bytes = readFileSync(join(folder, newest))
      const at = Math.floor(bytes.length / 2)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      writeFileSync(join(folder, newest), bytes)
      await nextGateway(street)
      const [first] = street.callers
      await until('it answers', 120_000, async () => ((await first?.read('/fx/v1/rates')) ?? 0) > 0)
      const before = street.sum()
      await sleep(short ? 5_000 : 60_000)
      const { taken, refused } = street.since(street.sum(), before)
      if (taken > 0) wrong.push(`${taken} calls were taken by an older document`)
      if (!refused.has('503 gateway/not-ready')) wrong.push('it is not refused by name')
      const log = readFileSync(join(town.data, 'log', 'gateway-sandbox.log'), 'utf8')
      if (!/left aside/.test(log)) wrong.push('the log does not name it')
    } finally {
      thaw()
    }
    const back = await worksAgain(street, '/fx/v1/rates')
    return { figures: [`served ${ms(back)} after control was back, by the newest`], wrong }
  },
}

/** A question to production's core that no answer is kept for; what was answered, and how soon. */
const askCore = async (world: Parameters<typeof probeWith>[0]): Promise<string> => {
  const { name, ...asked } = probeQuestion(readProbeSubject(world.layout, 'production'))
  await probeWith(world, 'production', {
    scope: 'accounts:verify',
    method: 'POST',
    path: '/accounts/v1/ownership-verifications',
    // Only who asks something new is answered by the core itself.
    body: { ...asked, name: `${name} ${uuidv7().slice(-12)}` },
  })
  return 'answered'
}

const core = (
  breaks: string,
  { command, mended, answers }: { command: string; mended: string; answers: RegExp },
): Fault => ({
  breaks,
  keeps: 'the sandbox and all that needs no core; whoever waits is told so within the deadline',
  run: async (street, { short }) => {
    const { town } = street
    const world = {
      ...town.world,
      log: openLog({ process: 'faults' }, 'silent'),
      now: () => Temporal.Now.instant(),
    }
    const told = await town.core(command)
    if (told !== 'ok') throw new Error(`the core’s desk answers ${told}`)
    const before = street.sum()
    const said = new Map<string, number>()
    let longest = 0
    try {
      for (let n = 0; n < (short ? 2 : 8); n++) {
        const fromMs = performance.now()
        const answer = await askCore(world).catch(
          (error: unknown) =>
            /answered (\d{3}) .*?"code":"([^"]+)"/.exec(String(error))?.slice(1).join(' ') ??
            'no answer',
        )
        longest = Math.max(longest, performance.now() - fromMs)
        said.set(answer, (said.get(answer) ?? 0) + 1)
      }
    } finally {
      await town.core(mended)
    }
    const { taken } = street.since(street.sum(), before)
    const back = await until('the core answers', 180_000, async () => {
      await askCore(world)
      return true
    })
    const wrong = [...said.keys()].filter((answer) => !answers.test(answer))
    if (taken === 0) wrong.push('the sandbox stood still')
    if (longest > DEADLINE_MS) wrong.push(`an answer took ${ms(longest)}`)
    return {
      figures: [
        `production: ${[...said].map(([what, n]) => `${what} (${n}×)`).join(', ')}, the longest after ${ms(longest)}, well again after ${ms(back)}; ${taken} sandbox calls taken meanwhile`,
      ],
      wrong,
    }
  },
})

/** Of the sandbox's tier: an application's burst and rate. */
const BURST = 80
const RATE = 40
const LANES = 60

const flood: Fault = {
  breaks: 'one partner calls as fast as it can on sixty connections',
  keeps:
    'the others: each within its own limits; the flood gets its burst and its rate, and no more',
  run: async (street, { short }) => {
    const [flooder, ...others] = street.callers
    if (!flooder) throw new Error('nobody calls')
    const refusedBefore = others.map(({ ledger }) => new Map(ledger.refused))
    const token = await flooder.token()
    await flooder.pause()
    await sleep(3_000)
    const seconds = short ? 6 : 60
    const fromMs = performance.now()
    let asked = 0
    const taken: number[] = []
    await Promise.all(
      Array.from({ length: LANES }, async () => {
        while (performance.now() - fromMs < seconds * 1_000) {
          asked++
          try {
            const { status } = await flooder.application.call(token, 'GET', reads[0])
            if (status < 300) taken.push(performance.now() - fromMs)
          } catch {
            flooder.ledger.unheard++
          }
        }
      }),
    )
    const took = (performance.now() - fromMs) / 1_000
    flooder.ledger.sent += asked
    flooder.ledger.taken += taken.length
    flooder.resume()
    const bound = BURST + RATE * took
    const refused = others.reduce(
      (sum, { ledger }, n) =>
        sum +
        [...ledger.refused].reduce(
          (of, [code, count]) => of + count - (refusedBefore[n]?.get(code) ?? 0),
          0,
        ),
      0,
    )
    return {
      figures: [
        `${asked} calls in ${took.toFixed(1)} s, ${taken.length} admitted, bound ${Math.floor(bound)} (${((100 * taken.length) / bound).toFixed(0)} % of it); ${refused} calls of the ${others.length} others refused`,
      ],
      ...(taken.length > bound && { wrong: [`${taken.length} admitted, ${bound} is the bound`] }),
    }
  },
}

/** By name, in the order in which they are done. */
export const faults: Readonly<Record<string, Fault>> = {
  gateway: killing(
    'gateway --cell sandbox',
    'nothing of this cell with one gateway, for as long as the next one takes; with several, all',
  ),
  authorization: killing('authorization --cell sandbox', 'calls with live tokens'),
  bank: killing('bank --cell sandbox', 'the gateway refuses by name and goes on'),
  vault: killing('vault --cell sandbox', 'all but what shows a card'),
  courier: killing('courier --cell sandbox', 'all calls; webhooks wait'),
  control: killing('control', 'all calls; usage waits in the spool'),
  status: killing('status', 'all calls'),
  'postgres-killed': postgresKilled,
  'postgres-away': postgresAway,
  'valkey-away': valkeyAway,
  ...natsFaults,
  'cold-start': coldStart,
  'poisoned-snapshot': poisonedDisk,
  'slow-core': core('the core takes six seconds for each answer', {
    command: 'latency 6000 6000',
    mended: 'latency 20 80',
    answers: /^(answered|50[234] [\w-]+\/[\w-]+|429 [\w-]+\/[\w-]+)$/,
  }),
  'hanging-core': core('the core takes questions and does not answer', {
    command: 'fault hang-before any 400',
    mended: 'faults clear',
    answers: /^(50[234] [\w-]+\/[\w-]+|429 [\w-]+\/[\w-]+)$/,
  }),
  flood,
}
