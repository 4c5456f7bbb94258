/**
 * What every core must keep when its line fails: the adapter is led through a line of ours, which loses an answer, or is cut.
 *
 *     faultsContract('legacy core', async () => ({ target: { host, port }, open: (at) => openLegacyCore(at), world: { … } }))
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Money, money, subtract } from '#kernel/money.ts'
import { Problem } from '#kernel/problem.ts'
import { newReference } from '../reference.ts'
import type { Core, TransferOrder, TransferOutcome } from './core.ts'
import type { CoreWorld } from './core.contract.ts'

interface Address {
  readonly host: string
  readonly port: number
}

export interface FaultyWorld {
  /** The core's test system. */
  readonly target: Address
  /** The adapter, told that the core is at this address. */
  readonly open: (at: Address) => Core
  readonly world: Pick<CoreWorld, 'person' | 'purse' | 'till'>
  /** Begins and ends the core's night, where whoever runs the test system can. */
  readonly night?: { readonly begin: () => Promise<unknown>; readonly end: () => Promise<unknown> }
}

/** A line to the core that does as it is told. */
const openLine = async (target: Address) => {
  const sockets = new Set<Socket>()
  let isCut = false
  let toLose = 0
  const server = createServer((near) => {
    if (isCut) return void near.destroy()
    const far = connect(target.port, target.host)
    const both = [near, far]
    for (const one of both) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        for (const other of both) other.destroy()
      })
    }
    near.on('data', (bytes) => far.write(bytes))
    far.on('data', (bytes) => {
      if (toLose === 0) return void near.write(bytes)
      toLose--
      near.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address)
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    at: { host: '127.0.0.1', port: address.port },
    /** The core does what it is asked next, and nobody hears of it. */
    loseAnswer: () => void (toLose = 1),
    cut: () => {
      isCut = true
      hangUp()
    },
    mend: () => void (isCut = false),
    close: () => {
      hangUp()
      server.close()
    },
  }
}

const PATIENCE_MS = 60_000

/** Sends an order until it is known what became of it, as those above the port do. */
const carried = async (core: Core, order: TransferOrder): Promise<TransferOutcome> => {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return await core.transfer(order)
    } catch (error) {
      const isPassing =
        error instanceof Problem && /^core\/(unclear|unavailable|busy|closed)$/.test(error.code)
      if (!isPassing || performance.now() > until) throw error
      await sleep(50)
    }
  }
}

/** The problem that a call ends with. */
const problemOf = async (call: Promise<unknown>): Promise<Problem> => {
  const [outcome] = await Promise.allSettled([call])
  assert.equal(outcome?.status, 'rejected', 'the call was answered')
  const problem: unknown = outcome.reason
  assert.ok(problem instanceof Problem, String(problem))
  return problem
}

export const faultsContract = (name: string, given: () => Promise<FaultyWorld>): void => {
  describe(`${name} keeps the core contract when its line fails`, () => {
    let core: Core
    let line: Awaited<ReturnType<typeof openLine>>
    let faulty: FaultyWorld
    before(async () => {
      faulty = await given()
      line = await openLine(faulty.target)
      core = faulty.open(line.at)
    })
    after(async () => {
      await core.close()
      line.close()
    })

    const booked = async (): Promise<Money> => (await core.balances(faulty.world.purse)).booked
    const orderOf = async (minor: bigint): Promise<TransferOrder> => {
      const { purse, till } = faulty.world
      const creditor = await core.account(till)
      assert.ok(creditor)
      const { number, bankCode, currency } = creditor
      return {
        reference: newReference(),
        debtor: purse,
        creditor: { number, bankCode, name: 'Qabul qiluvchi' },
        amount: money(minor, currency),
        text: 'Toʻlov',
      }
    }
    /** It is booked, and its amount has left the account once. */
    const bookedOnce = async (order: TransferOrder, before: Money) => {
      assert.deepEqual(await carried(core, order), { status: 'booked' })
      assert.deepEqual(await core.transferByReference(order.reference), { status: 'booked' })
      assert.deepEqual(subtract(before, await booked()), order.amount)
    }

    test('an order whose answer is lost is done once', async () => {
      const before = await booked()
      const order = await orderOf(101n)
      line.loseAnswer()
      await bookedOnce(order, before)
    })

    test('twenty orders of one reference, one answer of which is lost, are done once', async () => {
      const before = await booked()
      const order = await orderOf(102n)
      line.loseAnswer()
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => carried(core, order)))
      assert.deepEqual(new Set(outcomes.map(({ status }) => status)), new Set(['booked']))
      assert.deepEqual(subtract(before, await booked()), order.amount)
    })

    test('a question whose answer is lost is asked again, or the core is told to be away', async () => {
      const before = await booked()
      line.loseAnswer()
      const [answer] = await Promise.allSettled([core.customer(faulty.world.person)])
      if (answer?.status === 'fulfilled') assert.equal(answer.value?.ref, faulty.world.person)
      else assert.equal((await problemOf(Promise.reject(answer?.reason))).code, 'core/unavailable')
      assert.deepEqual(await booked(), before)
    })

    test('while the line is cut everything says so, and what could not be sent is sent once afterwards', async () => {
      const before = await booked()
      const order = await orderOf(103n)
      line.cut()
      const { person, purse } = faulty.world
      for (const question of [
        () => core.ping(),
        () => core.customer(person),
        () => core.balances(purse),
        () => core.entries(purse, { limit: 1 }),
      ])
        assert.equal((await problemOf(question())).code, 'core/unavailable')
      assert.match((await problemOf(core.transfer(order))).code, /^core\/(unavailable|unclear)$/)
      line.mend()
      await bookedOnce(order, before)
    })

    test('in its night it says until when, and what was ordered meanwhile is done once, in the morning', async (t) => {
      const { night } = faulty
      if (!night) return t.skip('the night of this test system cannot be called')
      const before = await booked()
      const order = await orderOf(104n)
      await night.begin()
      const closed = await problemOf(core.balances(faulty.world.purse))
      const said = await core.transfer(order).then(
        ({ status }) => status,
        (error: unknown) => (error instanceof Problem ? error.code : String(error)),
      )
      await night.end()
      assert.equal(closed.code, 'core/closed')
      assert.ok(Number(closed.particulars.headers?.['Retry-After']) > 0, 'it says until when')
      assert.match(said, /^(accepted|core\/closed)$/)
      return bookedOnce(order, before)
    })
  })
}
