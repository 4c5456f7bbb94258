import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { freshDatabase, noon } from '#test/world.ts'
import { coreContract } from '../core.contract.ts'
import type { TransferOrder } from '../core.ts'
import { addIncomes, type IncomeRow, payIncomes } from './income.ts'
import { nextClearing } from './ledger.ts'
import { type SeedArrangement, seedSynthetic } from './seed.ts'
import { openSyntheticCore } from './synthetic-core.ts'

const database = await freshDatabase('cell')
const db = database.as('bank')
let clock = noon
const core = await openSyntheticCore({ db, now: () => clock })

const today = Temporal.PlainDate.from('2026-11-22')
const started = (owner: string, serial: number, minor: bigint, more: object = {}) => ({
  owner,
  serial,
  kind: 'current' as const,
  currency: 'UZS' as const,
  nickname: 'Main',
  status: 'enabled' as const,
  openedOn: today.subtract({ years: 2 }),
  limit: 0n,
  ...more,
  start: minor,
})

await seedSynthetic(
  db,
  {
    customers: [
      { ref: '80000001', kind: 'person', name: 'Aziza Karimova', nationalId: '90101900000011' },
      { ref: '80000002', kind: 'person', name: 'Ольга Ким', nationalId: '90101900000022' },
      { ref: '80000101', kind: 'organisation', name: '«Bozor» MCHJ', nationalId: '980000101' },
    ],
    identities: [
      {
        ref: '80000001',
        givenName: 'Aziza',
        familyName: 'Karimova',
        bornOn: Temporal.PlainDate.from('1990-03-14'),
        citizenship: 'UZ',
        residence: 'UZ',
        address: { street: 'Navoiy 1', locality: 'Toshkent', postalCode: '100000' },
        document: 'idcard',
        verifiedOn: today.subtract({ years: 2 }),
      },
    ],
    accounts: [
      started('80000001', 1, 1_000_000n),
      started('80000001', 2, 500_000n, { kind: 'savings' }),
      started('80000001', 3, 0n, { status: 'closed' }),
      started('80000001', 4, 90_00n, { currency: 'USD' }),
      started('80000001', 5, 7_000n, { status: 'disabled' }),
      started('80000002', 1, 2_000_000n),
      started('80000002', 2, 10_000n, { limit: 5_000n }),
      started('80000101', 1, 3_000_000n, { kind: 'settlement' }),
    ],
    happenings: Array.from({ length: 30 }, (_, n) => ({
      on: today.subtract({ days: 30 - n }),
      from: { account: '80000101-001' },
      to: { account: '80000001-001' },
      minor: 1_000n,
      currency: 'UZS' as const,
      text: 'Ish haqi',
    })),
    arrangements: [
      { kind: 'beneficiary', payee: { account: '80000002-001' }, text: 'Olga' },
      { kind: 'beneficiary', payee: { account: '80000101-001' }, text: 'Bozor' },
      {
        kind: 'standing-order',
        payee: { account: '80000002-001' },
        text: 'Ijara',
        minor: 90_00n,
        frequency: 'monthly',
        from: today.subtract({ months: 5 }),
      },
      {
        kind: 'standing-order',
        payee: { account: '80000101-001' },
        text: 'Boʻlib toʻlash',
        minor: 10_00n,
        frequency: 'weekly',
        from: today.subtract({ months: 5 }),
        until: today.subtract({ months: 1 }),
      },
      {
        kind: 'direct-debit',
        payee: { outside: { name: 'Toza Suv', account: '80208000180700041001' } },
        text: 'Suv',
        frequency: 'monthly',
        from: today.subtract({ years: 1 }),
        last: { on: today.subtract({ days: 9 }), minor: 41_50n },
      },
      {
        kind: 'scheduled-payment',
        payee: { account: '80000101-001' },
        text: 'Sugʻurta',
        minor: 70_00n,
        on: today.add({ days: 4 }),
      },
    ].map((one) => ({ account: '80000001-001', ...one }) as SeedArrangement),
  },
  noon,
)
coreContract('the synthetic core', async () => ({
  core: await openSyntheticCore({ db, now: () => noon }),
  world: {
    person: '80000001',
    purse: '80000001-001',
    second: '80000001-002',
    organisation: '80000101',
    till: '80000101-001',
    poor: '80000002-002',
    closed: '80000001-003',
    nobody: { customer: '80009999', account: '80009999-001', number: '80206000980009999001' },
    ownWords: [/synthetic/i, /posting/i, /_ref|_minor/],
  },
}))

const a = '80000001-001'
const b = '80000002-001'

let orders = 0
const order = async (from: string, to: string, minor: bigint): Promise<TransferOrder> => {
  const creditor = await core.account(to)
  assert.ok(creditor)
  return {
    reference: `T${String(++orders).padStart(10, '0')}`,
    debtor: from,
    creditor: { number: creditor.number, bankCode: creditor.bankCode, name: 'Someone' },
    amount: { minor, currency: 'UZS' },
    text: 'Rent',
  }
}
const booked = async (ref: string) => (await core.balances(ref)).booked.minor

