import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { accountRef } from '#bank/cores/synthetic/account-number.ts'
import { booksIn } from '#bank/cores/synthetic/books.ts'
import { doDueInBooks } from '#bank/cores/synthetic/later.ts'
import { scriptedCustomer } from '#bank/cores/synthetic/magic.ts'
import { seedSynthetic } from '#bank/cores/synthetic/seed.ts'
import { openSyntheticCore } from '#bank/cores/synthetic/synthetic-core.ts'
import { canonical } from '#kernel/canonical.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { chance } from './chance.ts'
import { pairs } from './joint.ts'
import { phrases } from './merchants.ts'
import { isMadeUp, nameBy } from './names.ts'
import { organisations } from './organisations.ts'
import { customers, people, sandboxPeople } from './people.ts'
import { sandboxWorld } from './world.ts'

const today = Temporal.PlainDate.from('2026-11-22')
const bytes = (seed: number) =>
  JSON.stringify(sandboxWorld({ seed, today }), (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
const digest = (text: string) => createHash('sha256').update(text).digest('hex')

const database = await freshDatabase('cell')
const db = database.as('bank')
const core = await openSyntheticCore({ db, now: () => noon })
const world = sandboxWorld({ today })
await seedSynthetic(db, world, noon)

test('the same seed makes the same bytes, another seed makes others', () => {
  const seventh = digest(bytes(7))
  assert.equal(seventh, digest(bytes(7)))
  assert.notEqual(seventh, digest(bytes(8)))
})

test('its names are made of words of the sandbox, in three languages', () => {
  for (const { fullName } of people) assert.ok(isMadeUp(fullName), fullName)
  assert.ok(!isMadeUp('Rahimova Dilnoza Somebody') && !isMadeUp(''))
  assert.deepEqual(new Set(people.map(({ language }) => language)), new Set(['uz', 'ru', 'en']))
  fc.assert(fc.property(fc.integer(), (seed) => isMadeUp(nameBy(chance(seed)))))
})

test('the database refuses a customer or an account that could be somebody’s', async () => {
  const customer = (kind: string, id: string) => db.run`
    insert into synthetic.customer (ref, kind, name, national_id) values ('80009990', ${kind}, 'x', ${id})
  `
  for (const [kind, id] of [
    ['person', '31403901234567'],
    ['person', '980000999'],
    ['organisation', '301234567'],
  ] as const)
    await assert.rejects(customer(kind, id), /nobody_has_this_number/)
  const { owner } = database
  await assert.rejects(
    owner.run`update synthetic.account set number = '2' || substr(number, 2)`,
    /no_bank_has_this_account/,
  )
  await assert.rejects(
    owner.run`update synthetic.account set bank_code = '00014'`,
    /no_bank_has_this_account/,
  )
})

test('it is twelve months of life: wages come every month, and rent is paid as it is arranged', () => {
  const first = today.subtract({ months: 12 })
  assert.ok(world.happenings[0]?.on.equals(first))
  const dilnoza = accountRef('80000001', 1)
  const months = (text: string) =>
    new Set(
      world.happenings
        .filter(
          (h) =>
            h.text === text && [h.from, h.to].some((s) => 'account' in s && s.account === dilnoza),
        )
        .map((h) => h.on.toPlainYearMonth().toString()),
    )
  assert.equal(months(phrases.uz.salary).size, 12)
  const order = world.arrangements.find((a) => a.account === dilnoza && a.text === phrases.uz.rent)
  assert.ok(order?.kind === 'standing-order')
  const paid = world.happenings.filter(
    (h) => h.text === phrases.uz.rent && 'account' in h.from && h.from.account === dilnoza,
  )
  assert.equal(paid.length, 12)
  for (const { minor, on } of paid) assert.deepEqual([minor, on.day], [order.minor, order.from.day])
})

test('as the days go on income comes on its days, and direct debits are drawn', async () => {
  const zone = 'Asia/Tashkent'
  const worlds = core.worlds?.of(`partner_${'1'.repeat(32)}`)
  const made = await worlds?.create('days')
  assert.ok(typeof made === 'object')
  const books = booksIn(db, made.id)
  const Line = z.object({ on: z.string(), minor: z.bigint() })
  const lines = (account: string, text: string) => books.many(Line)`
    select e.booked_on::text as on, e.amount_minor as minor
      from synthetic.entry e
      join synthetic.posting p on p.id = e.posting_id
     where e.account_ref = ${account} and p.text = ${text} and e.booked_on >= ${today}
     order by e.booked_on
     limit 100
  `
  const days = async (account: string, text: string) =>
    (await lines(account, text)).map(({ on }) => on)
  await doDueInBooks(books, { now: noon, zone })

  await doDueInBooks(books, { now: noon.add({ hours: 24 * 70 }), zone })

  const dilnoza = accountRef('80000001', 1)
  assert.deepEqual(await days(dilnoza, phrases.uz.salary), ['2026-12-05', '2027-01-05'])
  assert.deepEqual(await days(dilnoza, phrases.uz.electricity), ['2026-12-16', '2027-01-16'])
  const timur = accountRef('80000004', 3)
  assert.deepEqual(await days(timur, phrases.ru.invoice), ['2026-12-03', '2027-01-03'])
  const business = accountRef('80000003', 3)
  assert.equal((await days(business, phrases.ru.sales)).length, 10)
  assert.deepEqual(await days(accountRef('80000007', 1), phrases.ru.pension), [
    '2026-12-04',
    '2027-01-04',
  ])
  const paid = world.happenings.findLast(
    (h) => 'account' in h.to && h.to.account === dilnoza && h.text === phrases.uz.salary,
  )
  for (const { minor } of await lines(dilnoza, phrases.uz.salary)) assert.equal(minor, paid?.minor)
})

test('every posting of the seeded bank sums to zero in its currency', async () => {
  const Lopsided = z.object({ count: z.number(), postings: z.number() })
  const found = await db.one(Lopsided)`
    select count(*) filter (where sum <> 0)::int as count, count(*)::int as postings
      from (select sum(e.amount_minor) as sum
              from synthetic.entry e join synthetic.account a on a.ref = e.account_ref
             group by e.posting_id, a.currency) as weighed
  `
  assert.equal(found.count, 0)
  assert.ok(found.postings > 4_000)
})

test('whatever the seed, books that are imagined are never overdrawn and lose nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
      const { accounts, happenings } = sandboxWorld({ seed, today })
      const balances = new Map(accounts.map((a) => [accountRef(a.owner, a.serial), a.start]))
      const limits = new Map(accounts.map((a) => [accountRef(a.owner, a.serial), a.limit]))
      for (const { from, to, minor, pending } of happenings) {
        if ('account' in from) {
          const left = (balances.get(from.account) ?? 0n) - minor
          assert.ok(left >= -(limits.get(from.account) ?? 0n))
          balances.set(from.account, left)
        }
        if ('account' in to && !pending)
          balances.set(to.account, (balances.get(to.account) ?? 0n) + minor)
      }
    }),
    { numRuns: 3 },
  )
})

