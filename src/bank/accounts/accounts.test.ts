import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { readEntries } from '#journal/index.ts'
import { freshDatabase } from '#test/world.ts'
import { callBy, enrol, newPartner, openTrial, refs } from '../trial.ts'
import { TransactionsQuery } from './account.ts'
import {
  getAccount,
  getBalances,
  listAccounts,
  listTransactions,
  verifyOwnership,
} from './index.ts'
import type { OwnershipQuestion } from './ownership.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank } = trial

const all = [
  'ReadAccountsBasic',
  'ReadAccountsDetail',
  'ReadBalances',
  'ReadTransactionsBasic',
  'ReadTransactionsDetail',
  'ReadTransactionsCredits',
  'ReadTransactionsDebits',
]
/** A partner to whom the payer consented for these accounts. */
const consented = async (
  accounts: readonly string[] = [refs.payer.savings],
  permissions: readonly string[] = all,
) => {
  const partnerId = newPartner()
  const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)
  const detail = { type: 'urn:bank:accounts:v1', permissions, accounts: accounts.map(id) }
  const more = { subject, consentId: `consent_${uuidv7()}`, details: [detail] }
  return { partnerId, subject, id, caller: callBy(partnerId, 'any', more), detail }
}
const query = (given: Record<string, string> = {}) => TransactionsQuery.parse(given)
const notFound = { code: 'gateway/not-found', status: 404, detail: 'there is nothing here for you' }

test('a partner sees the accounts of the consent, the oldest first, and no other', async () => {
  const { caller, id } = await consented([refs.payer.dollars, refs.payer.current])

  const { data, next } = await listAccounts(bank, caller)

  assert.deepEqual(
    data.map(({ accountId, currency }) => [accountId, currency]),
    [
      [id(refs.payer.current), 'UZS'],
      [id(refs.payer.dollars), 'USD'],
    ],
  )
  assert.equal(next, null)
})

test('a direction that is asked for is listed alone, in pages, and only where the consent has it', async () => {
  const { caller, id } = await consented()
  const account = id(refs.payer.savings)
  const list = (given: Record<string, string>) =>
    listTransactions(bank, caller, account, query(given))

  const credits = await list({ creditDebitIndicator: 'Credit', limit: '100' })
  const debits = await list({ creditDebitIndicator: 'Debit', limit: '100' })
  const first = await list({ creditDebitIndicator: 'Credit', limit: '4' })
  assert.deepEqual(new Set(credits.data.map((t) => t.creditDebitIndicator)), new Set(['Credit']))
  assert.deepEqual([credits.data.length, debits.data.length], [11, 20])
  assert.ok(first.next !== null)
  const second = await list({ creditDebitIndicator: 'Credit', limit: '100', cursor: first.next })
  assert.deepEqual([...first.data, ...second.data], credits.data)
  await assert.rejects(list({ creditDebitIndicator: 'Debit', cursor: first.next }), {
    code: 'bank/cursor-invalid',
  })

  const basic = ['ReadTransactionsBasic', 'ReadTransactionsCredits']
  const less = await consented([refs.payer.savings], basic)
  const asked = query({ creditDebitIndicator: 'Debit' })
  await assert.rejects(listTransactions(bank, less.caller, less.id(refs.payer.savings), asked), {
    code: 'consents/exceeded',
  })
})

test('number and owner are read only with Detail', async () => {
  const basic = await consented([refs.payer.current], ['ReadAccountsBasic'])
  const detail = await consented([refs.payer.current], ['ReadAccountsDetail'])
  const at = (c: typeof basic) => getAccount(bank, c.caller, c.id(refs.payer.current))

  assert.equal((await at(basic)).account, undefined)
  const [shown] = (await at(detail)).account ?? []
  assert.match(shown?.identification ?? '', /^\d{20}$/)
  assert.equal(shown?.name, 'Rahimova Dilnoza Akmal qizi')
})

