/** A place in the write-ahead log, and the file that holds it. PostgreSQL writes it `0/16B3740`: two halves in hex. */

export type Place = bigint

export const placeIn = (text: string): Place => {
  const [high = '', low = ''] = text.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

export const textOf = (place: Place): string =>
  `${(place >> 32n).toString(16)}/${(place & 0xffff_ffffn).toString(16)}`.toUpperCase()

const hex = (value: bigint) => value.toString(16).toUpperCase().padStart(8, '0')

/** The name of the file in which the byte at this place stands. */
export const segmentOf = (timeline: number, place: Place, segmentBytes: number): string => {
  const segment = place / BigInt(segmentBytes)
  const perHalf = 0x1_0000_0000n / BigInt(segmentBytes)
  return `${hex(BigInt(timeline))}${hex(segment / perHalf)}${hex(segment % perHalf)}`
}

/** A stretch of one file: where it begins in it, and how much of it. */
interface Stretch {
  readonly name: string
  readonly offset: number
  readonly length: number
}

/** The files that hold what stands between two places, in order. */
export const stretchesOf = (
  { timeline, segmentBytes }: { timeline: number; segmentBytes: number },
  from: Place,
  to: Place,
): Stretch[] => {
  const all: Stretch[] = []
  for (let at = from; at < to;) {
    const offset = Number(at % BigInt(segmentBytes))
    const length = Math.min(segmentBytes - offset, Number(to - at))
    all.push({ name: segmentOf(timeline, at, segmentBytes), offset, length })
    at += BigInt(length)
  }
  return all
}
