import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { contractionsOf } from './expand-first.ts'

const root = resolve(import.meta.dirname, '../../migrations')
/** The last of each folder that an installation had to stand still for. */
const stoodStill: Readonly<Record<string, number>> = {
  journal: 6,
  control: 370,
  cell: 371,
  vault: 15,
}

test('since upgrades go node by node, no migration takes anything from the version before it', () => {
  for (const folder of readdirSync(root))
    for (const file of readdirSync(join(root, folder))) {
      const since = stoodStill[folder]
      assert.ok(since !== undefined, `${folder} has a last migration that stood still`)
      if (Number(file.slice(0, 4)) <= since) continue
      const found = contractionsOf(readFileSync(join(root, folder, file), 'utf8'))
      assert.deepEqual(found, [], `${folder}/${file}`)
    }
})

for (const script of [
  'drop table usage.call;',
  'alter table usage.call drop column cell;',
  'alter table usage.call rename column cell to place;',
  'alter table usage.call rename to calls;',
  'alter table usage.call alter column units type numeric;',
  'alter table usage.call alter column units set not null;',
  'alter table usage.call add column place text not null;',
  'alter table usage.call\n  add column place text,\n  add column other text not null;',
  'alter table usage.call add constraint positive check (units > 0);',
  'create unique index one_call on usage.call (id);',
  'create table usage.new (id text);\ndrop table usage.call;',
])
  test(`${script.replaceAll(/\s+/g, ' ')} would stop the version before`, () => {
    assert.equal(contractionsOf(script).length, 1)
  })

for (const script of [
  'alter table usage.call add column place text;',
  "alter table usage.call add column place text not null default 'sandbox';",
  "alter table usage.call add column place text default 'sandbox' not null;",
  'create index call_by_day on usage.call (day);',
  'create table usage.new (id text primary key, cell text not null unique);\ncreate unique index on usage.new (cell);\nalter table usage.new add check (id <> cell);',
  '-- contract: nothing reads it since 0.3\nalter table usage.call drop column cell;',
  'create function usage.f() returns void language plpgsql as $$ begin drop table x; end $$;',
  "insert into usage.note values ('drop table usage.call;');",
  '-- drop table usage.call;\nselect 1;',
])
  test(`${script.replaceAll(/\s+/g, ' ')} lets it work`, () => {
    assert.deepEqual(contractionsOf(script), [])
  })
