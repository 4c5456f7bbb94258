/**
 * A market that nobody trades in. Each rate sways around where it begins: by the day, the hour and the minute, each from
 * points that the seed gives and straight lines between them. So a rate needs no history, and its steps are small.
 */
import { createHash } from 'node:crypto'
import { halfUp, type MidRate, PairName } from './rate.ts'
import { isWeekend } from './value-date.ts'

const SEED = 'portico made-up market 1'
const zone = 'UTC'
/** A rate stands still for so long. */
const TICK_MS = 5_000n

const beginnings: Readonly<Record<PairName, bigint>> = {
  'USD/UZS': 12_620_500_000n,
  'EUR/UZS': 13_745_250_000n,
  'EUR/USD': 1_089_150n,
}

/** How far each sway goes to either side, in millionths of the rate. */
const sways = [
  { everyMs: 20n * 86_400_000n, ppm: 9_000n },
  { everyMs: 86_400_000n, ppm: 3_500n },
  { everyMs: 3_600_000n, ppm: 800n },
  { everyMs: 60_000n, ppm: 120n },
] as const

/** From −1 000 000 to 1 000 000, always the same for the same point. */
const pointAt = (pair: PairName, everyMs: bigint, index: bigint): bigint => {
  const digest = createHash('sha256').update(`${SEED} ${pair} ${everyMs} ${index}`).digest()
  return BigInt(digest.readUInt32BE() % 2_000_001) - 1_000_000n
}

const swayAt = (pair: PairName, atMs: bigint, { everyMs, ppm }: (typeof sways)[number]): bigint => {
  const index = atMs / everyMs
  const past = atMs % everyMs
  const from = pointAt(pair, everyMs, index)
  const to = pointAt(pair, everyMs, index + 1n)
  return halfUp((from * (everyMs - past) + to * past) * ppm, everyMs * 1_000_000n)
}

/** The market rests from Friday's midnight to Monday's: its last rate stands. */
const lastTraded = (now: Temporal.Instant): Temporal.Instant => {
  const here = now.toZonedDateTimeISO(zone)
  if (!isWeekend(here.toPlainDate())) return now
  return here
    .startOfDay()
    .subtract({ days: here.dayOfWeek - 6 })
    .subtract({ seconds: 5 })
    .toInstant()
}

export const madeUpRates = (now: Temporal.Instant): MidRate[] => {
  const ms = BigInt(lastTraded(now).epochMilliseconds)
  const atMs = ms - (ms % TICK_MS)
  return PairName.options.map((pair) => {
    const ppm = sways.reduce((sum, sway) => sum + swayAt(pair, atMs, sway), 1_000_000n)
    return {
      pair,
      micros: halfUp(beginnings[pair] * ppm, 1_000_000n),
      asOf: Temporal.Instant.fromEpochMilliseconds(Number(atMs)),
      goodUntil: now.add({ hours: 1 }),
      source: 'Made-up market of the sandbox',
    }
  })
}
