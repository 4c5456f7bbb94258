import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { OrderedPack, type PackId } from './ordered.ts'

const columns = sql`
  id, partner_id as "partnerId", from_at as "from", to_at as "to", reader, asked_by as "askedBy",
  asked_at as "askedAt", state, steps_done as "stepsDone", tries, ended_at as "endedAt", bytes, sha256, fault
`

export const insert = (db: Db, p: OrderedPack) => db.run`
  insert into evidence_packs.pack (id, partner_id, from_at, to_at, reader, asked_by, asked_at)
  values (${p.id}, ${p.partnerId}, ${p.from}, ${p.to}, ${p.reader}, ${p.askedBy}, ${p.askedAt})
`

export const find = (db: Db, id: PackId) =>
  db.maybe(OrderedPack)`select ${columns} from evidence_packs.pack where id = ${id}`

/** The latest first. */
export const list = (
  db: Db,
  { partnerId, reader }: { partnerId?: PartnerId | undefined; reader: OrderedPack['reader'] },
  limit: number,
) => {
  const where = [sql`reader = ${reader}`]
  if (partnerId) where.push(sql`partner_id = ${partnerId}`)
  return db.many(OrderedPack)`
    select ${columns}
      from evidence_packs.pack
     where ${all(where)}
     order by id desc
     limit ${limit}
  `
}

/** Takes the oldest that is not made. One that is being made was left by a process that died. */
export const takeNext = (db: Db) => db.maybe(OrderedPack)`
  update evidence_packs.pack
     set state = 'making', steps_done = 0, tries = tries + 1
   where id = (select id
                 from evidence_packs.pack
                where state in ('waiting', 'making')
                order by id
                limit 1
                  for update skip locked)
  returning ${columns}
`

export const saveStep = (db: Db, id: PackId, stepsDone: number) =>
  db.run`update evidence_packs.pack set steps_done = ${stepsDone} where id = ${id}`

export const saveMade = async (
  db: Db,
  { id, sha256, endedAt }: { id: PackId; sha256: string; endedAt: Temporal.Instant },
  archive: Buffer,
): Promise<void> => {
  await db.run`
    insert into evidence_packs.archive (pack_id, content) values (${id}, ${archive})
    on conflict (pack_id) do update set content = excluded.content
  `
  await db.run`
    update evidence_packs.pack
       set state = 'made', ended_at = ${endedAt}, bytes = ${archive.length}, sha256 = ${sha256}
     where id = ${id}
  `
}

export const saveFailed = (db: Db, id: PackId, fault: string, at: Temporal.Instant) => db.run`
  update evidence_packs.pack set state = 'failed', ended_at = ${at}, fault = ${fault} where id = ${id}
`

const Archive = z.object({ content: z.instanceof(Uint8Array) })

export const findArchive = async (db: Db, id: PackId): Promise<Buffer | undefined> => {
  const row = await db.maybe(Archive)`
    select content from evidence_packs.archive where pack_id = ${id}
  `
  return row && Buffer.from(row.content)
}

export const forgetArchives = (db: Db, before: Temporal.Instant) => db.run`
  delete from evidence_packs.archive a
   using evidence_packs.pack p
   where p.id = a.pack_id and p.ended_at < ${before}
`
