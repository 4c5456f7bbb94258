import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { catalogue, compareDocuments, type Finding, readDocument } from './index.ts'

const folder = join(import.meta.dirname, 'oasdiff')
const read = (file: string) => readDocument(readFileSync(join(folder, file), 'utf8'))
const today = Temporal.PlainDate.from('2026-08-10')

const Case = z.object({
  test: z.string(),
  base: z.string(),
  revision: z.string(),
  expected: z.array(z.string()),
  oasdiff_1_15: z.array(
    z.object({
      id: z.string(),
      level: z.string(),
      operation: z.string().nullable(),
      path: z.string().nullable(),
    }),
  ),
})
const cases = z
  .array(Case)
  .parse(JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')))
  .map((one) => ({
    ...one,
    found: compareDocuments(read(one.base), read(one.revision), { today }),
  }))
/** Several tests stand on the same pair of documents; its answer counts once. */
const pairs = [...new Map(cases.map((one) => [`${one.base} ${one.revision}`, one])).values()]

type Place = Pick<Finding, 'id' | 'operation' | 'path'>
const key = ({ id, operation, path }: Place) =>
  `${id} at ${operation ?? ''} ${path ?? ''}`.trimEnd()

/** What the first list has more often than the second. */
const beyond = (first: readonly string[], second: readonly string[]): string[] => {
  const rest = [...second]
  return first.filter((one) => {
    const at = rest.indexOf(one)
    if (at < 0) return true
    rest.splice(at, 1)
    return false
  })
}

test('every rule that a test of oasdiff demands is among the findings', () => {
  const missing = cases.flatMap(({ test: name, expected, found }) =>
    expected
      .filter((id) => !found.some((finding) => finding.id === id))
      .map((id) => `${name}: ${id}`),
  )
  assert.deepEqual(missing, [])
})

test('every breaking change that oasdiff 1.15.0 finds is found, at its operation and as often', () => {
  const missing = pairs.flatMap(({ base, oasdiff_1_15: theirs, found }) =>
    beyond(theirs.filter(({ level }) => level === 'ERR').map(key), found.map(key)).map(
      (one) => `${base}: ${one}`,
    ),
  )
  assert.deepEqual(missing, [])
})

test('the answers agree with those of oasdiff 1.15.0 in at least 95 of 100 findings', (t) => {
  const theirs = pairs.flatMap((one) =>
    one.oasdiff_1_15.map((f) => `${one.base}>${one.revision} ${key(f)}`),
  )
  const ours = pairs.flatMap((one) => one.found.map((f) => `${one.base}>${one.revision} ${key(f)}`))
  const apart = beyond(theirs, ours).length + beyond(ours, theirs).length
  const together = theirs.length - beyond(theirs, ours).length
  const agreement = together / (together + apart)
  t.diagnostic(
    `${pairs.length} pairs, ${theirs.length} findings, agreement ${(agreement * 100).toFixed(1)} %`,
  )
  assert.ok(agreement >= 0.95, `agreement is ${agreement}`)
})

test('every finding has the level of the catalogue and says something of its own', () => {
  for (const { found } of pairs)
    for (const { id, level, text } of found) {
      assert.equal(level, catalogue.get(id)?.level)
      assert.ok(text.length > 5 && !text.includes('undefined'), `${id}: ${text}`)
    }
})

test('a document does not differ from itself', () => {
  for (const file of new Set(pairs.flatMap(({ base, revision }) => [base, revision])))
    assert.deepEqual(compareDocuments(read(file), read(file), { today }), [], file)
})
