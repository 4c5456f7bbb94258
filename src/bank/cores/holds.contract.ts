/** What every core that holds money for cards must keep, beside `core.contract.ts`. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { assert as must } from '#kernel/assert.ts'
import { money } from '#kernel/money.ts'
import { newReference } from '../reference.ts'
import type { AccountRef, Core, CoreHolds } from './core.ts'

/** `purse` has at least fifty whole units in so'm to spend, `poor` less than a thousand million; `closed` is closed. */
export interface HoldsWorld {
  readonly purse: AccountRef
  readonly poor: AccountRef
  readonly closed: AccountRef
  readonly nobody: AccountRef
}

export const holdsContract = (name: string, core: Core, world: HoldsWorld): void => {
  describe(`${name} keeps the contract of holds`, () => {
    const { holds } = core
    must(holds, 'a core that is judged by this contract has holds')
    const placed = async (minor: bigint, account = world.purse) => {
      const reference = newReference()
      const order = { reference, account, amount: money(minor, 'UZS'), text: 'Korzinka' }
      return { reference, order, outcome: await holds.place(order) }
    }
    const use = (hold: string, minor: bigint): Parameters<CoreHolds['capture']>[0] => ({
      reference: newReference(),
      hold,
      amount: money(minor, 'UZS'),
    })
    const standing = async () => {
      const { available, booked } = await core.balances(world.purse)
      return { available: available.minor, booked: booked.minor }
    }

    test('a hold lowers what can be spent and moves nothing; what is captured moves, what is released comes back', async () => {
      const before = await standing()
      const { reference, outcome } = await placed(1000n)
      assert.deepEqual(outcome, { status: 'held' })
      assert.deepEqual(await standing(), { ...before, available: before.available - 1000n })
      await holds.capture(use(reference, 300n))
      await holds.release(use(reference, 200n))
      assert.deepEqual(await standing(), {
        available: before.available - 800n,
        booked: before.booked - 300n,
      })
      const [debit] = await core.entries(world.purse, { limit: 2 })
      assert.equal(debit?.counterparty?.name ?? debit?.text, 'Korzinka')
      await holds.cancel(reference)
      assert.deepEqual(await standing(), {
        available: before.available - 300n,
        booked: before.booked - 300n,
      })
    })

    test('twenty times the same reference, at once, is one hold, one capture and one credit', async () => {
      const before = await standing()
      const { reference, order } = await placed(500n)
      await Promise.all(Array.from({ length: 20 }, () => holds.place(order)))
      const capture = use(reference, 400n)
      await Promise.all(Array.from({ length: 20 }, () => holds.capture(capture)))
      const credit = { ...order, reference: newReference(), amount: money(400n, 'UZS') }
      await Promise.all(Array.from({ length: 20 }, () => holds.credit(credit)))
      await Promise.all(Array.from({ length: 3 }, () => holds.cancel(reference)))
      assert.deepEqual(await standing(), before)
    })

    test('a reference that stands for something else is refused, and so is more than is held', async () => {
      const { reference, order } = await placed(100n)
      await assert.rejects(holds.place({ ...order, amount: money(101n, 'UZS') }), {
        code: 'core/refused',
      })
      await assert.rejects(holds.capture(use(reference, 101n)), { code: 'core/refused' })
      const some = use(reference, 60n)
      await holds.capture(some)
      await assert.rejects(holds.capture({ ...some, amount: money(61n, 'UZS') }), {
        code: 'core/refused',
      })
      await assert.rejects(holds.release(some), { code: 'core/refused' })
      await assert.rejects(holds.release(use(reference, 41n)), { code: 'core/refused' })
      await assert.rejects(holds.capture(use(newReference(), 1n)), { code: 'core/refused' })
      await holds.cancel(reference)
      await assert.rejects(holds.capture(use(reference, 1n)), { code: 'core/refused' })
    })

    test('what cannot be held is rejected with its ISO reason, and holds nothing', async () => {
      const { outcome } = await placed(100_000_000_000_00n, world.poor)
      assert.deepEqual(outcome, { status: 'rejected', reasonCode: 'AM04' })
      assert.deepEqual((await placed(1n, world.closed)).outcome, {
        status: 'rejected',
        reasonCode: 'AC04',
      })
      assert.deepEqual((await placed(1n, world.nobody)).outcome, {
        status: 'rejected',
        reasonCode: 'AC01',
      })
    })

    test('a hold that comes after its cancellation is rejected: nothing stays held that nobody knows of', async () => {
      const before = await standing()
      const reference = newReference()
      await holds.cancel(reference)
      const order = { reference, account: world.purse, amount: money(10n, 'UZS'), text: 'Late' }
      assert.deepEqual(await holds.place(order), { status: 'rejected', reasonCode: 'MS03' })
      assert.deepEqual(await standing(), before)
    })

    test('in any order of captures and releases, at once: what is held, moved and given back is what was placed', async () => {
      const step = fc.record({
        what: fc.constantFrom('capture' as const, 'release' as const),
        minor: fc.bigInt({ min: 1n, max: 400n }),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
          const before = await standing()
          const { reference } = await placed(1000n)
          let [captured, released] = [0n, 0n]
          await Promise.all(
            steps.map(async ({ what, minor }) => {
              try {
                await holds[what](use(reference, minor))
              } catch {
                return
              }
              if (what === 'capture') captured += minor
              else released += minor
            }),
          )
          assert.ok(captured + released <= 1000n)
          assert.deepEqual(await standing(), {
            available: before.available - 1000n + released,
            booked: before.booked - captured,
          })
          await holds.cancel(reference)
          assert.equal((await standing()).available, before.available - captured)
        }),
        { numRuns: 8 },
      )
    })
  })
}
