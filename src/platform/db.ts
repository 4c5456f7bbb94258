/** PostgreSQL: typed rows, transactions, notifications. All SQL of the house goes through here. */
import type { Readable } from 'node:stream'
import postgres from 'postgres'
import type { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { arrayTypes, dayOf, instantOf } from './array-types.ts'
import type { Sql } from './sql.ts'

type Query<T> = (strings: TemplateStringsArray, ...values: readonly unknown[]) => Promise<T>

/** What a query needs. `many(Row)` parses every row, so that a surprise of the database stops here. */
export interface Db {
  many<T>(row: z.ZodType<T>): Query<T[]>
  maybe<T>(row: z.ZodType<T>): Query<T | undefined>
  one<T>(row: z.ZodType<T>): Query<T>
  /** Runs a statement; answers how many rows it touched. */
  readonly run: Query<number>
}

export interface Postgres extends Db {
  /**
   * Streams the rows of a query in PostgreSQL's binary COPY format, one row a chunk: for who reads millions and keeps none.
   * COPY takes no parameters, so the values are whole numbers.
   */
  copyRows(
    strings: TemplateStringsArray,
    ...values: readonly (bigint | number)[]
  ): Promise<Readable>
  /** One transaction: what `body` did is kept together, or not at all. */
  transaction<T>(body: (tx: Db) => Promise<T>): Promise<T>
  /** Follows a channel; `onListen` runs at every (re)connect, so a reader can catch up on what it missed. */
  listen(
    channel: string,
    onNotify: (payload: string) => void,
    onListen?: () => void,
  ): Promise<{ stop(): Promise<void> }>
  close(): Promise<void>
}

/** Values as PostgreSQL wants them: Temporal as text, bigint as text, objects as JSON, Buffers as they are. */
const toParameter = (value: unknown): unknown => {
  if (value === undefined) return null
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Temporal.Instant || value instanceof Temporal.PlainDate)
    return value.toString()
  if (value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(toParameter)
  return value
}

const isSql = (value: unknown): value is Sql =>
  typeof value === 'object' && value !== null && 'strings' in value && 'values' in value

/** Flattens nested `sql` fragments into one text with $1… parameters. */
const flatten = (strings: readonly string[], values: readonly unknown[]) => {
  let text = strings[0] ?? ''
  const parameters: unknown[] = []
  const append = (parts: readonly string[], inner: readonly unknown[]) => {
    inner.forEach((value, i) => {
      if (isSql(value)) {
        text += value.strings[0] ?? ''
        append(value.strings, value.values)
      } else {
        parameters.push(toParameter(value))
        text += `$${parameters.length}`
      }
      text += parts[i + 1] ?? ''
    })
  }
  append(strings, values)
  return { text, parameters }
}

type Driver = postgres.Sql | postgres.TransactionSql

interface Way {
  readonly driver: () => Driver
  readonly prepare: boolean
  /** A statement failed. */
  readonly onFailure: (cause: unknown) => void
}

const over = ({ driver, prepare, onFailure }: Way): Db => {
  const rows = async (strings: TemplateStringsArray, values: readonly unknown[]) => {
    const { text, parameters } = flatten(strings, values)
    try {
      return await driver().unsafe(text, parameters as postgres.ParameterOrJSON<never>[], {
        prepare,
      })
    } catch (cause) {
      onFailure(cause)
      throw cause
    }
  }
  return {
    many:
      (row) =>
      async (strings, ...values) =>
        (await rows(strings, values)).map((r) => row.parse(r)),
    maybe:
      (row) =>
      async (strings, ...values) => {
        const found = await rows(strings, values)
        assert(found.length <= 1, 'a query for one row found several')
        return found.length === 0 ? undefined : row.parse(found[0])
      },
    one:
      (row) =>
      async (strings, ...values) => {
        const found = await rows(strings, values)
        assert(found.length === 1, `a query for exactly one row found ${found.length}`)
        return row.parse(found[0])
      },
    run: async (strings, ...values) => (await rows(strings, values)).count,
  }
}

/** Statements under way on a server that became a standby have so long to end. */
const STALE_SECONDS = 2

/** A pool looks for its server again after so long at most: it counts the failures of all its connections as one row. */
const AGAIN_SECONDS_MAX = 1

/** Doubled from 20 ms, and spread, so that a server that has just begun is not met by everybody at once. */
export const backoff = (failures: number): number =>
  (0.5 + Math.random() / 2) * Math.min(0.02 * 2 ** failures, AGAIN_SECONDS_MAX)

const openDriver = (
  url: string,
  max: number,
  options: { readonly name: string; readonly statementMs?: number; readonly prepare?: boolean },
) =>
  postgres(url, {
    max,
    prepare: options.prepare ?? true,
    idle_timeout: 30,
    connect_timeout: 10,
    backoff,
    connection: {
      application_name: options.name,
      ...(options.statementMs !== undefined && { statement_timeout: options.statementMs }),
    },
    onnotice: () => {},
    fetch_types: false,
    types: {
      ...arrayTypes,
      bigint: postgres.BigInt,
      instant: {
        to: 1184,
        from: [1184],
        serialize: (v: unknown) => String(v),
        parse: instantOf,
      },
      day: {
        to: 1082,
        from: [1082],
        serialize: (v: unknown) => String(v),
        parse: dayOf,
      },
    },
  })

/**
 * Opens a pool. Wire types: int8 is bigint, numeric is text, timestamptz is Temporal.Instant,
 * date is Temporal.PlainDate, json is parsed, bytea is Buffer.
 */
export const openPostgres = (
  url: string,
  options: {
    max?: number
    name: string
    /** The server gives a statement up after so long: whoever asked has, and its connection is needed. */
    statementMs?: number
    /** Off behind a pooler that keeps no prepared statements. */
    prepare?: boolean
    /** Past a pooler that hands a connection on after each transaction: who listens needs one of its own. */
    directUrl?: string
  },
): Postgres => {
  const { prepare = true } = options
  const connect = () => openDriver(url, options.max ?? 4, options)
  let driver = connect()
  let closed = false
  /** A pool stays with the server it has found for as long as that answers; opened anew, it looks for one that writes. */
  const leave = (left: Driver) => {
    if (closed || left !== driver) return
    const stale = driver
    driver = connect()
    void stale.end({ timeout: STALE_SECONDS }).catch(() => {})
    // Where the new one cannot be listened to yet, readers look by themselves every second.
    for (const again of listens) again().catch(() => {})
  }
  const listens = new Set<() => Promise<void>>()
  const listener =
    options.directUrl === undefined ? undefined : openDriver(options.directUrl, 1, options)
  const leaveStandby = (of: Driver, cause: unknown) => {
    if (isReadOnly(cause)) leave(of)
  }
  return {
    ...over({ driver: () => driver, prepare, onFailure: (cause) => leaveStandby(driver, cause) }),
    copyRows: async (strings, ...values) => {
      assert(
        values.every((value) => typeof value === 'bigint' || Number.isSafeInteger(value)),
        'only whole numbers are written into a COPY',
      )
      return driver
        .unsafe(`copy (${String.raw({ raw: strings }, ...values)}) to stdout (format binary)`)
        .readable()
    },
    transaction: async (body) => {
      const of = driver
      let lost = false
      const within = async (tx: Driver) => {
        const driverOf = () => {
          if (lost) throw new Error('the connection of this transaction has ended')
          return tx
        }
        const onFailure = (cause: unknown) => {
          lost ||= isEndOfConnection(cause)
          leaveStandby(of, cause)
        }
        try {
          const done = await body(over({ driver: driverOf, prepare, onFailure }))
          if (!lost) return done
        } catch (cause) {
          if (!lost) throw cause
        }
        // The driver would end the transaction on whatever connection stands in this one's place, or on none at all.
        return new Promise<never>(() => {})
      }
      try {
        return (await of.begin(within)) as Awaited<ReturnType<typeof body>>
      } catch (cause) {
        lost = true
        throw cause
      }
    },
    listen: async (channel, onNotify, onListen) => {
      let listening = await (listener ?? driver).listen(channel, onNotify, onListen)
      const again = async () => {
        listening = await driver.listen(channel, onNotify, onListen)
      }
      if (!listener) listens.add(again)
      return {
        stop: async () => {
          listens.delete(again)
          // A pool that was closed listens no more: there is nothing left to end.
          if (!closed) await listening.unlisten()
        },
      }
    },
    close: async () => {
      closed = true
      await Promise.all([driver.end({ timeout: 2 }), listener?.end({ timeout: 2 })])
    },
  }
}

/** 25006: a standby, or a primary that was made one. */
const isReadOnly = (error: unknown): boolean =>
  error instanceof postgres.PostgresError && error.code === '25006'

/** The server ended the connection, or it is gone: what was begun on it is undone there. */
const isEndOfConnection = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  /^(CONNECTION_(CLOSED|ENDED|DESTROYED)|57P0[123]|ECONNRESET|EPIPE|ETIMEDOUT)$/.test(
    String(error.code),
  )

/** Whether a statement failed because its server is not there, or is only just beginning or ending (57P03). */
export const isDatabaseAway = (error: unknown): boolean =>
  isEndOfConnection(error) ||
  (error instanceof Error &&
    'code' in error &&
    /^(ECONNREFUSED|CONNECT_TIMEOUT)$/.test(String(error.code)))

/** Whether an error is PostgreSQL's unique violation, optionally of a named constraint. */
export const isUniqueViolation = (error: unknown, constraint?: string): boolean =>
  error instanceof postgres.PostgresError &&
  error.code === '23505' &&
  (constraint === undefined || error.constraint_name === constraint)
