/** Rows for COPY in PostgreSQL's binary format: what is written in bulk is not made into text and read again. */

/** The signature, no flags, and no extension (PostgreSQL, COPY, "Binary Format"). */
export const rowsBegin: Uint8Array = Uint8Array.from([
  ...Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'),
  ...new Uint8Array(8),
])
/** A row of -1 columns. */
export const rowsEnd: Uint8Array = Uint8Array.from([0xff, 0xff])

export interface Rows {
  /** Begins a row of so many columns, which follow in their order. */
  row(columns: number): void
  /** Of a safe integer. */
  int8(value: number): void
  /** `day` counts from 1 January 2000. */
  date(day: number): void
  /** Columns that `textColumns` made. */
  columns(made: Uint8Array): void
  /** Everything since the last time. */
  take(): Uint8Array<ArrayBuffer>
}

/** Text as columns of a row: made once for what is written often. */
export const textColumns = (...texts: readonly string[]): Uint8Array =>
  Buffer.concat(
    texts.map((text) => {
      const column = Buffer.alloc(4 + Buffer.byteLength(text))
      column.writeInt32BE(column.length - 4)
      column.write(text, 4)
      return column
    }),
  )

const EPOCH = Temporal.PlainDate.from('2000-01-01')

/** A day as `date` takes it. */
export const dayNumber = (day: Temporal.PlainDate): number =>
  EPOCH.until(day, { largestUnit: 'days' }).days

const INT32 = 2 ** 32
/** More than any column of a number takes. */
const ROOM = 16

/** `bytes` is how much is expected between two takes: more finds its place, and takes longer. */
export const openRows = (bytes: number): Rows => {
  let buffer = Buffer.allocUnsafeSlow(bytes)
  let end = 0
  const room = (more: number) => {
    if (end + more <= buffer.length) return
    const larger = Buffer.allocUnsafeSlow((buffer.length + more) * 2)
    larger.set(buffer.subarray(0, end))
    buffer = larger
  }
  return {
    row: (columns) => {
      room(ROOM)
      end = buffer.writeInt16BE(columns, end)
    },
    int8: (value) => {
      room(ROOM)
      end = buffer.writeInt32BE(8, end)
      const high = Math.floor(value / INT32)
      end = buffer.writeInt32BE(high, end)
      end = buffer.writeUInt32BE(value - high * INT32, end)
    },
    date: (day) => {
      room(ROOM)
      end = buffer.writeInt32BE(4, end)
      end = buffer.writeInt32BE(day, end)
    },
    columns: (made) => {
      room(made.length)
      buffer.set(made, end)
      end += made.length
    },
    take: () => {
      const taken = new Uint8Array(end)
      taken.set(buffer.subarray(0, end))
      end = 0
      return taken
    },
  }
}
