/**
 * How arrays are read and written. The driver would ask each server for its types on each new connection, and nobody hears
 * what becomes of that question: a server that is killed in the middle of it ends the process. The numbers of PostgreSQL's
 * own types never change (src/include/catalog/pg_type.dat).
 */
import { parse } from 'postgres-array'
import { assert } from '#kernel/assert.ts'

interface Element {
  /** Of the array, not of what lies in it. */
  readonly oid: number
  readonly read: (text: string) => unknown
  readonly write: (value: unknown) => string
}

const asText = (value: unknown): string => String(value)
const json = { read: (text: string): unknown => JSON.parse(text), write: JSON.stringify }
const plain = { read: (text: string) => text, write: asText }
const count = { read: Number, write: asText }

const elements: Readonly<Record<string, Element>> = {
  bool: { oid: 1000, read: (text) => text === 't', write: asText },
  bytea: {
    oid: 1001,
    read: (text) => Buffer.from(text.slice(2), 'hex'),
    write: (value) => {
      assert(value instanceof Uint8Array, 'bytes')
      return `\\x${Buffer.from(value).toString('hex')}`
    },
  },
  name: { oid: 1003, ...plain },
  int2: { oid: 1005, ...count },
  int4: { oid: 1007, ...count },
  text: { oid: 1009, ...plain },
  varchar: { oid: 1015, ...plain },
  int8: { oid: 1016, read: BigInt, write: asText },
  float8: { oid: 1022, ...count },
  oid: { oid: 1028, ...count },
  inet: { oid: 1041, ...plain },
  date: { oid: 1182, read: (text) => dayOf(text), write: asText },
  timestamptz: {
    oid: 1185,
    read: (text) => instantOf(text),
    write: asText,
  },
  numeric: { oid: 1231, ...plain },
  json: { oid: 199, ...json },
  jsonb: { oid: 3807, ...json },
  uuid: { oid: 2951, ...plain },
}

/** `2026-11-01 10:00:00.5+00`, as the server writes it. */
export const instantOf = (text: string): Temporal.Instant =>
  Temporal.Instant.from(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))

/** Rows that are read together have few days, and a day never changes: all of them may hold the same one. */
const days = new Map<string, Temporal.PlainDate>()
const DAYS_MAX = 4_096

export const dayOf = (text: string): Temporal.PlainDate => {
  const held = days.get(text)
  if (held) return held
  const day = Temporal.PlainDate.from(text)
  if (days.size >= DAYS_MAX) days.clear()
  days.set(text, day)
  return day
}

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

const literal = (values: unknown, write: Element['write']): string => {
  if (!Array.isArray(values)) return asText(values)
  const inner = values.map((value: unknown) => {
    if (value === null) return 'null'
    return Array.isArray(value) ? literal(value, write) : quoted(write(value))
  })
  return `{${inner.join(',')}}`
}

/** For the driver's `types`. */
export const arrayTypes = Object.fromEntries(
  Object.entries(elements).map(([name, { oid, read, write }]) => [
    `${name}_array`,
    {
      to: oid,
      from: [oid],
      serialize: (values: unknown) => literal(values, write),
      parse: (text: string) => parse(text, read),
    },
  ]),
)
