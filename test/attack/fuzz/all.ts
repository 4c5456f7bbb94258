/** All fuzzers at length, with one seed. */
import { openBytes, openEdge } from '../../gateway/bytes.ts'
import { tryMutants } from '../../gateway/mutants.ts'
import type { Fuzzed } from '../report.ts'
import { tryLayouts } from './layouts.ts'
import { tryTokens } from './tokens.ts'

/** The edge takes the most time for an input: it has real sockets. */
const EDGE_SHARE = 4

const edge = async (count: number, seed: number) => {
  const opened = await openEdge()
  const next = openBytes(seed)
  let passed = 0
  try {
    for (let n = 0; n < count; n++) passed += await opened.check(next())
  } finally {
    await opened.close()
  }
  return `${passed} requests passed on, each as it was read`
}

/** Throws at the first input that breaks a rule, and says how to have it again. */
export const fuzzAll = async (
  count: number,
  seed: number,
  say: (line: string) => void,
): Promise<Fuzzed[]> => {
  const edges = Math.ceil(count / EDGE_SHARE)
  const all: readonly (readonly [string, number, () => Promise<string> | string])[] = [
    ['bytes at the edge', edges, () => edge(edges, seed)],
    [
      'texts in the place of a token',
      count,
      async () => `${(await tryTokens(count, seed)).looked} looked at, none taken, none thrown`,
    ],
    [
      'snapshots, scratched and signed again',
      count,
      async () => {
        const { taken, decisions } = await tryMutants(count, seed)
        return `${taken} could be enforced, ${decisions} decisions as a naive reading judges`
      },
    ],
    [
      'records of the legacy core',
      count,
      () => {
        const { read, refused } = tryLayouts(count, seed)
        return `${refused} refused as garbled, ${read} read and written back the same`
      },
    ],
  ]
  const fuzzed: Fuzzed[] = []
  for (const [what, tried, run] of all) {
    const says = await run()
    say(`✓ ${what}: ${tried} inputs, ${says}`)
    fuzzed.push({ what, tried, seed, says })
  }
  return fuzzed
}