test('missing, foreign and not consented are one answer', async () => {
  const mine = await consented([refs.payer.current])
  const theirs = await consented([refs.payer.current])
  const ids = [`acc_${'0'.repeat(32)}`, theirs.id(refs.payer.current), mine.id(refs.payer.savings)]
  for (const id of ids) {
    await assert.rejects(getAccount(bank, mine.caller, id), notFound)
    await assert.rejects(getBalances(bank, mine.caller, id), notFound)
    await assert.rejects(listTransactions(bank, mine.caller, id, query()), notFound)
  }
})

test('a consent of one customer opens no account of another, though the ids are the partner’s own', async () => {
  const mine = await consented()
  const other = await enrol(trial, mine.partnerId, refs.other.owner)
  const stolen = {
    ...mine.caller,
    details: [{ ...mine.detail, accounts: [other.id(refs.other.current)] }],
  }

  await assert.rejects(getAccount(bank, stolen, other.id(refs.other.current)), notFound)
  assert.deepEqual((await listAccounts(bank, stolen)).data, [])
})

test('two partners know one account by two ids', async () => {
  const [a, b] = [await consented(), await consented()]
  assert.notEqual(a.id(refs.payer.savings), b.id(refs.payer.savings))
})

test('balances are what is available and what is booked, with their sides', async () => {
  const { caller, id } = await consented([refs.payer.dollars])
  const { data } = await getBalances(bank, caller, id(refs.payer.dollars))
  assert.deepEqual(
    data.map(({ type, creditDebitIndicator, amount }) => [type, creditDebitIndicator, amount]),
    [
      ['ITAV', 'Credit', { amount: '900.00', currency: 'USD' }],
      ['ITBD', 'Credit', { amount: '900.00', currency: 'USD' }],
    ],
  )
})

/** Every page, from the first to the last. */
const walk = async (c: Awaited<ReturnType<typeof consented>>, given: Record<string, string>) => {
  const pages = []
  let cursor: string | null = null
  do {
    const page = await listTransactions(
      bank,
      c.caller,
      c.id(refs.payer.savings),
      query({ ...given, ...(cursor !== null && { cursor }) }),
    )
    pages.push(page.data)
    cursor = page.next
  } while (cursor !== null)
  return pages
}

test('pages of any size hold every transaction once, newest first', async () => {
  const c = await consented()
  const whole = (await walk(c, { limit: '100' })).flat()
  assert.equal(whole.length, 31)
  for (const limit of ['1', '7', '30', '31', '32'])
    assert.deepEqual((await walk(c, { limit })).flat(), whole)
  const days = whole.map(({ bookingDateTime }) => bookingDateTime)
  assert.deepEqual(days, days.toSorted().toReversed())
})

test('only the consented side is listed, and with neither side nothing is', async () => {
  const credits = await consented(undefined, ['ReadTransactionsBasic', 'ReadTransactionsCredits'])
  const listed = (await walk(credits, { limit: '4' })).flat()
  assert.equal(listed.length, 11)
  assert.ok(listed.every(({ creditDebitIndicator }) => creditDebitIndicator === 'Credit'))

  const neither = await consented(undefined, ['ReadTransactionsBasic'])
  await assert.rejects(walk(neither, {}), { code: 'consents/exceeded', status: 403 })
})

test('text and counterparties need Detail', async () => {
  const basic = await consented(
    undefined,
    all.filter((p) => p !== 'ReadTransactionsDetail'),
  )
  for (const line of (await walk(basic, {})).flat()) {
    assert.ok(!('transactionInformation' in line))
    assert.doesNotMatch(JSON.stringify(line), /Happening|Ольга|\d{20}/)
  }
  const detail = (await walk(await consented(), {})).flat()
  assert.match(JSON.stringify(detail), /Happening 3.*Ким Ольга Викторовна/)
})

test('the days of the filter are the bank’s days, to the instant', async () => {
  const c = await consented()
  const from = async (fromBookingDateTime: string, toBookingDateTime: string) =>
    (await walk(c, { fromBookingDateTime, toBookingDateTime })).flat().length
  // The tenth of October begins at 19:00Z of the ninth.
  assert.equal(await from('2026-10-09T19:00:00Z', '2026-10-09T19:00:00Z'), 1)
  assert.equal(await from('2026-10-09T19:00:01Z', '2026-10-10T18:59:59Z'), 0)
  assert.equal(await from('2026-10-09T19:00:01Z', '2026-10-10T19:00:00Z'), 1)
  assert.equal(await from('2026-10-20T00:00:00+05:00', '2026-10-10T00:00:00+05:00'), 0)
})

