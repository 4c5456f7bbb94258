import assert from 'node:assert/strict'
import { test } from 'node:test'
import { documentAt } from '#kernel/changes/index.ts'
import { judgeRevision, keyOf, promisesOn } from './index.ts'
import { document, leaf, type Members } from '#test/versions/things.ts'

const today = Temporal.PlainDate.from('2026-11-22')
const owner = document('2026-06-01', { owner: leaf() })
const change = (more: Members = {}) => ({
  id: 'owners-are-holders',
  since: '2026-11-22',
  summary: { en: 'Holder.', ru: 'Holder.', uz: 'Holder.' },
  operations: {
    listThings: { answer: [{ do: 'rename', at: '', from: 'owner', to: 'holder' }] },
  },
  ...more,
})
const holder = (changes: unknown[] = [change()], version = '2026-11-22') =>
  document(version, { holder: leaf() }, { root: { 'x-changes': changes } })
const published = (...documents: Members[]) =>
  documents.map((one) => ({ version: String((one['info'] as Members)['version']), document: one }))
const judge = (before: Members[], after: Members, due?: ReadonlySet<string>) => {
  const [proposed] = published(after)
  assert.ok(proposed)
  const announced = new Map([...(due ?? [])].map((key) => [key, null]))
  return judgeRevision(published(...before), proposed, { today, due: announced })
}
const codes = (...asked: Parameters<typeof judge>) => judge(...asked).faults.map(({ code }) => code)

test('a breaking revision of the same day, or of a new day without a chain, is refused with its places', () => {
  const sameDay = document('2026-06-01', { holder: leaf() })
  const withoutChain = document('2026-11-22', { holder: leaf() })
  for (const after of [sameDay, withoutChain]) {
    const { faults } = judge([owner], after)
    assert.deepEqual(
      faults.map(({ pointer, code }) => `${pointer} ${code}`),
      ['/paths/~1things~1v1~1things/get response-required-property-removed'],
    )
    assert.match(faults[0]?.detail ?? '', /callers of 2026-06-01/)
  }
})

test('fewer items in a request, and more in an answer, break callers though oasdiff has no word for it', () => {
  const list = (more: object) => ({ type: 'array', items: leaf(), ...more })
  const sending = (asked: object, answered: object) =>
    document(
      '2026-06-01',
      { owner: leaf(), owners: list(answered) },
      {
        operation: {
          requestBody: {
            content: {
              'application/json': {
                schema: { type: 'object', properties: { owners: list(asked) } },
              },
            },
          },
        },
      },
    )
  const before = sending({ maxItems: 20 }, { maxItems: 20 })
  const refused = (asked: object, answered: object) => codes([before], sending(asked, answered))

  assert.deepEqual(refused({ maxItems: 19 }, { maxItems: 20 }), [
    'request-property-max-items-decreased',
  ])
  assert.deepEqual(refused({ maxItems: 20 }, { maxItems: 21 }), [
    'response-property-max-items-increased',
  ])
  assert.deepEqual(refused({ maxItems: 20 }, {}), ['response-property-max-items-unset'])
  assert.deepEqual(refused({ maxItems: 21 }, { maxItems: 19 }), [])
  assert.deepEqual(refused({}, { maxItems: 20 }), [])
})

test('with a chain by which older callers find what they were promised it is published', () => {
  assert.deepEqual(codes([owner], holder()), [])
})

test('what is only new is published on the same day', () => {
  const more = document('2026-06-01', { owner: leaf(), note: leaf() })
  assert.deepEqual(codes([owner], more), [])
})

test('a chain that leads elsewhere is refused by what older callers would find', () => {
  const elsewhere = change({
    operations: { listThings: { answer: [{ do: 'rename', at: '', from: 'title', to: 'holder' }] } },
  })
  assert.deepEqual(codes([owner], holder([elsewhere])), ['response-required-property-removed'])
  const nowhere = change({
    operations: { listThings: { answer: [{ do: 'rename', at: '', from: 'a', to: 'b' }] } },
  })
  assert.deepEqual(codes([owner], holder([nowhere])), ['unfit'])
})

test('all versions that are alive are asked, and none that has ended', () => {
  const oldest = document('2026-03-01', { name: leaf() })
  assert.deepEqual(codes([oldest, owner], holder()), ['response-required-property-removed'])
  const both = holder([
    change({
      id: 'names-are-owners',
      since: '2026-06-01',
      operations: { listThings: { answer: [{ do: 'rename', at: '', from: 'name', to: 'owner' }] } },
    }),
    change(),
  ])
  const known = documentAt(both, '2026-06-01')
  assert.deepEqual(codes([oldest, known], both), [])
  assert.deepEqual(codes([known], holder()), [], 'nobody needs a change of versions that ended')
})

