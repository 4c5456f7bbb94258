import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { uuidv7 } from '#kernel/id.ts'
import { doing, freshDatabase } from '#test/world.ts'
import { callBy, openTrial } from '../trial.ts'
import { dealing } from './dealing.ts'
import { createQuote, getQuote, listRates, publishRates, treasuryTable } from './index.ts'
import { type QuoteStatus, quoteJson, quoteTransitions, statusAt, turned } from './quote.ts'
import { QUOTES_PER_EXCHANGE } from './quoting.ts'
import { exchanged, pairs } from './rate.ts'
import * as store from './store.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank } = trial
// Ten on Monday morning in Tashkent: the trial's noon is a Sunday's.
trial.pass(17 * 3_600)

const limitPartner = (partnerId: string, minor: bigint) => database.owner.run`
  insert into fx.partner_limit (partner_id, exposure_minor) values (${partnerId}, ${minor})
`
const open = (partnerId: string) => store.openNotional(bank.db, { partnerId }, bank.now())
const sizeOf = async () => (await (await dealing(trial)).quote()).notionalMinor
const counted = (outcomes: readonly PromiseSettledResult<unknown>[]) => {
  const made = outcomes.filter(({ status }) => status === 'fulfilled').length
  const codes = outcomes.flatMap((o) =>
    o.status === 'rejected' ? [(o.reason as { code?: string }).code] : [],
  )
  return { made, codes: new Set(codes) }
}

test('rates can be looked at, with their mark-up, and say that nobody deals at them', async () => {
  const { dealable, data } = await listRates(bank)
  assert.equal(dealable, false)
  assert.deepEqual(
    data.map(({ pair, markupBps, flags }) => [pair, markupBps, flags]),
    [
      ['EUR/USD', 40, []],
      ['EUR/UZS', 80, []],
      ['USD/UZS', 60, []],
    ],
  )
  for (const { bidRate, midRate, askRate } of data)
    assert.ok(Number(bidRate) < Number(midRate) && Number(midRate) < Number(askRate))
  assert.equal((await listRates(bank, 'EUR/USD')).data.length, 1)
})

test('a quote says all that its amounts follow from, and holds until its lock ends', async () => {
  const partner = await dealing(trial)
  const quote = await partner.quote()
  const said = quoteJson(quote, bank.now())

  assert.equal(said.status, 'ACTIVE')
  assert.deepEqual(said.buy, { amount: '100.00', currency: 'USD' })
  assert.equal(said.inverseRate, said.dealtRate)
  const converted = exchanged(
    { minor: 100_00n, currency: 'USD' },
    pairs['USD/UZS'],
    quote.rateMicros,
  )
  assert.equal(quote.sellMinor - quote.feeMinor, converted.minor)
  assert.equal(quote.expiresAt.since(quote.createdAt).total('minutes'), 15)
  assert.deepEqual(await getQuote(bank, callBy(partner.partnerId, 'getFxQuote'), quote.id), quote)
  await assert.rejects(
    getQuote(bank, callBy((await dealing(trial)).partnerId, 'getFxQuote'), quote.id),
    {
      code: 'gateway/not-found',
    },
  )
})

test('no quote outlives the cut-off of its value date', async () => {
  const partner = await dealing(trial)
  const today = await partner.quote({ lock: 'PT24H' })
  const tomorrow = await partner.quote({ lock: 'PT24H', valueDate: '2026-11-24' })

  assert.equal(today.expiresAt.toString(), '2026-11-23T11:00:00Z')
  assert.equal(tomorrow.expiresAt.since(tomorrow.createdAt).total('hours'), 24)
})

test('twenty tries with one key are one quote, and another body under it is refused', async () => {
  const partner = await dealing(trial)
  const key = uuidv7()
  const quotes = await Promise.all(Array.from({ length: 20 }, () => partner.quote({}, key)))

  assert.equal(new Set(quotes.map(({ id }) => id)).size, 1)
  await assert.rejects(partner.quote({ minor: 1n }, key), {
    code: 'gateway/idempotency-key-reused',
  })
})