const Total = z.object({ total: z.string() })
const totalOfBooks = async () =>
  (await db.one(Total)`select coalesce(sum(amount_minor), 0)::text as total from synthetic.entry`)
    .total

test('a transfer moves exactly its amount, and both statements say so', async () => {
  const before = [await booked(a), await booked(b)] as const
  const given = await order(a, b, 12_345n)

  assert.deepEqual(await core.transfer(given), { status: 'booked' })

  assert.deepEqual([await booked(a), await booked(b)], [before[0] - 12_345n, before[1] + 12_345n])
  const [sent] = await core.entries(a, { limit: 1 })
  const [received] = await core.entries(b, { limit: 1 })
  assert.deepEqual([sent?.direction, sent?.amount.minor], ['debit', 12_345n])
  assert.deepEqual(
    [received?.direction, received?.counterparty?.name],
    ['credit', 'Aziza Karimova'],
  )
  assert.equal(await totalOfBooks(), '0')
})

test('the same reference is the same transfer, also fifty times at once', async () => {
  const before = await booked(b)
  const given = await order(a, b, 100n)

  const outcomes = await Promise.all(Array.from({ length: 50 }, () => core.transfer(given)))

  assert.deepEqual(new Set(outcomes.map((o) => o.status)), new Set(['booked']))
  assert.equal(await booked(b), before + 100n)
})

test('another order under a known reference is refused and moves nothing', async () => {
  const given = await order(a, b, 100n)
  await core.transfer(given)
  const before = await booked(b)

  await assert.rejects(core.transfer({ ...given, amount: { minor: 101n, currency: 'UZS' } }), {
    code: 'core/refused',
  })

  assert.equal(await booked(b), before)
})

test('refusals carry their ISO 20022 reason, are remembered, and move nothing', async () => {
  const total = await booked(a)
  const good = await order(a, b, 1n)
  const refused = async (change: Partial<TransferOrder>) => {
    const bad = { ...good, reference: `R${++orders}`, ...change }
    const outcome = await core.transfer(bad)
    assert.deepEqual(await core.transferByReference(bad.reference), outcome)
    return outcome.status === 'rejected' ? outcome.reasonCode : outcome.status
  }
  const to = async (ref: string) => (await order(a, ref, 1n)).creditor

  assert.equal(await refused({ amount: { minor: total + 1n, currency: 'UZS' } }), 'AM04')
  assert.equal(await refused({ creditor: { ...good.creditor, number: '8'.repeat(20) } }), 'AC01')
  assert.equal(await refused({ creditor: { ...good.creditor, number: '123' } }), 'AC01')
  assert.equal(await refused({ creditor: await to('80000001-003') }), 'AC04')
  assert.equal(await refused({ debtor: '80000001-003' }), 'AC04')
  assert.equal(await refused({ debtor: '80000001-005' }), 'AC06')
  assert.equal(await refused({ debtor: '80000001-004' }), 'AM03')
  assert.equal(await refused({ creditor: await to('80000001-004') }), 'AC09')
  assert.equal(await refused({ creditor: await to(a) }), 'AG01')
  assert.equal(await refused({ amount: { minor: 0n, currency: 'UZS' } }), 'AM12')
  assert.equal(await booked(a), total)
})

test('money for another bank waits for the clearing, then is booked', async () => {
  const creditor = { number: '8'.repeat(20), bankCode: '09990', name: 'Far away' }
  const given = { ...(await order(a, b, 700n)), creditor }
  const before = await booked(a)

  assert.deepEqual(await core.transfer(given), { status: 'accepted' })
  assert.equal(await booked(a), before - 700n)
  clock = nextClearing(noon)
  assert.deepEqual(await core.transferByReference(given.reference), { status: 'booked' })
  clock = noon
  assert.equal(await totalOfBooks(), '0')
})

test('an overdraft is spendable to its limit and not a tiyin further', async () => {
  const poor = '80000002-002'
  assert.equal((await core.balances(poor)).available.minor, 15_000n)

  assert.deepEqual(await core.transfer(await order(poor, b, 15_001n)), {
    status: 'rejected',
    reasonCode: 'AM04',
  })
  assert.deepEqual(await core.transfer(await order(poor, b, 15_000n)), { status: 'booked' })
  assert.equal(await booked(poor), -5_000n)
  await core.transfer(await order(b, poor, 15_000n))
})

test('twenty transfers that race for the last money leave it spent once', async () => {
  const racer = (
    await core.openCardAccount({ reference: 'RACE', customer: '80000001', currency: 'UZS' })
  ).ref
  await core.transfer(await order(b, racer, 1_000n))
  const given = await Promise.all(Array.from({ length: 20 }, () => order(racer, b, 400n)))

  const outcomes = await Promise.all(given.map((o) => core.transfer(o)))

  assert.equal(outcomes.filter((o) => o.status === 'booked').length, 2)
  assert.equal(await booked(racer), 200n)
})

