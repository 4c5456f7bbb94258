import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { PartnerId } from '#control/partners/index.ts'
import { RegisterEntry, RegisterFormat, RegisterImportId } from './register.ts'

export const RegisterImport = z.object({
  id: RegisterImportId,
  register: z.string(),
  format: RegisterFormat,
  /** Of the file, which is kept. */
  sha256: z.string(),
  takenOn: z.instanceof(Temporal.PlainDate),
  importedBy: z.string(),
  importedAt: z.instanceof(Temporal.Instant),
  entries: z.int(),
  /** Against the import before. */
  added: z.int(),
  changed: z.int(),
  gone: z.int(),
  /** One that takes much away waits for a second person, who lets it count or refuses it. */
  state: z.enum(['waiting', 'in-force', 'refused']),
})
export type RegisterImport = z.output<typeof RegisterImport>

const columns = sql`
  id, register, format, sha256, taken_on as "takenOn", imported_by as "importedBy", imported_at as "importedAt", entries,
  added, changed, gone, state
`

/** Newest first, of one register or of all. */
export const listImports = (db: Db, register?: string) => {
  const where = register === undefined ? [] : [sql`register = ${register}`]
  return db.many(RegisterImport)`
    select ${columns}
      from licences.register_import
     where ${all(where)}
     order by id desc
     limit 100
  `
}

export const KnownRegister = RegisterImport.pick({ register: true, takenOn: true })
export type KnownRegister = z.output<typeof KnownRegister>

/** Registers that the bank imports, with the day of the newest file that counts. */
export const listRegisters = (db: Db) => db.many(KnownRegister)`
  select register, max(taken_on) as "takenOn"
    from licences.register_import
   where state = 'in-force'
   group by register
   order by register
   limit 1000
`

/** The day of its newest file that counts, of those that are of no day to come. */
export const newestDay = async (db: Db, register: string, today: Temporal.PlainDate) =>
  (
    await db.maybe(RegisterImport.pick({ takenOn: true }))`
      select taken_on as "takenOn"
        from licences.register_import
       where register = ${register}
         and state = 'in-force'
         and taken_on <= ${today}
       order by taken_on desc
       limit 1
    `
  )?.takenOn

/** One import of a register after the other. */
export const lockRegister = (db: Db, register: string) =>
  db.run`select pg_advisory_xact_lock(hashtext('licences.register ' || ${register}::text))`

export const insertImport = (db: Db, i: RegisterImport, content: Buffer) => db.run`
  insert into licences.register_import
    (id, register, format, sha256, content, taken_on, imported_by, imported_at, entries, added, changed, gone,
     state)
  values
    (${i.id}, ${i.register}, ${i.format}, ${i.sha256}, ${content}, ${i.takenOn}, ${i.importedBy}, ${i.importedAt},
     ${i.entries}, ${i.added}, ${i.changed}, ${i.gone}, ${i.state})
`

export const saveState = (db: Db, id: string, state: RegisterImport['state']) => db.run`
  update licences.register_import set state = ${state} where id = ${id}
`

const Kept = z.object({ content: z.instanceof(Buffer) })

/** An import with the file that it was read from. */
export const findKept = async (db: Db, id: string) => {
  const imported = await db.one(RegisterImport)`
    select ${columns} from licences.register_import where id = ${id}
  `
  const { content } = await db.one(Kept)`
    select content from licences.register_import where id = ${id}
  `
  return { imported, content: content.toString('utf8') }
}

/** The import whose entries stand now. */
export const standingImport = async (db: Db, register: string): Promise<string | undefined> =>
  (
    await db.maybe(RegisterImport.pick({ id: true }))`
      select import_id as id from licences.register_entry where register = ${register} limit 1
    `
  )?.id

/** The entries that stand now. */
export const entriesOf = (db: Db, register: string) => db.many(RegisterEntry)`
  select number, name, country, services, states, authorised
    from licences.register_entry
   where register = ${register}
   order by number
   limit 1000000
`

/** What any imported register says of a number; the newest import's word, where several know it. */
export const entryOf = (db: Db, number: string) => db.maybe(RegisterEntry)`
  select number, name, country, services, states, authorised
    from licences.register_entry
   where number = ${number}
   order by import_id desc
   limit 1
`

export const replaceEntries = async (
  db: Db,
  register: string,
  importId: string,
  entries: readonly RegisterEntry[],
) => {
  await db.run`delete from licences.register_entry where register = ${register}`
  await db.run`
    insert into licences.register_entry
      (register, number, import_id, name, country, services, states, authorised)
    select ${register}, number, ${importId}, name, country,
           array(select jsonb_array_elements_text(services)), array(select jsonb_array_elements_text(states)), authorised
      from jsonb_to_recordset(${JSON.stringify(entries)}::text::jsonb)
           as e (number text, name text, country text, services jsonb, states jsonb, authorised boolean)
  `
}

export const RegisterMatch = z.object({
  importId: z.string(),
  partnerId: PartnerId,
  number: z.string(),
  verdict: z.enum(['confirmed', 'gone', 'withdrawn', 'service-lost', 'state-lost']),
  statuses: z.array(z.string()),
})
export type RegisterMatch = z.output<typeof RegisterMatch>

export const insertMatch = (db: Db, m: RegisterMatch) => db.run`
  insert into licences.register_match (import_id, partner_id, number, verdict, statuses)
  values (${m.importId}, ${m.partnerId}, ${m.number}, ${m.verdict}, ${m.statuses})
`

/** What imports said of partners, the newest first. */
export const listMatches = (db: Db, filter: { importId?: string; partnerId?: PartnerId }) => {
  const where = []
  if (filter.importId) where.push(sql`import_id = ${filter.importId}`)
  if (filter.partnerId) where.push(sql`partner_id = ${filter.partnerId}`)
  return db.many(RegisterMatch)`
    select import_id as "importId", partner_id as "partnerId", number, verdict, statuses
      from licences.register_match
     where ${all(where)}
     order by import_id desc, partner_id, number
     limit 1000
  `
}
