/** Reads every row of the sandbox's database, and says which of them hold what could be a real identifier. */
import { z } from 'zod'
import { openPostgres, type Postgres } from '#platform/db.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { realIdentifiers } from '#platform/real-identifiers.ts'
import { makeRolePasswords } from '../installation.ts'

export interface Scan {
  readonly tables: number
  readonly rows: number
  readonly real: readonly {
    readonly table: string
    readonly kind: string
    readonly shown: string
  }[]
}

const Table = z.object({ schema: z.string(), name: z.string() })
const Row = z.object({ row: z.string(), at: z.string() })
const PAGE = 5_000

/** Rows of any table as JSON, in the order in which they lie. The name is a parameter: no text becomes SQL here. */
const page = (db: Postgres, { schema, name }: z.output<typeof Table>, after: string) =>
  db.many(Row)`
    select row, at
      from pg_temp.isolation_rows(${schema}, ${name}, ${after}, ${PAGE}) as found (row text, at text)
  `

/** Of this session alone: a function that reads a page of a table that is named by a value. */
const prepare = (db: Postgres) => db.run`
  create or replace function pg_temp.isolation_rows(schema text, name text, after text, most int)
  returns setof record language plpgsql as $$
  begin
    return query execute format(
      'select to_json(t)::text, t.ctid::text from %I.%I as t where t.ctid > %L::tid order by t.ctid limit %s',
      schema, name, after, most);
  end $$
`

const SHOWN_MAX = 100

export const scanSandbox = async (world: ProcessWorld): Promise<Scan> => {
  const { superuser } = makeRolePasswords(world.layout)
  const db = openPostgres(
    `postgres://portico:${superuser}@127.0.0.1:${world.ports.postgres}/sandbox_cell`,
    { name: 'isolation scan', max: 1 },
  )
  try {
    return await scan(db)
  } finally {
    await db.close()
  }
}

/** As the owner of the database. */
export const scan = async (db: Postgres): Promise<Scan> => {
  await prepare(db)
  const tables = await db.many(Table)`
    select table_schema as schema, table_name as name
      from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
     order by 1, 2
     limit 1000
  `
  const real: Scan['real'][number][] = []
  let rows = 0
  for (const table of tables)
    for (let after = '(0,0)'; ;) {
      const found = await page(db, table, after)
      rows += found.length
      for (const { row } of found)
        for (const { kind, shown } of realIdentifiers(row))
          if (real.length < SHOWN_MAX)
            real.push({ table: `${table.schema}.${table.name}`, kind, shown })
      const last = found.at(-1)
      if (!last) break
      after = last.at
    }
  return { tables: tables.length, rows, real }
}
