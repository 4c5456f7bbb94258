import assert from 'node:assert/strict'
import { test } from 'node:test'
import { billedPartner } from '#test/billed-partner.ts'
import { bankDocuments } from '#test/documents.ts'
import { approvedByTwo } from '#test/two-people.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { type Work, work } from '#journal/index.ts'
import { openLog } from '#platform/log.ts'
import type { Collected } from '#bank/payments/collections/desk-contract.ts'
import { appliers as contractAppliers } from '#control/contracts/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { seedControl } from '#control/seed.ts'
import {
  endMandate,
  giveMandate,
  proposeIncomeAccount,
  proposeMandate,
  tryAgain,
} from './collecting.ts'
import { mayTry } from './collection.ts'
import * as collected from './collection-store.ts'
import { openDispute } from './disputing.ts'
import { draftMonth } from './drafting.ts'
import {
  appliers,
  balanceOf,
  bounds,
  collectDue,
  type CollectingDesk,
  findInvoice,
  monthNamed,
  outOfBalance,
  payableOf,
  proposeIssue,
  recordPayment,
} from './index.ts'

const db = (await freshDatabase('control')).as('control')
await seedControl(db, noon, { documents: bankDocuments() })
const zone = 'Asia/Tashkent'
const november = monthNamed('2026-11', zone)
const closing = bounds(november).to.add({ hours: 73 })
const due = closing.add({ hours: 24 * 31 })
const agreed = approvedByTwo(db, new Map(Object.entries({ ...appliers, ...contractAppliers })))
const at = <T>(now: Temporal.Instant, body: (w: Work) => Promise<T>) =>
  work(db, 'system', now, body)

/** The bank on the other end of the line: what it was asked for, by id, and what it says. */
interface AskedOfBank {
  readonly minor: bigint
  readonly from: string
  readonly to: string
  readonly maySend: boolean
}
const bankThat = (says: (asked: AskedOfBank) => Pick<Collected, 'status' | 'reasonCode'>) => {
  const taken = new Map<string, bigint>()
  const desk: CollectingDesk = {
    account: async () => ({ fits: true, holder: 'ANOR MCHJ' }),
    incomeAccount: async () => ({ fits: true, holder: 'NAMUNA BANK' }),
    collect: async ({ collectionId, debtor, creditor, amount: { minor }, maySend }) => {
      const said = says({ minor, from: debtor.number, to: creditor.number, maySend })
      if (said.status === 'booked') taken.set(collectionId, minor)
      return { ...said, reference: 'REF' }
    },
  }
  return { desk, taken }
}
const running = (now: Temporal.Instant, { desk }: { desk: CollectingDesk }) =>
  collectDue(db, { now: () => now, zone, log: openLog({ process: 'test' }, 'silent') }, desk)

const incomeGoesTo = (accountNumber: string) =>
  agreed(noon, (w) =>
    proposeIncomeAccount(
      w,
      { currency: 'UZS', accountNumber },
      { fits: true, holder: 'NAMUNA BANK' },
    ),
  )
await incomeGoesTo('1'.repeat(20))
const given = (partnerId: PartnerId, accountNumber = '2'.repeat(20)) =>
  at(noon, (w) =>
    giveMandate(
      w,
      partnerId,
      { currency: 'UZS', accountNumber, holderId: '900000101' },
      { fits: true, holder: 'ANOR MCHJ' },
    ),
  )
const issued = async () => {
  const partner = await billedPartner(db, agreed, { now: noon })
  await partner.calls(10, noon)
  await partner.calls(5, noon, { operation: 'listTransactions' })
  const [draft] = await at(closing, (w) =>
    draftMonth(w, partner.partnerId, november, { bankName: 'Namuna', zone }),
  )
  assert.ok(draft)
  await agreed(closing, (w) => proposeIssue(w, draft.id))
  return { ...partner, id: draft.id }
}
const paidOf = async (id: Awaited<ReturnType<typeof issued>>['id']) =>
  (await findInvoice(db, id))?.paidMinor

test('what is due is collected once by a mandate that two people agreed to, and never before its day', async () => {
  const { id, partnerId } = await issued()
  const bank = bankThat(() => ({ status: 'booked', reasonCode: null }))
  const mandate = await given(partnerId)
  await running(due, bank)
  assert.equal(bank.taken.size, 0, 'nobody has agreed to it')
  await agreed(noon, (w) => proposeMandate(w, mandate.id))
  await running(closing.add({ hours: 24 * 29 }), bank)
  assert.equal(bank.taken.size, 0, 'it is not due')

  await Promise.all([running(due, bank), running(due, bank), running(due, bank)])
  await running(due.add({ hours: 1 }), bank)
  // 10 × 36 + 5 × 60, and 12 % of tax.
  assert.deepEqual([...bank.taken.values()], [739_20n])
  assert.equal(await paidOf(id), 739_20n)
  assert.equal((await findInvoice(db, id))?.status, 'paid')
  assert.deepEqual(await outOfBalance(db), [])
  await at(noon, (w) => endMandate(w, { partnerId, id: mandate.id }))
})

test('an account that held too little is tried again after three days, three times in all; one that is gone is not', async () => {
  const { id, partnerId } = await issued()
  const mandate = await given(partnerId)
  await agreed(noon, (w) => proposeMandate(w, mandate.id))
  const poor = bankThat(() => ({ status: 'rejected', reasonCode: 'AM04' }))
  for (let day = 0; day < 14; day++) await running(due.add({ hours: 24 * day }), poor)
  const tries = await collected.collections(db, { invoiceId: id })
  assert.deepEqual(
    tries.map((c) => [c.status, c.reasonCode]),
    Array.from({ length: 3 }, () => ['rejected', 'AM04']),
  )
  assert.equal(await paidOf(id), 0n)
  const gone = { status: 'rejected' as const, reasonCode: 'AC04', toldAt: due }
  assert.equal(mayTry([gone], due.add({ hours: 24 * 30 })), false)
})

