/** How a promise was kept: four ways to count availability, and latency against thresholds. Pure and exact (L14). */

/** A minute (or five) of a product: calls that count, those that failed, or what our own probe found where none was made. */
export interface Slice {
  readonly good: bigint
  readonly total: bigint
}

/** Exact: `good ÷ total`, never rounded before it is compared. */
export interface Ratio {
  readonly good: bigint
  readonly total: bigint
}

const gcd = (a: bigint, b: bigint): bigint => {
  while (b !== 0n) [a, b] = [b, a % b]
  return a
}

/** Good calls of all. */
export const byOccurrences = (slices: readonly Slice[]): Ratio => ({
  good: slices.reduce((sum, s) => sum + s.good, 0n),
  total: slices.reduce((sum, s) => sum + s.total, 0n),
})

/** Slices of which at most so many per cent failed, of all slices in which anything is known. */
export const byTimeslices = (slices: readonly Slice[], badPercent: Ratio): Ratio => {
  const known = slices.filter((s) => s.total > 0n)
  const good = known.filter(
    (s) => (s.total - s.good) * 100n * badPercent.total <= s.total * badPercent.good,
  )
  return { good: BigInt(good.length), total: BigInt(known.length) }
}

/** The mean of the availabilities of the slices: each counts alike, however many calls it had. */
export const byRatioOfTimeslices = (slices: readonly Slice[]): Ratio => {
  const known = slices.filter((s) => s.total > 0n)
  let sum: Ratio = { good: 0n, total: 1n }
  for (const { good, total } of known) {
    const added = {
      good: sum.good * total + good * sum.total,
      total: sum.total * total,
    }
    const shared = gcd(added.good === 0n ? added.total : added.good, added.total)
    sum = { good: added.good / shared, total: added.total / shared }
  }
  return { good: sum.good, total: sum.total * BigInt(known.length) }
}

export interface Turn {
  readonly at: Temporal.Instant
  readonly bad: boolean
}

const IN_A_ROW = 5
const WITHIN_MS = 30_000

/** Down from the first of five failures in a row within thirty seconds, to the next answer (EBA/GL/2018/07, 2.2). */
export const outages = (
  turns: readonly Turn[],
  end: Temporal.Instant,
): { from: Temporal.Instant; to: Temporal.Instant }[] => {
  const found: { from: Temporal.Instant; to: Temporal.Instant }[] = []
  let row: Temporal.Instant[] = []
  let down: Temporal.Instant | undefined
  for (const { at, bad } of turns) {
    if (!bad) {
      if (down) found.push({ from: down, to: at })
      row = []
      down = undefined
      continue
    }
    row.push(at)
    if (row.length > IN_A_ROW) row.shift()
    const [first] = row
    if (!down && first && row.length === IN_A_ROW && msBetween(first, at) <= WITHIN_MS) down = first
  }
  if (down) found.push({ from: down, to: end })
  return found
}

const msBetween = (a: Temporal.Instant, b: Temporal.Instant) =>
  b.epochMilliseconds - a.epochMilliseconds

/** Milliseconds in which nothing was answered, of all. */
export const byConsecutive = (
  down: readonly { from: Temporal.Instant; to: Temporal.Instant }[],
  span: { from: Temporal.Instant; to: Temporal.Instant },
): Ratio => {
  const total = BigInt(msBetween(span.from, span.to))
  const lost = down.reduce((sum, o) => sum + BigInt(msBetween(o.from, o.to)), 0n)
  return { good: total - lost, total }
}

/** As it is printed, cut and not rounded up: what was not reached must not look as if it were. */
export const percentText = ({ good, total }: Ratio, digits = 4): string => {
  if (total === 0n) return '100'
  const scale = 10n ** BigInt(digits)
  const cut = (good * 100n * scale) / total
  const [whole, part] = [cut / scale, (cut % scale).toString().padStart(digits, '0')]
  return `${whole}.${part}`
}

/** Whether a ratio is below so many per cent, as decimal text. Nothing at all is below nothing. */
export const isBelow = ({ good, total }: Ratio, percent: string): boolean => {
  const [whole = '0', part = ''] = percent.split('.')
  return good * 100n * 10n ** BigInt(part.length) < BigInt(whole + part) * total
}
