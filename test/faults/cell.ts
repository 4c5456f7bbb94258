/**
 * Faults of one gateway process between a bank and a control that are played, and count for themselves: a disk that is full,
 * a network that swallows everything, a clock that is turned.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { certificateExpiry } from './certificates.ts'
import { ended, foundIn, openPlace, skipped } from './place.ts'
import { poisonedPublication } from './poison.ts'
import { networkPartition, swallowed } from './partition.ts'
import { restoreUntil } from './restore.ts'
import type { Found } from './run.ts'
import { until } from './town.ts'

const SPOOL_KIB = 256
const CALLS_MAX = 3_000

const diskFull = async (): Promise<Found> => {
  const about = {
    name: 'disk-full',
    breaks: `the spool’s disk (${SPOOL_KIB} KiB) is full, because control takes nothing`,
    keeps: 'no call is answered that could not be recorded; the process ends and says why',
  }
  const place = await openPlace()
  mkdirSync(place.node.spool, { recursive: true })
  const mount = (...words: string[]) => spawnSync('mount', words).status === 0
  const small = mount('-t', 'tmpfs', '-o', `size=${SPOOL_KIB}k`, 'portico-drill', place.node.spool)
  if (!small) {
    await place.cell.close()
    return skipped(about, 'needs root and mount(8)')
  }
  const balancer = await place.start()
  try {
    place.cell.setTakesUsage(false)
    let calls = 0
    const full = () => place.node.hasEnded() || place.tally.refused.size > 0
    for (; calls < CALLS_MAX && !full(); calls++) await place.read()
    const wasFull = full()
    const said = place.node.hasEnded() ? 'the process ended' : 'it refused'
    const atFull = place.tally.taken
    // Room again, as an operator makes it; whoever ended is started again.
    mount('-o', 'remount,size=64m', place.node.spool)
    place.cell.setTakesUsage(true)
    const backMs = performance.now()
    if (place.node.hasEnded()) await place.node.start()
    await until('a call is taken again', 60_000, async () => (await place.read())?.status === 200)
    const back = Math.round(performance.now() - backMs)
    const wrong = wasFull ? [] : [`${calls} calls did not fill it`]
    return await foundIn(
      place,
      about,
      [
        `full after ${atFull} calls: ${said}; with room again the next call was taken after ${back} ms`,
      ],
      wrong,
    )
  } finally {
    await place.node.kill()
    spawnSync('umount', [place.node.spool])
    await ended(place, balancer)
  }
}

const clockSteps = async (): Promise<Found> => {
  const about = {
    name: 'clock-steps',
    breaks: 'the clock of one gateway is turned by ±5 minutes, forwards and back',
    keeps:
      'what a right clock takes is taken again as soon as the clock is right; a token from the future is not believed',
  }
  const folder = mkdtempSync(join(tmpdir(), 'clock-'))
  const file = join(folder, 'off')
  const turn = async (minutes: number) => {
    writeFileSync(file, String(minutes * 60_000))
    await sleep(500)
  }
  writeFileSync(file, '0')
  const preload = resolve(import.meta.dirname, 'turned-clock.mjs')
  const place = await openPlace(() => ({
    flags: ['--import', preload],
    environment: { DRILL_CLOCK_FILE: file },
  }))
  const balancer = await place.start()
  try {
    const wrong: string[] = []
    const figures: string[] = []
    const statusOf = async (token: string) => {
      place.useToken(token)
      return (await place.read())?.status ?? 0
    }
    const fresh = () => place.token()
    /** Ended a minute ago by every right clock. */
    const old = () =>
      place.token((claims) => {
        const now = Math.floor(Date.now() / 1_000)
        return { ...claims, iat: now - 360, exp: now - 60 }
      })
    if ((await statusOf(await fresh())) !== 200)
      wrong.push('a good token is refused at the right time')
    if ((await statusOf(await old())) !== 401)
      wrong.push('an ended token is taken at the right time')
    await turn(5)
    figures.push(`5 min ahead: a token of now ${await statusOf(await fresh())}`)
    await turn(0)
    if ((await statusOf(await fresh())) !== 200)
      wrong.push('refused after the clock was right again')
    await turn(-5)
    const future = await statusOf(await fresh())
    figures.push(
      `5 min behind: a token of now ${future}, one that has ended ${await statusOf(await old())}`,
    )
    if (future < 400) wrong.push('a token from the future is taken')
    await turn(0)
    if ((await statusOf(await fresh())) !== 200)
      wrong.push('refused after the clock was right again')
    if ((await statusOf(await old())) !== 401)
      wrong.push('an ended token is taken after a step back')
    return await foundIn(place, about, figures, wrong)
  } finally {
    await ended(place, balancer)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** By name. Each has a cell of its own. */
export const cellFaults: Readonly<Record<string, (length: { short: boolean }) => Promise<Found>>> =
  {
    'disk-full': diskFull,
    partition: swallowed,
    'partition-network': networkPartition,
    'clock-steps': clockSteps,
    'certificate-expiry': certificateExpiry,
    'poisoned-publication': poisonedPublication,
    'restore-until': restoreUntil,
  }
