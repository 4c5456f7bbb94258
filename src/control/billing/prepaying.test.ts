import assert from 'node:assert/strict'
import { test } from 'node:test'
import { billedPartner } from '#test/billed-partner.ts'
import { bankDocuments } from '#test/documents.ts'
import { approvedByTwo } from '#test/two-people.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { type Work, work } from '#journal/index.ts'
import { appliers as contractAppliers } from '#control/contracts/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { seedControl } from '#control/seed.ts'
import { contentOf } from './issuing.ts'
import { draftMonth } from './drafting.ts'
import {
  appliers,
  balanceOf,
  bounds,
  differencesIn,
  findInvoice,
  monthNamed,
  outOfBalance,
  proposeIssue,
} from './index.ts'
import { prepaidOf } from './ledger.ts'
import { leftOf, PrepaidAsked } from './prepaid.ts'
import { breakPrepaid, prepaidCredits, proposePrepaid } from './prepaying.ts'

const db = (await freshDatabase('control')).as('control')
await seedControl(db, noon, { documents: bankDocuments() })
const zone = 'Asia/Tashkent'
const [november, december] = [monthNamed('2026-11', zone), monthNamed('2026-12', zone)]
const closing = (month: typeof november) => bounds(month).to.add({ hours: 73 })
const agreed = approvedByTwo(db, new Map(Object.entries({ ...appliers, ...contractAppliers })))
const at = <T>(now: Temporal.Instant, body: (w: Work) => Promise<T>) =>
  work(db, 'system', now, body)

const granted = (partnerId: PartnerId, over: Partial<PrepaidAsked>) =>
  agreed(noon, (w) =>
    proposePrepaid(
      w,
      partnerId,
      PrepaidAsked.parse({
        title: 'Paid ahead',
        currency: 'UZS',
        amount: '500',
        source: 'given',
        ...over,
      }),
    ),
  )
const drafted = async (partnerId: PartnerId, month: typeof november, now = closing(month)) => {
  const [draft] = await at(now, (w) =>
    draftMonth(w, partnerId, month, { bankName: 'Namuna', zone }),
  )
  assert.ok(draft)
  assert.deepEqual(differencesIn(contentOf(draft)), [])
  return draft
}
const creditLines = async (id: Awaited<ReturnType<typeof drafted>>['id']) => {
  const invoice = await findInvoice(db, id)
  assert.ok(invoice)
  return contentOf(invoice)
    .sections.flatMap((s) => s.lines)
    .filter((l) => l.kind === 'credit')
    .map((l) => [l.title, l.amount])
}
const leftIn = async (partnerId: PartnerId) =>
  (await prepaidCredits(db, { partnerId })).map((p) => [p.title, leftOf(p)])

test('credits pay before tax, by priority and end, once in all months together; what was paid ahead becomes revenue then', async () => {
  const { partnerId, calls } = await billedPartner(db, agreed, { now: noon })
  await granted(partnerId, { title: 'Later', amount: '1000', source: 'paid', reference: 'P-1' })
  await granted(partnerId, { title: 'Sooner', amount: '200', expiresAt: '2026-12-10T00:00:00Z' })
  await calls(20, noon)
  const first = await drafted(partnerId, november)
  // 20 × 36 = 720, less 200 and 520; nothing is left to tax.
  assert.deepEqual(await creditLines(first.id), [
    ['Sooner', '-200.00'],
    ['Later', '-520.00'],
  ])
  assert.deepEqual([first.netMinor, first.taxMinor], [0n, 0n])
  await agreed(closing(november), (w) => proposeIssue(w, first.id))
  assert.deepEqual(await leftIn(partnerId), [
    ['Later', 480_00n],
    ['Sooner', 0n],
  ])
  const balance = async () => (await balanceOf(db, prepaidOf(partnerId)))[0]?.minor
  assert.equal(await balance(), -480_00n)

  // A call of November that is told of late draws on what is left, and December on what that leaves.
  await calls(5, noon)
  await calls(20, bounds(december).from)
  const second = await drafted(partnerId, december)
  assert.deepEqual(await creditLines(second.id), [['Later', '-480.00']])
  assert.equal(second.netMinor, (20n + 5n) * 36_00n - 480_00n)
  const late = await drafted(partnerId, november, closing(december))
  assert.equal(late.netMinor, 0n)
  await agreed(closing(december), (w) => proposeIssue(w, second.id))
  await assert.rejects(
    at(closing(december), (w) => proposeIssue(w, late.id)),
    { code: 'billing/wrong-step' },
  )
  assert.equal(await balance(), 0n)
  assert.deepEqual(await outOfBalance(db), [])
})

