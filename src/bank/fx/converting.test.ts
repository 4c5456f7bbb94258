import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { money } from '#kernel/money.ts'
import { readEntries } from '#journal/index.ts'
import { sha256url } from '#platform/jose.ts'
import { freshDatabase } from '#test/world.ts'
import { positionAccount } from '../cores/synthetic/own-accounts.ts'
import { callBy, openTrial, refs } from '../trial.ts'
import {
  after,
  type ConversionStatus,
  conversionTransitions,
  type Happening,
  type LegKind,
} from './conversion.ts'
import { legs } from './conversion-store.ts'
import { dealing } from './dealing.ts'
import { listConversions } from './index.ts'
import type { Quote } from './quote.ts'
import * as store from './store.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank } = trial
// Ten on Monday morning in Tashkent: the trial's noon is a Sunday's.
trial.pass(17 * 3_600)

const { current, dollars, savings } = refs.payer
const position = { UZS: positionAccount('UZS'), USD: positionAccount('USD') }
const places = [current, dollars, position.UZS, position.USD] as const
const booked = () => Promise.all(places.map((ref) => trial.booked(ref)))
/** What each place has more than before. */
const moved = async (before: readonly bigint[]) =>
  (await booked()).map((minor, at) => minor - (before[at] ?? 0n))
const nothing = [0n, 0n, 0n, 0n]
const open = (partnerId: string) => store.openNotional(bank.db, { partnerId }, bank.now())
const journalOf = async (subject: string) =>
  (await readEntries(bank.db, 0n)).filter((entry) => entry.subject === subject)
const codesOf = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.flatMap((o) => (o.status === 'rejected' ? [(o.reason as { code: string }).code] : []))

test('what the customer approved is exchanged to the minor unit, through the bank’s position', async () => {
  const partner = await dealing(trial)
  const quote = await partner.quote()
  const before = await booked()

  const { conversion } = await partner.convert(partner.approval(quote))

  assert.equal(conversion.status, 'SETTLED')
  const { sellMinor, buyMinor } = quote
  assert.deepEqual(await moved(before), [-sellMinor, buyMinor, sellMinor, -buyMinor])
  assert.equal(await open(partner.partnerId), 0n)
  const lines = await journalOf(conversion.id)
  assert.deepEqual(
    lines.map(({ event }) => event),
    ['fx.conversion-created', 'fx.funds-reserved', 'fx.conversion-settled'],
  )
  const { markupMinor, markupBps, feeMinor } = z
    .looseObject({ markupMinor: z.string(), markupBps: z.number(), feeMinor: z.string() })
    .parse(lines.at(-1)?.data)
  // Sixty hundredths of a per cent of a hundred dollars at the middle rate.
  assert.deepEqual([markupBps, BigInt(markupMinor)], [60, 60n])
  assert.equal(BigInt(feeMinor), quote.feeMinor)
})

test('O37: of two hundred accepts at the same moment one exchanges, and the others hear that the quote is used', async () => {
  const partner = await dealing(trial)
  const quote = await partner.quote({ minor: 1_00n })
  const approvals = Array.from({ length: 200 }, () => partner.approval(quote))
  const before = await booked()

  const outcomes = await Promise.allSettled(approvals.map((a) => partner.convert(a)))

  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  const codes = codesOf(outcomes)
  assert.equal(codes.length, 199)
  assert.deepEqual(new Set(codes), new Set(['fx/quote-used']))
  assert.deepEqual((await moved(before)).slice(0, 2), [-quote.sellMinor, quote.buyMinor])
})

test('twenty tries with one key are one exchange, and another body under it is refused', async () => {
  const partner = await dealing(trial)
  const quote = await partner.quote({ minor: 2_00n })
  const approval = partner.approval(quote)
  const before = await booked()

  const states = await Promise.all(Array.from({ length: 20 }, () => partner.convert(approval)))

  assert.equal(new Set(states.map(({ conversion }) => conversion.id)).size, 1)
  assert.deepEqual((await moved(before)).slice(0, 2), [-quote.sellMinor, 2_00n])
  const other = { ...approval, caller: { ...approval.caller, bodySha256: sha256url('other') } }
  await assert.rejects(partner.convert(other), { code: 'gateway/idempotency-key-reused' })
})

