/** What a snapshot becomes before it decides: packed, judged by what was decided before, and never older than it was. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tryMutants } from '#test/gateway/mutants.ts'
import { type Decisions, disagreement, openDecisions } from './agreement.ts'
import type { Denials } from '../callers/denials.ts'
import { openDirectory, pack } from './directory.ts'
import type { Table } from './table.ts'

test('G42: of 2,000 mutated snapshots none crashes the reader, and none allows what its signed document does not say', async () => {
  const { scratched, resigned, allowed } = await tryMutants(2_000, 20_261_122)
  assert.equal(scratched + resigned, 2_000)
  assert.ok(allowed > 100, 'mutants that can be enforced are judged too')
})

test('a directory finds every record by its key, no other, and decodes each once', () => {
  const keys = Array.from(
    { length: 5_000 },
    (_, n) => `application_${n.toString(16).padStart(32, '0')}`,
  )
  let decoded = 0
  const directory = openDirectory(pack(keys.map((key) => [key, `“${key}”`])), (text) => {
    decoded++
    return text
  })
  for (const key of [...keys, ...keys]) assert.equal(directory.get(key), `“${key}”`)
  assert.deepEqual([directory.size, decoded], [5_000, 5_000])
  for (const stranger of [
    '',
    'application_',
    `${keys[0]}0`,
    `ä${keys[0]}`,
    '__proto__',
    'x'.repeat(9_999),
  ]) {
    assert.equal(directory.get(stranger), undefined)
    assert.equal(directory.has(stranger), false)
  }
  assert.equal(openDirectory(pack([]), String).has('a'), false)
})

test('a key that stands twice, or is no short word, is not packed', () => {
  for (const keys of [['a', 'a'], [''], ['a b'], ['ä'], ['x'.repeat(513)]])
    assert.throws(() => pack(keys.map((key) => [key, ''])), { code: 'gateway/directory-refused' })
})

/** Tables as far as an agreement is asked of them: `granted` names the partners that may list. */
const tableWith = (granted: readonly number[], matrix = '2026-11-22', operation = list) => {
  const applications = new Map(
    partners.map((n) => [
      `application_${n}`,
      {
        id: `application_${n}`,
        active: true,
        scopes: new Set(['things']),
        partner: { id: `partner_${n}`, active: true },
        verdicts: new Map(
          granted.includes(n) ? [['things.read', { granted: true, untilMs: 1_000 }]] : [],
        ),
      },
    ]),
  )
  return { matrix, operations: new Map([['list', operation]]), applications } as unknown as Table
}
const partners = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
const list = { id: 'list', permissions: ['things.read'], scope: 'things' }
const nobody: Pick<Denials, 'denies'> = { denies: () => false }
const decided = (table: Table, allowed: boolean): Decisions => {
  const decisions = openDecisions()
  for (let round = 0; round < 8; round++)
    for (const n of partners.flatMap((one) => Array.from({ length: 8 }, () => one))) {
      const application = table.applications.get(`application_${n}`)
      if (application) decisions.note(application, 'list', allowed)
    }
  return decisions
}

test('a snapshot that takes away from most partners what it allowed a minute ago is not believed, unless it says why', () => {
  const before = tableWith(partners)
  const decisions = decided(before, true)
  const ask = (next: Table, denials = nobody, atMs = 0) =>
    disagreement(decisions.recent(), before, next, denials, atMs)

  assert.match(ask(tableWith([])) ?? '', /^10 of the last 10 partners/)
  assert.match(ask(tableWith([0, 1, 2, 3])) ?? '', /^6 of the last 10/)
  assert.equal(ask(tableWith([0, 1, 2, 3, 4])), undefined, 'half of them may lose it')
  assert.equal(ask(tableWith([], '2026-12-01')), undefined, 'another matrix')
  assert.equal(ask(tableWith([], undefined, { ...list })), undefined, 'another document')
  assert.equal(ask(tableWith([]), { denies: (kind) => kind === 'partner' }), undefined, 'stopped')
  assert.equal(ask(tableWith([]), nobody, 1_000), undefined, 'the evidence has ended by itself')
})

test('a snapshot that gives most partners at once what they were refused is not believed', () => {
  const before = tableWith([])
  const decisions = decided(before, false)
  assert.match(
    disagreement(decisions.recent(), before, tableWith(partners), nobody, 0) ?? '',
    /refused would be allowed/,
  )
  assert.equal(disagreement(decisions.recent(), before, tableWith([1, 2]), nobody, 0), undefined)
})
