import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase } from '#test/world.ts'
import { type DatabaseKind, processesOf, schemasOf } from './rights.ts'

const kinds: readonly DatabaseKind[] = ['control', 'cell', 'vault']

for (const kind of kinds)
  test(`in a ${kind} database no process can look into a schema that is not its own`, async () => {
    const database = await freshDatabase(kind)
    const schemas = [...new Set(schemasOf(kind).map((r) => r.schema))]
    for (const process of processesOf(kind)) {
      const own = schemasOf(kind)
        .filter((r) => r.process === process)
        .map((r) => r.schema)
      const db = database.as(process)
      for (const schema of schemas.filter((s) => !own.includes(s))) {
        // A table that is not there would answer otherwise: the schema itself is what is refused.
        const probe = Object.assign([`select 1 from ${schema}.anything`], { raw: [] })
        await assert.rejects(
          db.run(probe),
          new RegExp(`permission denied for schema ${schema}`),
          `${process} saw ${schema}`,
        )
      }
    }
  })

test('a gateway reads revocations and cannot write one; an issuer adds them and cannot take one back', async () => {
  const database = await freshDatabase('cell')
  const insert = (process: string) => database.as(process).run`
    insert into revocations.revocation (kind, id, expires_at) values ('consent', ${process}, now())
  `
  await insert('authorization')
  await assert.rejects(insert('gateway'), /permission denied/)
  await assert.rejects(
    database.as('authorization').run`delete from revocations.revocation`,
    /permission denied/,
  )
})

test('no process can place its own lines in the chain', async () => {
  const database = await freshDatabase('cell')
  for (const process of ['authorization', 'bank', 'courier']) {
    const db = database.as(process)
    await assert.rejects(db.run`insert into journal.unsealed values (1)`, /permission denied/)
    await assert.rejects(db.run`delete from journal.unsealed`, /permission denied/)
    await assert.rejects(
      db.run`insert into journal.chain values (1, 1, sha256('a'), sha256('b'))`,
      /permission denied/,
    )
    await assert.rejects(db.run`update journal.chain set seq = 2`, /permission denied/)
  }
})
