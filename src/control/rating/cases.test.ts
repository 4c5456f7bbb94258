import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { z } from 'zod'
import { type RatingAnswer, ratingAnswer, RatingInput } from './index.ts'

const Case = z.object({
  id: z.string(),
  why: z.string(),
  input: RatingInput,
  expect: z.union([
    z.object({ error: z.string() }),
    z.object({
      amount: z.string(),
      lines: z.array(z.object({ kind: z.string(), amount: z.string() })).optional(),
    }),
  ]),
})
const cases = z
  .array(Case)
  .parse(JSON.parse(readFileSync(new URL('rating-cases.json', import.meta.url), 'utf8')))

const counting = ({ kind, amount }: { kind: string; amount: string }) =>
  kind === 'share' || !/^-?0(\.0*)?$/.test(amount)

/** An answer cut down to what a case says of it. */
const asExpected = (answer: RatingAnswer, expected: z.output<typeof Case>['expect']) => {
  if ('error' in answer) return { error: answer.error }
  const lines = answer.lines.filter(counting).map(({ kind, amount }) => ({ kind, amount }))
  return 'lines' in expected && expected.lines
    ? { amount: answer.amount, lines }
    : { amount: answer.amount }
}

for (const { id, why, input, expect } of cases)
  test(`${id}: ${why}`, () => {
    const wanted =
      'lines' in expect && expect.lines
        ? { ...expect, lines: expect.lines.filter(counting) }
        : expect
    assert.deepEqual(asExpected(ratingAnswer(input), expect), wanted)
  })
