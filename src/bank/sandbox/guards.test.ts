import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { openBulk } from '#platform/bulk.ts'
import { migrate } from '#platform/migrations.ts'
import { freshDatabase } from '#test/world.ts'

const database = await freshDatabase('cell')
const db = database.as('bank')

test('no name of books that is not one of ours is ever opened, copied or dropped', async () => {
  const bad = [
    'payments',
    'synthetic',
    'public',
    'world_1',
    `world_${'0'.repeat(32)}; drop table x`,
  ]
  for (const name of bad) {
    await assert.rejects(db.run`select worlds.drop_books(${name})`, /are not books/)
    await assert.rejects(db.run`select worlds.copy_books('synthetic', ${name})`, /not both books/)
  }
  await assert.rejects(db.run`select worlds.copy_books('payments', ${`world_${'0'.repeat(32)}`})`)
  const authorization = database.as('authorization')
  await assert.rejects(authorization.run`select worlds.put_away('a', 'b')`, /permission denied/)
})

test('which rows go with a world is said by migrations alone', async () => {
  const clause = 'true; drop table cards.card'
  await assert.rejects(db.run`update worlds.belonging set clause = ${clause}`, /migrations alone/)
  await assert.rejects(
    db.run`insert into worlds.belonging (place, name) values (1, 'journal.chain')`,
    /migrations alone/,
  )
  await assert.rejects(db.run`delete from worlds.belonging`, /migrations alone/)
})

const actingAsOwner = `
  select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'worlds'::regnamespace and p.prosecdef
`

test('where customers are real, nothing that moves worlds exists', async () => {
  const name = `production_test_${uuidv7()}`
  const url = new URL(database.ownerUrl)
  url.pathname = `/${name}`
  const owner = openBulk(database.ownerUrl)
  try {
    await owner.run(`create database ${name}`)
    await migrate({ url: url.href, kind: 'cell', root: 'migrations', roles: { bank: 'test_bank' } })
    const production = openBulk(url.href)
    const powerful = await Promise.all([owner, production].map((at) => at.column(actingAsOwner)))
    await production.close()
    assert.deepEqual(
      powerful.map((functions) => functions.length),
      [8, 0],
    )
  } finally {
    await owner.run(`drop database if exists ${name}`)
    await owner.close()
  }
})

test('what happened to a card is changed by nobody, though worlds move whole', async () => {
  for (const role of [db, database.owner])
    await assert.rejects(role.run`delete from cards.movement`, /stays written/)
})

test('every table of the rooms goes with the world, or is said to stay', async () => {
  const staying = new Set([
    'accounts.alias',
    'accounts.answer',
    'customers.alias',
    'fx.partner_limit',
    'kyc.alarm',
    'kyc.answer',
    'kyc.claims_request',
    // What a partner owes the bank itself.
    'payments.collection',
    'payments.payee_answer',
    'payments.programme',
  ])
  const tables = await database.owner.many(z.object({ name: z.string(), belongs: z.boolean() }))`
    with recursive partners as (
      select c.oid
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'partner_id' and not a.attisdropped
       where c.relkind = 'r' and n.nspname in ('customers', 'accounts', 'payments', 'cards', 'lending', 'kyc', 'fx')
      union
      select k.conrelid
        from partners p
        join worlds.belonging b on b.name::regclass = p.oid
        join pg_constraint k on k.confrelid = p.oid and k.contype = 'f'
    )
    select p.oid::regclass::text as name, b.name is not null as belongs
      from partners p
      left join worlds.belonging b on b.name::regclass = p.oid
  `
  const forgotten = tables.filter(({ name, belongs }) => belongs === staying.has(name))
  assert.deepEqual(forgotten, [])
  assert.ok(tables.length > 40)
})
