/** A house dies, and is restored from its back-up to an earlier second: what had happened by then is there, and nothing else. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { EmbeddedPostgres } from '#platform/postgres-server.ts'
import {
  callsOf,
  dieAtOnce,
  type Head,
  headsOf,
  invoicesOf,
  openServer,
  processesOf,
  serverPid,
} from '../backup/judge.ts'
import { freshData, portico } from '../house.ts'
import type { Found } from './run.ts'
import { openStreet, type Street } from './street.ts'
import { openTown, type Town, until } from './town.ts'

const State = z.looseObject({ at: z.string() })
const Restored = z.looseObject({ abandoned: z.record(z.string(), z.number()) })

const about = {
  name: 'restore-until',
  breaks:
    'every process and PostgreSQL are killed at once, and the house is restored from its back-up to an earlier second',
  keeps:
    'all that had happened by that second, and nothing of what came later: calls, invoices, five journals that verify',
}

interface Truth {
  readonly at: Temporal.Instant
  /** Ends of the journals before the second, and after it. */
  readonly heads: Record<string, Head>
  readonly later: Record<string, Head>
  readonly calls: Awaited<ReturnType<typeof callsOf>>
  readonly invoices: Awaited<ReturnType<typeof invoicesOf>>
}

/** Everybody rests, spools are shipped; then it is a second that can be told from those before and after. */
const secondOf = async (street: Street, server: EmbeddedPostgres): Promise<Truth> => {
  await street.settle()
  await Promise.all(street.callers.map((caller) => caller.pause()))
  await sleep(3_000)
  const [heads, calls] = [await headsOf(server), await callsOf(server)]
  const at = Temporal.Now.instant()
  await sleep(1_500)
  const later = await headsOf(server)
  const invoices = await invoicesOf(server, at)
  for (const caller of street.callers) caller.resume()
  return { at, heads, later, calls, invoices }
}

const copiedTo = (copy: string, moment: Temporal.Instant): boolean => {
  const { at } = State.parse(JSON.parse(readFileSync(join(copy, 'state.json'), 'utf8')))
  return Temporal.Instant.compare(Temporal.Instant.from(at), moment) > 0
}

/** What differs between what was there at the second and what stands again. */
const differences = async (
  truth: Truth,
  original: EmbeddedPostgres,
  copy: EmbeddedPostgres,
): Promise<string[]> => {
  const wrong: string[] = []
  const heads = await headsOf(copy)
  const same = await headsOf(original, heads)
  for (const [database, head] of Object.entries(heads)) {
    if (head.hash !== same[database]?.hash) wrong.push(`${database} has another journal`)
    if (head.seq < (truth.heads[database]?.seq ?? 0n)) wrong.push(`${database} lacks lines`)
    if (head.seq > (truth.later[database]?.seq ?? 0n)) wrong.push(`${database} has later lines`)
  }
  if (!isDeepStrictEqual(await callsOf(copy), truth.calls)) wrong.push('the calls differ')
  if (!isDeepStrictEqual(await invoicesOf(copy, truth.at), truth.invoices))
    wrong.push('the invoices differ')
  if (Object.values(truth.invoices).flat().length === 0) wrong.push('there was no invoice')
  return wrong
}

const restoring = async (
  town: Town,
  truth: Truth,
  { copy, keys, portBase }: { copy: string; keys: string; portBase: number },
) => {
  const second = { data: join(freshData(), 'data'), portBase: portBase + 50 }
  const fromMs = performance.now()
  const moment = truth.at.toString()
  const words = ['restore', copy, '--keys', keys, '--until', moment, '--json']
  const done = await portico(second, 'backup', ...words)
  if (done.code !== 0) throw new Error(`it was not restored: ${done.stderr.slice(-500)}`)
  const tookMs = performance.now() - fromMs
  const { abandoned } = Restored.parse(JSON.parse(done.stdout))
  const original = await openServer(town.data, portBase + 45)
  const restored = await openServer(second.data, second.portBase + 30)
  try {
    const wrong = await differences(truth, original, restored)
    const verified = await portico(second, 'journal', 'verify')
    if (verified.code !== 0 || verified.stdout.match(/whole/g)?.length !== 5)
      wrong.push(`the journals are not whole: ${verified.stdout.slice(-300)}`)
    const gone = Object.values(abandoned).reduce((a, b) => a + b, 0)
    if (gone === 0) wrong.push('no line was set aside: nothing had happened after the second')
    const ends = await callsOf(original)
    return { wrong, tookMs, gone, ends }
  } finally {
    await original.stop()
    await restored.stop()
    rmSync(second.data, { recursive: true, force: true })
  }
}

export const restoreUntil = async ({ short }: { short: boolean }): Promise<Found> => {
  const portBase = Number(process.env['PORTICO_PORT_BASE'] ?? 27_400) + 200
  const [copy, keys] = [freshData(), freshData()]
  const environment = { PORTICO_BACKUP: copy, PORTICO_BACKUP_KEYS: keys }
  const town = await openTown({ portBase, environment })
  const left: number[] = []
  try {
    const street = await openStreet(town, 2, 100)
    const house = { data: town.data, portBase, environment }
    await until('a whole base copy', 300_000, async () => {
      await sleep(1_000)
      return (await portico(house, 'backup', 'check', copy)).code === 0
    })
    await sleep(short ? 2_000 : 30_000)
    const server = await openServer(town.data, town.ports.postgres)
    const truth = await secondOf(street, server)
    const { sent, taken, unheard, refused } = street.sum()
    // What happens now will not have happened.
    await sleep(4_000)
    await street.consent().then(({ end }) => end())
    const last = Temporal.Now.instant()
    await street.close()
    await until('the copy is beyond the second', 120_000, () => copiedTo(copy, last))
    const { others, backup } = processesOf(town.data)
    left.push(...others, ...backup, serverPid(town.data))
    await dieAtOnce(left)
    const { wrong, tookMs, gone, ends } = await restoring(town, truth, { copy, keys, portBase })
    const { rows, different } = truth.calls
    const invoices = Object.values(truth.invoices).flat().length
    return {
      ...about,
      course: {
        figures: [
          `restored to ${truth.at.toString({ smallestUnit: 'millisecond' })} in ${(tookMs / 1_000).toFixed(1)} s: ${rows} calls and ${invoices} invoices equal by digest, 5 journals whole; ${gone} later lines of the journals and ${ends.rows - rows} later calls are set aside`,
        ],
        wrong,
      },
      sent,
      taken,
      unheard,
      refused: [...refused].toSorted(([, a], [, b]) => b - a),
      longestGapMs: 0,
      books: {
        lost: Math.max(0, taken - Number(different)),
        doubled: Number(rows - different),
        writesLost: 0,
        writesTwice: 0,
      },
      consentsIgnored: 0,
    }
  } finally {
    await dieAtOnce(left)
    await town.close().catch(() => {})
    for (const folder of [copy, keys]) rmSync(folder, { recursive: true, force: true })
  }
}
