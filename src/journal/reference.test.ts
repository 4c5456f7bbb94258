import assert from 'node:assert/strict'
import { test } from 'node:test'
import { doing, freshDatabase } from '#test/world.ts'
import { chainLines, forget, readEntries, reference, refersTo, verifyChain } from './index.ts'

const database = await freshDatabase('control')
const db = database.as('control')
const value = 'Dilnoza Karimova, +998 90 123-45-67'

test('a line refers to a personal value without holding it, and the same value is found again', async () => {
  const ref = await doing(db)(async (w) => {
    const made = await reference(w, 'person_one', value)
    await w.record('tests.referred', 'person_one', { said: made })
    return made
  })
  assert.equal(await doing(db)((w) => reference(w, 'person_one', value)), ref)
  assert.notEqual(await doing(db)((w) => reference(w, 'person_two', value)), ref)
  assert.equal(await refersTo(db, { reference: ref, subject: 'person_one', value }), true)
  assert.equal(await refersTo(db, { reference: ref, subject: 'person_one', value: 'x' }), false)
  for (const { body } of await readEntries(db, 0n)) assert.ok(!body.includes('Karimova'))
})

test('an erased subject is unlinkable, its erasure is a line, and the chain is whole', async () => {
  const ref = await doing(db)((w) => reference(w, 'person_three', value))
  assert.equal(await doing(db)((w) => forget(w, 'person_three')), true)

  assert.equal(await refersTo(db, { reference: ref, subject: 'person_three', value }), undefined)
  // The same value of the same subject is another reference from now on: old lines tell nothing.
  assert.notEqual(await doing(db)((w) => reference(w, 'person_three', value)), ref)
  assert.equal(await doing(db)((w) => forget(w, 'person_unknown')), false)
  const erased = (await readEntries(db, 0n)).filter((e) => e.event === 'journal.erased')
  assert.deepEqual(
    erased.map((e) => e.subject),
    ['person_three'],
  )
  assert.equal((await verifyChain(chainLines(db))).whole, true)
})

test('a process forgets salts by the function alone, and changes none', async () => {
  await assert.rejects(db.run`delete from journal.salt`, /permission denied/)
  await assert.rejects(db.run`update journal.salt set subject = 'x'`, /permission denied/)
})

test('in a cell whoever keeps people may forget them, and the courier may not', async () => {
  const cell = await freshDatabase('cell')
  for (const process of ['bank', 'authorization'] as const)
    assert.equal(await doing(cell.as(process))((w) => forget(w, 'person_four')), false)
  await assert.rejects(
    doing(cell.as('courier'))((w) => forget(w, 'person_four')),
    /permission denied/,
  )
})
