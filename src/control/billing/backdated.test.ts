import assert from 'node:assert/strict'
import { test } from 'node:test'
import { billedPartner } from '#test/billed-partner.ts'
import { bankDocuments } from '#test/documents.ts'
import { approvedByTwo } from '#test/two-people.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { work } from '#journal/index.ts'
import {
  appliers as catalogueAppliers,
  newestPrices,
  proposePrices,
} from '#control/catalogue/index.ts'
import {
  type Amendment,
  appliers as contractAppliers,
  type Contract,
  contractPeriods,
  countersignContract,
  findContract,
  listContracts,
  proposeAmendment,
  proposeOffer,
  ruleAt,
  signContract,
  standingContracts,
  statusAt,
} from '#control/contracts/index.ts'
import { seedControl } from '#control/seed.ts'
import {
  appliers,
  type Content,
  contentsOf,
  differencesIn,
  draftMonth,
  monthNamed,
  proposeIssue,
} from './index.ts'

const db = (await freshDatabase('control')).as('control')
await seedControl(db, noon, { documents: bankDocuments() })
const zone = 'Asia/Tashkent'
const billing = { bankName: 'Namuna', zone }
const agreed = approvedByTwo(
  db,
  new Map(Object.entries({ ...appliers, ...contractAppliers, ...catalogueAppliers })),
)
const at = (text: string) => Temporal.Instant.from(text)
const list = await newestPrices(db)
assert.ok(list)
const before = Number(list.unitPrices['listTransactions'])
assert.ok(before > 0)
const unitPrices = { ...list.unitPrices, listTransactions: String(before / 2) }
const { currency, terms } = list
await agreed(noon, (w) =>
  proposePrices(w, { id: '2026-11.2', currency, unitPrices, terms }, 'half of it'),
)
const quarter = { ...unitPrices, listTransactions: String(before / 4) }
await agreed(noon, (w) =>
  proposePrices(w, { id: '2026-11.4', currency, unitPrices: quarter, terms }, 'a quarter of it'),
)

const begun = at('2026-09-01T00:00:00Z')
const since = at('2026-10-20T00:00:00Z')
const closing = at('2026-11-05T12:00:00Z')

const underContract = async (now = begun) => {
  const partner = await billedPartner(db, agreed, { now })
  const { partnerId, contract } = partner
  const amend = (amendment: Amendment) =>
    work(db, 'system', closing, (w) => proposeAmendment(w, contract.id, amendment, 'Namuna'))
  /** What two people propose, signed by both sides. */
  const signed = async (now: Temporal.Instant, propose: Parameters<typeof agreed>[1]) => {
    await agreed(now, propose)
    const [{ id, documentSha256 } = contract] = await listContracts(db, { partnerId })
    await work(db, 'system', now, (w) => signContract(w, { partnerId, id }, documentSha256))
    await work(db, 'system', now, (w) => countersignContract(w, id, documentSha256))
    return id
  }
  /** Other prices from an instant that is over. */
  const corrected = (
    of: Contract['id'],
    { now, ...prices }: Record<'validFrom' | 'now', Temporal.Instant> & { priceVersion: string },
  ) => signed(now, (w) => proposeAmendment(w, of, prices, 'Namuna'))
  const issue = async (month: string, now: Temporal.Instant) => {
    const [draft] = await work(db, 'system', now, (w) =>
      draftMonth(w, partnerId, monthNamed(month, zone), billing),
    )
    assert.ok(draft)
    await agreed(now, (w) => proposeIssue(w, draft.id))
  }
  const content = async (month: string): Promise<readonly Content[]> => {
    const contents = await contentsOf(db, partnerId, monthNamed(month, zone), billing)
    for (const one of contents)
      assert.deepEqual(differencesIn(one), [], 'whoever computes it again comes to the same')
    return contents
  }
  return { ...partner, amend, signed, corrected, issue, content }
}

/** What each contract is billed of one operation, by month. */
const billed = (contents: readonly Content[]) =>
  contents
    .flatMap(({ sections }) => sections)
    .flatMap(({ contractId, period, lines }) =>
      lines
        .filter((l) => l.kind === 'usage' && l.title === 'listTransactions')
        .map((l) => [period.start.slice(0, 7), contractId, Number(l.amount), l.taxPercent]),
    )

