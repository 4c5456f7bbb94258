import assert from 'node:assert/strict'
import { test } from 'node:test'
import { billedPartner } from '#test/billed-partner.ts'
import { bankDocuments } from '#test/documents.ts'
import { approvedByTwo } from '#test/two-people.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { work } from '#journal/index.ts'
import { decideChange, listChanges } from '#control/approvals/index.ts'
import { contentsOf, factsOf, monthNamed } from '#control/billing/index.ts'
import {
  appliers as catalogueAppliers,
  newestPrices,
  proposePrices,
} from '#control/catalogue/index.ts'
import {
  appliers as contractAppliers,
  countersignContract,
  listContracts,
  proposeAmendment,
  signContract,
} from '#control/contracts/index.ts'
import { PriceTerms } from '#control/rating/index.ts'
import { seedControl } from '#control/seed.ts'
import { listStaff } from '#control/staff/index.ts'
import {
  cliffsOf,
  costAsAgreed,
  costUnder,
  guardedPrices,
  keepReplay,
  margins,
  outlookOf,
  replayPrices,
  setUnitCosts,
} from './index.ts'
import { previewOf, previewOfOffer } from './preview.ts'

const db = (await freshDatabase('control')).as('control')
await seedControl(db, noon, { documents: bankDocuments() })
const zone = 'Asia/Tashkent'
const november = monthNamed('2026-11', zone)
const today = Temporal.PlainDate.from('2026-11-22')
const agreed = approvedByTwo(
  db,
  new Map(
    Object.entries({
      ...contractAppliers,
      'catalogue.prices': guardedPrices(catalogueAppliers['catalogue.prices']),
    }),
  ),
)
const list = await newestPrices(db)
assert.ok(list)
const dearer = {
  id: '2027-01',
  currency: list.currency,
  unitPrices: { ...list.unitPrices, getBalances: '50', listTransactions: '10' },
  terms: list.terms,
}

test('what a month costs as agreed is what its invoice says; under the same prices it costs the same', async () => {
  const { partnerId, calls } = await billedPartner(db, agreed, { now: noon, tier: 'Silver' })
  await calls(7, noon)
  const facts = await factsOf(db, partnerId, november)
  const [content] = await contentsOf(db, partnerId, november, { bankName: 'Namuna', zone })
  const cost = costAsAgreed(facts, 'UZS')
  assert.equal(cost.minor, BigInt((content?.totals.net ?? '').replace('.', '')))
  assert.equal(costUnder(facts, { prices: list, tier: 'Silver' }).minor, cost.minor)
  // 7 × (50 − 36), and no fee in Bronze.
  const other = costUnder(facts, { prices: { ...dearer, publishedAt: noon }, tier: 'Bronze' })
  assert.equal(other.minor, 35_000n)
})

test('a list is published only after it was tried on everybody, and these very prices', async () => {
  const loser = await billedPartner(db, agreed, { now: noon })
  await loser.calls(10, noon)
  const winner = await billedPartner(db, agreed, { now: noon })
  await winner.calls(10, noon, { operation: 'listTransactions' })
  await billedPartner(db, agreed, { now: noon })
  const report = await replayPrices(db, dearer, { months: [november], today })
  const moved = new Map(report.moved.map((m) => [m.partnerId, m.difference]))
  assert.equal(moved.get(loser.partnerId), '140.00')
  assert.equal(moved.get(winner.partnerId), '-500.00')
  assert.deepEqual(
    [report.winners, report.losers, report.partners - report.unchanged],
    [1, 2, 3],
    'and the one of the test before',
  )
  assert.equal(report.losersFrom, '2027-01-21')

  const publish = () => agreed(noon, (w) => proposePrices(w, dearer, 'new year'))
  await assert.rejects(publish(), { code: 'forecast/replay-missing' })
  const other = { ...dearer, unitPrices: { ...dearer.unitPrices, getBalances: '51' } }
  await work(db, 'system', noon, (w) => keepReplay(w, other, report))
  await work(db, 'system', noon.subtract({ hours: 8 * 24 }), (w) => keepReplay(w, dearer, report))
  const [open] = (await listChanges(db, {})).filter((c) => c.status === 'proposed')
  assert.ok(open, 'the first proposal still waits')
  const head = (await listStaff(db)).find((s) => s.roles.includes('head-of-platform'))
  assert.ok(head)
  const decide = () =>
    work(db, `staff:${head.id}`, noon, (w) =>
      decideChange(
        w,
        new Map([['catalogue.prices', guardedPrices(catalogueAppliers['catalogue.prices'])]]),
        { id: open.id, decision: 'approve', hash: open.hash, reason: '' },
      ),
    )
  await assert.rejects(
    decide(),
    { code: 'forecast/replay-missing' },
    'another list, and too long ago',
  )
  await work(db, 'system', noon, (w) => keepReplay(w, dearer, report))
  assert.equal((await decide()).status, 'applied')
  assert.equal((await newestPrices(db))?.id, '2027-01')
})

