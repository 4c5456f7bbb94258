import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareOverTheWire } from './wire.ts'

const DECISIONS = 50_000

test('fifty thousand decisions over the wire agree with the reference', async (t) => {
  const seed = Date.now() % 1_000_000_000
  t.diagnostic(`seed ${seed}`)

  const compared = await compareOverTheWire(DECISIONS, seed, (line) =>
    process.stderr.write(`${line}\n`),
  )

  const { decisions, allowed, partners, disagreements, answers } = compared
  t.diagnostic(
    `${decisions} decisions about ${partners} partners, ${allowed} of them allowed, ${disagreements.length} disagreements`,
  )
  for (const [answer, count] of [...answers].toSorted((a, b) => b[1] - a[1]))
    t.diagnostic(`${count} × ${answer}`)
  assert.deepEqual(disagreements, [])
  assert.ok(decisions >= DECISIONS)
  // A gateway that refused, or allowed, everything would have been found out by the reference; here it is said aloud.
  assert.ok(allowed > decisions / 10 && allowed < decisions * 0.9)
})