test('prices that both sides let rule a time that is over lead to lines of the difference, once, and with its tax', async () => {
  const { partnerId, contract, calls, corrected, issue, content } = await underContract()
  const of = { operation: 'listTransactions' }
  await calls(10, at('2026-10-10T10:00:00Z'), of)
  await calls(20, at('2026-10-25T10:00:00Z'), of)
  await issue('2026-10', closing)
  await calls(2, at('2026-11-04T10:00:00Z'), of)

  const half = { priceVersion: '2026-11.2', validFrom: since, now: closing }
  const id = await corrected(contract.id, half)
  await calls(4, closing, { ...of, contractId: id, priceVersion: '2026-11.2' })

  const november = await content('2026-11')
  const tax = billed(november)[0]?.[3]
  assert.deepEqual(billed(november), [
    ['2026-11', id, (6 * before) / 2, tax],
    ['2026-10', id, (20 * before) / 2, tax],
    ['2026-10', contract.id, -20 * before, tax],
  ])
  const known = closing.subtract({ hours: 1 })
  assert.equal((await ruleAt(db, partnerId, { at: since, known }))?.contractId, contract.id)
  assert.equal((await ruleAt(db, partnerId, { at: since, known: closing }))?.contractId, id)
  await issue('2026-11', at('2026-12-05T12:00:00Z'))
  assert.deepEqual(billed(await content('2026-12')), [], 'nothing is given back twice')
})

test('a correction that is corrected from the same hour is billed by the last, and given back as it was billed', async () => {
  const { contract, calls, corrected, issue, content } = await underContract()
  const of = { operation: 'listTransactions' }
  await calls(10, at('2026-10-25T10:00:00Z'), of)
  const half = { priceVersion: '2026-11.2', validFrom: since, now: closing }
  const first = await corrected(contract.id, half)
  await calls(4, closing, { ...of, contractId: first, priceVersion: '2026-11.2' })
  await issue('2026-10', closing)
  const later = closing.add({ hours: 24 })
  const second = await corrected(first, { priceVersion: '2026-11.4', validFrom: since, now: later })

  const november = await content('2026-11')

  const tax = billed(november)[0]?.[3]
  assert.equal(tax, '12')
  assert.deepEqual(billed(november), [
    ['2026-11', second, (4 * before) / 4, tax],
    ['2026-10', second, (10 * before) / 4, tax],
    ['2026-10', first, (-10 * before) / 2, tax],
  ])
  await issue('2026-11', at('2026-12-05T12:00:00Z'))
  assert.deepEqual(billed(await content('2026-12')), [], 'nothing is given back twice')
})

test('a contract that is corrected from its own first hour is billed by the correction, and its own bill is given back', async () => {
  const { contract, calls, corrected, issue, content } = await underContract(since)
  const of = { operation: 'listTransactions' }
  await calls(20, at('2026-10-25T10:00:00Z'), of)
  await issue('2026-10', closing)
  await calls(2, at('2026-11-04T10:00:00Z'), of)

  const half = { priceVersion: '2026-11.2', validFrom: since, now: closing }
  const id = await corrected(contract.id, half)

  assert.deepEqual(billed(await content('2026-11')), [
    ['2026-11', id, (2 * before) / 2, '12'],
    ['2026-10', id, (20 * before) / 2, '12'],
    ['2026-10', contract.id, -20 * before, '12'],
  ])
})

test('terms that both signed for a day ahead come on it, whatever was corrected or changed before', async () => {
  const { partnerId, contract, signed, corrected } = await underContract()
  const january = at('2027-01-01T00:00:00Z')
  const ahead = await signed(closing, (w) =>
    proposeAmendment(w, contract.id, { priceVersion: '2026-11.2', validFrom: january }, 'Namuna'),
  )
  const quarterNow = { priceVersion: '2026-11.4', validFrom: since, now: closing }
  const fix = await corrected(contract.id, quarterNow)
  const soon = closing.add({ hours: 24 })
  const wider = await signed(soon, (w) =>
    proposeAmendment(w, fix, { products: ['accounts', 'payments', 'cards'] }, 'Namuna'),
  )
  const ruling = async (instant: Temporal.Instant) =>
    (await ruleAt(db, partnerId, { at: instant, known: soon }))?.contractId

  assert.equal(await ruling(since.subtract({ seconds: 1 })), contract.id)
  assert.equal(await ruling(since), fix)
  assert.equal(await ruling(january.subtract({ seconds: 1 })), wider)
  assert.equal(await ruling(january), ahead)
  const [waits, until] = [await findContract(db, ahead), await findContract(db, wider)]
  assert.ok(waits && until)
  assert.deepEqual([waits.status, waits.activeFrom, waits.endsAt], ['agreed', january, null])
  assert.deepEqual([until.status, until.endsAt], ['active', january])
  assert.equal(statusAt(waits, january), 'active')
  const standing = async (now: Temporal.Instant) =>
    (await standingContracts(db, now, partnerId)).get(partnerId)?.id
  assert.deepEqual([await standing(soon), await standing(january)], [wider, ahead])
  assert.deepEqual(
    (await contractPeriods(db, partnerId)).map((c) => [c.contractId, c.endsAt]),
    [
      [wider, january],
      [fix, soon],
      [ahead, null],
      [contract.id, since],
    ],
  )
})