test('a quote that has expired or was cancelled exchanges nothing', async () => {
  const partner = await dealing(trial)
  const [expired, cancelled] = [await partner.quote({ lock: 'PT1M' }), await partner.quote()]
  await partner.cancel(cancelled)
  trial.pass(60)

  await assert.rejects(partner.convert(partner.approval(expired)), { code: 'fx/quote-expired' })
  await assert.rejects(partner.convert(partner.approval(cancelled)), { code: 'fx/quote-cancelled' })
  assert.equal(await open(partner.partnerId), 0n)
})

test('a quote that is cancelled and accepted at the same moment is one of the two', async () => {
  const partner = await dealing(trial)
  for (let round = 0; round < 6; round++) {
    const quote = await partner.quote({ minor: 1_00n })
    const approval = partner.approval(quote)
    const outcomes = await Promise.allSettled([partner.cancel(quote), partner.convert(approval)])
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  }
})

test('PSD2 RTS Art. 5: what the customer did not see is not exchanged', async () => {
  const partner = await dealing(trial)
  const quote = await partner.quote()
  const { caller, request } = partner.approval(quote)
  const refused = (more: { caller?: object; request?: object }, code: string) =>
    assert.rejects(
      partner.convert({
        caller: { ...caller, ...more.caller },
        request: { ...request, ...more.request },
      }),
      { code },
      JSON.stringify(Object.keys(more)),
    )
  await refused({ caller: { consentId: null } }, 'consents/missing')
  await refused({ caller: { details: [] } }, 'consents/missing')
  await refused({ caller: { subject: 'sub_other' } }, 'consents/exceeded')
  await refused({ request: { sell: money(quote.sellMinor + 1n, 'UZS') } }, 'consents/exceeded')
  await refused({ request: { quoteId: (await partner.quote()).id } }, 'consents/exceeded')
  // The customer was shown another amount than the one of the quote.
  await assert.rejects(
    partner.convert(partner.approval(quote, { sell: money(quote.sellMinor - 1n, 'UZS') })),
    { code: 'fx/differs-from-quote', status: 400 },
  )
  // An account of theirs, but not of the currency that is sold.
  await assert.rejects(partner.convert(partner.approval(quote, { account: dollars })), {
    code: 'consents/exceeded',
  })
  const stranger = await dealing(trial)
  await assert.rejects(stranger.convert(stranger.approval(quote)), { code: 'gateway/not-found' })
  assert.equal((await partner.convert({ caller, request })).conversion.status, 'SETTLED')
})

test('the account that is credited is the customer’s, open, and of the currency that is bought', async () => {
  const partner = await dealing(trial)
  const toSoum = { sell: 'USD', buy: 'UZS', fixed: 'SELL', minor: 10_00n } as const
  const to = async (credit: string) =>
    partner.convert(partner.approval(await partner.quote(toSoum), { credit }))
  const before = await trial.booked(savings)

  const { conversion, quote } = await to(savings)
  assert.equal(conversion.buyAccountId, partner.id(savings))
  assert.equal((await trial.booked(savings)) - before, quote.buyMinor)
  for (const wrong of [dollars, refs.payer.closed])
    await assert.rejects(to(wrong), { code: 'fx/no-account', status: 409 })
  // They have no account in euros.
  await assert.rejects(partner.exchange({ buy: 'EUR' }), { code: 'fx/no-account' })
})

test('who has too little exchanges nothing, and the quote is used', async () => {
  const partner = await dealing(trial)
  const before = await booked()
  const { conversion } = await partner.exchange({
    sell: 'USD',
    buy: 'UZS',
    fixed: 'SELL',
    minor: 9_000_00n,
  })

  assert.deepEqual([conversion.status, conversion.reasonCode], ['FAILED', 'AM04'])
  assert.deepEqual(await moved(before), nothing)
  assert.equal(await open(partner.partnerId), 0n)
})

