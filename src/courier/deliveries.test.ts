import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCourierHouse, until } from '#test/courier/house.ts'
import { isSignedBy } from '#test/courier/receiver.ts'
import { forgetOnce } from './forgetting.ts'
import { scheduleOf } from './retry.ts'
import { removeEndpoint, rotateKey, takeIntoUse } from './endpoints.ts'
import { newestEventVersion } from './event-versions.ts'

// Three attempts say what ten would; the whole table is a test of its own.
const house = await openCourierHouse({ schedule: scheduleOf('sandbox') })
const log = async (endpointId: string) =>
  (await house.attempts(endpointId)).map(({ number, status, failure }) => ({
    number,
    status,
    failure,
  }))

test('every event arrives at every endpoint that wants it, signed, with its place among those of its subject', async () => {
  const partner = house.partnerId()
  const all = await house.endpoint({ partnerId: partner, types: ['*'] })
  const settledOnly = await house.endpoint({ partnerId: partner, types: ['payments.settled'] })
  const foreign = await house.endpoint({ partnerId: house.partnerId(), types: ['*'] })

  await house.happens('payments.settled', 'payment_1', { partnerId: partner, secret: 'x' })
  await house.happens('payments.rejected', 'payment_1', { partnerId: partner, reasonCode: 'AC04' })
  await house.quiet()

  assert.deepEqual(
    all.heard.map(({ body }) => [body.type, body.data]),
    [
      ['payments.settled', { subject: 'payment_1', sequence: 1 }],
      ['payments.rejected', { subject: 'payment_1', sequence: 2, reasonCode: 'AC04' }],
    ],
  )
  assert.deepEqual(
    settledOnly.heard.map(({ body }) => body.type),
    ['payments.settled'],
  )
  assert.equal(foreign.heard.length, 0)
  for (const message of all.heard) assert.ok(all.verifies(message))
  assert.equal(new Set(all.heard.map(({ id }) => id)).size, 2)
})

test('each endpoint reads an event in its own version, and each signature is of what was sent', async () => {
  const partnerId = house.partnerId()
  const today = await house.endpoint({ partnerId })
  const version = Temporal.PlainDate.from('2026-05-04')
  const older = await house.endpoint({ partnerId, version })

  await house.happens('payments.recall-accepted', 'recall_1', { partnerId, paymentId: 'payment_9' })
  await house.quiet()

  const dataOf = ({ heard }: typeof today) => heard.map(({ body }) => body.data)
  const subject = { subject: 'recall_1', sequence: 1 }
  assert.deepEqual(dataOf(today), [{ ...subject, paymentId: 'payment_9' }])
  assert.deepEqual(dataOf(older), [{ ...subject, payment: 'payment_9' }])
  for (const endpoint of [today, older])
    assert.ok(endpoint.heard.every((one) => endpoint.verifies(one)))
})

test('an endpoint that names no version keeps the newest of the day on which it was made', async () => {
  const { id } = await house.endpoint({ partnerId: house.partnerId() })
  const { version } = (await house.read(id)) ?? {}
  assert.equal(version?.toString(), newestEventVersion.toString())
})

test('what fails is tried again by the schedule, with the same id and a new time', async () => {
  const partnerId = house.partnerId()
  const endpoint = await house.endpoint({ partnerId })
  let down = true
  endpoint.behave(() => ({ status: down ? 503 : 204 }))
  await house.happens('payments.settled', 'payment_2', { partnerId })
  await house.quiet()
  assert.equal(endpoint.heard.length, 1)

  down = false
  house.pass({ seconds: 4 })
  await house.quiet()
  assert.equal(endpoint.heard.length, 1)
  house.pass({ seconds: 1 })
  await house.quiet()

  const [first, second] = endpoint.heard
  assert.ok(first && second)
  assert.equal(second.id, first.id)
  assert.equal(Number(second.timestamp) - Number(first.timestamp), 5)
  assert.ok(endpoint.verifies(second) && !second.replay)
  assert.deepEqual(await log(endpoint.id), [
    { number: 1, status: 503, failure: null },
    { number: 2, status: 204, failure: null },
  ])
})

test('a receiver that asks for time gets it', async () => {
  const partnerId = house.partnerId()
  const endpoint = await house.endpoint({ partnerId })
  endpoint.behave(() =>
    endpoint.heard.length === 1
      ? { status: 429, headers: { 'retry-after': '600' } }
      : { status: 200 },
  )
  await house.happens('payments.settled', 'payment_3', { partnerId })
  await house.quiet()
  await house.happens('payments.settled', 'payment_4', { partnerId })
  house.pass({ seconds: 599 })
  await house.quiet()
  assert.equal(endpoint.heard.length, 1)
  house.pass({ seconds: 1 })
  await house.quiet()
  assert.deepEqual(new Set(endpoint.heard.map(({ body }) => body.data['subject'])).size, 2)
})