test('another agreement takes the place of all that was agreed, terms that waited included', async () => {
  const { partnerId, contract, signed } = await underContract()
  const january = at('2027-01-01T00:00:00Z')
  const ahead = await signed(closing, (w) =>
    proposeAmendment(w, contract.id, { priceVersion: '2026-11.2', validFrom: january }, 'Namuna'),
  )
  const products = ['accounts', 'payments']
  const offer = { partnerId, tier: 'Bronze', products, priceVersion: '2026-11.4' }

  const other = await signed(closing, (w) => proposeOffer(w, offer, 'Namuna'))

  assert.equal((await findContract(db, ahead))?.status, 'withdrawn')
  const rule = await ruleAt(db, partnerId, { at: january, known: closing })
  assert.deepEqual([rule?.contractId, rule?.validTo], [other, null])
})

test('of a time that is over only prices change, from a whole hour, and not from long ago', async () => {
  const { amend } = await underContract()
  const cheaper = { priceVersion: '2026-11.2' }
  for (const [amendment, why] of [
    [{ ...cheaper, validFrom: closing.subtract({ hours: 24 * 32 }) }, /31 days/],
    [{ ...cheaper, validFrom: since.add({ minutes: 1 }) }, /whole one/],
    [{ ...cheaper, tier: 'Gold', validFrom: since }, /nothing else/],
    [{ products: ['accounts'], validFrom: since }, /nothing else/],
  ] as const)
    await assert.rejects(amend(amendment), (error: unknown) => {
      assert.match(String(Object(error).message), why)
      return Object(error).code === 'contracts/offer-refused'
    })
})

test('higher prices are told as long ahead as the contract promises, unless it is said why not; lower ones come at once', async () => {
  const { contract } = await billedPartner(db, agreed, { now: begun, priceVersion: '2026-11.2' })
  const { contract: dear } = await billedPartner(db, agreed, { now: begun })
  const amend = (id: typeof contract.id, amendment: Amendment) =>
    work(db, 'system', closing, (w) => proposeAmendment(w, id, amendment, 'Namuna'))
  const days = (n: number) => closing.add({ hours: 24 * n })
  const higher = { priceVersion: '2026-11' }

  for (const validFrom of [undefined, since, days(59)])
    await assert.rejects(amend(contract.id, { ...higher, validFrom }), {
      code: 'contracts/notice-too-short',
    })
  const told = await amend(contract.id, { ...higher, validFrom: days(60) })
  assert.equal(told.status, 'proposed')
  const { contract: another } = await billedPartner(db, agreed, {
    now: begun,
    priceVersion: '2026-11.2',
  })
  const wanted = await amend(another.id, { ...higher, early: 'agreed' })
  assert.match(JSON.stringify(wanted.after), /"early":"agreed"/, 'two people read why')
  assert.equal((await amend(dear.id, { priceVersion: '2026-11.2' })).status, 'proposed')
})

test('notice is counted from when the partner is told, not from when somebody proposed it', async () => {
  const days = (n: number) => closing.add({ hours: 24 * n })
  /** Proposed at once, approved by a second person 71 hours later. */
  const approved = async (amendment: Amendment) => {
    const partner = await billedPartner(db, agreed, { now: begun, priceVersion: '2026-11.2' })
    const { partnerId, contract } = partner
    const higher = { priceVersion: '2026-11', ...amendment }
    const change = agreed(closing.add({ hours: 71 }), (w) =>
      proposeAmendment({ ...w, now: closing }, contract.id, higher, 'Namuna'),
    )
    const code = await change.then(
      () => 'offered',
      (error: unknown) => String(Object(error).code),
    )
    return [code, (await listContracts(db, { partnerId })).length]
  }

  assert.deepEqual(await approved({ validFrom: days(60) }), ['contracts/notice-too-short', 1])
  assert.deepEqual(await approved({ validFrom: days(63) }), ['offered', 2])
  assert.deepEqual(await approved({ validFrom: days(60), early: 'agreed' }), ['offered', 2])
})
