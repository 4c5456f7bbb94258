/** A marketplace to try splits with: it is paid by a customer, and splits, releases and refunds in one line each. */
import assert from 'node:assert/strict'
import { uuidv7 } from '#kernel/id.ts'
import { moneyJson } from '#kernel/money.ts'
import type { Problem } from '#kernel/problem.ts'
import { callBy, enrol, newPartner, refs, type Trial, uzs } from '../trial.ts'
import {
  createPayment,
  createRefund,
  createSplitPayment,
  getSplitPayment,
  releaseLeg,
  type SplitState,
} from './index.ts'
import type { Payment } from './payment.ts'
import type { RefundRequest } from './refund.ts'
import type { LegRequest, SplitId, SplitRequest } from './split.ts'

export type Destination = 'pottery' | 'textiles' | 'platform' | 'treasury' | 'shut'

/** A settled payment, and calls of the partner whose it is. */
export interface Received {
  readonly payment: Payment
  readonly call: (operation: string) => ReturnType<typeof callBy>
}

export const GROSS = 1_000_000_00n

export const openMarketplace = (trial: Trial) => {
  const { bank, carrier } = trial

  const destinationOf = async (name: Destination) => {
    const { number, bankCode } = await trial.accountOf(refs[name])
    return { schemeName: 'UZ.AccountNumber' as const, identification: number, bankCode, name }
  }
  const legTo = async (name: Destination, how: Partial<LegRequest>): Promise<LegRequest> => ({
    legId: name,
    destination: await destinationOf(name),
    role: name === 'platform' ? 'platform_fee' : name === 'treasury' ? 'tax' : 'seller',
    releaseCondition: 'immediate',
    ...how,
  })
  /** Two sellers, one of them held back, a fee that takes the rest, and a tax. */
  const story = async (): Promise<LegRequest[]> => [
    await legTo('pottery', { sharePpm: 600_000 }),
    await legTo('textiles', { sharePpm: 233_333, releaseCondition: 'manual' }),
    await legTo('platform', {}),
    await legTo('treasury', { amount: uzs(107_142_86n) }),
  ]

  return {
    destinationOf,
    legTo,
    /** A customer's payment, into the programme's account unless told otherwise. */
    received: async (minor: bigint, into: string = refs.programme): Promise<Received> => {
      const partnerId = newPartner()
      const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)
      const { number, bankCode } = await trial.accountOf(into)
      const request = {
        instructedAmount: uzs(minor),
        creditorAccount: {
          schemeName: 'UZ.AccountNumber' as const,
          identification: number,
          bankCode,
        },
        creditorName: 'Bozor Market MCHJ',
      }
      const detail = {
        type: 'urn:bank:payment:v1',
        ...request,
        instructedAmount: moneyJson(request.instructedAmount),
        accounts: [id(refs.payer.current)],
      }
      const consent = { subject, consentId: `consent_${uuidv7()}`, details: [detail] }
      const call = callBy(partnerId, 'createPayment', consent)
      const payment = await createPayment(bank, carrier, call, request)
      assert.equal(payment.status, 'ACSC')
      return { payment, call: (operation) => callBy(partnerId, operation) }
    },
    split: async (
      r: Received,
      more: Partial<SplitRequest> = {},
      call = r.call('createSplitPayment'),
    ): Promise<SplitState> =>
      createSplitPayment(bank, carrier, call, {
        paymentId: r.payment.id,
        grossAmount: uzs(GROSS),
        legs: await story(),
        remainderTo: 'platform',
        ...more,
      }),
    release: (r: Received, id: SplitId, legId: string, call = r.call('releaseLeg')) =>
      releaseLeg(bank, carrier, call, { id, legId, reason: 'DELIVERED' }),
    refund: (
      r: Received,
      splitId: SplitId,
      request: Partial<RefundRequest>,
      call = r.call('createRefund'),
    ) =>
      createRefund(bank, carrier, call, {
        splitId,
        request: { amount: uzs(100_00n), policy: 'PRO_RATA', reason: 'CUST', ...request },
      }),
    read: (r: Received, id: SplitId) => getSplitPayment(bank, r.call('getSplitPayment'), id),
  }
}

export const sum = (parts: readonly bigint[]) => parts.reduce((a, b) => a + b, 0n)

/** Σ legs = gross, and each leg is paid, held and reversed to its last tiyin. */
export const adds = ({ split, legs }: SplitState) => {
  assert.equal(sum(legs.map((leg) => leg.amountMinor)), split.grossMinor)
  for (const leg of legs)
    assert.equal(leg.paidMinor + leg.heldMinor + leg.reversedMinor, leg.amountMinor, leg.legId)
}

/** The codes of what was refused. */
export const codesOf = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.flatMap((o) => (o.status === 'rejected' ? [(o.reason as Problem).code] : []))