test('what cannot be paid out is given back whole', async () => {
  const partner = await dealing(trial)
  const quote = await partner.quote({ valueDate: '2026-11-24' })
  const { conversion } = await partner.convert(partner.approval(quote))
  const before = await booked()
  await database.owner.run`
    update synthetic.account set status = 'disabled' where ref = ${dollars}
  `
  trial.pass(24 * 3_600)
  await partner.settler.lookAfter()
  await partner.settler.stop()
  await database.owner.run`update synthetic.account set status = 'enabled' where ref = ${dollars}`

  const { conversion: over } = await partner.again({ conversion, quote })
  assert.deepEqual([over.status, over.reasonCode], ['FAILED', 'AC06'])
  assert.deepEqual(await moved(before), [quote.sellMinor, 0n, -quote.sellMinor, 0n])
  assert.equal(await open(partner.partnerId), 0n)
  assert.deepEqual(
    (await legs(bank.db, conversion.id)).map(({ kind, outcome }) => [kind, outcome]),
    [
      ['sell', 'booked'],
      ['buy', 'rejected'],
      ['return', 'booked'],
    ],
  )
})

test('money that its account does not take back is tried again, under another reference, until it does', async () => {
  const partner = await dealing(trial)
  // Tuesday by now.
  const quote = await partner.quote({ valueDate: '2026-11-25' })
  const { conversion } = await partner.convert(partner.approval(quote))
  const shut = (status: string) => database.owner.run`
    update synthetic.account set status = ${status} where ref in (${current}, ${dollars})
  `
  await shut('disabled')
  trial.pass(24 * 3_600)
  await partner.settler.lookAfter()
  await partner.settler.stop()
  const state = await partner.again({ conversion, quote })
  await shut('enabled')
  assert.deepEqual(
    [state.conversion.status, state.conversion.carrying],
    ['FUNDS_RESERVED', 'return'],
  )

  trial.pass(3_600)
  await partner.settler.lookAfter()
  await partner.settler.stop()

  assert.equal((await partner.again(state)).conversion.status, 'FAILED')
  const returns = (await legs(bank.db, conversion.id)).filter(({ kind }) => kind === 'return')
  assert.deepEqual(
    returns.map(({ outcome }) => outcome),
    ['rejected', 'booked'],
  )
  const events = (await journalOf(conversion.id)).map(({ event }) => event)
  assert.ok(events.includes('fx.return-refused'))
})

test('an answer that was lost, or a core that is away, delays an exchange and doubles nothing', async () => {
  const partner = await dealing(trial)
  for (const faults of [['lost'], ['away'], ['lost', 'away', 'lost']] as const) {
    const quote = await partner.quote({ minor: 3_00n })
    const before = await booked()
    trial.faults.push(...faults)
    const first = await partner.convert(partner.approval(quote))
    assert.equal(first.conversion.status, 'PENDING')

    for (let tries = 0; tries < 4; tries++) {
      trial.pass(60)
      await partner.settler.lookAfter()
      await partner.settler.stop()
    }

    assert.equal((await partner.again(first)).conversion.status, 'SETTLED')
    const { sellMinor, buyMinor } = quote
    assert.deepEqual(await moved(before), [-sellMinor, buyMinor, sellMinor, -buyMinor])
    assert.equal(trial.faults.length, 0)
  }
})

test('an exchange that the core never heard of for a day is not begun any more', async () => {
  const partner = await dealing(trial)
  const quote = await partner.quote({ minor: 1_00n })
  trial.faults.push('away')
  const first = await partner.convert(partner.approval(quote))
  const before = await booked()

  trial.pass(25 * 3_600)
  await partner.settler.lookAfter()
  await partner.settler.stop()

  const { conversion } = await partner.again(first)
  assert.deepEqual([conversion.status, conversion.reasonCode], ['FAILED', 'MS03'])
  assert.deepEqual(await moved(before), nothing)
})

/** Walks an exchange through anything that could happen, in any order. */
test('the status of an exchange never goes back, and money is never on both sides', () => {
  const happenings: fc.Arbitrary<Happening> = fc.oneof(
    fc.constant({ is: 'booked' as const }),
    fc.constant({ is: 'rejected' as const, reasonCode: 'AC04' }),
    fc.constant({ is: 'value-date-came' as const }),
    fc.constant({ is: 'unwinding-asked' as const, costMinor: 5n }),
  )
  fc.assert(
    fc.property(fc.array(happenings, { maxLength: 12 }), (all) => {
      let state: {
        status: ConversionStatus
        carrying: LegKind | null
        reasonCode: string | null
        costMinor: bigint | null
      } = { status: 'PENDING', carrying: 'sell', reasonCode: null, costMinor: null }
      const paid = { sell: 0, buy: 0, return: 0 }
      for (const happening of all) {
        const leg = state.carrying
        const next = after(state, happening)
        if (!next) continue
        if (happening.is === 'booked' && leg) paid[leg]++
        assert.ok(
          next.status === state.status || conversionTransitions[state.status].includes(next.status),
        )
        state = next
      }
      assert.ok(paid.sell <= 1 && paid.buy + paid.return <= paid.sell)
      assert.equal(state.status === 'SETTLED', paid.buy === 1)
      assert.equal(state.status === 'UNWOUND', paid.return === 1 && state.costMinor !== null)
      assert.equal(state.status === 'FUNDS_RESERVED', paid.sell - paid.buy - paid.return === 1)
      if (conversionTransitions[state.status].length === 0) assert.equal(state.carrying, null)
    }),
  )
})