test('nobody in it can be real', () => {
  for (const { kind, nationalId } of customers)
    assert.match(nationalId, kind === 'person' ? /^9\d{13}$/ : /^98\d{7}$/)
  for (const list of [customers.map((c) => c.nationalId), people.map((p) => p.login)])
    assert.equal(new Set(list).size, list.length)
})

test('every account of the seeded bank has the books behind it', async () => {
  const Row = z.object({ ref: z.string(), booked: z.bigint(), held: z.bigint(), total: z.string() })
  const rows = await db.many(Row)`
    select a.ref, a.booked_minor as booked, a.held_minor as held,
           (select coalesce(sum(amount_minor), 0) from synthetic.entry e where e.account_ref = a.ref)::text as total
      from synthetic.account a
     order by a.ref
     limit 1000
  `
  assert.ok(rows.length > 40)
  for (const { booked, total } of rows) assert.equal(booked.toString(), total)
  assert.ok(rows.some((row) => row.held > 0n))
  const books = rows.reduce((sum, row) => sum + row.booked, 0n)
  assert.equal(books, 0n)
})

test('each story is true of the one it is told of', async () => {
  const of = (login: string) => {
    const person = people.find((p) => p.login === login)
    assert.ok(person)
    return person.coreRef
  }
  const balances = (login: string, serial: number) => core.balances(accountRef(of(login), serial))

  assert.equal((await core.accountsOf(of('dilnoza'))).length, 4)
  const dilnoza = await balances('dilnoza', 2)
  assert.ok(dilnoza.available.minor < dilnoza.booked.minor)
  const malika = await balances('malika', 2)
  assert.ok(malika.available.minor > malika.booked.minor)
  assert.ok((await balances('rustam', 2)).booked.minor < 0n)
  assert.ok((await balances('galina', 1)).available.minor < 100_000_00n)
  assert.equal((await core.entries(accountRef(of('viktor'), 1), { limit: 100 })).length, 1)
  const scripted = await core.accountsOf(of('sinov'))
  assert.deepEqual(
    scripted.slice(0, 3).map((a) => [a.number.slice(-4), a.status]),
    [
      ['9001', 'disabled'],
      ['9002', 'closed'],
      ['9003', 'enabled'],
    ],
  )
  const old = (await core.accountsOf(of('shahlo'))).filter((a) => a.status === 'closed')
  assert.equal(old.length, 1)
  assert.ok((await core.entries(accountRef(of('james'), 2), { limit: 100 })).length === 100)
})

