/** PostgreSQL for what is written in bulk: rows by COPY, and statements that are put together from the catalogue. */
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import postgres from 'postgres'

/** Lines for one COPY (text format, tabs between, a line feed behind each). */
export interface Copying {
  /** Resolves when there is room for more. */
  write(lines: string): Promise<void>
  /** Resolves when every line is in the table. */
  end(): Promise<void>
}

export interface Bulk {
  /** Several statements are one transaction of one connection. */
  run(statements: string): Promise<void>
  /** The first column of every row as text. */
  column(statement: string): Promise<string[]>
  copy(statement: string): Promise<Copying>
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
    copy: async (statement) => {
      const stream: Writable = await driver.unsafe(statement).writable()
      return {
        write: async (lines) => {
          if (!stream.write(lines)) await once(stream, 'drain')
        },
        end: async () => {
          stream.end()
          await finished(stream)
        },
      }
    },
    close: () => driver.end({ timeout: 5 }),
  }
}
