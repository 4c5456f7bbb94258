import assert from 'node:assert/strict'
import { test } from 'node:test'
import { billedPartner } from '#test/billed-partner.ts'
import { bankDocuments } from '#test/documents.ts'
import { approvedByTwo } from '#test/two-people.ts'
import { freshDatabase, noon } from '#test/world.ts'
import {
  appliers as catalogueAppliers,
  newestPrices,
  proposePrices,
} from '#control/catalogue/index.ts'
import { appliers as contractAppliers } from '#control/contracts/index.ts'
import { noTerms, termsFaults } from '#control/rating/index.ts'
import { seedControl } from '#control/seed.ts'
import { appliers, contentsOf, differencesIn, monthNamed } from './index.ts'

const db = (await freshDatabase('control')).as('control')
await seedControl(db, noon, { documents: bankDocuments() })
const zone = 'Asia/Tashkent'
const agreed = approvedByTwo(
  db,
  new Map(Object.entries({ ...appliers, ...contractAppliers, ...catalogueAppliers })),
)

test('a call is of the month in which the contract’s own zone has it, and of one month only', async () => {
  const list = await newestPrices(db)
  assert.ok(list)
  const { currency, unitPrices } = list
  const terms = { ...noTerms, zone: 'America/New_York' }
  await agreed(noon, (w) =>
    proposePrices(w, { id: '2026-11.2', currency, unitPrices, terms }, 'partners overseas'),
  )
  const now = Temporal.Instant.from('2026-10-20T00:00:00Z')
  const { partnerId, calls } = await billedPartner(db, agreed, { now, priceVersion: '2026-11.2' })
  // The last hour of October in New York, long after midnight in Tashkent; and the first of November there.
  const midnight = Temporal.Instant.from('2026-11-01T04:00:00Z')
  await calls(3, midnight.subtract({ minutes: 30 }))
  await calls(5, midnight)
  const unitsIn = async (name: string) => {
    const contents = await contentsOf(db, partnerId, monthNamed(name, zone), {
      bankName: 'Namuna',
      zone,
    })
    for (const content of contents) assert.deepEqual(differencesIn(content), [])
    const sections = contents.flatMap((c) => c.sections)
    return sections.map((s) => [s.period.zone, s.lines[0]?.quantity])
  }
  assert.deepEqual(await unitsIn('2026-10'), [['America/New_York', '3']])
  assert.deepEqual(await unitsIn('2026-11'), [['America/New_York', '5']])
})

test('a zone that nobody knows, or whose days begin in the middle of an hour, is refused with its place', () => {
  const faultsOf = (named: string) => termsFaults({ ...noTerms, zone: named }, {})
  assert.deepEqual(faultsOf('Europe/Berlin'), [])
  assert.match(faultsOf('Asia/Kolkata')[0]?.detail ?? '', /whole hour/)
  assert.deepEqual(
    faultsOf('Mars/Olympus').map((f) => f.pointer),
    ['/zone'],
  )
})
