/** Looks through a whole journal of control for anybody by whom a person is known. */
import assert from 'node:assert/strict'
import { z } from 'zod'
import { readEntries } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'

const rooms = ['partners', 'licences', 'contracts', 'approvals', 'incidents', 'publication']
const Known = z.object({ known: z.string() })

/** Neither partners' people, nor the bank's, nor whoever was named where words are free, stands in a line. */
export const nobodyIsNamed = async (db: Postgres, canaries: readonly string[]): Promise<void> => {
  const lines = (await readEntries(db, 0n, 5_000)).map((entry) => entry.body)
  const people = await db.many(Known)`
    select name as known from partners.person where erased_at is null
     union select email from partners.person where erased_at is null
     union select name from staff.staff
     union select email from staff.staff
  `
  const told = new Set(lines.map((line) => /"event":"([a-z-]+)\./.exec(line)?.[1]))
  for (const room of rooms) assert.ok(told.has(room), `nothing happened in ${room}`)
  for (const word of [...canaries, ...people.map(({ known }) => known)])
    assert.deepEqual(
      lines.filter((line) => line.includes(word)),
      [],
      word,
    )
}
