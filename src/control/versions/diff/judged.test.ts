import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import fc from 'fast-check'
import { documentAt, isTree } from '#kernel/changes/index.ts'
import {
  changedOperations,
  domains,
  excerpt,
  frozenOf,
  headOf,
  olderVersions,
} from '#test/openapi/frozen.ts'
import { foreignDocument, mutated, mutations, ownDocuments } from '#test/openapi/mutations.ts'
import { type Judged, openJudge } from '#test/openapi/oasdiff/judge.ts'
import { isJson, type Json } from '#test/openapi/sites.ts'
import { compareDocuments, openDocument } from './index.ts'

const { judge, absent } = openJudge()
const skip = absent ?? false

/** Of so many documents each kind of change is made; a drill makes it of all, in several places. */
const EACH = Number(process.env['JUDGE_EACH'] ?? 1)
/** fast-check's: another seed, other places. */
const SEED = Number(process.env['JUDGE_SEED'] ?? 20_261_123)

interface Pair {
  readonly name: string
  readonly base: Json
  readonly revision: Json
}
interface Compared {
  readonly name: string
  readonly theirs: readonly string[]
  readonly ours: readonly string[]
}

const key = ({ level, id, operation, path }: Judged) =>
  `${level} ${id} at ${operation ?? ''} ${path ?? ''}`.trimEnd()

const today = Temporal.Now.plainDateISO('UTC')

/** Both answers to every pair, as many at once as there are cores. */
const compared = async (pairs: readonly Pair[]): Promise<Compared[]> => {
  assert.ok(judge)
  const waiting = [...pairs]
  const done: Compared[] = []
  const work = async () => {
    for (let pair = waiting.shift(); pair; pair = waiting.shift()) {
      const { name, base, revision } = pair
      const theirs = await judge(base, revision)
      const ours = compareDocuments(openDocument(base), openDocument(revision), { today })
      done.push({ name, theirs: theirs.map(key), ours: ours.map(key) })
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return done
}

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

/** Of all findings of either, the part that both have. */
const agreement = (all: readonly Compared[]): number => {
  const together = all.reduce((n, c) => n + c.theirs.length - beyond(c.theirs, c.ours).length, 0)
  const apart = all.reduce(
    (n, c) => n + beyond(c.theirs, c.ours).length + beyond(c.ours, c.theirs).length,
    0,
  )
  return together / Math.max(together + apart, 1)
}

/** The same in rule ids, so that a shared schema which a hundred operations use counts once. */
const inIds = (all: readonly Compared[]): Compared[] => {
  const ids = (findings: readonly string[]) => [
    ...new Set(findings.map((one) => one.split(' at ')[0] ?? one)),
  ]
  return all.map(({ name, theirs, ours }) => ({ name, theirs: ids(theirs), ours: ids(ours) }))
}

const differences = (all: readonly Compared[]): string[] =>
  all.flatMap(({ name, theirs, ours }) => [
    ...beyond(theirs, ours).map((one) => `${name}: only oasdiff says ${one}`),
    ...beyond(ours, theirs).map((one) => `${name}: only we say ${one}`),
  ])

/** Every kind of change, of some documents, once alone and once behind another. */
const mutatedPairs = (): Pair[] => {
  const documents = ownDocuments()
  const chances = fc.sample(
    fc.record({
      first: fc.nat({ max: 10_000 }),
      document: fc.nat({ max: documents.length - 1 }),
      other: fc.constantFrom(...mutations),
      second: fc.nat({ max: 10_000 }),
    }),
    { seed: SEED, numRuns: mutations.length },
  )
  return mutations.flatMap((kind, n) => {
    const chance = chances[n]
    assert.ok(chance)
    const { first, other, second } = chance
    // Not every document has a place for every kind: the next one that has.
    const places = documents
      .map((_, d) => documents[(chance.document + d) % documents.length]!)
      .concat({ product: 'other', document: foreignDocument })
      .flatMap(({ product, document }) => {
        const change = mutated(document, kind, first)
        return change ? [{ product, document, change }] : []
      })
      .slice(0, EACH)
    return places.flatMap(({ product, document, change: { revision } }) => {
      const further = mutated(revision, other, second)
      return [
        { name: `${product}, ${kind} (${first})`, base: document, revision },
        ...(further
          ? [
              {
                name: `${product}, ${kind} (${first}) and ${other} (${second})`,
                base: document,
                revision: further.revision,
              },
            ]
          : []),
      ]
    })
  })
}

test(
  'what people change in our documents is named as the released oasdiff names it',
  { skip },
  async (t) => {
    const pairs = mutatedPairs()
    const all = await compared(pairs)
    const kinds = new Set(pairs.map(({ name }) => /, (.*?) \(/.exec(name)?.[1]))
    const missed = all.flatMap(({ name, theirs, ours }) =>
      beyond(theirs, ours)
        .filter((one) => one.startsWith('ERR '))
        .map((one) => `${name}: ${one}`),
    )
    const found = all.reduce((n, { theirs }) => n + theirs.length, 0)
    const breaking = all.flatMap(({ theirs }) => theirs).filter((one) => one.startsWith('ERR '))
    t.diagnostic(
      `${pairs.length} pairs, ${kinds.size} kinds, ${found} findings of oasdiff, ${breaking.length} of them ERR, ` +
        `agreement ${(agreement(all) * 100).toFixed(2)} %, in rule ids ${(agreement(inIds(all)) * 100).toFixed(2)} %`,
    )
    for (const line of differences(all).slice(0, 20)) t.diagnostic(line)
    assert.deepEqual(
      mutations.filter((kind) => !kinds.has(kind)),
      [],
    )
    assert.ok(breaking.length > 0)
    assert.deepEqual(missed, [])
    assert.ok(agreement(all) >= 0.95, `agreement is ${agreement(all)}`)
    assert.ok(agreement(inIds(all)) >= 0.95, `agreement in rule ids is ${agreement(inIds(all))}`)
  },
)

test(
  'between our versions the released oasdiff finds what we find, and nothing where a version was frozen',
  { skip },
  async (t) => {
    const houses = domains.flatMap((domain) => {
      const head = headOf(domain)
      return olderVersions(head).map((version) => ({ domain, head, version }))
    })
    const tree = (value: unknown): Json => {
      assert.ok(isTree(value) && isJson(value))
      return value
    }
    const apart = await compared(
      houses.map(({ domain, head, version }) => ({
        name: `${domain} ${version} and today's`,
        base: tree(documentAt(head, version)),
        revision: tree(head),
      })),
    )
    const same = await compared(
      houses.map(({ domain, head, version }) => ({
        name: `${domain} ${version} as frozen and as served`,
        base: tree(frozenOf(domain, version)),
        revision: tree(excerpt(documentAt(head, version), changedOperations(head))),
      })),
    )
    t.diagnostic(`agreement ${(agreement(apart) * 100).toFixed(2)} %`)
    for (const line of differences(apart).slice(0, 20)) t.diagnostic(line)
    assert.ok(apart.every(({ theirs }) => theirs.length > 0))
    assert.ok(agreement(apart) >= 0.95)
    assert.deepEqual(
      same.flatMap(({ name, theirs }) =>
        theirs.filter((one) => !one.startsWith('INFO ')).map((one) => `${name}: ${one}`),
      ),
      [],
    )
  },
)