test('a disputed amount is not collected, and what the bank has not said stays open under the same id', async () => {
  const { id, partnerId } = await issued()
  const mandate = await given(partnerId)
  await agreed(noon, (w) => proposeMandate(w, mandate.id))
  await at(closing, (w) =>
    openDispute(w, { partnerId, id }, { section: 0, n: 0, amount: '100.00', reason: 'not ours' }),
  )
  const silent = bankThat(() => ({ status: 'open', reasonCode: null }))
  await running(due, silent)
  const [open] = await collected.collections(db, { invoiceId: id })
  assert.deepEqual([open?.status, open?.amountMinor], ['asked', 739_20n - 112_00n])

  const bank = bankThat(() => ({ status: 'booked', reasonCode: null }))
  await running(due.add({ hours: 1 }), bank)
  assert.deepEqual([...bank.taken], [[open?.id, 627_20n]])
  assert.equal(await paidOf(id), 627_20n)
})

test('what was paid otherwise while a collection was under way is owed back, not lost', async () => {
  const { id, partnerId } = await issued()
  const mandate = await given(partnerId)
  await agreed(noon, (w) => proposeMandate(w, mandate.id))
  await running(
    due,
    bankThat(() => ({ status: 'open', reasonCode: null })),
  )
  await at(due, (w) => recordPayment(w, id, { amount: '500.00', reference: 'BY-HAND' }))
  await running(
    due,
    bankThat(() => ({ status: 'booked', reasonCode: null })),
  )
  assert.equal(await paidOf(id), 739_20n)
  assert.deepEqual(await balanceOf(db, payableOf(partnerId)), [
    { currency: 'UZS', minor: -500_00n },
  ])
  assert.deepEqual(await outOfBalance(db), [])
})

test('an account that is gone stands in the way of itself alone, until somebody looked at it', async () => {
  const { id, partnerId } = await issued()
  const first = await given(partnerId)
  await agreed(noon, (w) => proposeMandate(w, first.id))
  const shut = '2'.repeat(20)
  const bank = bankThat(({ from }) =>
    from === shut
      ? { status: 'rejected', reasonCode: 'AC04' }
      : { status: 'booked', reasonCode: null },
  )
  const tries = async () =>
    (await collected.collections(db, { invoiceId: id })).map((c) => c.reasonCode)
  await running(due, bank)
  await running(due.add({ hours: 24 * 40 }), bank)
  assert.deepEqual(await tries(), ['AC04'])

  await at(due, (w) => tryAgain(w, id))
  await running(due.add({ hours: 24 * 40 }), bank)
  assert.deepEqual(await tries(), ['AC04', 'AC04'])

  const second = await given(partnerId, '3'.repeat(20))
  await agreed(noon, (w) => proposeMandate(w, second.id))
  await running(due.add({ hours: 24 * 40 }), bank)
  assert.deepEqual(await tries(), [null, 'AC04', 'AC04'])
  assert.equal(await paidOf(id), 739_20n)
  await at(noon, (w) => tryAgain(w, id))
  await assert.rejects(
    at(noon, (w) => tryAgain(w, id)),
    { code: 'billing/nothing-rejected' },
  )
})

test('a wrong account of the bank’s own stops nothing any more once it is put right', async () => {
  const { id, partnerId } = await issued()
  const mandate = await given(partnerId)
  await agreed(noon, (w) => proposeMandate(w, mandate.id))
  const fit = (why: 'no-account' | 'other-currency') =>
    at(noon, (w) =>
      proposeIncomeAccount(
        w,
        { currency: 'UZS', accountNumber: '9'.repeat(20) },
        { fits: false, why },
      ),
    )
  for (const why of ['no-account', 'other-currency'] as const)
    await assert.rejects(fit(why), { code: 'billing/income-account-refused' })

  const bank = bankThat(({ to }) =>
    to === '9'.repeat(20)
      ? { status: 'rejected', reasonCode: 'AC09' }
      : { status: 'booked', reasonCode: null },
  )
  await incomeGoesTo('9'.repeat(20))
  await running(due, bank)
  assert.equal(await paidOf(id), 0n)
  await incomeGoesTo('1'.repeat(20))
  await running(due.add({ hours: 1 }), bank)
  assert.equal(await paidOf(id), 739_20n)
})

test('the bank is told when a mandate has ended, and asked to its end about what was under way', async () => {
  const { id, partnerId } = await issued()
  const mandate = await given(partnerId)
  await agreed(noon, (w) => proposeMandate(w, mandate.id))
  const asked: boolean[] = []
  const bank = bankThat(({ maySend }) => {
    asked.push(maySend)
    return maySend
      ? { status: 'open', reasonCode: null }
      : { status: 'rejected', reasonCode: 'MD01' }
  })
  await running(due, bank)
  await at(due, (w) => endMandate(w, { partnerId, id: mandate.id }))
  await running(due.add({ hours: 1 }), bank)
  await running(due.add({ hours: 2 }), bank)
  assert.deepEqual(asked, [true, false])
  const [told] = await collected.collections(db, { invoiceId: id })
  assert.deepEqual([told?.status, told?.reasonCode], ['rejected', 'MD01'])
})
