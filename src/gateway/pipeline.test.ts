/** What no step foresees: a bug of ours ends one call, and never the gateway. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeWhole } from '#platform/keys.ts'
import { openCell, refused } from '#test/gateway/cell.ts'
import { answerJson } from '#test/gateway/played.ts'
import type { Answer, Step } from './call.ts'
import { CLAIMS_KEYS_PATH } from './edge/claims-keys.ts'
import { order } from './pipeline.ts'

const CONCURRENCY = 3
const cell = await openCell()
after(() => cell.close())
const rate = { perSecond: 10_000, burst: 10_000 }
const limits = { rate, concurrency: CONCURRENCY, dailyQuota: 1_000_000, budgets: {} }
const holder = await cell.addHolder('mtls', { limits })

/** Behind all steps the answer is looked at once more, kept, signed and recorded: there it breaks. */
let breaks = false
const spoil: Step = (call) => {
  if (!breaks || !call.answer) return
  call.answer = Object.defineProperty<Answer>({ ...call.answer }, 'headers', {
    get: () => {
      throw new Error('it cannot be read')
    },
  })
}
await cell.start([...order, spoil])
await cell.publishAndWait()
cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))
const ask = async () => cell.callMtls(holder, await cell.token(holder), { path: '/cards/v1/cards' })

test('a bug behind the last step is told, recorded and billed to nobody, and holds no place', async () => {
  breaks = true
  for (let i = 0; i < 4 * CONCURRENCY; i++) refused(await ask(), 500, 'gateway/bug')
  breaks = false
  assert.equal((await ask()).status, 200)
  for (let tries = 0; tries < 3_000 && cell.usage.length <= 4 * CONCURRENCY; tries++)
    await sleep(20)
  const billed = cell.usage.filter(({ billable }) => billable)
  assert.deepEqual(
    [cell.usage.length, billed.map(({ status }) => status)],
    [4 * CONCURRENCY + 1, [200]],
  )
})

test('a file of keys that cannot be read is told to whoever asks for it, and the others are served', async () => {
  writeWhole(cell.files.claimsKeys.publicKeys, '{"keys":')
  for (let i = 0; i < 2; i++) {
    const told = await cell.ask({ path: CLAIMS_KEYS_PATH })
    refused(told, 500, 'gateway/bug')
    assert.equal(told.headers['connection'], 'close')
  }
  assert.equal((await ask()).status, 200)
  assert.ok(cell.printed.some((line) => line.includes('a call met a bug')))
})
