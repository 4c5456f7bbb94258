/** A payment is booked once, whatever is lost on the way: counted in the simulator's own data file. */
import assert from 'node:assert/strict'
import { before, beforeEach, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '#kernel/problem.ts'
import type { Core, TransferOrder, TransferOutcome } from '../core.ts'
import {
  type Simulator,
  eventually,
  openCoreOn,
  startSimulator,
  wholeFile,
} from './simulator-process.ts'

const file = wholeFile()
let simulator: Simulator
let core: Core
const debtor = '9000000801'
const creditor = '9000000501'

before(async () => {
  simulator = await startSimulator(file)
  core = openCoreOn(simulator, file, {
    timeouts: { answerMs: 1500, graceMs: 3000, inquiryPausesMs: [100, 300, 800] },
  }).core
})
beforeEach(async () => {
  await simulator.control('faults clear')
  await simulator.control('window auto')
})

const orderOf = async (minor: bigint): Promise<TransferOrder> => {
  const account = await core.account(creditor)
  assert.ok(account)
  return {
    reference: `ONCE${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`.toUpperCase(),
    debtor,
    creditor: { number: account.number, bankCode: account.bankCode, name: 'Юсупова Малика' },
    amount: { minor, currency: 'UZS' },
    text: 'Бир марта',
  }
}

const bookedOf = async (ref: string) => (await core.balances(ref)).booked.minor

/** Runs something with an order and sees that, in the end, its amount moved exactly once. */
const movedOnce = async (minor: bigint, story: (order: TransferOrder) => Promise<void>) => {
  const order = await orderOf(minor)
  const start = [await bookedOf(debtor), await bookedOf(creditor)] as const
  await story(order)

  assert.deepEqual(simulator.taken(order.reference), [{ state: '10', amount: String(minor) }])
  assert.equal(start[0] - (await bookedOf(debtor)), minor)
  assert.equal((await bookedOf(creditor)) - start[1], minor)
  assert.deepEqual(await core.transferByReference(order.reference), { status: 'booked' })
  assert.equal(await simulator.control('balanced'), '')
}

/** Sends, and asks again while it is unclear, as the payments room would. */
const insistently = async (order: TransferOrder): Promise<TransferOutcome> => {
  const until = performance.now() + 60_000
  while (performance.now() < until) {
    try {
      return await core.transfer(order)
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 503) throw error
      await pause(100)
    }
  }
  throw new Error('it never became clear')
}

for (const fault of [
  'drop-before',
  'drop-after',
  'hang-before',
  'hang-after',
  'truncate',
  'garbage',
  'status',
  'number',
]) {
  test(`a payment that met the fault “${fault}” is found out by inquiry and booked once`, async () => {
    await movedOnce(1100n, async (order) => {
      await simulator.control(`fault ${fault} 0410 1`)
      assert.deepEqual(await core.transfer(order), { status: 'booked' })
    })
  })
}

test('a first sending that arrives after the second is refused by the core, so money moves once', async () => {
  await movedOnce(1200n, async (order) => {
    await simulator.control('fault late 0410 1')
    assert.deepEqual(await core.transfer(order), { status: 'booked' })
    assert.equal(simulator.taken(order.reference).length, 1)
    // Now the first one comes out of its queue.
    await pause(2200)
  })
})

test('a refusal whose answer was lost stays a refusal', async () => {
  const order = await orderOf(99_999_999_999_999n)
  await simulator.control('fault drop-after 0410 1')

  assert.deepEqual(await core.transfer(order), { status: 'rejected', reasonCode: 'AM04' })
  assert.deepEqual(simulator.taken(order.reference), [
    { state: '90', amount: String(order.amount.minor) },
  ])
})

test('when the inquiry fails too it is unclear, and asking again makes it clear', async () => {
  await movedOnce(1300n, async (order) => {
    await simulator.control('fault drop-after 0410 1')
    await simulator.control('fault garbage 0420 4')

    await assert.rejects(core.transfer(order), { code: 'core/unclear', status: 503 })

    assert.deepEqual(await core.transferByReference(order.reference), { status: 'booked' })
    assert.deepEqual(await core.transfer(order), { status: 'booked' })
  })
})

test('an order that was lost twice and never taken is unclear, and may be sent again', async () => {
  await movedOnce(1400n, async (order) => {
    await simulator.control('fault drop-before 0410 2')

    await assert.rejects(core.transfer(order), { code: 'core/unclear' })
    assert.deepEqual(simulator.taken(order.reference), [])
    assert.deepEqual(await core.transferByReference(order.reference), { status: 'unknown' })

    assert.deepEqual(await core.transfer(order), { status: 'booked' })
  })
})

