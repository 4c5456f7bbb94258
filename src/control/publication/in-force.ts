/**
 * Which documents were in force when a line of the journal was written. The journal says it by its order: a document is in
 * force from the line that says it was published to the next one that says so of the same reader. Those lines stand in the
 * chain as all others, so the answer is proven with them, for ever, and of lines that were written before anybody asked.
 */
import { z } from 'zod'
import { latestLine } from '#journal/index.ts'
import { type Cell, cells } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { Audience } from '#platform/publication.ts'
import { readUpTo } from './store.ts'

/** A document by its number and digest, and the line of the journal that says both. */
export const InForce = z.object({ epoch: z.int(), sha256: z.string(), line: z.int() })
export type InForce = z.output<typeof InForce>

/** By reader, such as `production/gateway`; who had no document yet is not in it. */
export const AllInForce = z.record(z.string(), InForce)
export type AllInForce = z.output<typeof AllInForce>

const readers = cells.flatMap((cell) => Audience.options.map((audience) => ({ cell, audience })))
const nameOf = ({ cell, audience }: { cell: Cell; audience: Audience }) => `${cell}/${audience}`

const Said = z.object({ epoch: z.int(), sha256: z.string() })

/** Read off the journal alone: for the last lines, and for whoever checks what is noted. */
export const saidInForce = async (db: Db, place: bigint): Promise<AllInForce> => {
  const found: AllInForce = {}
  for (const reader of readers.map(nameOf)) {
    const said = { event: 'publication.published', subject: reader, upTo: place }
    const line = await latestLine(db, said)
    if (line) found[reader] = { ...Said.parse(line.data), line: Number(line.seq) }
  }
  return found
}

const Noted = z.object({
  place: z.bigint(),
  reader: z.string(),
  epoch: z.bigint(),
  sha256: z.string(),
  line: z.bigint(),
})

/** Of each place, in any order. */
export const inForceAt = async (
  db: Db,
  places: readonly bigint[],
): Promise<Map<bigint, AllInForce>> => {
  const readTo = await readUpTo(db)
  const noted = places.filter((place) => place <= readTo)
  const found = new Map<bigint, AllInForce>(noted.map((place) => [place, {}]))
  const rows = await db.many(Noted)`
    select p.place, d.cell || '/' || d.audience as reader, d.epoch, d.sha256, d.line
      from unnest(${noted}::bigint[]) as p (place)
     cross join unnest(${readers.map((r) => r.cell)}::text[], ${readers.map((r) => r.audience)}::text[])
             as r (cell, audience)
     cross join lateral (
           select cell, audience, epoch, sha256, line
             from publication.document
            where cell = r.cell and audience = r.audience and line <= p.place
            order by line desc
            limit 1
         ) d
     order by 1, 2
     limit ${noted.length * readers.length + 1}
  `
  for (const { place, reader, epoch, sha256, line } of rows) {
    const all = found.get(place)
    if (all) all[reader] = { epoch: Number(epoch), sha256, line: Number(line) }
  }
  // What nobody has noted yet are the newest lines: the journal is read from its end.
  for (const place of places.filter((p) => p > readTo))
    found.set(place, await saidInForce(db, place))
  return found
}
