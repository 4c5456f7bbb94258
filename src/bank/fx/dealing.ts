/** A partner who deals, for the tests of this room: quotes asked for, consents given, exchanges made. */
import { uuidv7 } from '#kernel/id.ts'
import { type Money, money, moneyJson } from '#kernel/money.ts'
import { sha256url } from '#platform/jose.ts'
import { callBy, enrol, newPartner, refs, type Trial } from '../trial.ts'
import {
  cancelQuote,
  createConversion,
  createQuote,
  getConversion,
  openSettler,
  unwindConversion,
} from './index.ts'
import { ConversionRequest } from './conversion.ts'
import { buyOf, type LockPeriod, type Quote, sellOf } from './quote.ts'
import type { FxCurrency } from './rate.ts'

export interface Wish {
  readonly sell: FxCurrency
  readonly buy: FxCurrency
  readonly fixed: 'SELL' | 'BUY'
  readonly minor: bigint
  readonly lock: LockPeriod
  readonly valueDate: string
}

const usual: Wish = {
  sell: 'UZS',
  buy: 'USD',
  fixed: 'BUY',
  minor: 100_00n,
  lock: 'PT15M',
  valueDate: '',
}

export const dealing = async (trial: Trial, partnerId = newPartner()) => {
  const { bank } = trial
  const settler = openSettler(bank)
  const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)

  const quote = (wish: Partial<Wish> = {}, key = uuidv7()): Promise<Quote> => {
    const { sell, buy, fixed, minor, lock, valueDate } = { ...usual, ...wish }
    const body = {
      sellCurrency: sell,
      buyCurrency: buy,
      fixedSide: fixed,
      amount: money(minor, fixed === 'SELL' ? sell : buy),
      lockPeriod: lock,
      ...(valueDate !== '' && { valueDate: Temporal.PlainDate.from(valueDate) }),
    }
    const asked = JSON.stringify({ ...body, amount: moneyJson(body.amount) })
    const caller = callBy(partnerId, 'createFxQuote', {
      idempotencyKey: key,
      bodySha256: sha256url(asked),
    })
    return createQuote(bank, caller, body)
  }

  /** A customer's consent to a quote, and the call that uses it. */
  const approval = (q: Quote, more: { account?: string; sell?: Money; credit?: string } = {}) => {
    const account =
      more.account ?? (q.sellCurrency === 'USD' ? refs.payer.dollars : refs.payer.current)
    const deal = {
      quoteId: q.id,
      sell: moneyJson(more.sell ?? sellOf(q)),
      buy: moneyJson(buyOf(q)),
    }
    const request = ConversionRequest.parse({
      ...deal,
      ...(more.credit !== undefined && { creditAccount: { accountId: id(more.credit) } }),
    })
    const caller = callBy(partnerId, 'createConversion', {
      subject,
      consentId: `consent_${uuidv7()}`,
      details: [{ type: 'urn:bank:fx-convert:v1', ...deal, accounts: [id(account)] }],
      bodySha256: sha256url(JSON.stringify(deal)),
    })
    return { caller, request }
  }
  type Approval = ReturnType<typeof approval>

  const convert = ({ caller, request }: Approval) =>
    createConversion(bank, settler, caller, request)

  return {
    partnerId,
    settler,
    id,
    quote,
    approval,
    convert,
    exchange: async (wish: Partial<Wish> = {}) => convert(approval(await quote(wish))),
    cancel: (q: Quote) => cancelQuote(bank, callBy(partnerId, 'cancelFxQuote'), q.id),
    again: ({ conversion }: Awaited<ReturnType<typeof convert>>) =>
      getConversion(bank, callBy(partnerId, 'getConversion'), conversion.id),
    unwind: (
      { conversion }: Awaited<ReturnType<typeof convert>>,
      acceptedCost: Money,
      key = uuidv7(),
    ) =>
      unwindConversion(
        bank,
        settler,
        callBy(partnerId, 'unwindConversion', {
          idempotencyKey: key,
          bodySha256: sha256url(JSON.stringify(moneyJson(acceptedCost))),
        }),
        { id: conversion.id, request: { acceptedCost } },
      ),
  }
}
