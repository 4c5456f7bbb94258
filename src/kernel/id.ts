import { z } from 'zod'

/** An id of one kind of thing. The brand keeps a partner's id out of a parameter for a consent's. */
export type Id<Noun extends string> = string & z.core.$brand<Noun>

/** `consent_0193…`: the word says what the id names; the rest is a UUIDv7, so ids sort by birth. */
export const idOf = <Noun extends string>(noun: Noun) => {
  const schema = z
    .string()
    .regex(new RegExp(`^${noun}_[0-9a-f]{32}$`), `not a ${noun} id`)
    .brand<Noun>()
  // While Noun is unknown, the compiler sees only `string` in what zod brands: here it is told.
  return Object.assign(schema, { next: () => schema.parse(`${noun}_${uuidv7()}`) as Id<Noun> })
}

/** Chance is drawn for many ids at once: each draw alone would cost more than the id. Each byte is used once. */
const pool = new Uint8Array(4_096)
let drawn = pool.length

/** RFC 9562 §5.7: 48 bits of milliseconds, then the version, then chance. Works in a browser too. */
export const uuidv7 = (atMs = Date.now()): string => {
  if (drawn === pool.length) {
    crypto.getRandomValues(pool)
    drawn = 0
  }
  const bytes = pool.subarray(drawn, (drawn += 16))
  const high = Math.floor(atMs / 0x1_0000)
  bytes[0] = high >>> 24
  bytes[1] = high >>> 16
  bytes[2] = high >>> 8
  bytes[3] = high
  bytes[4] = atMs >>> 8
  bytes[5] = atMs
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  const id = bytes.toHex()
  bytes.fill(0)
  return id
}

/** The millisecond that a UUIDv7 (32 hex digits) was minted in. */
export const bornAtMs = (uuid: string): number => Number.parseInt(uuid.slice(0, 12), 16)
