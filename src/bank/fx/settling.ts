/** Carries exchanges on: each leg is written before it is sent, under a reference of its own, and asked after until it has an outcome. */
import { setTimeout as sleep } from 'node:timers/promises'
import { assert } from '#kernel/assert.ts'
import type { Money } from '#kernel/money.ts'
import { Problem } from '#kernel/problem.ts'
import { type Work, work } from '#journal/index.ts'
import { coreClosed, type TransferOutcome } from '../cores/core.ts'
import { newReference } from '../reference.ts'
import type { BankWorld } from '../world.ts'
import {
  after,
  type Conversion,
  type ConversionId,
  type Happening,
  isOpen,
  type Leg,
  type LegKind,
  orderOf,
} from './conversion.ts'
import * as conversions from './conversion-store.ts'
import { buyOf, type Quote, sellOf } from './quote.ts'
import * as store from './store.ts'

type SettlerWorld = Pick<BankWorld, 'db' | 'coreFor' | 'now' | 'whose' | 'log'>

export interface Settler {
  /** Takes an exchange as far as it goes now; resolves at the latest after `patienceMs`, the rest goes on by itself. */
  carry(id: ConversionId, patienceMs?: number): Promise<void>
  /** Goes on with every open exchange whose time has come; answers how many there were. */
  lookAfter(): Promise<number>
  /** Waits for what is on its way. */
  stop(): Promise<void>
}

/** While one process carries, no other looks after the exchange. */
export const LEASE_SECONDS = 30
const PATIENCE_MS = 6_000
const BATCH = 20
const DELAY_SECONDS_MAX = 60
/** A customer's account that does not take its own money back is asked again so often, and people are told. */
const RETURN_AGAIN_SECONDS = 3_600
/** An order that the core has never heard of is not sent any more after a day: by then nobody expects it. */
const SENDABLE_HOURS = 24

