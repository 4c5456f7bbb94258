import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { type Money, money } from '#kernel/money.ts'
import { readEntries } from '#journal/index.ts'
import { freshDatabase } from '#test/world.ts'
import { openTrial, refs } from '../trial.ts'
import { unwindingCost } from './conversion.ts'
import { dealing } from './dealing.ts'
import { followConversions } from './jobs.ts'
import * as store from './store.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank } = trial
// Ten on Monday morning in Tashkent: the trial's noon is a Sunday's.
trial.pass(17 * 3_600)

const { current, dollars } = refs.payer
const plenty: Money = money(10n ** 12n, 'UZS')
/** An exchange whose money is reserved, and whose value date is the next business day. */
const reserved = async () => {
  const partner = await dealing(trial)
  const day = bank.now().toZonedDateTimeISO(bank.zone).toPlainDate().add({ days: 1 })
  const before = await trial.booked(current)
  const state = await partner.exchange({ valueDate: day.toString() })
  assert.equal(state.conversion.status, 'FUNDS_RESERVED')
  return { partner, state, before }
}

test('until its day an exchange can be undone: the customer gets back all, and the partner knows the cost before', async () => {
  const { partner, state, before } = await reserved()
  const { quote, unwinding } = await partner.again(state)
  assert.ok(unwinding)
  assert.equal(unwinding.until.toString(), '2026-11-24T04:00:00Z')
  assert.equal(before - (await trial.booked(current)), quote.sellMinor)

  const { minor } = unwinding.cost
  await assert.rejects(partner.unwind(state, money(minor - 1n, 'UZS')), {
    code: 'fx/unwinding-dearer',
    status: 409,
  })
  await assert.rejects(partner.unwind(state, money(minor, 'USD')), { code: 'fx/amount-invalid' })
  const { conversion } = await partner.unwind(state, unwinding.cost)

  assert.deepEqual([conversion.status, conversion.costMinor], ['UNWOUND', minor])
  assert.equal(await trial.booked(current), before)
  assert.equal(await store.openNotional(bank.db, { partnerId: partner.partnerId }, bank.now()), 0n)
  const line = (await readEntries(bank.db, 0n)).find(
    ({ event, subject }) => event === 'fx.conversion-unwound' && subject === conversion.id,
  )
  assert.equal(z.looseObject({ costMinor: z.string() }).parse(line?.data).costMinor, String(minor))
})

test('undoing twice with one key is undoing once; with another key it is too late', async () => {
  const { partner, state, before } = await reserved()
  const key = uuidv7()
  const states = await Promise.all(
    Array.from({ length: 10 }, () => partner.unwind(state, plenty, key)),
  )

  assert.equal(new Set(states.map(({ conversion }) => conversion.id)).size, 1)
  assert.equal((await partner.again(state)).conversion.status, 'UNWOUND')
  assert.equal(await trial.booked(current), before)
  await assert.rejects(partner.unwind(state, plenty), { code: 'fx/unwinding-impossible' })
  await assert.rejects(partner.unwind(state, money(1n, 'UZS'), key), {
    code: 'gateway/idempotency-key-reused',
  })
})

test('what is settled, failed, unknown or another partner’s is not undone', async () => {
  const partner = await dealing(trial)
  const settled = await partner.exchange()
  const failed = await partner.exchange({
    sell: 'USD',
    buy: 'UZS',
    fixed: 'SELL',
    minor: 5_000_00n,
  })
  for (const state of [settled, failed])
    await assert.rejects(partner.unwind(state, plenty), { code: 'fx/unwinding-impossible' })
  await assert.rejects((await dealing(trial)).unwind(settled, plenty), {
    code: 'gateway/not-found',
  })
})

test('on its day an exchange pays out by itself, and is not undone any more', async () => {
  const { partner, state } = await reserved()
  const before = await trial.booked(dollars)
  const following = followConversions(bank, partner.settler)
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal((await partner.again(state)).conversion.status, 'FUNDS_RESERVED')

  trial.pass(23 * 3_600)
  await assert.rejects(partner.unwind(state, plenty), { code: 'fx/unwinding-impossible' })
  while ((await partner.again(state)).conversion.status === 'FUNDS_RESERVED')
    await new Promise((resolve) => setTimeout(resolve, 50))
  await following.stop()

  assert.equal((await partner.again(state)).conversion.status, 'SETTLED')
  assert.equal((await trial.booked(dollars)) - before, 100_00n)
})

test('undone and paid out at the same moment, an exchange is one of the two', async () => {
  for (let round = 0; round < 5; round++) {
    const { partner, state, before } = await reserved()
    const dollarsBefore = await trial.booked(dollars)
    // Its day has come for whoever pays out, and not for whoever undoes it.
    await database.owner.run`
      update fx.conversion set next_at = ${bank.now()} where id = ${state.conversion.id}
    `
    const early = { ...bank, now: () => bank.now().add({ hours: 24 }) }
    const paying = (await dealing({ ...trial, bank: early })).settler
    await Promise.allSettled([partner.unwind(state, plenty), paying.lookAfter()])
    await Promise.all([paying.stop(), partner.settler.stop()])

    const { conversion, quote } = await partner.again(state)
    const given = before - (await trial.booked(current))
    const got = (await trial.booked(dollars)) - dollarsBefore
    assert.deepEqual(
      [given, got],
      conversion.status === 'SETTLED' ? [quote.sellMinor, quote.buyMinor] : [0n, 0n],
    )
    assert.match(conversion.status, /^(SETTLED|UNWOUND)$/)
  }
})

test('undoing costs its part and what the market moved against the bank, and never less than its part', async () => {
  const { quote } = (await reserved()).state
  fc.assert(
    fc.property(fc.bigInt(9_000_000_000n, 16_000_000_000n), (micros) => {
      const cost = unwindingCost(quote, { micros }).minor
      const part = unwindingCost(quote, { micros: quote.midMicros }).minor
      const lost = (100_00n * (quote.midMicros - micros)) / 1_000_000n
      const expected = part + (lost > 0n ? lost : 0n)
      assert.ok(cost >= part && cost - expected <= 1n && expected - cost <= 1n)
    }),
  )
})
