/** The versions that our own documents bring with them: as they were published, and served both ways. */
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkOf } from './checks.ts'
import {
  bringDown,
  bringUp,
  changesAfter,
  changesOf,
  documentAt,
  isTree,
  type Tree,
} from '#kernel/changes/index.ts'
import { Problem } from '#kernel/problem.ts'
import { compareDocuments, openDocument } from '#control/versions/diff/index.ts'
import { compileProduct } from '#gateway/documents/operation.ts'
import { formOf } from '#gateway/documents/older.ts'
import { SnapshotProduct } from '#gateway/snapshot.ts'
import {
  changedOperations,
  domains,
  excerpt,
  frozenOf,
  frozenProblemsOf,
  headOf,
  olderVersions,
  problemsOf,
} from './frozen.ts'
import { valuesOf } from './values.ts'

const today = Temporal.PlainDate.from('2026-11-22')

const houses = domains.map((domain) => {
  const head = headOf(domain)
  const changed = changedOperations(head)
  const operations = compileProduct({
    id: domain,
    openapi: SnapshotProduct.shape.openapi.parse(head),
  })
  return { domain, head, changed, operations, versions: olderVersions(head) }
})

const differences = (before: unknown, after: unknown): string[] =>
  compareDocuments(openDocument(before), openDocument(after), { today, payloads: 'received' })
    .filter(({ level }) => level !== 'INFO')
    .map(({ id, operation, path, text }) => `${id} ${operation} ${path}: ${text}`)

test('three domains bring two versions each, and each of them reads as it was published', () => {
  for (const { domain, head, changed, versions } of houses) {
    assert.equal(versions.length, 2, domain)
    assert.ok(changed.length > 0, domain)
    for (const version of versions) {
      const frozen = frozenOf(domain, version)
      const served = excerpt(documentAt(head, version), changed)
      assert.deepEqual(differences(frozen, served), [], `${domain} ${version}`)
      assert.deepEqual(differences(served, frozen), [], `${domain} ${version}, the other way`)
      assert.notDeepEqual(
        differences(frozen, excerpt(head, changed)),
        [],
        `${domain}: without its chain, callers of ${version} would find something else`,
      )
    }
  }
})

test('no other document of ours brings older versions that nobody looks at', () => {
  const bank = new URL('../../src/bank/', import.meta.url)
  const all = globSync('*/openapi.yaml', { cwd: bank }).map((path) => path.split('/')[0] ?? '')
  assert.ok(all.length >= 6)
  const changing = all.filter((domain) => changesOf(headOf(domain)).length > 0)
  assert.deepEqual(changing.toSorted(), [...domains].toSorted())
})

test('problems of older versions are those that were published, and every one of today reads as one of them', () => {
  let renamed = 0
  for (const { domain, head, changed, operations, versions } of houses)
    for (const version of versions) {
      const frozen = frozenProblemsOf(domain, version)
      assert.deepEqual(problemsOf(documentAt(head, version), changed), frozen, domain)
      const today = problemsOf(head, changed)
      for (const id of changed) {
        const older = formOf(operations.find((one) => one.id === id)?.older ?? [], version)
        const known = isTree(frozen) ? frozen[id] : undefined
        for (const [status, names] of Object.entries(isTree(today[id]) ? today[id] : {}))
          for (const name of names as string[]) {
            const code = name.replace('-', '/')
            const refusal = new Problem({ code, status: Number(status), title: 'No' }, 'no', {})
            const read = older ? older.lowerRefusal(refusal) : refusal
            const promised = isTree(known) ? known[String(read.status)] : undefined
            assert.ok(
              Array.isArray(promised) && promised.includes(read.code.replaceAll('/', '-')),
              `${id} of ${version}: ${read.status} ${read.code}`,
            )
            if (read.code !== code) renamed++
          }
      }
    }
  assert.ok(
    renamed >= 2,
    'problems are brought back in both older versions of one document at least',
  )
})

