/** R9: 100 % refusal of generated cross-cell cases. The short form; `portico isolation report` runs a million. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newCell } from './cells.ts'
import { tryInProcess } from './in-process.ts'

const sum = (counts: readonly { attempts: number; accepted: number }[]) => ({
  attempts: counts.reduce((all, { attempts }) => all + attempts, 0),
  accepted: counts.reduce((all, { accepted }) => all + accepted, 0),
})

test('TH11: no credential of one cell is accepted by the other, whatever is done to it', async () => {
  const { counts } = await tryInProcess({ attempts: 20_000, seed: 20_261_122 })
  assert.deepEqual(
    counts.filter(({ accepted }) => accepted > 0),
    [],
  )
  assert.ok(sum(counts).attempts >= 20_000)
  assert.equal(counts.length, 20)
})

test('the trial fails where two cells share keys: what it counts can be counted', async () => {
  const sandbox = await newCell('sandbox')
  const production = { ...sandbox, ...pick(await newCell('production')) }
  const { counts } = await tryInProcess({
    attempts: 8_000,
    seed: 1,
    made: { sandbox, production },
  })
  const seen = new Set(counts.filter((c) => c.accepted > 0).map((c) => c.credential))
  for (const credential of [
    'access token bound to a key',
    'access token bound to a certificate',
    'caller header before the bank',
    'caller header before the vault',
    'sealed secret',
    'webhook',
    'pairwise identifier',
  ])
    assert.ok(seen.has(credential), `${credential} is seen to cross`)
})

/** Another cell by its names alone. */
const pick = ({ cell, addresses }: Awaited<ReturnType<typeof newCell>>) => ({ cell, addresses })

test('the same seed makes the same attempts', async () => {
  const one = await tryInProcess({ attempts: 500, seed: 7 })
  const two = await tryInProcess({ attempts: 500, seed: 7 })
  assert.deepEqual(one.counts, two.counts)
})
