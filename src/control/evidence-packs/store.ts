import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { heldUntil, OrderedPack, type PackId } from './ordered.ts'

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

const Count = z.object({ open: z.int() })

/** How many of a partner are not ended yet. Held until the transaction ends, so that two orders at once are counted both. */
export const countOpen = async (
  db: Db,
  { partnerId, reader }: Pick<OrderedPack, 'partnerId' | 'reader'>,
): Promise<number> => {
  await db.run`select pg_advisory_xact_lock(hashtext('evidence_packs ' || ${partnerId}::text || ${reader}::text))`
  const { open } = await db.one(Count)`
    select count(*)::int as open
      from evidence_packs.pack
     where partner_id = ${partnerId} and reader = ${reader} and state in ('waiting', 'making')
  `
  return open
}

/**
 * Takes the next that is not made and that nobody holds: of the partner that was served longest ago, the oldest. One that
 * is being made and that nobody holds any more was left by a process that died.
 */
export const takeNext = (db: Db, now: Temporal.Instant) => db.maybe(OrderedPack)`
  update evidence_packs.pack
     set state = 'making', steps_done = 0, tries = tries + 1, held_until = ${heldUntil(now)}
   where id = (select p.id
                 from evidence_packs.pack p
                where p.state in ('waiting', 'making') and (p.held_until is null or p.held_until <= ${now})
                order by (select max(served.ended_at)
                            from evidence_packs.pack served
                           where served.partner_id = p.partner_id and served.reader = p.reader) nulls first,
                         p.id
                limit 1
                  for update skip locked)
  returning ${columns}
`

/** The try that holds a pack: what an earlier one still wants to say of it is not heard. */
const byThisTry = ({ id, tries }: Pick<OrderedPack, 'id' | 'tries'>) =>
  sql`id = ${id} and state = 'making' and tries = ${tries}`

export const hold = (db: Db, pack: OrderedPack, now: Temporal.Instant) => db.run`
  update evidence_packs.pack set held_until = ${heldUntil(now)} where ${byThisTry(pack)}
`

export const saveStep = (db: Db, pack: OrderedPack, stepsDone: number) =>
  db.run`update evidence_packs.pack set steps_done = ${stepsDone} where ${byThisTry(pack)}`

/** Answers whether the pack was still this try's. */
export const saveMade = async (
  db: Db,
  pack: OrderedPack,
  { archive, sha256, endedAt }: { archive: Buffer; sha256: string; endedAt: Temporal.Instant },
): Promise<boolean> => {
  const saved = await db.run`
    update evidence_packs.pack
       set state = 'made', ended_at = ${endedAt}, bytes = ${archive.length}, sha256 = ${sha256}, held_until = null
     where ${byThisTry(pack)}
  `
  if (saved === 0) return false
  await db.run`insert into evidence_packs.archive (pack_id, content) values (${pack.id}, ${archive})`
  return true
}

export const saveFailed = (db: Db, pack: OrderedPack, fault: string, at: Temporal.Instant) =>
  db.run`
    update evidence_packs.pack
       set state = 'failed', ended_at = ${at}, fault = ${fault}, held_until = null
     where ${byThisTry(pack)}
  `

/** Nobody takes it before this instant. */
export const savePaused = (db: Db, pack: OrderedPack, until: Temporal.Instant) => db.run`
  update evidence_packs.pack set state = 'waiting', steps_done = 0, held_until = ${until} where ${byThisTry(pack)}
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