test('a window that shuts between the order and its inquiry leaves it unclear until it opens', async () => {
  await movedOnce(1500n, async (order) => {
    await simulator.control('fault hang-after 0410 1')
    const sending = core.transfer(order)
    sending.catch(() => {})
    await eventually(() => simulator.taken(order.reference).length > 0)
    await simulator.control('window shut 60')

    await assert.rejects(sending, (error) => {
      assert.ok(error instanceof Problem)
      assert.equal(error.code, 'core/unclear')
      assert.ok(Number(error.particulars.headers?.['Retry-After']) > 50)
      return true
    })

    await simulator.control('window open')
    assert.deepEqual(await core.transferByReference(order.reference), { status: 'booked' })
  })
})

test('a core killed after it took the order, and started again, has booked it once', async () => {
  await movedOnce(1600n, async (order) => {
    await simulator.control('fault hang-after 0410 1')
    const sending = insistently(order)
    await eventually(() => simulator.taken(order.reference).length > 0)
    await simulator.kill()
    await simulator.start()

    assert.deepEqual(await sending, { status: 'booked' })
  })
})

test('a core killed before it took the order, and started again, books it once', async () => {
  await movedOnce(1700n, async (order) => {
    await simulator.control('fault hang-before 0410 1')
    const sending = insistently(order)
    await pause(100)
    await simulator.kill()
    assert.deepEqual(simulator.taken(order.reference), [])
    await simulator.start()

    assert.deepEqual(await sending, { status: 'booked' })
  })
})

test('forty payments through a core that is killed three times are forty payments', async () => {
  const start = await bookedOf(debtor)
  const orders = await Promise.all(Array.from({ length: 40 }, (_, n) => orderOf(BigInt(n + 1))))
  await simulator.control('latency 20 60')
  await simulator.control('drop-rate 0.2')

  const sending = Promise.all(orders.map(insistently))
  for (let kills = 0; kills < 3; kills += 1) {
    await pause(60)
    await simulator.kill()
    await simulator.start()
    await simulator.control('drop-rate 0.2')
  }
  const outcomes = await sending
  await simulator.control('drop-rate 0')

  assert.ok(outcomes.every(({ status }) => status === 'booked'))
  for (const { reference, amount } of orders)
    assert.deepEqual(simulator.taken(reference), [{ state: '10', amount: String(amount.minor) }])
  assert.equal(start - (await bookedOf(debtor)), 820n)
  assert.equal(await simulator.control('balanced'), '')
})

test('a card account whose answer was lost is opened once', async () => {
  for (const fault of ['drop-before', 'drop-after', 'hang-after', 'truncate']) {
    const order = { reference: `CARD${Date.now()}`, customer: '90000014', currency: 'UZS' as const }
    await simulator.control(`fault ${fault} 0510 1`)

    const opened = await core.openCardAccount(order)

    assert.deepEqual(await core.openCardAccount(order), opened)
    assert.equal(simulator.opened(order.reference), 1)
  }
})

test('a card account that stays unclear is the same account when asked for again', async () => {
  const order = { reference: `CARD${Date.now()}U`, customer: '90000014', currency: 'UZS' as const }
  await simulator.control('fault drop-after 0510 2')

  await assert.rejects(core.openCardAccount(order), { code: 'core/unclear' })

  const opened = await core.openCardAccount(order)
  assert.equal(simulator.opened(order.reference), 1)
  assert.deepEqual(await core.account(opened.ref), opened)
})

test('a payment to another bank is accepted, and booked when the clearing has taken it', async (context) => {
  const clearing = await startSimulator(context, '--clearing', '1')
  const { core: other } = openCoreOn(clearing, context)
  const order = {
    ...(await orderOf(500n)),
    creditor: { number: '80208000500000201001', bankCode: '09998', name: 'Ҳавас' },
  }

  assert.deepEqual(await other.transfer(order), { status: 'accepted' })
  assert.deepEqual(await other.transferByReference(order.reference), { status: 'accepted' })
  await eventually(
    async () => (await other.transferByReference(order.reference)).status !== 'accepted',
  )

  assert.deepEqual(await other.transferByReference(order.reference), { status: 'booked' })
  assert.deepEqual(await other.transfer(order), { status: 'booked' })
  assert.equal(await clearing.control('balanced'), '')
})
