/** Short forms; `npm run attack -- --fuzz N` is long. The edge's bytes and mutated snapshots have theirs beside the code. */
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { tryLayouts } from './layouts.ts'
import { tryTokens } from './tokens.ts'

const seed = Math.floor(Math.random() * 1e9)

test('no text but the one that was signed is taken for a token, and none throws', async () => {
  const { looked } = await tryTokens(400, seed)
  assert.ok(looked > 300)
})

test('no bytes of a core crash the adapter: they are read as described, or refused', () => {
  const { read, refused } = tryLayouts(4_000, seed)
  assert.ok(refused > 500 && read > 0, `${read} read, ${refused} refused`)
})