test('a published change stays as it is, and a new one is of the new version', () => {
  const rewritten = change({ summary: { en: 'Else.', ru: 'Else.', uz: 'Else.' } })
  assert.deepEqual(codes([holder()], holder([rewritten])), ['rewritten'])
  const late = change({ id: 'too-late' })
  assert.deepEqual(codes([holder()], holder([change(), late], '2027-01-01')), ['backdated'])
  assert.deepEqual(codes([owner], holder([change({ since: '2027-01-01' })])), ['ahead'])
  assert.deepEqual(codes([owner, holder()], document('2027-01-01', { holder: leaf() })), [
    'missing',
  ])
  assert.deepEqual(codes([holder()], owner), ['older'])
})

test('what was announced and is due is published without a chain, and nothing else with it', () => {
  const after = document('2026-11-22', { holder: leaf() }, { operation: { 'x-scope': 'others' } })
  const { findings } = judge([owner], after)
  const broken = findings.filter(({ level }) => level === 'ERR')
  assert.deepEqual(
    broken.map(({ id }) => id),
    ['response-required-property-removed', 'commercial-scope-changed'],
  )
  const [first] = broken
  assert.ok(first)
  assert.deepEqual(codes([owner], after, new Set([keyOf(first)])), ['commercial-scope-changed'])
  assert.deepEqual(codes([owner], after, new Set(broken.map(keyOf))), [])
})

test('who was told of one field was told of no other', () => {
  const two = document('2026-06-01', { owner: leaf(), amount: leaf() })
  const { findings } = judge([two], document('2026-11-22', { amount: leaf() }))
  const announced = new Set(findings.filter(({ level }) => level === 'ERR').map(keyOf))
  assert.equal(announced.size, 1)

  assert.deepEqual(codes([two], document('2026-11-22', { amount: leaf() }), announced), [])
  const both = judge([two], document('2026-11-22', {}), announced)
  assert.deepEqual(
    both.faults.map(({ detail }) => /`?(owner|amount)`?/.exec(detail)?.[1]),
    ['amount'],
  )
})

test('callers of a day on which only another product published are promised what this one had published', () => {
  const held = published(owner)
  const breaking = { version: '2026-11-22', document: document('2026-11-22', { holder: leaf() }) }
  const chained = { version: '2026-11-22', document: holder() }

  const alone = promisesOn(held, ['2026-11-01'])
  assert.deepEqual(
    alone.map(({ version, document: { info } }) => [version, info]),
    [['2026-11-01', owner['info']]],
  )
  const said = judgeRevision(alone, breaking, { today }).faults.map(({ code }) => code)
  assert.deepEqual(
    said,
    ['response-required-property-removed'],
    'its own day has ended, they have not',
  )
  assert.deepEqual(judgeRevision(alone, chained, { today }).faults, [])

  const later = promisesOn(held, ['2026-06-01', '2026-12-01'])
  assert.deepEqual(
    judgeRevision(later, chained, { today }).faults.map(({ code }) => code),
    ['backdated'],
    'who speaks a later day would find what is since an earlier one',
  )
  const sameDay = {
    version: '2026-06-01',
    document: document('2026-06-01', { owner: leaf(), note: leaf() }),
  }
  assert.deepEqual(judgeRevision(later, sameDay, { today }).faults, [])
  assert.deepEqual(
    promisesOn(held, ['2026-01-01']).map(({ document: { info } }) => info),
    [owner['info']],
    'callers of days before its first are served by its first',
  )
})

test('what another product tries is nobody’s newest', () => {
  const stable = { version: '2027-01-10', document: document('2027-01-10', { owner: leaf() }) }
  const faults = (version: string) =>
    judgeRevision(
      promisesOn(published(owner), ['2026-06-01']),
      { ...stable, version },
      {
        today,
        trials: ['2027-01-10'],
      },
    ).faults.map(({ code }) => code)
  assert.deepEqual(faults('2027-01-10'), ['beta-open'])
  assert.deepEqual(faults('2027-02-01'), ['beta-open'])
  assert.deepEqual(faults('2026-12-01'), [])
})

test('one announcement excuses one break: what is promised again is another promise', () => {
  const after = document('2026-11-22', { holder: leaf() })
  const [broken] = judge([owner], after).findings.filter(({ level }) => level === 'ERR')
  assert.ok(broken)
  const carriedOut = Temporal.Instant.from('2026-10-01T00:00:00Z')
  const faults = (publishedAt: string, at: Temporal.Instant | null) =>
    judgeRevision(
      [{ version: '2026-06-01', document: owner, publishedAt: Temporal.Instant.from(publishedAt) }],
      { version: '2026-11-22', document: after },
      { today, due: new Map([[keyOf(broken), at]]) },
    ).faults.length
  assert.equal(faults('2026-06-01T00:00:00Z', carriedOut), 0, 'who was told was told')
  assert.equal(faults('2026-10-02T00:00:00Z', carriedOut), 1, 'nobody was told of this one')
  assert.equal(faults('2026-10-02T00:00:00Z', null), 0, 'it was announced, and not yet done')
})
