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

/** RFC 9562: 48 bits of milliseconds, then the version, then chance. Works in a browser too. */
export const uuidv7 = (atMs = Date.now()): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  new DataView(bytes.buffer).setBigUint64(
    0,
    (BigInt(atMs) << 16n) | 0x7000n | (BigInt(bytes[6]! & 0x0f) << 8n) | BigInt(bytes[7]!),
  )
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toHex()
}

/** The millisecond that a UUIDv7 (32 hex digits) was minted in. */
export const bornAtMs = (uuid: string): number => Number.parseInt(uuid.slice(0, 12), 16)
