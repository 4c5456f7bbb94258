/** What every core must keep about the past of an account, and about what is arranged on it: a part of `coreContract`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { money } from '#kernel/money.ts'
import type { CoreArrangement } from './arrangement.ts'
import type { Core, CoreAccount } from './core.ts'
import type { CoreWorld } from './core.contract.ts'

export const kinds = ['standing-order', 'direct-debit', 'scheduled-payment', 'beneficiary'] as const

export const historyContract = (of: () => { core: Core; world: CoreWorld }): void => {
  test('what was booked when a day ended is what is booked now without what came since', async () => {
    const { core, world } = of()
    const { booked: now } = await core.balances(world.purse)
    const entries = await core.entries(world.purse, { limit: 25 })
    const day = entries.at(-1)?.bookedOn
    assert.ok(day)
    const later = await core.entries(world.purse, { from: day.add({ days: 1 }), limit: 100 })
    const moved = later
      .filter(({ status }) => status === 'booked')
      .reduce((sum, { direction, amount: { minor } }) => {
        return direction === 'credit' ? sum + minor : sum - minor
      }, 0n)

    const then = await core.bookedAt(world.purse, day)

    assert.deepEqual(then.booked, money(now.minor - moved, now.currency))
    assert.ok(then.since && Temporal.PlainDate.compare(then.since, day) <= 0)
    const before = await core.bookedAt(world.purse, then.since.subtract({ days: 1 }))
    assert.deepEqual(before, { booked: money(0n, now.currency), since: then.since })
    const ahead = await core.bookedAt(world.purse, new Temporal.PlainDate(2030, 1, 1))
    assert.deepEqual(ahead.booked, (await core.balances(world.purse)).booked)
  })

  test('what is arranged on an account is listed by kind, and pages of any size make the same list', async () => {
    const { core, world } = of()
    const { currency } = await core.account(world.purse).then(known)
    for (const kind of kinds) {
      const whole = await core.arrangements(world.purse, { kind, limit: 100 })
      assert.ok(whole.length > 0, `there is a ${kind}`)
      const refs = whole.map(({ ref }) => ref)
      assert.deepEqual(refs, [...new Set(refs)].toSorted())
      for (const one of whole) {
        assert.equal(one.kind, kind)
        assert.match(one.payee.number, /^\d{20}$/)
        assert.match(one.payee.bankCode, /^\d{5}$/)
        if ('amount' in one)
          assert.deepEqual([one.amount.minor > 0n, one.amount.currency], [true, currency])
        if (one.kind === 'standing-order')
          assert.equal(one.nextOn !== undefined, one.status === 'active')
      }
      const paged: CoreArrangement[] = []
      for (let last: CoreArrangement | undefined; ; last = paged.at(-1)) {
        const filter = { kind, limit: 1, ...(last && { after: last.ref }) }
        const page = await core.arrangements(world.purse, filter)
        if (page.length === 0) break
        paged.push(...page)
      }
      assert.deepEqual(paged, whole)
      assert.deepEqual(await core.arrangements(world.closed, { kind, limit: 10 }), [])
      const never = { kind, limit: 10, after: 'x' }
      assert.deepEqual(await core.arrangements(world.purse, never), [])
    }
  })

  test('day ends and arrangements of no account are refused, not invented', async () => {
    const { core, world } = of()
    const day = new Temporal.PlainDate(2026, 11, 1)
    for (const ref of [world.nobody.account, 'x', '']) {
      await assert.rejects(core.bookedAt(ref, day), { code: 'core/refused' })
      await assert.rejects(core.arrangements(ref, { kind: 'beneficiary', limit: 1 }), {
        code: 'core/refused',
      })
    }
  })
}

const known = (account: CoreAccount | undefined): CoreAccount => {
  assert.ok(account, 'the world names an account that the core does not know')
  return account
}