test('a consent opens no booking time that it does not name, whatever is asked', async () => {
  const c = await consented()
  const everything = (await walk(c, {})).flat().length
  const narrowed = (bounds: Record<string, string>, asked: Record<string, string> = {}) => {
    const details = [{ ...c.detail, ...bounds }]
    return walk({ ...c, caller: { ...c.caller, details } }, asked)
  }
  // The tenth of October begins at 19:00Z of the ninth.
  const day = {
    transactionFromDateTime: '2026-10-09T19:00:00Z',
    transactionToDateTime: '2026-10-10T18:59:59Z',
  }
  assert.equal((await narrowed(day)).flat().length, 1)
  assert.equal(
    (await narrowed(day, { fromBookingDateTime: '2020-01-01T00:00:00Z' })).flat().length,
    1,
  )
  assert.equal(
    (await narrowed(day, { fromBookingDateTime: '2026-10-10T19:00:00Z' })).flat().length,
    0,
  )
  assert.ok(everything > 1)
  await assert.rejects(narrowed({ transactionFromDateTime: 'yesterday' }), notFound)
})

test('a cursor opens only for its partner, consent, account and filter', async () => {
  const mine = await consented([refs.payer.savings, refs.payer.current])
  const first = await listTransactions(
    bank,
    mine.caller,
    mine.id(refs.payer.savings),
    query({ limit: '2' }),
  )
  assert.ok(first.next)
  const again = (caller: typeof mine.caller, ref: string, given: Record<string, string>) =>
    listTransactions(bank, caller, mine.id(ref), query(given))
  const refused = { code: 'bank/cursor-invalid', status: 400 }
  const cursor = first.next
  const renewed = { ...mine.caller, consentId: `consent_${uuidv7()}` }
  await assert.rejects(again(renewed, refs.payer.savings, { cursor }), refused)
  await assert.rejects(again(mine.caller, refs.payer.current, { cursor }), refused)
  const filtered = { cursor, fromBookingDateTime: '2026-10-01T00:00:00Z' }
  await assert.rejects(again(mine.caller, refs.payer.savings, filtered), refused)
  const tampered = `${cursor.startsWith('A') ? 'B' : 'A'}${cursor.slice(1)}`
  await assert.rejects(again(mine.caller, refs.payer.savings, { cursor: tampered }), refused)
  assert.doesNotMatch(Buffer.from(cursor, 'base64url').toString('latin1'), /E\d{8}/)
  assert.equal(
    (await again(mine.caller, refs.payer.savings, { cursor, limit: '2' })).data.length,
    2,
  )
})

const ask = async (question: Partial<OwnershipQuestion>, partnerId = newPartner()) => {
  const { number } = await trial.accountOf(refs.payer.current)
  return verifyOwnership(bank, callBy(partnerId, 'verifyOwnership'), {
    account: { schemeName: 'UZ.AccountNumber', identification: number },
    purpose: 'BENEFIT_PAYMENT',
    legalReference: 'Decree 123, case 2026/4711',
    ...question,
  })
}
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('ownership is answered with one word', async () => {
  assert.deepEqual(await ask({ name: 'Dilnoza Rahimova' }), { result: 'MATCH' })
  assert.deepEqual(await ask({ name: 'Dilnoza Rahinova' }), { result: 'CLOSE_MATCH' })
  assert.deepEqual(await ask({ name: 'Olga Kim' }), { result: 'NO_MATCH' })
  assert.deepEqual(await ask({ nationalIdSha256: sha256('90101900000011') }), { result: 'MATCH' })
  assert.deepEqual(await ask({ nationalIdSha256: sha256('90101900000022') }), {
    result: 'NO_MATCH',
  })
  const both = { name: 'Dilnoza Rahinova', nationalIdSha256: sha256('90101900000011') }
  assert.deepEqual(await ask(both), { result: 'CLOSE_MATCH' })
})

