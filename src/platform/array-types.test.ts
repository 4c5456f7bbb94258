import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { freshDatabase } from '#test/world.ts'

const db = (await freshDatabase('control')).as('control')

const back = async <T>(one: z.ZodType<T>, type: string, values: readonly unknown[]): Promise<T[]> =>
  (
    await db.one(z.object({ values: z.array(one) }))(
      Object.assign(['select ', `::${type}[] as values`], {
        raw: ['select ', `::${type}[] as values`],
      }),
      values,
    )
  ).values

test('texts come back as they went, whatever stands in them', async () => {
  const texts = fc.array(
    fc.oneof(
      fc.string(),
      fc.constantFrom('{', '}', '"', '\\', ',', 'NULL', '', ' ', '\n', '{"a"}', '\\"', 'oʻzbek'),
    ),
  )
  await fc.assert(
    fc.asyncProperty(texts, async (values) => {
      const sent = values.map((value) => value.replaceAll('\0', ''))
      assert.deepEqual(await back(z.string(), 'text', sent), sent)
    }),
    { numRuns: 200 },
  )
})

test('each type that the house keeps in arrays comes back as it went', async () => {
  const big = 9_007_199_254_740_993n
  assert.deepEqual(await back(z.bigint(), 'bigint', [big, -1n]), [big, -1n])
  assert.deepEqual(await back(z.number(), 'int', [1, -2]), [1, -2])
  assert.deepEqual(await back(z.number(), 'float8', [0.5]), [0.5])
  assert.deepEqual(await back(z.string(), 'numeric', ['0.10', '12']), ['0.10', '12'])
  const at = Temporal.Instant.from('2026-11-24T00:00:00.123456Z')
  const instants = await back(z.instanceof(Temporal.Instant), 'timestamptz', [at])
  assert.deepEqual(instants.map(String), [String(at)])
  const days = await back(z.instanceof(Temporal.PlainDate), 'date', [
    Temporal.PlainDate.from('2026-02-28'),
  ])
  assert.deepEqual(days.map(String), ['2026-02-28'])
  const id = '01a20abf-8fc3-7d08-b371-6af35f05be03'
  assert.deepEqual(await back(z.string(), 'uuid', [id]), [id])
  assert.deepEqual(await back(z.string().nullable(), 'text', ['a', null]), ['a', null])
  assert.deepEqual(await back(z.string(), 'text', []), [])
})

test('arrays of truth, of bytes and of arrays are read', async () => {
  const Row = z.object({
    truths: z.array(z.boolean()),
    grid: z.array(z.array(z.bigint())),
    bytes: z.array(z.instanceof(Buffer)),
  })
  assert.deepEqual(
    await db.one(Row)`select array[true, false] as truths, '{{1,2},{3,4}}'::bigint[] as grid,
      array['\\x005c22ff'::bytea] as bytes`,
    {
      truths: [true, false],
      grid: [
        [1n, 2n],
        [3n, 4n],
      ],
      bytes: [Buffer.from([0, 92, 34, 255])],
    },
  )
})
