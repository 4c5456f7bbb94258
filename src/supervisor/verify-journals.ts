/** `portico journal verify`: walks every chain of this installation, or one that was exported to a file. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { readEntries, verifyChain } from '#journal/index.ts'
import { databases } from '#platform/databases.ts'
import { openPostgres, type Postgres } from '#platform/db.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { makeRolePasswords } from './installation.ts'

/** One line of an exported journal: what `select` of the chain gives, hashes in hex. */
const ExportedLine = z.object({
  seq: z.coerce.bigint(),
  body: z.string(),
  hash: z.hex(),
  previous: z.hex(),
})

const fromFile = async function* (path: string) {
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line.trim() === '') continue
    const { seq, body, hash, previous } = ExportedLine.parse(JSON.parse(line))
    yield { seq, body, hash: Buffer.from(hash, 'hex'), previous: Buffer.from(previous, 'hex') }
  }
}

const fromDatabase = async function* (db: Postgres) {
  for (let after = 0n; ;) {
    const entries = await readEntries(db, after, 2_000)
    yield* entries
    const last = entries.at(-1)
    if (!last) return
    after = last.seq
  }
}

/** Prints a report for each journal; 1 when any is broken. */
export const verifyJournals = async (
  world: ProcessWorld,
  options: { from?: string; json: boolean },
): Promise<number> => {
  const reports: Record<string, Awaited<ReturnType<typeof verifyChain>>> = {}
  if (options.from) reports[options.from] = await verifyChain(fromFile(options.from))
  else {
    const { superuser } = makeRolePasswords(world.layout)
    for (const { database } of databases) {
      const db = openPostgres(
        `postgres://portico:${superuser}@127.0.0.1:${world.ports.postgres}/${database}`,
        {
          name: 'journal verify',
          max: 1,
        },
      )
      try {
        reports[database] = await verifyChain(fromDatabase(db))
      } finally {
        await db.close()
      }
    }
  }
  const plain = Object.entries(reports).map(([name, report]) =>
    report.whole
      ? `${name}: ${report.entries} entries, whole, head ${report.head.slice(0, 16)}…`
      : `${name}: broken at entry ${report.brokenAt}: ${report.why}`,
  )
  process.stdout.write(
    options.json
      ? `${JSON.stringify(reports, (_, v: unknown) => (typeof v === 'bigint' ? Number(v) : v))}\n`
      : `${plain.join('\n')}\n`,
  )
  return Object.values(reports).every((report) => report.whole) ? 0 : 1
}