test('a month under prices that were agreed afterwards is replayed as it is billed', async () => {
  const begun = Temporal.Instant.from('2026-09-01T00:00:00Z')
  const validFrom = Temporal.Instant.from('2026-10-25T00:00:00Z')
  const { partnerId, contract, calls } = await billedPartner(db, agreed, { now: begun })
  const of = { operation: 'listTransactions' }
  await calls(3, validFrom.subtract({ hours: 24 }), of)
  await calls(20, validFrom.add({ hours: 24 }), of)
  const afterwards = { priceVersion: dearer.id, validFrom, early: 'agreed' } as const
  await agreed(noon, (w) => proposeAmendment(w, contract.id, afterwards, 'Namuna'))
  const [{ id, documentSha256 } = contract] = await listContracts(db, { partnerId })
  await work(db, 'system', noon, (w) => signContract(w, { partnerId, id }, documentSha256))
  await work(db, 'system', noon, (w) => countersignContract(w, id, documentSha256))
  const unitPrices = { ...dearer.unitPrices, listTransactions: '7' }
  const months = [monthNamed('2026-10', zone)]

  const report = await replayPrices(db, { ...dearer, id: '2027-02', unitPrices }, { months, today })

  const own = report.moved.find((m) => m.partnerId === partnerId)
  // Three calls at 60 and twenty at 10, which the gateway had stamped for 60; then all of them at 7.
  assert.deepEqual([own?.before, own?.after], ['380.00', '161.00'])
  const [content] = await contentsOf(db, partnerId, months[0] ?? november, {
    bankName: 'Namuna',
    zone,
  })
  assert.equal(content?.totals.net, own?.before)
})

test('an edge at which one unit more is cheaper is told, and one at which it is not is none', () => {
  const tiers = [
    { upTo: '100', unit: '10' },
    { upTo: '200', unit: '9.95' },
    { upTo: null, unit: '5' },
  ]
  const terms = (model: string) =>
    PriceTerms.parse({
      charges: [{ id: 'calls', title: 'Calls', counts: ['getBalances'], price: { model, tiers } }],
    })
  assert.deepEqual(
    cliffsOf({ currency: 'UZS', terms: terms('volume') }).map((c) => [c.at, c.before, c.after]),
    [['200', '1990.00', '1005.00']],
  )
  assert.deepEqual(cliffsOf({ currency: 'UZS', terms: terms('graduated') }), [])
})

test('a month goes on as it began: calls are scaled, fees are not', async () => {
  const { partnerId, calls } = await billedPartner(db, agreed, { now: noon, tier: 'Silver' })
  const begun = Temporal.Instant.from('2026-11-30T19:00:00Z')
  const day = begun.add({ hours: 24 })
  await calls(31, begun.add({ hours: 2 }))
  const [outlook] = await outlookOf(db, partnerId, monthNamed('2026-12', zone), day)
  // 31 calls on the first of 31 days: 961 of them, and 4 500 000 whatever happens.
  assert.deepEqual([outlook?.soFar, outlook?.expected], ['4501116.00', '4534596.00'])
})

test('an offer is previewed by the last month’s use, and where there was none by this month’s as it goes on', async () => {
  const prices = await newestPrices(db)
  assert.ok(prices)
  const plan = { prices, tier: 'Silver' }
  const begun = Temporal.Instant.from('2026-11-30T19:00:00Z')
  const asked = { now: begun.add({ hours: 24 }), zone }
  const old = await billedPartner(db, agreed, { now: noon, tier: 'Silver' })
  await old.calls(7, noon)
  await old.calls(90, begun.add({ hours: 2 }))
  const young = await billedPartner(db, agreed, { now: noon, tier: 'Silver' })
  await young.calls(31, begun.add({ hours: 2 }))

  const last = await previewOfOffer(db, old.partnerId, plan, asked)
  const expected = await previewOfOffer(db, young.partnerId, plan, asked)
  const soFar = await previewOf(db, young.partnerId, monthNamed('2026-12', zone), plan)

  assert.deepEqual([last.month, last.expected, last.from], ['2026-11', false, 'production'])
  assert.deepEqual([expected.month, expected.expected], ['2026-12', true])
  const usedOf = ({ lines }: typeof soFar) => Number(lines[0]?.amount)
  assert.equal(usedOf(expected), usedOf(soFar) * 31)
})

test('an operation earns its revenue less what it costs, exactly', async () => {
  await work(db, 'system', noon, (w) =>
    setUnitCosts(w, [{ operation: 'getPayment', cost: '0.3333' }]),
  )
  const { partnerId, calls } = await billedPartner(db, agreed, { now: noon })
  await calls(3, noon, { operation: 'getPayment', product: 'payments' })
  const span = { from: noon.subtract({ hours: 24 }), to: noon.add({ hours: 24 }) }
  const rows = await margins(db, { partnerId, ...span })
  assert.deepEqual(
    rows.map((r) => [r.operation, r.revenue, r.cost]),
    [['getPayment', '66', '0.9999']],
  )
})