test('what is left when no invoice can draw on it any more is the bank’s, once', async () => {
  const { partnerId } = await billedPartner(db, agreed, { now: noon })
  const expiresAt = '2026-12-01T00:00:00Z'
  await granted(partnerId, { amount: '70', source: 'paid', reference: 'P-2', expiresAt })
  const end = Temporal.Instant.from(expiresAt)
  assert.equal(await breakPrepaid(db, end.add({ hours: 24 * 121 })), 0)
  const over = end.add({ hours: 24 * 123 })
  const runs = await Promise.all([breakPrepaid(db, over), breakPrepaid(db, over)])
  assert.equal(runs[0] + runs[1], 1)
  assert.deepEqual(await leftIn(partnerId), [['Paid ahead', 0n]])
  assert.equal((await balanceOf(db, prepaidOf(partnerId)))[0]?.minor, 0n)
})

test('a credit waits for the drafts that may draw on it, is ended once, and is looked at no more when it is used up', async () => {
  const { partnerId, calls } = await billedPartner(db, agreed, { now: noon })
  const expiresAt = '2026-11-30T00:00:00Z'
  await granted(partnerId, {
    title: 'Small',
    amount: '100',
    source: 'paid',
    reference: 'P-4',
    expiresAt,
  })
  await granted(partnerId, {
    amount: '1000',
    source: 'paid',
    reference: 'P-5',
    priority: 1,
    expiresAt,
  })
  await calls(20, noon)
  const draft = await drafted(partnerId, november)
  const balance = async () => (await balanceOf(db, prepaidOf(partnerId)))[0]?.minor
  const over = Temporal.Instant.from(expiresAt).add({ hours: 24 * 200 })
  const ours = async () =>
    (await prepaidCredits(db, { partnerId, overAt: over })).map((p) => [p.title, leftOf(p)])
  assert.equal(await breakPrepaid(db, over), 0)
  assert.deepEqual(await ours(), [])

  const [ended] = await Promise.all([
    breakPrepaid(db, over),
    agreed(over, (w) => proposeIssue(w, draft.id)),
  ])
  // 720 were drawn of 1,100: of what is left nothing is drawn, and nothing is taken twice.
  if (ended === 0) assert.deepEqual(await ours(), [['Paid ahead', 380_00n]])
  assert.equal(ended + (await breakPrepaid(db, over)), 1)
  assert.equal(await balance(), 0n)
  assert.deepEqual(await ours(), [])
  assert.deepEqual(await outOfBalance(db), [])
})

test('a payment pays for one thing, and a credit that cannot be right is refused', async () => {
  const { partnerId } = await billedPartner(db, agreed, { now: noon })
  await granted(partnerId, { source: 'paid', reference: 'P-3' })
  await assert.rejects(granted(partnerId, { source: 'paid', reference: 'P-3' }), {
    code: 'billing/prepaid-refused',
  })
  for (const wrong of [
    { amount: '0' },
    { amount: '1.234' },
    { currency: 'XXQ' },
    { source: 'paid' as const },
    { expiresAt: '2020-01-01T00:00:00Z' },
  ])
    await assert.rejects(granted(partnerId, wrong), { code: 'billing/prepaid-refused' })
})
