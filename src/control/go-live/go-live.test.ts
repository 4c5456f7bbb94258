import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openPublicationWorld } from '#test/publication.ts'
import { work, type Work } from '#journal/index.ts'
import { applyForLicence, submitEvidence } from '#control/licences/index.ts'
import { findPartner, type PartnerId } from '#control/partners/index.ts'
import { waitedMs } from './checklist.ts'
import { checklistOf, type Step } from './index.ts'

const { db, world, register } = await openPublicationWorld()
const begin = world.now().round({ smallestUnit: 'millisecond', roundingMode: 'floor' })
const hour = (n: number) => begin.add({ hours: n })
const on = <T>(n: number, body: (w: Work) => Promise<T>) => work(db, 'system', hour(n), body)

const listed = async (id: PartnerId, products: readonly string[], n: number) => {
  const partner = await findPartner(db, id)
  assert.ok(partner)
  return checklistOf(db, { partner, products, bankCountry: 'UZ', now: hour(n) })
}
const evidenceIn = (steps: readonly Step[]) =>
  steps.filter((s) => s.step === 'evidence').map((s) => s.about)

test('the checklist follows from the products that are chosen, and from what the partner is', async () => {
  const [baas, emi] = [await register(['baas-partner']), await register(['emi'])]
  const accounts = await listed(emi, ['accounts'], 1)
  const cards = await listed(emi, ['cards'], 1)
  const programme = await listed(baas, ['cards'], 1)

  assert.ok(!evidenceIn(accounts.steps).includes('bin_sponsor_agreement'))
  assert.ok(evidenceIn(cards.steps).includes('bin_sponsor_agreement'))
  assert.ok(evidenceIn(programme.steps).includes('pen_test'))
  assert.ok(!evidenceIn(programme.steps).includes('nca_register'))
  assert.deepEqual(
    cards.steps.filter((s) => s.step === 'certification').map((s) => s.about),
    ['cards'],
  )
  const checks = cards.steps.find((s) => s.step === 'certification')?.checks ?? []
  assert.ok(
    checks.includes('calls') && checks.includes('error-handling'),
    'by name, for any language',
  )
  assert.equal(cards.steps.at(-1)?.state, 'later')
  await assert.rejects(listed(emi, ['casino'], 1), { code: 'catalogue/product-not-found' })
})

test('what is handed in waits for the bank, by the hour that it has promised, and the wait is counted', async () => {
  const id = await register(['baas-partner'])
  const before = await listed(id, ['cards'], 1)
  assert.equal(before.bankMs, 0)
  await on(2, (w) =>
    submitEvidence(w, id, {
      type: 'pen_test',
      issuer: 'A laboratory',
      identifiers: {},
      validFrom: null,
      validTo: hour(24 * 300),
      documentSha256: 'a'.repeat(64),
      shows: [],
    }),
  )
  await on(4, (w) => applyForLicence(w, id, ['baas-partner']))

  const after = await listed(id, ['cards'], 12)

  const pen = after.steps.find((s) => s.about === 'pen_test')
  assert.deepEqual(
    [pen?.state, pen?.team, pen?.since?.toString(), pen?.dueAt?.toString()],
    ['waiting', 'compliance', hour(2).toString(), hour(50).toString()],
  )
  assert.equal(after.steps.find((s) => s.step === 'licence')?.state, 'waiting')
  // Both wait at once: ten hours, not eighteen.
  assert.equal(after.bankMs, 10 * 3_600_000)
  const partner = await findPartner(db, id)
  assert.ok(partner)
  const whole = hour(12).epochMilliseconds - partner.registeredAt.epochMilliseconds
  assert.equal(after.bankMs + after.partnerMs, whole)
})

test('waits that overlap count once, however they lie', () => {
  const at = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms)
  const wait = fc.tuple(fc.nat(60), fc.nat(20))
  fc.assert(
    fc.property(fc.array(wait, { maxLength: 8 }), (waits) => {
      const waited = new Set(
        waits.flatMap(([from, ms]) => Array.from({ length: ms }, (_, i) => from + i)),
      )
      assert.equal(
        waitedMs(waits.map(([from, ms]) => ({ from: at(from), to: at(from + ms) }))),
        waited.size,
      )
    }),
    { numRuns: 300 },
  )
})
