import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pinnedVersion } from './pin.ts'

const at = (text: string) => Temporal.Instant.from(text)
const openapi = { openapi: '3.1.0', info: { title: 'Things', version: 'x' }, paths: {} }
const product = (served: Readonly<Record<string, string>>) => ({
  openapi,
  versions: Object.keys(served),
  servedSince: Object.fromEntries(Object.entries(served).map(([day, text]) => [day, at(text)])),
})
const made = { requestedAt: at('2026-12-10T10:00:00Z') }
const began = '2026-09-01T00:00:00Z'

test('an application is never pinned to a version that was not yet served when it was made', () => {
  const early = product({ '2026-08-03': began, '2026-12-01': '2026-12-11T00:00:00Z' })
  assert.equal(pinnedVersion(made, [early]), '2026-08-03')
  const served = product({ '2026-08-03': began, '2026-12-01': '2026-12-10T09:59:59Z' })
  assert.equal(pinnedVersion(made, [served]), '2026-12-01')
})

test('a document of an older day that is brought later moves no application', () => {
  const before = [product({ '2026-08-03': began })]
  const later = product({
    '2026-05-04': '2027-01-01T00:00:00Z',
    '2026-11-22': '2027-01-01T00:00:00Z',
  })
  assert.equal(pinnedVersion(made, before), '2026-08-03')
  assert.equal(pinnedVersion(made, [...before, later]), '2026-08-03')
  const first = { requestedAt: at('2026-01-01T00:00:00Z') }
  assert.equal(pinnedVersion(first, [...before, later]), '2026-08-03', 'older than the catalogue')
})

test('a day that two products have is served since the first of them brought it', () => {
  const cards = product({ '2026-08-03': began, '2026-11-22': '2026-11-22T00:00:00Z' })
  const loans = product({ '2026-11-22': '2027-02-01T00:00:00Z' })
  assert.equal(pinnedVersion(made, [loans, cards]), '2026-11-22')
})

test('a version of a day ahead is nobody’s until that day, though its document is published', () => {
  const ahead = product({ '2026-08-03': began, '2027-03-01': began })
  assert.equal(pinnedVersion(made, [ahead]), '2026-08-03')
})