test('a person who can sign in is a customer of the core', async () => {
  for (const { coreRef } of sandboxPeople) {
    const customer = await core.customer(coreRef)
    assert.equal(customer?.kind, 'person')
    assert.ok((await core.accountsOf(coreRef)).length > 0)
  }
  const programme = await core.account(accountRef(organisations.bozorMarket.coreRef, 1))
  assert.equal(programme?.kind, 'settlement')
})

test('two people share an account that one may spend, and one that only both may', async () => {
  assert.deepEqual(
    pairs.map(({ signatures }) => signatures),
    [1, 2],
  )
  for (const { coreRef, name, holders } of pairs) {
    assert.ok(isMadeUp(name), name)
    for (const login of holders) assert.ok(people.some((p) => p.login === login))
    const [account] = await core.accountsOf(coreRef)
    assert.ok(account)
    assert.ok((await core.entries(account.ref, { limit: 100 })).length >= 12)
  }
})

test('a second start leaves the bank as it is', async () => {
  const before = await core.balances('80000001-001')
  assert.deepEqual(await seedSynthetic(db, sandboxWorld({ seed: 9, today }), noon), {
    seeded: false,
  })
  assert.deepEqual(await core.balances('80000001-001'), before)
})

test('every phrase is said in three languages, and every line of a statement is clean text', () => {
  assert.deepEqual(Object.keys(phrases.ru), Object.keys(phrases.uz))
  assert.deepEqual(Object.keys(phrases.en), Object.keys(phrases.uz))
  const texts = world.happenings.map((h) => h.text).concat(customers.map((c) => c.name))
  for (const text of texts) assert.equal(text, text.trim().normalize('NFC').replaceAll(/\s+/g, ' '))
  assert.ok(
    !canonical(texts).includes("'"),
    'Uzbek is written with ʻ and ʼ, not with a quotation mark',
  )
})

test('the scripted one is whose amounts the core reads', () => {
  const scripted = people.filter(({ persona }) => persona === 'scripted')
  assert.deepEqual(
    scripted.map(({ coreRef }) => coreRef),
    [scriptedCustomer],
  )
})
