/** Which events count, and in which order: once each, billable ones, of the period and of the price that was in force. */
import { type Fraction, decimal, one, zero } from './fraction.ts'
import type { Bounds } from './period.ts'
import { RatingRefused } from './refusal.ts'
import type { RatedEvent } from './terms.ts'

export interface Counted {
  readonly quantity: Fraction
  readonly value: Fraction
  readonly type: string | undefined
  /** Nanoseconds since the epoch; undefined where nobody said when. */
  readonly atNs: bigint | undefined
}

const QUANTITY_DECIMALS_MAX = 6

/** A quantity as it may stand in usage: not negative, and not finer than a millionth. */
export const quantityOf = (text: string, pointer: string): Fraction => {
  if (text.startsWith('-') && !/^-0(\.0+)?$/.test(text))
    throw new RatingRefused('invalid_quantity', pointer, 'it is negative')
  if ((text.split('.')[1]?.length ?? 0) > QUANTITY_DECIMALS_MAX)
    throw new RatingRefused('invalid_quantity', pointer, 'it has more than six decimals')
  return decimal(text)
}

/** `bounds`: undefined where no period was named, so that every event is of it. */
export const countedEvents = (
  events: readonly RatedEvent[],
  bounds: Bounds | undefined,
  pointer: string,
): Counted[] => {
  const seen = new Set<string>()
  const counted: Counted[] = []
  events.forEach((event, i) => {
    if (event.id !== undefined) {
      if (seen.has(event.id)) return
      seen.add(event.id)
    }
    const at = `${pointer}/${i}`
    const quantity =
      event.quantity === undefined ? one : quantityOf(event.quantity, `${at}/quantity`)
    const value = event.value === undefined ? zero : quantityOf(event.value, `${at}/value`)
    if (event.status !== undefined && (event.status < 200 || event.status > 399)) return
    const atNs = event.at === undefined ? undefined : instantNs(event.at, `${at}/at`)
    if (atNs !== undefined && bounds && (atNs < bounds.fromNs || atNs >= bounds.toNs)) return
    counted.push({ quantity, value, type: event.type, atNs })
  })
  return inOrder(counted)
}

const instantNs = (text: string, pointer: string): bigint => {
  try {
    return Temporal.Instant.from(text).epochNanoseconds
  } catch {
    throw new RatingRefused('invalid_period', pointer, `${text} is no instant`)
  }
}

/** By time, and as listed where two are of one instant; what has no time comes last, as listed. */
const inOrder = (events: readonly Counted[]): Counted[] => {
  const timed = events.filter((e) => e.atNs !== undefined)
  const untimed = events.filter((e) => e.atNs === undefined)
  timed.sort(
    (a, b) => Number((a.atNs ?? 0n) > (b.atNs ?? 0n)) - Number((a.atNs ?? 0n) < (b.atNs ?? 0n)),
  )
  return [...timed, ...untimed]
}
