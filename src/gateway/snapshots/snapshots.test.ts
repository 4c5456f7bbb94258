/** Snapshots are taken whole or not at all, while traffic flows (G41, G42); a gateway on its way out fails nobody (G68). */
import assert from 'node:assert/strict'
import { copyFileSync, readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Asked, openCell, refused } from '#test/gateway/cell.ts'
import { answerJson } from '#test/gateway/played.ts'

const cell = await openCell()
after(() => cell.close())
const holder = await cell.addHolder('mtls')
await cell.start()
cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))
const cards: Asked = { path: '/cards/v1/cards' }
const call = async (asked = cards) => cell.callMtls(holder, await cell.token(holder), asked)

test('G44: without a snapshot nothing is served, and the gateway does not say that it is ready', async () => {
  assert.deepEqual([(await cell.health()).status, (await cell.health()).ready], [503, false])
  const answered = await call()
  refused(answered, 503, 'gateway/not-ready')
  assert.equal(answered.headers['retry-after'], '1')

  await cell.publishAndWait()
  assert.deepEqual([(await cell.health()).status, (await cell.health()).ready], [200, true])
  assert.equal((await call()).status, 200)
  const { taken, epoch, reason } = cell.receipts.at(-1) ?? {}
  assert.deepEqual([taken, epoch, reason], [true, 1, null], 'control knows what is served by')
})

test('what the documents lack is not there, before anybody is asked who they are', async () => {
  for (const path of [
    '/',
    '/cards/v1',
    '/cards/v1/cards/',
    '/cards/v2/cards',
    '/lending/v1/loans',
    '/internal/ready',
    '/metrics',
  ])
    assert.ok([400, 404].includes((await cell.ask({ path })).status), path)
  refused(await cell.ask({ path: '/cards/v2/cards' }), 404, 'gateway/operation-not-found')
  const wrong = await cell.ask({ ...cards, method: 'DELETE' })
  refused(wrong, 405, 'gateway/method-not-allowed')
  assert.deepEqual(new Set(String(wrong.headers['allow']).split(', ')), new Set(['GET', 'POST']))
})

for (const [what, bend] of [
  [
    'whose signature does not hold',
    (e) => ({ ...e, signature: Buffer.alloc(64).toString('base64url') }),
  ],
  ['of another cell', (e) => ({ ...e, cell: 'sandbox' })],
  ['for another audience', (e) => ({ ...e, audience: 'authorization' })],
  [
    'whose content was changed',
    (e) => ({ ...e, content: { ...(e['content'] as object), applications: [] } }),
  ],
  ['with a member that nobody knows', (e) => ({ ...e, more: 1 })],
  ['that is no document at all', () => 'nothing'],
] as const satisfies [string, (envelope: Record<string, unknown>) => unknown][])
  test(`G42: a snapshot ${what} is refused, and the held one serves on`, async () => {
    const held = (await cell.health()).epoch
    cell.publish(bend)
    await sleep(150)
    assert.equal((await cell.health()).epoch, held)
    assert.equal((await call()).status, 200)
    assert.ok(cell.printed.some((line) => line.includes('a published document was refused')))
    const receipt = cell.receipts.at(-1)
    assert.deepEqual([receipt?.taken, receipt?.highest], [false, held])
    assert.ok((receipt?.reason ?? '') !== '', 'control is told why')
  })

test('G42: a snapshot with one operation that cannot be enforced is refused as a whole', async () => {
  const held = (await cell.health()).epoch
  cell.publish(undefined, (content) => {
    const [product] = structuredClone(content.products)
    assert.ok(product)
    Object.assign(product.openapi.paths, {
      '/accounts/v1/open': { get: { operationId: 'openToAll', responses: {} } },
    })
    return { ...content, products: [product] }
  })
  await sleep(150)
  assert.equal((await cell.health()).epoch, held)
  assert.equal((await call()).status, 200)
  refused(await cell.ask({ path: '/accounts/v1/open' }), 404, 'gateway/operation-not-found')
})

test('G43: twenty changes under load fail nobody', async () => {
  let running = true
  const statuses = new Map<number, number>()
  const accessToken = await cell.token(holder)
  const load = Array.from({ length: 3 }, async () => {
    while (running) {
      const { status, json } = await cell.callMtls(holder, accessToken, cards)
      // A machine that has no time for us sheds calls, with or without a new snapshot.
      if (json['code'] !== 'gateway/overloaded')
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  })
  for (let i = 0; i < 20; i++) await cell.publishAndWait()
  running = false
  await Promise.all(load)

  assert.deepEqual([...statuses.keys()], [200])
  assert.ok((statuses.get(200) ?? 0) > 20)
})

test('an application that a new snapshot no longer holds is refused by the next call', async () => {
  const other = await cell.addHolder('mtls')
  await cell.publishAndWait()
  const accessToken = await cell.token(other)
  assert.equal((await cell.callMtls(other, accessToken, cards)).status, 200)
  cell.holders.splice(cell.holders.indexOf(other), 1)
  await cell.publishAndWait()
  refused(await cell.callMtls(other, accessToken, cards), 401, 'gateway/token-invalid')
})

test('a token that is quicker than the snapshot waits for it; one of an application that never comes is refused', async () => {
  const early = await cell.addHolder('mtls')
  const accessToken = await cell.token(early)
  const asked = cell.callMtls(early, accessToken, cards)
  await sleep(100)
  cell.publish(undefined, (content) => ({
    ...content,
    applications: content.applications.filter((a) => a.id !== early.applicationId),
  }))
  await sleep(200)
  cell.publish()
  assert.equal((await asked).status, 200)

  const never = await cell.token(early, (c) => ({
    ...c,
    client_id: `application_${'0'.repeat(32)}`,
  }))
  refused(await cell.callMtls(early, never, cards), 401, 'gateway/token-invalid')
})

test('G45: without control a restart serves by the newest document on disk, never by an older one put in its place or a torn one', async () => {
  const folder = cell.files.snapshots
  const onDisk = () =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .toSorted()
  assert.equal(onDisk().length, 3)
  const { epoch } = await cell.health()
  await cell.stop()
  await cell.closeControl()
  await cell.start()
  assert.equal((await cell.health()).epoch, epoch)
  assert.equal((await call()).status, 200)

  await cell.stop()
  const [oldest = '', middle = '', newest = ''] = onDisk()
  copyFileSync(join(folder, oldest), join(folder, newest))
  truncateSync(join(folder, middle), 1_000)
  await cell.start()
  assert.equal((await cell.health()).ready, false, 'none of what lies there is new enough')
  assert.ok(cell.printed.some((line) => line.includes('was left aside')))
  await cell.openControl()
  await cell.publishAndWait()
  assert.equal((await call()).status, 200)
})

test('G68: calls under way when the gateway ends are answered, and told to come by another connection', async () => {
  cell.setPlay(async (_, response) => {
    await sleep(400)
    answerJson(response, 200, { data: [], next: null })
  })
  const before = cell.heard.length
  const underWay = Array.from({ length: 6 }, () => call())
  while (cell.heard.length < before + 6) await sleep(10)
  const ended = cell.stop()
  const answers = await Promise.all(underWay)
  await ended

  assert.ok(answers.every((a) => a.status === 200))
  assert.ok(answers.every((a) => a.headers['connection'] === 'close'))
  await assert.rejects(call(), /ECONNREFUSED/)
})
