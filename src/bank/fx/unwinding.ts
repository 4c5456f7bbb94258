/**
 * Undoing an exchange before its day. The customer, who did not ask for it, gets back all that was taken of them; what
 * it costs is the partner's, who sees the cost before and says how much they accept.
 */
import { assert } from '#kernel/assert.ts'
import { amountOf } from '#kernel/money.ts'
import { work } from '#journal/index.ts'
import { actorOf, type Caller, idempotencyOf, keyReused, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import {
  after,
  type ConversionId,
  type UnwindingRequest,
  unwindingCost,
  unwindingDearer,
  unwindingImpossible,
} from './conversion.ts'
import * as conversions from './conversion-store.ts'
import { type ConversionState, getConversion } from './converting.ts'
import { fxAmountInvalid } from './quote.ts'
import { freshRates, rateIn } from './quoting.ts'
import { LEASE_SECONDS, legOf, type Settler } from './settling.ts'
import * as store from './store.ts'

export const unwindConversion = async (
  bank: BankWorld,
  settler: Settler,
  caller: Caller,
  { id, request }: { id: ConversionId; request: UnwindingRequest },
): Promise<ConversionState> => {
  const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
  const rates = await freshRates(bank, bank.now())
  await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    if (!(await conversions.find(w, caller.partnerId, id))) throw notFound()
    const conversion = await conversions.lock(w, id)
    if (conversion.unwindingKey === idempotencyKey) {
      if (conversion.unwindingSha256 === bodySha256) return
      throw keyReused('choose a new key for another unwinding')
    }
    const quote = await store.findQuote(w, caller.partnerId, conversion.quoteId)
    assert(quote, 'an exchange has its quote')
    // The day is read while the exchange is held: what pays out now is not undone.
    const now = bank.now()
    const isDue = Temporal.Instant.compare(now, conversion.settlesAt) >= 0
    if (isDue || conversion.status !== 'FUNDS_RESERVED' || conversion.carrying !== null)
      throw unwindingImpossible(
        'only an exchange whose money is reserved and whose value date has not come is unwound',
      )
    const cost = unwindingCost(quote, rateIn(rates, quote.pair))
    const { acceptedCost } = request
    if (acceptedCost.currency !== cost.currency || acceptedCost.minor < 0n)
      throw fxAmountInvalid(`the cost is accepted in ${cost.currency}`)
    if (acceptedCost.minor < cost.minor)
      throw unwindingDearer(`it costs ${amountOf(cost)} ${cost.currency} now`, { gate: 'partner' })
    const undone = after(conversion, { is: 'unwinding-asked', costMinor: cost.minor })
    assert(undone, 'an exchange that waits for its day can be unwound')
    await conversions.save(w, {
      ...undone,
      unwindingKey: idempotencyKey,
      unwindingSha256: bodySha256,
      tries: 0,
      nextAt: now.add({ seconds: LEASE_SECONDS }),
      updatedAt: now,
    })
    await conversions.addLeg(w, legOf('return', undone, quote, await store.positions(w), now))
    await w.record('fx.unwinding-asked', id, {
      partnerId: conversion.partnerId,
      applicationId: conversion.applicationId,
      costMinor: cost.minor.toString(),
      currency: cost.currency,
    })
  })
  await settler.carry(id)
  return getConversion(bank, caller, id)
}