test('nothing can be said of an account that is not here, not open, or of another bank', async () => {
  const name = 'Dilnoza Rahimova'
  const { number } = await trial.accountOf(refs.payer.current)
  const { number: closed } = await trial.accountOf(refs.payer.closed)
  const at = (identification: string, bankCode?: string) => ({
    name,
    account: { schemeName: 'UZ.AccountNumber' as const, identification, bankCode },
  })
  for (const question of [at('8'.repeat(20)), at(closed), at(number, '00014')])
    assert.deepEqual(await ask(question), { result: 'NOT_POSSIBLE' })
})

test('the same question within a day has the same answer, whatever the core says by then', async () => {
  const partnerId = newPartner()
  const question = { name: 'Dilnoza Rahimova' }
  const { number } = await trial.accountOf(refs.payer.current)
  const changed = {
    ...bank,
    coreFor: () => ({ ...trial.core, accountByNumber: async () => undefined }),
  }
  const asked = {
    ...question,
    account: { schemeName: 'UZ.AccountNumber' as const, identification: number },
    purpose: 'BENEFIT_PAYMENT' as const,
    legalReference: 'Decree 123',
  }
  const caller = callBy(partnerId, 'verifyOwnership')
  assert.deepEqual(await verifyOwnership(bank, caller, asked), { result: 'MATCH' })
  trial.pass(23 * 3600)
  assert.deepEqual(await verifyOwnership(changed, caller, asked), { result: 'MATCH' })
  trial.pass(2 * 3600)
  assert.deepEqual(await verifyOwnership(changed, caller, asked), { result: 'NOT_POSSIBLE' })
})

test('every question is in the journal with its legal reference, and no name, number or id is kept anywhere', async () => {
  const partnerId = newPartner()
  await ask({ name: 'Dilnoza Rahimova' }, partnerId)
  const { number } = await trial.accountOf(refs.payer.current)
  const entries = await readEntries(bank.db, 0n)
  const [line] = entries.filter(
    ({ event, data }) => event === 'accounts.ownership-verified' && data['partnerId'] === partnerId,
  )
  assert.equal(line?.data['legalReference'], 'Decree 123, case 2026/4711')
  assert.equal(line?.data['result'], 'MATCH')
  const kept = await database.owner.many(z.object({ line: z.string() }))`
    select row_to_json(a)::text as line from accounts.answer a
  `
  const text = [...entries.map(({ body }) => body), ...kept.map((row) => row.line)].join('\n')
  assert.doesNotMatch(text, /Rahimova|Рахимова|Olga/)
  assert.ok(!text.includes(number) && !text.includes('90101900000011'))
})

test('while money moves on the account, pages of one direction neither skip nor repeat', async () => {
  const { caller, id } = await consented()
  const account = id(refs.payer.savings)
  const list = (given: Record<string, string>) =>
    listTransactions(bank, caller, account, query({ creditDebitIndicator: 'Credit', ...given }))
  const whole = (await list({ limit: '100' })).data.map((t) => t.transactionId)
  const { number, bankCode } = await trial.accountOf(refs.payer.savings)
  const pay = (n: number) =>
    trial.core.transfer({
      reference: `MEANWHILE${n}`,
      debtor: refs.payer.current,
      creditor: { number, bankCode, name: 'own' },
      amount: { minor: BigInt(n), currency: 'UZS' },
      text: 'meanwhile',
    })

  const paged: string[] = []
  let paid = 0
  for (let cursor: string | null | undefined; cursor !== null;) {
    const asked = list({ limit: '2', ...(cursor && { cursor }) })
    const [{ data, next }] = await Promise.all([asked, pay(++paid), pay(++paid), pay(++paid)])
    paged.push(...data.map((t) => t.transactionId))
    cursor = next
  }

  assert.ok(paid > 12)
  assert.equal(new Set(paged).size, paged.length)
  assert.deepEqual(paged.slice(-whole.length), whole)
})