test('what a partner has open is never above its limit, however many ask at the same moment', async () => {
  const partner = await dealing(trial)
  const limit = (await sizeOf()) * 7n + 1n
  await limitPartner(partner.partnerId, limit)

  const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => partner.quote()))

  assert.deepEqual(counted(outcomes), { made: 7, codes: new Set(['fx/exposure-exceeded']) })
  assert.ok((await open(partner.partnerId)) <= limit)
})

test('a quote that is cancelled or has expired counts no more', async () => {
  const partner = await dealing(trial)
  await limitPartner(partner.partnerId, (await sizeOf()) + 1_000_00n)
  const first = await partner.quote()
  await assert.rejects(partner.quote(), { code: 'fx/exposure-exceeded', status: 409 })

  assert.equal((await partner.cancel(first)).status, 'CANCELLED')
  assert.equal((await partner.cancel(first)).status, 'CANCELLED')
  assert.equal(await open(partner.partnerId), 0n)
  const second = await partner.quote({ lock: 'PT1M' })
  trial.pass(60)
  const third = await partner.quote()

  assert.equal(statusAt(second, bank.now()), 'EXPIRED')
  assert.equal(await open(partner.partnerId), third.notionalMinor)
  await assert.rejects(partner.cancel(second), { code: 'fx/quote-expired', status: 409 })
})

test('a pair has one limit for all partners together', async () => {
  const size = await (await dealing(trial)).quote({ sell: 'USD', buy: 'EUR', fixed: 'BUY' })
  const now = await store.openNotional(bank.db, { pair: 'EUR/USD' }, bank.now())
  await database.owner.run`
    update fx.pair set exposure_minor = ${now + size.notionalMinor * 3n + 1n} where name = 'EUR/USD'
  `
  const partners: Awaited<ReturnType<typeof dealing>>[] = []
  while (partners.length < 10) partners.push(await dealing(trial))

  const outcomes = await Promise.allSettled(
    partners.map((partner) => partner.quote({ sell: 'USD', buy: 'EUR', fixed: 'BUY' })),
  )

  assert.deepEqual(counted(outcomes), { made: 3, codes: new Set(['fx/exposure-exceeded']) })
})

test('an amount beyond all measure is refused, and is no failure of ours', async () => {
  const partner = await dealing(trial)
  await assert.rejects(
    partner.quote({ sell: 'USD', buy: 'UZS', fixed: 'SELL', minor: 10n ** 17n }),
    {
      code: 'fx/exposure-exceeded',
    },
  )
})

test('O38: who asks for many quotes and uses none is told when to come back', async () => {
  const partner = await dealing(trial)
  await database.owner.run`
    insert into fx.quote
    select 'quote_' || lpad(to_hex(n), 32, '0'), ${partner.partnerId}, application_id, 'n' || n, body_sha256, pair,
           fixed_side, lock_period, value_date, flags, mid_micros, rate_micros, rate_as_of, rate_source, markup_bps,
           sell_minor, sell_currency, fee_minor, buy_minor, buy_currency, markup_minor, notional_minor, 'CANCELLED',
           ${bank.now().subtract({ hours: 20 })}::timestamptz + make_interval(mins => n), expires_at,
           ${bank.now()}
      from generate_series(1, ${QUOTES_PER_EXCHANGE - 1}) as n, (select * from fx.quote limit 1) as model
  `
  const last = await partner.quote()
  await assert.rejects(
    partner.quote(),
    (error: { code: string; particulars: { headers: object } }) => {
      assert.equal(error.code, 'fx/quote-ratio-exceeded')
      // The first of them leaves the day after four hours and a minute.
      assert.deepEqual(error.particulars.headers, { 'Retry-After': String(4 * 3_600 + 60) })
      return true
    },
  )

  await partner.convert(partner.approval(last))
  assert.equal((await partner.quote()).status, 'ACTIVE')
})

