/** A write happens once, whatever is retried, raced or cut off (G59–G61): a real database, a bank that is cut mid-sentence. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { openPostgres } from '#platform/db.ts'
import { type Answered, type Asked, openCell, refused } from '#test/gateway/cell.ts'
import { type Holder, newHolder } from '#test/gateway/partner.ts'
import { answerJson } from '#test/gateway/played.ts'

const cell = await openCell()
after(() => cell.close())
const holder = await cell.addHolder('mtls')
await cell.start()
await cell.publishAndWait()

const path = `/payments/v1/split-payments/split_${'0'.repeat(32)}/legs/all/release`
const release = (key: string | undefined, body: unknown = { reason: 'DELIVERED' }): Asked => ({
  method: 'POST',
  path,
  body: JSON.stringify(body),
  headers: key === undefined ? {} : { 'idempotency-key': key },
})
const leg = {
  legId: 'all',
  destination: {
    schemeName: 'UZ.AccountNumber',
    identification: '20208000500000007002',
    bankCode: '09998',
    name: 'Rishton Pottery',
  },
  role: 'seller',
  releaseCondition: 'manual',
  status: 'PAID',
  amount: { amount: '250000.00', currency: 'UZS' },
  paidAmount: { amount: '250000.00', currency: 'UZS' },
  heldAmount: { amount: '0.00', currency: 'UZS' },
  reversedAmount: { amount: '0.00', currency: 'UZS' },
}
const ask = async (asked: Asked, who: Holder = holder): Promise<Answered> =>
  cell.callMtls(who, await cell.token(who), asked)
const key = () => crypto.randomUUID()
const heardWith = (k: string) => cell.heard.filter((h) => h.caller.idempotencyKey === k)

const Row = z.object({ state: z.string(), body: z.instanceof(Uint8Array).nullable() })
const rowOf = (k: string) =>
  cell.database.owner.one(Row)`select state, body from once.claim where key = ${k}`

test('a write without a key, or with one that is none, is refused before the bank hears of it', async () => {
  const before = cell.heard.length
  refused(await ask(release(undefined)), 400, 'gateway/idempotency-key-missing')
  for (const wrong of [
    'short',
    'x'.repeat(65),
    '"unclosed-unclosed-unclosed',
    'with spaces with spaces',
  ])
    refused(await ask(release(wrong)), 400, 'gateway/idempotency-key-malformed')
  assert.equal(cell.heard.length, before)
})

test('a statement that hangs is given up, and its connection is good for the next claim', async () => {
  const db = openPostgres(cell.database.url('gateway'), { name: 'test', max: 1, statementMs: 100 })
  const hanging = db.run`select pg_sleep(60)`
  await assert.rejects(hanging, { code: '57014' })
  assert.equal(await db.run`select 1`, 1)
  await db.close()
})

test('the same request again is replayed, and marked; quoted or bare, it is the same key', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, leg))
  const k = key()
  const first = await ask(release(k))
  const second = await ask(release(k))
  const quoted = await ask(release(`"${k}"`))

  assert.deepEqual([first.status, second.status, quoted.status], [200, 200, 200], first.text)
  assert.equal(first.headers['idempotent-replayed'], undefined)
  assert.equal(second.headers['idempotent-replayed'], 'true')
  assert.equal(second.text, first.text)
  assert.equal(quoted.text, first.text)
  assert.equal(heardWith(k).length, 1)
  await sleep(300)
  const records = cell.usage.filter((u) => u.operation === 'releaseLeg' && u.status === 200)
  assert.equal(records.filter((u) => u.billable).length, 1, 'a replay is not billed')
})

test('a kept answer is ciphertext in the database, and is projected again when it is replayed', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, { ...leg, canary: 'CANARY' }))
  const k = key()
  await ask(release(k))
  const { state, body } = await rowOf(k)
  const replayed = await ask(release(k))

  assert.equal(state, 'done')
  assert.ok(body && !Buffer.from(body).includes('CANARY') && !Buffer.from(body).includes('250000'))
  assert.equal(replayed.headers['idempotent-replayed'], 'true')
  assert.ok(!replayed.text.includes('CANARY'))
})

test('the same key with another request is refused, and so is another partner’s view of it', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, leg))
  const k = key()
  await ask(release(k))
  refused(await ask(release(k, { reason: 'AGREED' })), 422, 'gateway/idempotency-key-reused')
  refused(
    await ask({ ...release(k), path: path.replace('/all/', '/other/') }),
    422,
    'gateway/idempotency-key-reused',
  )

  const other = await newHolder(cell.partnerCa, cell.cell, 'mtls')
  cell.holders.push(other)
  await cell.publishAndWait()
  const theirs = await ask(release(k), other)
  assert.equal(theirs.status, 200)
  assert.equal(theirs.headers['idempotent-replayed'], undefined)
})

test('R4: of the same request sent 200 times at once, one is done; the others are told to wait, or are replays', async () => {
  cell.setPlay(async (_, response) => {
    await sleep(100)
    answerJson(response, 200, leg)
  })
  const k = key()
  const answers = await Promise.all(Array.from({ length: 200 }, () => ask(release(k))))
  const fresh = answers.filter(
    (a) => a.status === 200 && a.headers['idempotent-replayed'] === undefined,
  )

  assert.equal(heardWith(k).length, 1)
  assert.equal(fresh.length, 1)
  for (const answered of answers.filter((a) => !fresh.includes(a))) {
    if (answered.status === 200) assert.equal(answered.headers['idempotent-replayed'], 'true')
    else {
      refused(answered, 409, 'gateway/request-in-progress')
      assert.equal(answered.headers['retry-after'], '1')
    }
  }
})

test('a refusal of the bank is an outcome: it is replayed, not asked for again', async () => {
  cell.setPlay((_, response) =>
    answerJson(
      response,
      409,
      { code: 'payments/leg-not-held', status: 409, title: 'Not held', detail: 'it is paid' },
      'application/problem+json',
    ),
  )
  const k = key()
  refused(await ask(release(k)), 409, 'payments/leg-not-held')
  const again = await ask(release(k))
  refused(again, 409, 'payments/leg-not-held')
  assert.equal(again.headers['idempotent-replayed'], 'true')
  assert.equal(heardWith(k).length, 1)
})

test('a broken answer leaves the outcome open; the retry asks the bank under the same key, and gets what became of it', async () => {
  const k = key()
  let times = 0
  cell.setPlay((_, response) => {
    if (++times === 1) return void response.socket?.destroy()
    answerJson(response, 200, leg)
  })
  refused(await ask(release(k)), 502, 'gateway/upstream-failed')
  assert.equal((await rowOf(k)).state, 'unknown')
  const again = await ask(release(k))

  assert.equal(again.status, 200)
  assert.equal(again.headers['idempotent-replayed'], undefined)
  assert.deepEqual(
    heardWith(k).map((h) => h.caller.idempotencyKey),
    [k, k],
  )
  assert.equal((await rowOf(k)).state, 'done')
})

test('what a killed gateway was doing is in flight until its lease ends, then the next call finds out', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, leg))
  const k = key()
  await ask(release(k))
  const { owner } = cell.database
  await owner.run`update once.claim set state = 'claimed', status = null, body = null, lease_until = now() + interval '30 seconds' where key = ${k}`
  refused(await ask(release(k)), 409, 'gateway/request-in-progress')
  await owner.run`update once.claim set lease_until = now() - interval '1 second' where key = ${k}`
  const found = await ask(release(k))

  assert.equal(found.status, 200)
  assert.equal(heardWith(k).length, 2)
  assert.equal((await rowOf(k)).state, 'done')
})

test('when the bank is too busy the key stays free for the same request', async () => {
  const k = key()
  cell.setPlay((_, response) =>
    answerJson(
      response,
      503,
      { code: 'core/closed', status: 503, title: 'Closed', detail: 'end of day' },
      'application/problem+json',
    ),
  )
  const busy = await ask(release(k))
  refused(busy, 503, 'core/closed')
  assert.ok(Number(busy.headers['retry-after']) > 0)
  cell.setPlay((_, response) => answerJson(response, 200, leg))
  assert.equal((await ask(release(k))).status, 200)
})

test('PCI DSS 3.5.1: revealed card data is never kept; the same key again is told so', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, { jwe: 'eyJ.CARD.DATA' }))
  const k = key()
  const reveal: Asked = {
    method: 'POST',
    path: `/cards/v1/cards/card_${'0'.repeat(32)}/reveal`,
    body: '{"mode":"jwe"}',
    headers: { 'idempotency-key': k },
  }
  assert.equal((await ask(reveal)).json['jwe'], 'eyJ.CARD.DATA')
  const { state, body } = await rowOf(k)
  assert.deepEqual([state, body], ['done', null])

  const again = await ask(reveal)
  refused(again, 409, 'gateway/replay-not-kept')
  assert.equal(again.headers['idempotent-replayed'], 'true')
  assert.equal(heardWith(k).length, 1)
})

test('G60: without its database a write is refused, and reads go on', async () => {
  const before = cell.heard.length
  await cell.database.owner.run`alter table once.claim rename to claim_away`
  try {
    refused(await ask(release(key())), 503, 'gateway/once-unavailable')
    assert.equal(cell.heard.length, before)
    cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))
    assert.equal((await ask({ path: '/cards/v1/cards' })).status, 200)
  } finally {
    await cell.database.owner.run`alter table once.claim_away rename to claim`
  }
})

test('an upstream that is not there is tried again at once, nothing is done, and the key stays free', async () => {
  const k = key()
  await cell.endUpstreams()
  const answered = await ask(release(k))

  refused(answered, 503, 'gateway/upstream-unavailable')
  assert.equal(answered.headers['retry-after'], '1')
  const rows = await cell.database.owner.many(
    Row,
  )`select state, body from once.claim where key = ${k}`
  assert.deepEqual(rows, [])
})
