/** PostgreSQL for what is written in bulk: rows by COPY, and statements that are put together from the catalogue. */
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import postgres from 'postgres'
import { rowsBegin, rowsEnd } from './binary-rows.ts'

/** What one COPY takes: lines of its text format (tabs between, a line feed behind each), or rows of `binary-rows.ts`. */
export interface Copying {
  /** Resolves when there is room for more. */
  write(lines: string | Uint8Array): Promise<void>
  /** Resolves when every line is in the table. */
  end(): Promise<void>
}

export interface Bulk {
  /** Several statements are one transaction of one connection. */
  run(statements: string): Promise<void>
  /** The first column of every row as text. */
  column(statement: string): Promise<string[]>
  copy(statement: string): Promise<Copying>
  /**
   * COPY into a table that is made empty for it, in one transaction: such rows are frozen as they are written, and no
   * vacuum has to come by for them. What is thrown inside leaves the table as it was.
   */
  fill(table: string, columns: string, rows: (copying: Copying) => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** Two connections, with memory for making indexes. `url` is of the owner of the tables. */
export const openBulk = (url: string): Bulk => {
  const driver = postgres(url, {
    max: 2,
    onnotice: () => {},
    connection: {
      maintenance_work_mem: '512MB',
      work_mem: '512MB',
      synchronous_commit: 'off',
      // Whoever loads has the machine: what is checked over all lines is checked on every core.
      max_parallel_workers_per_gather: 2,
    },
  })
  return {
    run: async (statements) => void (await driver.unsafe(statements)),
    column: async (statement) => {
      const rows = await driver.unsafe(statement).values()
      return rows.map(([first]) => String(first))
    },
    copy: async (statement) => copyingTo(await driver.unsafe(statement).writable()),
    fill: async (table, columns, rows) => {
      await driver.begin(async (tx) => {
        await tx.unsafe(`truncate ${table}`)
        const stream = await tx
          .unsafe(`copy ${table} (${columns}) from stdin (format binary, freeze)`)
          .writable()
        // PostgreSQL says what was wrong with the rows to whoever waits for their end.
        stream.on('error', () => {})
        const copying = copyingTo(stream)
        try {
          await copying.write(rowsBegin)
          await rows(copying)
          await copying.write(rowsEnd)
        } catch (error) {
          // A COPY that nobody ends would hold its transaction for ever: it is told that no more comes.
          stream.destroy()
          throw error
        }
        await copying.end()
      })
    },
    close: () => driver.end({ timeout: 5 }),
  }
}

const copyingTo = (stream: Writable): Copying => ({
  write: async (lines) => {
    if (!stream.write(lines)) await once(stream, 'drain')
  },
  end: async () => {
    stream.end()
    await finished(stream)
  },
})
