/** The write-ahead log as it grows: each round copies what the server has flushed, also from the file that it still writes. */
import { existsSync, ftruncateSync, openSync, closeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { OwnerSql } from '#platform/owner.ts'
import { type Place, placeIn, stretchesOf, textOf } from './place.ts'

const CHUNK_BYTES = 4 * 1024 * 1024
/** Keeps the server from throwing away what was not copied yet. */
const SLOT = 'portico_backup'

const Server = z.object({
  systemIdentifier: z.string(),
  timeline: z.coerce.number().int(),
  segmentBytes: z.coerce.number().int(),
  flushed: z.string(),
  at: z.string(),
})
export type Server = z.output<typeof Server>

/** How far the server is, and the moment before which everything committed lies before that place. */
export const readServer = async (sql: OwnerSql): Promise<Server> => {
  const [answer] = z.array(Server).parse(
    await sql`
      select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
             (select system_identifier::text from pg_control_system()) as "systemIdentifier",
             ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int as timeline,
             (select setting from pg_settings where name = 'wal_segment_size') as "segmentBytes",
             pg_current_wal_flush_lsn()::text as flushed
    `,
  )
  assert(answer, 'a query without a table answers one row')
  return answer
}

const Slot = z
  .array(z.object({ status: z.string().nullable(), from: z.string().nullable() }))
  .max(1)

/** Holds the log from now on; answers whether it was held without a break since the last time. */
export const holdLog = async (sql: OwnerSql): Promise<boolean> => {
  const [slot] = Slot.parse(
    await sql`
      select wal_status as status, restart_lsn::text as "from" from pg_replication_slots where slot_name = ${SLOT}
    `,
  )
  if (slot && slot.status !== 'lost' && slot.from !== null) return true
  if (slot) await sql`select pg_drop_replication_slot(${SLOT})`
  await sql`select pg_create_physical_replication_slot(${SLOT}, true)`
  return false
}

/** What lies before this place need not be kept any more by the server. */
export const releaseLog = async (sql: OwnerSql, to: Place): Promise<void> => {
  await sql`select pg_replication_slot_advance(${SLOT}, ${textOf(to)}::pg_lsn)`
}

/** Gives the log back for good: nobody follows it any more. */
export const dropHold = async (sql: OwnerSql): Promise<void> => {
  await sql`
    select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = ${SLOT} and not active
  `
}

const Piece = z.array(z.object({ bytes: z.instanceof(Buffer) })).length(1)

/** Copies what stands between two places; it is on the disk when this returns. */
export const copyLog = async (
  sql: OwnerSql,
  folder: string,
  server: Pick<Server, 'timeline' | 'segmentBytes'>,
  from: Place,
  to: Place,
): Promise<void> => {
  for (const { name, offset, length } of stretchesOf(server, from, to)) {
    const path = join(folder, name)
    // A file of the full length, zeros behind what is known: recovery stops at the first record that is none.
    if (!existsSync(path)) {
      const made = openSync(path, 'wx', 0o600)
      ftruncateSync(made, server.segmentBytes)
      closeSync(made)
    }
    const file = await open(path, 'r+')
    try {
      for (let done = 0; done < length;) {
        const wanted = Math.min(CHUNK_BYTES, length - done)
        const [piece] = Piece.parse(
          await sql`select pg_read_binary_file(${`pg_wal/${name}`}, ${offset + done}, ${wanted}) as bytes`,
        )
        assert(piece && piece.bytes.length > 0, 'the server holds the log that is not copied yet')
        await file.write(piece.bytes, 0, piece.bytes.length, offset + done)
        done += piece.bytes.length
      }
      await file.datasync()
    } finally {
      await file.close()
    }
  }
}

/** Where a copy that begins with this base begins: its whole file, because recovery opens whole files. */
export const beginningOf = (from: string, segmentBytes: number): Place => {
  const place = placeIn(from)
  return place - (place % BigInt(segmentBytes))
}
