import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as fc from 'fast-check'
import { fairQueue } from './fair-queue.ts'
import { type Simulator, openCoreOn, startSimulator, wholeFile } from './simulator-process.ts'

const file = wholeFile()
let simulator: Simulator
before(async () => {
  simulator = await startSimulator(file, '--latency', '20-80')
})

test('two hundred callers at once share eight sessions, and everybody is answered', async (context) => {
  const { core, warnings } = openCoreOn(simulator, context)
  let sessionsSeen = 0
  const watch = setInterval(() => {
    simulator.control('sessions').then(
      (count) => (sessionsSeen = Math.max(sessionsSeen, Number(count))),
      () => {},
    )
  }, 50)
  context.after(() => clearInterval(watch))

  const accounts = Array.from(
    { length: 200 },
    (_, n) => `90000${String((n % 14) + 1).padStart(3, '0')}`,
  )
  const found = await Promise.all(accounts.map((ref) => core.customer(ref)))

  assert.deepEqual(
    found.map((customer) => customer?.ref),
    accounts,
  )
  assert.equal(sessionsSeen, 8)
  assert.deepEqual(warnings, [])
})

test('a partner with two hundred calls waiting does not starve ten with one each', async (context) => {
  const { core } = openCoreOn(simulator, context)
  await core.ping()
  const order: string[] = []
  const call = async (key: string) => {
    await core.behalfOf(key).customer('90000001')
    order.push(key)
  }

  const greedy = Array.from({ length: 200 }, () => call('greedy'))
  const modest = Array.from({ length: 10 }, (_, n) => call(`modest-${n}`))
  await Promise.all([...greedy, ...modest])

  const last = order.findLastIndex((key) => key !== 'greedy')
  // Eight were under way when the ten arrived; then the ten take turns with the greedy one.
  assert.ok(last < 40, `the last of the ten was answered as number ${last} of 210`)
})

test('finding out what became of an order goes before all who wait', async (context) => {
  const { core } = openCoreOn(simulator, context, { sessionsMax: 1 })
  const one = core.behalfOf('one')
  const creditor = await one.account('9000000501')
  assert.ok(creditor)
  await simulator.control('fault drop-after 0410 1')
  let answered = 0

  const sending = one.transfer({
    reference: 'URGENT1',
    debtor: '9000000801',
    creditor: { number: creditor.number, bankCode: creditor.bankCode, name: 'Юсупова' },
    amount: { minor: 100n, currency: 'UZS' },
    text: '',
  })
  const others = Array.from({ length: 40 }, async () => {
    await one.customer('90000001')
    answered += 1
  })

  assert.deepEqual(await sending, { status: 'booked' })
  assert.ok(answered < 5, `${answered} others were answered before`)
  await Promise.all(others)
})

test('one who asks for more than may wait is told at once, and nobody else is', async (context) => {
  const { core } = openCoreOn(simulator, context)
  const flood = core.behalfOf('flood')

  const calls = Array.from({ length: 300 }, () => flood.ping())
  const other = core.behalfOf('other').ping()
  const outcomes = await Promise.allSettled([...calls, other])

  const refused = outcomes.filter(({ status }) => status === 'rejected')
  assert.equal(refused.length, 300 - 256)
  assert.ok(refused.every((one) => one.status === 'rejected' && one.reason.code === 'core/busy'))
  assert.equal(outcomes.at(-1)?.status, 'fulfilled')
})

const arrivals = fc.array(
  fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), urgent: fc.boolean() }),
  { maxLength: 60 },
)

test('turns go round the keys: between two of one key, every waiting key was served', () => {
  fc.assert(
    fc.property(arrivals, (all) => {
      const queue = fairQueue<{ key: string; n: number; urgent: boolean }>()
      for (const [n, { key, urgent }] of all.entries()) queue.push(key, { key, urgent, n }, urgent)
      const waiting = all.map(({ key, urgent }, n) => ({ key, urgent, n }))
      let turn = new Set<string>()

      assert.equal(queue.size, all.length)
      for (let item = queue.shift(); item; item = queue.shift()) {
        const { key, n, urgent } = item
        const lane = waiting.filter((one) => one.urgent === urgent)
        assert.ok(urgent || !waiting.some((one) => one.urgent), 'urgent ones go first')
        assert.equal(
          lane.find((one) => one.key === key)?.n,
          n,
          'first come, first served within a key',
        )
        if (turn.has(key)) {
          assert.ok(
            lane.every((one) => turn.has(one.key)),
            `${key} came twice while another waited`,
          )
          turn = new Set()
        }
        turn.add(key)
        waiting.splice(
          waiting.findIndex((one) => one.n === n),
          1,
        )
        if (waiting.every((one) => one.urgent !== urgent)) turn = new Set()
      }
      assert.deepEqual(waiting, [])
      assert.equal(queue.size, 0)
    }),
    { numRuns: 500 },
  )
})

test('who gave up waiting leaves the queue', () => {
  const queue = fairQueue<string>()
  queue.push('a', 'first', false)
  queue.push('a', 'second', false)
  queue.push('b', 'third', true)
  queue.remove('a', 'first')
  queue.remove('b', 'third')
  queue.remove('b', 'never there')

  assert.deepEqual([queue.size, queue.waitingOf('a'), queue.waitingOf('b')], [1, 1, 0])
  assert.deepEqual([queue.shift(), queue.shift()], ['second', undefined])
})