export const openSettler = (world: SettlerWorld): Settler => {
  const { db, now, whose, log } = world
  const underWay = new Set<Promise<void>>()
  const track = (run: Promise<void>): Promise<void> => {
    const tracked = run
      .catch((error: unknown) => {
        log.error({ err: error }, 'an exchange could not be carried on; it stays open')
      })
      .finally(() => underWay.delete(tracked))
    underWay.add(tracked)
    return tracked
  }
  return {
    carry: async (id, patienceMs = PATIENCE_MS) => {
      const carried = track(carryOn(world, id))
      const patience = new AbortController()
      await Promise.race([
        carried.finally(() => patience.abort()),
        sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined),
      ])
    },
    lookAfter: async () => {
      const due = await conversions.takeDue(db, { now: now(), whose }, LEASE_SECONDS, BATCH)
      await Promise.all(due.map(({ id }) => track(carryOn(world, id))))
      return due.length
    },
    stop: async () => {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}

/** Leg after leg, until the exchange is over or has to wait. */
const carryOn = async (world: SettlerWorld, id: ConversionId): Promise<void> => {
  while (await step(world, id));
}

/** One step; answers whether there may be another now. */
const step = async (world: SettlerWorld, id: ConversionId): Promise<boolean> => {
  const { db, now } = world
  const conversion = await conversions.get(db, id)
  if (!isOpen(conversion)) return false
  if (conversion.carrying === null) return payOutWhenDue(world, conversion)
  const leg = await conversions.openLeg(db, id, conversion.carrying)
  if (!leg) return false
  const answer = await answerOf(world, conversion, leg)
  return work(db, 'system', now(), async (w) => {
    const locked = await conversions.lock(w, id)
    const open = locked.carrying && (await conversions.openLeg(w, id, locked.carrying))
    if (!open || open.reference !== leg.reference) return isOpen(locked)
    if (answer.status === 'waiting') {
      await conversions.save(w, waiting(locked, w.now, answer.opensInSeconds))
      return false
    }
    return keepOutcome(w, world, { conversion: locked, leg, answer })
  })
}

const payOutWhenDue = async (world: SettlerWorld, { id }: Conversion): Promise<boolean> =>
  work(world.db, 'system', world.now(), async (w) => {
    const locked = await conversions.lock(w, id)
    if (Temporal.Instant.compare(w.now, locked.settlesAt) < 0) return false
    const paying = after(locked, { is: 'value-date-came' })
    if (!paying) return isOpen(locked)
    await goOn(w, paying, 'buy', w.now.add({ seconds: LEASE_SECONDS }))
    return true
  })

/** Keeps the exchange with a new leg on its way. */
const goOn = async (w: Work, c: Conversion, kind: LegKind, nextAt: Temporal.Instant) => {
  await conversions.save(w, { ...c, tries: 0, nextAt, updatedAt: w.now })
  await conversions.addLeg(w, legOf(kind, c, await quoteOf(w, c), await store.positions(w), w.now))
}

type Known = { readonly status: 'booked' } | { readonly status: 'rejected'; reasonCode: string }

/** Keeps an outcome and what follows from it; answers whether there is more to do now. */
const keepOutcome = async (
  w: Work,
  { log }: SettlerWorld,
  { conversion, leg, answer }: { conversion: Conversion; leg: Leg; answer: Known },
): Promise<boolean> => {
  const reasonCode = answer.status === 'rejected' ? answer.reasonCode : null
  await conversions.saveLeg(w, { ...leg, outcome: answer.status, reasonCode })
  const happening: Happening =
    answer.status === 'booked'
      ? { is: 'booked' }
      : { is: 'rejected', reasonCode: answer.reasonCode }
  const next = after(conversion, happening)
  assert(next, 'a leg that is on its way has an outcome')
  if (next === conversion) {
    log.error({ conversionId: conversion.id, reasonCode }, 'money could not be given back')
    await goOn(w, conversion, 'return', w.now.add({ seconds: RETURN_AGAIN_SECONDS }))
    await w.record('fx.return-refused', conversion.id, { ...about(conversion), reasonCode })
    return false
  }
  if (next.carrying === 'return') {
    await goOn(w, next, 'return', w.now.add({ seconds: LEASE_SECONDS }))
    return true
  }
  await conversions.save(w, { ...next, tries: 0, nextAt: next.settlesAt, updatedAt: w.now })
  await tell(w, next)
  return isOpen(next)
}

const about = ({ partnerId, applicationId, quoteId }: Conversion) => ({
  partnerId,
  applicationId,
  quoteId,
})

const quoteOf = async (w: Work, c: Conversion): Promise<Quote> => {
  const quote = await store.findQuote(w, c.partnerId, c.quoteId)
  assert(quote, 'an exchange has its quote')
  return quote
}

/** Journal, and the limits that an exchange no longer counts against when it is over. */
const tell = async (w: Work, c: Conversion): Promise<void> => {
  switch (c.status) {
    case 'PENDING':
      return
    case 'FUNDS_RESERVED':
      return w.record('fx.funds-reserved', c.id, about(c))
    case 'SETTLED': {
      await store.releaseExposure(w, c.quoteId, w.now)
      const q = await quoteOf(w, c)
      // What revenue is shared on: the mark-up that was executed, not the one that was offered.
      return w.record('fx.conversion-settled', c.id, {
        ...about(c),
        pair: q.pair,
        sellMinor: q.sellMinor.toString(),
        sellCurrency: q.sellCurrency,
        feeMinor: q.feeMinor.toString(),
        buyMinor: q.buyMinor.toString(),
        buyCurrency: q.buyCurrency,
        markupBps: q.markupBps,
        markupMinor: q.markupMinor.toString(),
      })
    }
    case 'FAILED':
      await store.releaseExposure(w, c.quoteId, w.now)
      return w.record('fx.conversion-failed', c.id, { ...about(c), reasonCode: c.reasonCode })
    case 'UNWOUND':
      await store.releaseExposure(w, c.quoteId, w.now)
      return w.record('fx.conversion-unwound', c.id, {
        ...about(c),
        costMinor: String(c.costMinor),
        costCurrency: (await quoteOf(w, c)).sellCurrency,
      })
  }
}

const waiting = (c: Conversion, now: Temporal.Instant, opensInSeconds: number): Conversion => ({
  ...c,
  tries: c.tries + 1,
  nextAt: now.add({
    seconds: Math.max(Math.min(2 ** c.tries, DELAY_SECONDS_MAX), opensInSeconds),
  }),
})

type Answer = Known | { readonly status: 'waiting'; readonly opensInSeconds: number }

/** A core that does not say what became of an order leaves it open; anything else that goes wrong is a bug. */
const answerOf = async (world: SettlerWorld, c: Conversion, leg: Leg): Promise<Answer> => {
  try {
    const outcome = await ask(world, c, leg)
    switch (outcome.status) {
      case 'booked':
        return { status: 'booked' }
      case 'rejected':
        return outcome
      case 'accepted':
      case 'unknown':
        return { status: 'waiting', opensInSeconds: 0 }
    }
  } catch (error) {
    if (!(error instanceof Problem) || !error.code.startsWith('core/')) throw error
    const seconds = Number(error.particulars.headers?.['Retry-After'] ?? 0)
    const closed = error.code === coreClosed.code && Number.isFinite(seconds)
    return { status: 'waiting', opensInSeconds: closed ? seconds : 0 }
  }
}

/** The same reference is the same order, so that asking again is sending again; only an old first leg is not begun. */
const ask = async (
  { coreFor, now }: SettlerWorld,
  { partnerId }: Conversion,
  leg: Leg,
): Promise<TransferOutcome> => {
  const core = coreFor(partnerId)
  const old = Temporal.Instant.compare(leg.createdAt.add({ hours: SENDABLE_HOURS }), now()) < 0
  if (leg.kind !== 'sell' || !old) return core.transfer(orderOf(leg))
  const outcome = await core.transferByReference(leg.reference)
  return outcome.status === 'unknown' ? { status: 'rejected', reasonCode: 'MS03' } : outcome
}

/** A leg as it is written before it is sent. */
export const legOf = (
  kind: LegKind,
  c: Conversion,
  quote: Quote,
  positions: readonly store.Position[],
  now: Temporal.Instant,
): Leg => {
  const position = (amount: Money) => {
    const found = positions.find(({ currency }) => currency === amount.currency)
    assert(found, 'a currency that is exchanged has its position')
    return found
  }
  const toBank = ({ number, bankCode, name }: store.Position) => ({
    creditorNumber: number,
    creditorBank: bankCode,
    creditorName: name,
  })
  const [sell, buy] = [sellOf(quote), buyOf(quote)]
  const routes = {
    sell: () => ({
      amount: sell,
      debtorRef: c.sellRef,
      ...toBank(position(sell)),
      text: `Exchange for ${buy.currency}`,
    }),
    buy: () => ({
      amount: buy,
      debtorRef: position(buy).accountRef,
      creditorNumber: c.buyNumber,
      creditorBank: c.buyBank,
      creditorName: c.customerName,
      text: `Exchange of ${sell.currency}`,
    }),
    return: () => ({
      amount: sell,
      debtorRef: position(sell).accountRef,
      creditorNumber: c.sellNumber,
      creditorBank: c.sellBank,
      creditorName: c.customerName,
      text: `Exchange for ${buy.currency} undone`,
    }),
  }
  const { amount, ...route } = routes[kind]()
  return {
    reference: newReference(),
    conversionId: c.id,
    kind,
    ...route,
    amountMinor: amount.minor,
    currency: quote[kind === 'buy' ? 'buyCurrency' : 'sellCurrency'],
    outcome: null,
    reasonCode: null,
    createdAt: now,
  }
}
