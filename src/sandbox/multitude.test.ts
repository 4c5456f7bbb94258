import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { z } from 'zod'
import { type Lines, loadBooks } from '#bank/cores/synthetic/load.ts'
import { cashAccount, loansAccount, openOwnAccounts } from '#bank/cores/synthetic/own-accounts.ts'
import { openSyntheticCore } from '#bank/cores/synthetic/synthetic-core.ts'
import { dayNumber, openRows, textColumns } from '#platform/binary-rows.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { linesOf, sampleOf, yearBeside } from './multitude.ts'
import { isMadeUp } from './names.ts'

const today = Temporal.PlainDate.from('2026-11-22')
const multitude = { customers: 150, transactions: 9_000, today, seed: 4 }

const database = await freshDatabase('cell')
const db = database.as('bank')

const digest = async (seed: number, beside = false) => {
  const hash = createHash('sha256')
  const all = { ...multitude, seed }
  const { customers, accounts, year: here } = linesOf(all)
  const year = beside ? yearBeside(all) : here
  for (const text of [...customers, ...accounts]) hash.update(text)
  for await (const { postings, entries } of year) hash.update(postings).update(entries)
  return hash.digest('hex')
}

test('the same seed makes the same multitude, byte by byte, here and in a thread of its own', async () => {
  const fourth = await digest(4)
  assert.equal(fourth, await digest(4))
  assert.equal(fourth, await digest(4, true))
  assert.notEqual(fourth, await digest(5))
})

/** One posting that takes five and gives so many. */
const given = (minor: number) => {
  const [postings, entries] = [openRows(64), openRows(512)]
  const day = dayNumber(today)
  postings.row(3)
  postings.int8(1)
  postings.date(day)
  postings.columns(textColumns('x'))
  for (const [id, amount] of [-5, minor].entries()) {
    entries.row(7)
    entries.int8(id + 1)
    entries.int8(1)
    entries.columns(textColumns(id === 0 ? cashAccount('UZS') : loansAccount('UZS')))
    entries.int8(amount)
    entries.date(day)
    entries.columns(textColumns('Nobody', ''))
  }
  return { postings: postings.take(), entries: entries.take(), done: 1 }
}

test('a history that is not sound, or breaks off, is taken out whole, and what watches over the books is back', async () => {
  await openOwnAccounts(db, today)
  const rules = () => database.owner.many(z.object({ rule: z.string() }))`
    select indexdef as rule from pg_indexes where schemaname = 'synthetic'
    union all
    select conrelid::regclass::text || pg_get_constraintdef(oid) from pg_constraint
     where connamespace = 'synthetic'::regnamespace
    union all
    select tgrelid::regclass::text || tgname || tgenabled::text from pg_trigger
     where tgrelid in ('synthetic.entry'::regclass, 'synthetic.posting'::regclass) and not tgisinternal
     order by rule
  `
  const before = await rules()
  const load = (year: Lines['year']) =>
    loadBooks(database.ownerUrl, { customers: [], accounts: [], year }, () => {})

  await assert.rejects(load([given(4)]), /every posting sums to zero/)
  await assert.rejects(
    load(
      (function* () {
        yield given(5)
        throw new Error('the tape is torn')
      })(),
    ),
    /the tape is torn/,
  )

  assert.deepEqual(await rules(), before)
  const left = z.object({ entries: z.bigint(), booked: z.bigint() })
  const [rest] = await db.many(left)`
    select (select count(*) from synthetic.entry) as entries,
           (select sum(abs(booked_minor))::bigint from synthetic.account) as booked
  `
  assert.deepEqual(rest, { entries: 0n, booked: 0n })
})

test('a bank that is loaded keeps the rules of one that grew line by line', async () => {
  const indexes = () => database.owner.many(z.object({ def: z.string() }))`
    select indexdef as def from pg_indexes where schemaname = 'synthetic' order by indexdef
  `
  const before = await indexes()

  await loadBooks(database.ownerUrl, linesOf(multitude), () => {})

  assert.deepEqual(await indexes(), before)
  const Row = z.object({ ref: z.string(), booked: z.bigint(), total: z.bigint() })
  const rows = await db.many(Row)`
    select a.ref, a.booked_minor as booked, coalesce(sum(e.amount_minor), 0)::bigint as total
      from synthetic.account a left join synthetic.entry e on e.account_ref = a.ref
     group by a.ref
     limit 1000
  `
  for (const { ref, booked, total } of rows) assert.equal(booked, total, ref)
  assert.equal(
    rows.reduce((sum, { booked }) => sum + booked, 0n),
    0n,
  )
  const names = await db.many(z.object({ name: z.string() }))`
    select name from synthetic.customer where kind = 'person' limit 1000
  `
  assert.equal(names.length, multitude.customers)
  for (const { name } of names) assert.ok(isMadeUp(name), name)
})

test('its triggers are back: money moves, and what is booked stays booked', async () => {
  const core = await openSyntheticCore({ db, now: () => noon })
  const { card, owner } = sampleOf(multitude, 3)
  const [current] = await core.accountsOf(owner)
  const purse = await core.account(card)
  assert.ok(current && purse)
  const before = await core.balances(current.ref)
  const outcome = await core.transfer({
    reference: 'AFTERLOADING',
    debtor: current.ref,
    creditor: { number: purse.number, bankCode: purse.bankCode, name: 'own' },
    amount: { minor: 100n, currency: 'UZS' },
    text: 'x',
  })
  assert.deepEqual(outcome, { status: 'booked' })
  assert.equal((await core.balances(current.ref)).booked.minor, before.booked.minor - 100n)
  await assert.rejects(db.run`update synthetic.entry set amount_minor = 1`, /stays booked/)
})

test('a bank that has a history is not loaded over it', async () => {
  await assert.rejects(
    loadBooks(database.ownerUrl, linesOf(multitude), () => {}),
    /without history/,
  )
})