test('whatever is sent in whatever direction, money is neither made nor lost', async () => {
  const accounts = [a, b, '80000001-002', '80000002-002'] as const
  const sum = async () => (await Promise.all(accounts.map(booked))).reduce((x, y) => x + y, 0n)
  const before = await sum()
  const step = fc.record({
    from: fc.constantFrom(...accounts),
    to: fc.constantFrom(...accounts),
    minor: fc.bigInt({ min: 1n, max: 900_000n }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const given = await Promise.all(steps.map((s) => order(s.from, s.to, s.minor)))
      await Promise.all(given.map((o) => core.transfer(o)))
      assert.equal(await sum(), before)
      for (const ref of accounts) {
        const balances = await core.balances(ref)
        assert.ok(balances.available.minor >= 0n)
        const { total } = await db.one(Total)`
          select coalesce(sum(amount_minor), 0)::text as total from synthetic.entry where account_ref = ${ref}
        `
        assert.equal(total, balances.booked.minor.toString())
      }
    }),
    { numRuns: 25 },
  )
})

test('a card account is opened once for one reference, and each has its own number', async () => {
  const ask = { reference: 'CARD1', customer: '80000001', currency: 'UZS' as const }
  const same = await Promise.all(Array.from({ length: 20 }, () => core.openCardAccount(ask)))
  const others = await Promise.all(
    Array.from({ length: 10 }, (_, n) => core.openCardAccount({ ...ask, reference: `CARDS${n}` })),
  )

  assert.equal(new Set(same.map((account) => account.ref)).size, 1)
  assert.equal(new Set([...same, ...others].map((account) => account.number)).size, 11)
  assert.deepEqual(await core.accountByNumber(same[0]!.number), same[0])
  await assert.rejects(core.openCardAccount({ ...ask, customer: '80000002' }), {
    code: 'core/refused',
  })
})

test('a statement is read in pages that neither skip nor repeat, while new lines arrive', async () => {
  const opened = await core.openCardAccount({
    reference: 'PAGED',
    customer: '80000001',
    currency: 'UZS',
  })
  const paid = opened.ref
  for (let n = 0; n < 12; n++) await core.transfer(await order(b, paid, BigInt(n + 1)))
  const whole = await core.entries(paid, { limit: 100 })

  const paged: string[] = []
  for (let before: string | undefined; ;) {
    const page = await core.entries(paid, { limit: 5, ...(before && { before }) })
    paged.push(...page.map((entry) => entry.ref))
    before = page.at(-1)?.ref
    if (page.length < 5) break
    await core.transfer(await order(b, paid, 1n))
  }

  assert.deepEqual(
    paged,
    whole.map((entry) => entry.ref),
  )
  assert.deepEqual(paged.toSorted().toReversed(), paged)
  assert.deepEqual(await core.entries(paid, { limit: 5, before: 'no such entry' }), [])
  assert.deepEqual(await core.entries(paid, { limit: 5, from: today.add({ days: 1 }) }), [])
})

test('the database refuses a posting that does not sum to zero, and a booked line that would change', async () => {
  const lopsided = db.transaction(async (tx) => {
    const { id } = await tx.one(z.object({ id: z.bigint() }))`
      insert into synthetic.posting (booked_on, text) values (${today}, 'lopsided') returning id
    `
    await tx.run`
      insert into synthetic.entry (posting_id, account_ref, amount_minor, booked_on, counterparty_name, counterparty_account)
      values (${id}, ${a}, 5, ${today}, '', '')
    `
  })
  await assert.rejects(lopsided, /does not sum to zero/)
  await assert.rejects(db.run`update synthetic.entry set amount_minor = 1`, /stays booked/)
  await assert.rejects(db.run`delete from synthetic.posting`, /stays booked/)
})

test('of however many incomes each comes on its day', async () => {
  const day = today.add({ days: 1 })
  const income = (n: number, lastOn: Temporal.PlainDate): IncomeRow => ({
    ref: `I${String(n).padStart(10, '0')}`,
    account: b,
    payerRef: null,
    payer: 'Ish beruvchi',
    payerAccount: '2'.repeat(20),
    text: `Ish haqi ${n}`,
    minor: 700n,
    frequency: 'weekly',
    lastOn,
  })
  const others = Array.from({ length: 1_000 }, (_, n) => income(n, day.subtract({ days: 3 })))
  await addIncomes(db, [...others, income(5_000, day.subtract({ weeks: 1 }))])
  await db.transaction((tx) => payIncomes(tx, { now: clock, today: day }))

  const [newest, earlier] = await core.entries(b, { limit: 2 })
  assert.deepEqual([newest?.text, newest?.amount.minor], ['Ish haqi 5000', 700n])
  assert.doesNotMatch(String(earlier?.text), /Ish haqi \d/)
  await db.run`delete from synthetic.income`
})

test('what is not known is undefined or unknown, never a guess', async () => {
  assert.equal(await core.customer('80009999'), undefined)
  assert.equal(await core.account('80009999-001'), undefined)
  assert.equal(await core.accountByNumber('0'.repeat(20)), undefined)
  assert.deepEqual(await core.accountsOf('80009999'), [])
  assert.deepEqual(await core.transferByReference('NEVER'), { status: 'unknown' })
})