test('410 takes the endpoint out of use at once, and what it is owed is kept', async () => {
  const partnerId = house.partnerId()
  const endpoint = await house.endpoint({ partnerId })
  endpoint.behave(() => ({ status: 410 }))
  await house.happens('payments.settled', 'payment_5', { partnerId })
  await house.quiet()

  const after = await house.read(endpoint.id)
  assert.deepEqual([after?.status, after?.disabledFor], ['disabled', 'gone'])
  assert.deepEqual(await house.statuses(endpoint.id), ['due'])
  assert.deepEqual(await house.notices(endpoint.id), ['disabled'])

  endpoint.behave(() => ({ status: 204 }))
  await house.commands((w) => takeIntoUse(w, { ...endpoint, url: after?.url ?? '' }))
  house.sender.changed()
  await house.quiet()
  assert.deepEqual(await house.statuses(endpoint.id), ['delivered'])
})

test('after the last attempt a delivery is dead, and is replayed under its own id', async () => {
  const partnerId = house.partnerId()
  const endpoint = await house.endpoint({ partnerId })
  endpoint.behave(() => ({ status: 500 }))
  await house.happens('payments.settled', 'payment_6', { partnerId })
  for (let n = 0; n < 3; n++) {
    await house.quiet()
    house.pass({ minutes: 7 })
  }
  await house.quiet()
  assert.equal(endpoint.heard.length, 3)
  assert.deepEqual(await house.statuses(endpoint.id), ['dead'])

  endpoint.behave(() => ({ status: 200 }))
  const since = house.now().subtract({ hours: 48 })
  assert.equal(await house.replay(endpoint.id, { what: 'failed', since }), 1)
  await house.quiet()
  assert.deepEqual(await house.statuses(endpoint.id), ['delivered'])
  const last = endpoint.heard.at(-1)
  assert.ok(last?.replay && endpoint.verifies(last))
  assert.equal(new Set(endpoint.heard.map(({ id }) => id)).size, 1)
})

test('an endpoint that fails five times is left alone, its partner is told, and one delivery tries it again', async () => {
  const partnerId = house.partnerId()
  const endpoint = await house.endpoint({ partnerId })
  endpoint.behave(() => ({ status: 500 }))
  for (let n = 0; n < 20; n++)
    await house.happens('payments.settled', `payment_b${n}`, { partnerId })
  await house.quiet()
  // Those that were under way when the circuit opened, and no more.
  const asked = endpoint.heard.length
  assert.ok(asked >= 5 && asked <= 12, String(asked))
  assert.deepEqual(await house.notices(endpoint.id), ['failing'])
  house.pass({ seconds: 29 })
  await house.quiet()
  assert.equal(endpoint.heard.length, asked)

  house.pass({ seconds: 1 })
  await house.quiet()
  assert.equal(endpoint.heard.length, asked + 1)
  endpoint.behave(() => ({ status: 200 }))
  house.pass({ minutes: 7 })
  await house.quiet()
  assert.deepEqual(new Set(await house.statuses(endpoint.id)), new Set(['delivered']))
  assert.deepEqual(await house.notices(endpoint.id), ['failing'])
})

test('who fails for five days is taken out of use, and told', async () => {
  const partnerId = house.partnerId()
  const endpoint = await house.endpoint({ partnerId })
  endpoint.behave(() => ({ status: 500 }))
  await house.happens('payments.settled', 'payment_c1', { partnerId })
  await house.quiet()
  house.pass({ hours: 121 })
  await house.quiet()
  const after = await house.read(endpoint.id)
  assert.deepEqual([after?.status, after?.disabledFor], ['disabled', 'failing'])
  assert.deepEqual(await house.notices(endpoint.id), ['disabled'])
})

test('where order was asked for, nothing overtakes what stands before it, dead or not', async () => {
  const partnerId = house.partnerId()
  const endpoint = await house.endpoint({ partnerId, ordered: true })
  endpoint.behave(({ body }) => ({
    status: body.data['subject'] === 'card_1' && endpoint.heard.length < 3 ? 500 : 204,
  }))
  for (const type of ['cards.issued', 'cards.activated', 'cards.suspended', 'cards.resumed'])
    for (const card of ['card_1', 'card_2']) await house.happens(type, card, { partnerId })
  await house.quiet()
  house.pass({ minutes: 10 })
  await house.quiet()

  for (const card of ['card_1', 'card_2']) {
    const seen = endpoint.heard
      .filter(({ body }) => body.data['subject'] === card)
      .map(({ body }) => Number(body.data['sequence']))
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    )
    assert.deepEqual([...new Set(seen)], [1, 2, 3, 4])
  }
})

