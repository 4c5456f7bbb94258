/**
 * Many records by key in two flat buffers: what a worker packs, another thread holds without a copy and without building
 * anything (a structured clone of 60,000 objects would stop every call for a second). A record is decoded when it is
 * first asked for.
 */
import { problem } from '#kernel/problem.ts'

export const directoryRefused = problem(
  'gateway/directory-refused',
  500,
  'Records cannot be kept by these keys',
)

/** What a reader of many things by id needs of a Map. */
export interface Lookup<T> {
  readonly size: number
  has(id: string): boolean
  get(id: string): T | undefined
}

/** Plain enough to be handed from thread to thread. */
export interface Packed {
  readonly size: number
  /** Record after record: length of the key (2 bytes), key, length of the text (4 bytes), text. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Open addressing, half empty: a record's place + 1, or 0. */
  readonly slots: Uint32Array<ArrayBuffer>
}

const KEY_MAX = 512
const HEAD_BYTES = 6
/** What two threads write and read in one way, whatever the machine's order is. */
const LITTLE_ENDIAN = true

/** FNV-1a: keys are our own ids, signed by control, so nobody chooses collisions. */
const slotOf = (key: string, slots: number): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) | 0
  hash ^= hash >>> 15
  return (Math.imul(hash, 0x2c1b3c6d) >>> 0) & (slots - 1)
}

/** Packs records. Throws `gateway/directory-refused` for a key that stands twice or is no short ASCII word. */
export const pack = (records: readonly (readonly [key: string, text: string])[]): Packed => {
  const length = records.reduce(
    (sum, [key, text]) => sum + HEAD_BYTES + key.length + Buffer.byteLength(text),
    0,
  )
  const bytes = new Uint8Array(new ArrayBuffer(length))
  const writer = Buffer.from(bytes.buffer)
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(2, records.length * 2))))
  let at = 0
  for (const [key, text] of records) {
    if (!/^[\x21-\x7e]+$/.test(key) || key.length > KEY_MAX)
      throw directoryRefused('a key is no word of printable ASCII')
    let slot = slotOf(key, slots.length)
    for (let place = slots[slot]; place; place = slots[slot]) {
      if (keyAt(writer, place - 1) === key) throw directoryRefused(`${key} stands twice`)
      slot = (slot + 1) & (slots.length - 1)
    }
    slots[slot] = at + 1
    writer.writeUInt16LE(key.length, at)
    at += 2 + writer.write(key, at + 2, 'latin1')
    const written = writer.write(text, at + 4, 'utf8')
    writer.writeUInt32LE(written, at)
    at += 4 + written
  }
  return { size: records.length, bytes, slots }
}

const keyAt = (bytes: Buffer, place: number): string =>
  bytes.toString('latin1', place + 2, place + 2 + bytes.readUInt16LE(place))

/** `decode` is called once for a record that is asked for, and what it answers is kept. */
export const openDirectory = <T>(packed: Packed, decode: (text: string) => T): Lookup<T> => {
  const { slots } = packed
  const { buffer, byteOffset, byteLength } = packed.bytes
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  const view = new DataView(buffer, byteOffset, byteLength)
  const held = new Map<string, T>()

  /** Where the text of a record begins, less its length; -1 where there is none. */
  const find = (key: string): number => {
    if (packed.size === 0 || key.length > KEY_MAX) return -1
    let slot = slotOf(key, slots.length)
    for (let place = slots[slot]; place; place = slots[slot]) {
      if (
        view.getUint16(place - 1, LITTLE_ENDIAN) === key.length &&
        keyAt(bytes, place - 1) === key
      )
        return place + 1 + key.length
      slot = (slot + 1) & (slots.length - 1)
    }
    return -1
  }
  return {
    size: packed.size,
    has: (key) => held.has(key) || find(key) >= 0,
    get: (key) => {
      const known = held.get(key)
      if (known !== undefined) return known
      const at = find(key)
      if (at < 0) return undefined
      const length = view.getUint32(at, LITTLE_ENDIAN)
      const decoded = decode(bytes.toString('utf8', at + 4, at + 4 + length))
      held.set(key, decoded)
      return decoded
    },
  }
}