/** A part of an operation in an excerpt. */
const inside = (document: Tree, operationId: string, ...names: string[]): Tree | undefined => {
  for (const item of Object.values(isTree(document['paths']) ? document['paths'] : {}))
    for (const operation of Object.values(isTree(item) ? item : {}))
      if (isTree(operation) && operation['operationId'] === operationId) {
        const found = names.reduce<unknown>(
          (at, name) => (isTree(at) ? at[name] : undefined),
          operation,
        )
        return isTree(found) ? found : undefined
      }
  return undefined
}
const media = ['content', 'application/json', 'schema']
const cases = houses.flatMap(({ domain, head, changed, operations, versions }) =>
  versions.flatMap((version) =>
    changed.flatMap((id) => {
      const operation = operations.find((one) => one.id === id)
      assert.ok(operation, id)
      const older = formOf(operation.older, version)
      const newest = excerpt(head, changed)
      return older ? [{ domain, head, version, id, operation, older, newest }] : []
    }),
  ),
)

test('every request of an older version is taken by today’s, and every answer of today fits the older document', () => {
  assert.ok(cases.length >= 8, `${cases.length} cases`)
  for (const { domain, version, id, operation, older, newest } of cases) {
    const frozen = frozenOf(domain, version)
    assert.ok(isTree(frozen), `${domain} of ${version} is kept`)
    const request = inside(frozen, id, 'requestBody', ...media)
    if (request && older.raiseBody)
      fc.assert(
        fc.property(valuesOf(request), (body) => {
          assert.deepEqual(older.body?.check(body), [], 'it fits its own version')
          const raised = older.raiseBody?.(structuredClone(body))
          assert.deepEqual(operation.body?.check(raised), [], `${id} of ${version}`)
        }),
        { numRuns: 20 },
      )
    for (const status of operation.answers.keys()) {
      const answer = inside(newest, id, 'responses', String(status), ...media)
      const promised = inside(frozen, id, 'responses', String(status), ...media)
      if (!answer) continue
      assert.ok(promised, `${id} of ${version} answers ${status}, and was published without`)
      const fits = checkOf(promised)
      fc.assert(
        fc.property(valuesOf(answer), (value) => {
          const lowered = older.lowerAnswer
            ? older.lowerAnswer(structuredClone(value))
            : structuredClone(value)
          assert.deepEqual(fits(lowered), [], `${id} of ${version}`)
        }),
        { numRuns: 20 },
      )
    }
  }
})

test('an operation without another form is the same in every older version', () => {
  for (const { domain, head, operations, versions } of houses)
    for (const version of versions) {
      const same = operations.filter((one) => formOf(one.older, version) === undefined)
      assert.ok(same.length > 0, domain)
      const ids = same.map(({ id }) => id)
      assert.deepEqual(
        excerpt(documentAt(head, version), ids)['paths'],
        excerpt(head, ids)['paths'],
        `${domain} ${version}`,
      )
    }
})

test('what is brought back and forward again is what it was', () => {
  for (const { head, version, id, newest, operation } of cases) {
    const steps = changesAfter(changesOf(head), version).flatMap(
      (change) => change.operations[id]?.answer ?? [],
    )
    if (steps.length === 0) continue
    for (const status of operation.answers.keys()) {
      const answer = inside(newest, id, 'responses', String(status), ...media)
      if (!answer) continue
      fc.assert(
        fc.property(valuesOf(answer), (value) => {
          const there = bringDown(steps)(structuredClone(value))
          assert.deepEqual(bringUp(steps)(there), value, `${id} of ${version}`)
        }),
        { numRuns: 15 },
      )
    }
  }
})

test('queries of older versions are known under their own names, and under no newer ones', () => {
  const [listing] = cases.filter(
    ({ id, version }) => id === 'listTransactions' && version < '2026-08',
  )
  assert.ok(listing)
  const { older, operation } = listing
  const path = { accountId: `acc_${'0'.repeat(32)}` }
  const none = () => undefined
  const query = 'from=2026-01-01T00%3A00%3A00Z&limit=5'
  assert.deepEqual(older.parameters(path, query, none), [])
  assert.equal(operation.parameters(path, query, none).length, 1)
  assert.deepEqual(operation.parameters(path, older.raiseQuery(query), none), [])
  assert.equal(older.parameters(path, older.raiseQuery(query), none)[0]?.code, 'unknown')
})