test('a dead one holds its lane until it is skipped', async () => {
  const partnerId = house.partnerId()
  const endpoint = await house.endpoint({ partnerId, ordered: true })
  endpoint.behave(() => ({ status: 500 }))
  for (const type of ['cards.issued', 'cards.activated'])
    await house.happens(type, 'card_3', { partnerId })
  for (let n = 0; n < 10; n++) {
    await house.quiet()
    house.pass({ hours: 25 })
    await house.owner
      .run`update courier.endpoint set failing_since = null where id = ${endpoint.id}`
  }
  await house.quiet()
  endpoint.behave(() => ({ status: 204 }))
  await house.happens('cards.suspended', 'card_3', { partnerId })
  await house.happens('cards.issued', 'card_4', { partnerId })
  await house.quiet()
  assert.deepEqual(await house.statuses(endpoint.id), ['dead', 'waiting', 'waiting', 'delivered'])

  await house.skipFirst(endpoint.id)
  await house.quiet()
  assert.deepEqual(await house.statuses(endpoint.id), [
    'skipped',
    'delivered',
    'delivered',
    'delivered',
  ])
})

test('nobody waits for an endpoint that never answers', async () => {
  const partnerId = house.partnerId()
  const silent = await house.endpoint({ partnerId })
  silent.behave(() => undefined)
  const well = await house.endpoint({ partnerId })
  for (let n = 0; n < 100; n++)
    await house.happens('payments.settled', `payment_7_${n}`, { partnerId })
  await until(() => well.heard.length === 100)
  // It was asked, and all that it ever did was to be silent.
  assert.ok(silent.heard.length > 0)
  assert.ok(!(await house.statuses(silent.id)).includes('delivered'))
  await house.commands((w) => removeEndpoint(w, silent.id, partnerId))
  house.sender.changed()
})

test('a new key is current at once, and the old one signs too until its end', async () => {
  const partnerId = house.partnerId()
  const endpoint = await house.endpoint({ partnerId })
  const [old] = endpoint.keys
  const made = await house.commands((w) =>
    rotateKey(w, house.rules, {
      id: endpoint.id,
      partnerId,
      scheme: 'v1a',
      overlapHours: 24,
      compromised: false,
    }),
  )
  house.sender.changed()
  const hear = async (subject: string) => {
    await house.happens('payments.settled', subject, { partnerId })
    await house.quiet()
    const message = endpoint.heard.at(-1)
    assert.ok(message && old)
    return [isSignedBy(message, made.key), isSignedBy(message, old.key)]
  }
  assert.deepEqual(await hear('payment_8'), [true, true])
  house.pass({ hours: 24 })
  assert.deepEqual(await hear('payment_9'), [true, false])

  await house.commands((w) =>
    rotateKey(w, house.rules, {
      id: endpoint.id,
      partnerId,
      scheme: 'v1a',
      overlapHours: 24,
      compromised: true,
    }),
  )
  house.sender.changed()
  assert.deepEqual(await hear('payment_10'), [false, false])
})

test('the simulators: a storm, duplicates under the same id, and events in the wrong order', async () => {
  const partnerId = house.partnerId()
  const endpoint = await house.endpoint({ partnerId })
  const wish = (kind: string, count: number) =>
    house.happens('sandbox.webhooks-simulated', partnerId, { partnerId, kind, count })

  await wish('storm', 30)
  await house.quiet()
  assert.equal(new Set(endpoint.heard.map(({ id }) => id)).size, 30)
  assert.equal(new Set(endpoint.heard.map(({ body }) => body.data['subject'])).size, 30)

  await wish('duplicate', 5)
  await house.quiet()
  assert.equal(endpoint.heard.length, 35)
  assert.equal(new Set(endpoint.heard.map(({ id }) => id)).size, 30)

  await wish('reorder', 4)
  for (let n = 0; n < 8; n++) {
    await house.quiet()
    house.pass({ milliseconds: 300 })
  }
  await house.quiet()
  const sequences = endpoint.heard.slice(35).map(({ body }) => body.data['sequence'])
  assert.deepEqual(sequences, [4, 3, 2, 1])
})

test('what is not in shape, or names no event, is no wish', async () => {
  const partnerId = house.partnerId()
  const endpoint = await house.endpoint({ partnerId })
  for (const wish of [
    { kind: 'storm', count: 100_000 },
    { kind: 'flood', count: 1 },
    { kind: 'storm', count: 1, type: 'customers.added' },
  ])
    await house.happens('sandbox.webhooks-simulated', partnerId, { partnerId, ...wish })
  await house.quiet()
  assert.equal(endpoint.heard.length, 0)
})

test('what is over is forgotten after a month, and what waits for nobody is given up', async () => {
  const partnerId = house.partnerId()
  const endpoint = await house.endpoint({ partnerId })
  const gone = await house.endpoint({ partnerId })
  gone.behave(() => ({ status: 410 }))
  await house.happens('payments.settled', 'payment_f1', { partnerId })
  await house.quiet()
  const month = house.now().add({ hours: 30 * 24 })

  await forgetOnce(house.db, month.subtract({ minutes: 1 }))
  assert.deepEqual(await house.statuses(endpoint.id), ['delivered'])
  assert.deepEqual(await house.statuses(gone.id), ['due'])
  await forgetOnce(house.db, month.add({ minutes: 1 }))
  assert.deepEqual(await house.statuses(endpoint.id), [])
  assert.deepEqual(await house.statuses(gone.id), ['dead'])
})