test('keys of two partners do not meet', async () => {
  const [one, other] = [await dealing(trial), await dealing(trial)]
  const key = uuidv7()
  const quotes = await Promise.all([
    one.quote({ minor: 1_00n }, key),
    other.quote({ minor: 1_00n }, key),
  ])
  const states = await Promise.all([
    one.convert(one.approval(quotes[0])),
    other.convert(other.approval(quotes[1])),
  ])
  assert.notEqual(states[0].conversion.id, states[1].conversion.id)
})

test('through any mix of quotes, accepts, cancellations and time, what is open is never above the limit', async () => {
  const partner = await dealing(trial)
  const size = (await partner.quote({ minor: 1_00n })).notionalMinor
  const limit = size * 8n
  await database.owner.run`
    update fx.partner_limit set exposure_minor = ${limit} where partner_id = ${partner.partnerId}
  `
  const random = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3]
  const live: Quote[] = []
  let refused = 0
  for (const [round, dice] of random.entries()) {
    const wish = { minor: BigInt(dice) * 50n, lock: dice < 4 ? 'PT1M' : 'PT15M' } as const
    const asked = Array.from({ length: dice }, () => partner.quote(wish))
    const used = live.splice(0, dice % 4)
    const outcomes = await Promise.allSettled([
      ...asked,
      ...used.map((q, n) =>
        n % 2 === 0 ? partner.convert(partner.approval(q)) : partner.cancel(q),
      ),
    ])
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        assert.match(
          (outcome.reason as { code: string }).code,
          /^fx\/(exposure-exceeded|quote-expired)$/,
        )
    refused += outcomes.filter(({ status }) => status === 'rejected').length
    const made = await Promise.allSettled(asked)
    live.push(...made.flatMap((o) => (o.status === 'fulfilled' ? [o.value] : [])))
    assert.ok((await open(partner.partnerId)) <= limit, `round ${round}`)
    trial.pass(dice * 11)
  }
  assert.ok(refused > 10, 'the limit was met')
  // What was accepted behind the cut-off counts until its value date has come.
  trial.pass(4 * 24 * 3_600)
  while ((await partner.settler.lookAfter()) > 0) await partner.settler.stop()
  assert.equal(await open(partner.partnerId), 0n)
})

test('a partner reads its exchanges page by page, newest first, and nobody else’s', async () => {
  const partner = await dealing(trial)
  const made: string[] = []
  for (let n = 0; n < 5; n++) made.push((await partner.exchange({ minor: 50n })).conversion.id)
  const caller = callBy(partner.partnerId, 'listConversions')
  const pages: string[] = []
  for (let cursor: string | undefined, more = true; more;) {
    const asked = { limit: 2, ...(cursor !== undefined && { cursor }) }
    const { data, next } = await listConversions(bank, caller, asked)
    pages.push(...data.map(({ conversion }) => conversion.id))
    more = next !== null
    cursor = next ?? undefined
  }
  assert.deepEqual(pages, made.toReversed())
  const failed = await listConversions(bank, caller, { limit: 50, status: 'FAILED' })
  assert.deepEqual(failed, { data: [], next: null })

  const stranger = callBy((await dealing(trial)).partnerId, 'listConversions')
  assert.deepEqual((await listConversions(bank, stranger, { limit: 50 })).data, [])
  const { next } = await listConversions(bank, caller, { limit: 2 })
  assert.ok(next !== null)
  await assert.rejects(listConversions(bank, stranger, { limit: 2, cursor: next }), {
    code: 'bank/cursor-invalid',
  })
})