test('a rate of the treasury is dealt on until it said, and a stale one is refused', async () => {
  const rates = { ...bank, rates: treasuryTable }
  const partner = await dealing({ ...trial, bank: rates })
  await assert.rejects(listRates(rates), { code: 'fx/rate-stale', status: 503 })
  const published = {
    pair: 'USD/UZS' as const,
    micros: 12_500_000_000n,
    asOf: bank.now(),
    goodUntil: bank.now().add({ minutes: 5 }),
    source: 'Treasury',
  }
  await doing(bank.db)((w) => publishRates(w, [published]))

  const quote = await partner.quote()
  assert.deepEqual([quote.midMicros, quote.rateSource], [12_500_000_000n, 'Treasury'])
  await assert.rejects(partner.quote({ sell: 'EUR' }), { code: 'fx/rate-stale' })
  trial.pass(300)
  await assert.rejects(partner.quote(), { code: 'fx/rate-stale', status: 503 })
  await assert.rejects(listRates(rates), { code: 'fx/rate-stale' })
})

test('a currency in which the bank holds no position is not exchanged', async () => {
  const db = (await freshDatabase('cell')).as('bank')
  const without = await openTrial(db)
  const partner = await dealing(without)
  await db.run`delete from fx.position_account where currency = 'EUR'`

  await assert.rejects(partner.quote({ sell: 'EUR' }), { code: 'fx/pair-not-offered', status: 400 })
})

test('on a weekend the mark-up is larger, and the quote says why', async () => {
  const sunday = await openTrial((await freshDatabase('cell')).as('bank'))
  const quote = await (await dealing(sunday)).quote()

  assert.deepEqual(quote.flags, ['WEEKEND'])
  assert.equal(quote.markupBps, 110)
  assert.equal(quote.valueDate.toString(), '2026-11-23')
})

test('the status of a quote never goes back, whatever is asked of it and whenever', async () => {
  const model = await (await dealing(trial)).quote()
  const order: QuoteStatus[] = ['ACTIVE', 'ACCEPTED', 'CANCELLED', 'EXPIRED']
  const wishes = fc.array(
    fc.record({
      to: fc.constantFrom('ACCEPTED' as const, 'CANCELLED' as const),
      seconds: fc.nat({ max: 1_200 }),
    }),
    { maxLength: 10 },
  )
  fc.assert(
    fc.property(wishes, (asked) => {
      let quote = model
      let now = model.createdAt
      for (const { to, seconds } of asked) {
        const before = statusAt(quote, now)
        now = now.add({ seconds })
        const is = statusAt(quote, now)
        assert.ok(before === is || quoteTransitions[before].includes(is))
        try {
          quote = turned(quote, to, now)
          assert.ok(quoteTransitions[is].includes(to))
        } catch (error) {
          assert.ok(!quoteTransitions[is].includes(to), String(error))
        }
        assert.ok(order.includes(statusAt(quote, now)))
      }
    }),
  )
})

test('a partner’s quote is nobody else’s to cancel', async () => {
  const quote = await (await dealing(trial)).quote()
  await assert.rejects((await dealing(trial)).cancel(quote), { code: 'gateway/not-found' })
  const key = { idempotencyKey: quote.idempotencyKey, bodySha256: quote.bodySha256 }
  const request = {
    sellCurrency: 'UZS' as const,
    buyCurrency: 'USD' as const,
    fixedSide: 'BUY' as const,
    amount: { minor: 100_00n, currency: 'USD' as const },
    lockPeriod: 'PT15M' as const,
  }
  const other = await createQuote(
    bank,
    callBy((await dealing(trial)).partnerId, 'createFxQuote', key),
    request,
  )
  assert.notEqual(other.id, quote.id)
})
