/** Somebody who borrows through a partner, for the tests of lending: every step as a partner takes it. */
import assert from 'node:assert/strict'
import { uuidv7 } from '#kernel/id.ts'
import { moneyJson } from '#kernel/money.ts'
import { sha256url } from '#platform/jose.ts'
import { createPayment } from '../payments/index.ts'
import { callBy, enrol, newPartner, noon, refs, type Trial, uzs } from '../trial.ts'
import { acceptOffer, listOffers } from './accept.ts'
import { ApplicationRequest } from './application.ts'
import { createApplication, submitApplication } from './apply.ts'
import type { Loan } from './loan.ts'
import * as loans from './loan-store.ts'
import { AcceptanceRequest, type Offer, offerJson } from './offer.ts'
import { PaymentId } from './repayment.ts'
import * as store from './store.ts'

export interface Someone {
  readonly partnerId: string
  readonly customer: Awaited<ReturnType<typeof enrol>>
}

/** Ends in 001, so that it is approved wherever scenarios are seeded. */
export const APPROVED = 12_000_001_00n

export const isCode = (code: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === code

export const borrowingIn = async (trial: Trial) => {
  const { bank, carrier } = trial
  const fund = await store.fund(bank.db, 'UZS')

  const someone = async (owner: string = refs.payer.owner): Promise<Someone> => {
    const partnerId = newPartner()
    return { partnerId, customer: await enrol(trial, partnerId, owner) }
  }

  /** The customer's consent to apply, and the partner's call with it. */
  const asking = (
    { partnerId, customer }: Someone,
    minor: bigint,
    { productId = 'consumer', term = 12, account = refs.payer.current as string } = {},
  ) => {
    const body = { productId, amount: moneyJson(uzs(minor)), term }
    const detail = { type: 'urn:bank:lending-apply:v1', ...body, accounts: [customer.id(account)] }
    const caller = callBy(partnerId, 'createLoanApplication', {
      subject: customer.subject,
      consentId: `consent_${uuidv7()}`,
      details: [detail],
      bodySha256: sha256url(JSON.stringify(body)),
    })
    return { caller, body, request: ApplicationRequest.parse(body) }
  }

  /** The partner on its own, without a customer. */
  const alone = ({ partnerId }: Someone, operation = 'getLoanApplication') =>
    callBy(partnerId, operation)

  const applied = async (who: Someone, minor: bigint, more: Parameters<typeof asking>[2] = {}) => {
    const { caller, request } = asking(who, minor, more)
    const draft = await createApplication(bank, caller, request)
    return submitApplication(bank, alone(who), draft.id)
  }

  const offered = async (who: Someone, minor = APPROVED, term = 12) => {
    const application = await applied(who, minor, { term })
    assert.equal(application.status, 'approved')
    const offers = await listOffers(bank, alone(who), application.id)
    const annuity = offers.find(({ method }) => method === 'annuity')
    assert.ok(annuity)
    return { application, offers, offer: annuity }
  }

  /** The customer's consent to an offer with its figures, and the partner's call with it. */
  const taking = (
    who: Someone,
    offer: Offer,
    more: { totalCost?: object; account?: string } = {},
  ) => {
    const { offerId, apr, totalCost } = offerJson(offer, noon)
    const seen = { offerId, apr, totalCost: more.totalCost ?? totalCost }
    const detail = {
      type: 'urn:bank:lending-apply:v1',
      productId: 'consumer',
      amount: moneyJson(uzs(offer.amountMinor)),
      term: offer.months,
      offer: seen,
      accounts: [who.customer.id(more.account ?? refs.payer.current)],
    }
    return {
      caller: callBy(who.partnerId, 'acceptLoanOffer', {
        subject: who.customer.subject,
        consentId: `consent_${uuidv7()}`,
        details: [detail],
        bodySha256: sha256url(JSON.stringify({ offer: seen })),
      }),
      asked: { id: offer.id, request: AcceptanceRequest.parse({ offer: seen }) },
    }
  }

  const borrowed = async (who: Someone, minor = APPROVED, term = 12) => {
    const { offer, application } = await offered(who, minor, term)
    const { caller, asked } = taking(who, offer)
    const loan = await acceptOffer(bank, caller, asked)
    assert.equal(loan.status, 'active')
    return { loan, offer, application }
  }

  /** A settled payment of the customer to the account that loans are repaid to. */
  const paid = async (who: Someone, minor: bigint, creditorName = 'Namuna Bank') => {
    const body = {
      instructedAmount: moneyJson(uzs(minor)),
      creditorAccount: {
        schemeName: 'UZ.AccountNumber',
        identification: fund.number,
        bankCode: fund.bankCode,
      },
      creditorName,
    }
    const request = {
      ...body,
      instructedAmount: uzs(minor),
      creditorAccount: { ...body.creditorAccount, schemeName: 'UZ.AccountNumber' as const },
    }
    const caller = callBy(who.partnerId, 'createPayment', {
      subject: who.customer.subject,
      consentId: `consent_${uuidv7()}`,
      details: [
        { type: 'urn:bank:payment:v1', ...body, accounts: [who.customer.id(refs.payer.current)] },
      ],
      bodySha256: sha256url(JSON.stringify(body)),
    })
    const payment = await createPayment(bank, carrier, caller, request)
    assert.equal(payment.status, 'ACSC')
    return PaymentId.parse(payment.id)
  }

  const linesOf = async (loan: Loan) =>
    (await loans.instalments(bank.db, [loan.ref])).get(loan.ref) ?? []

  const reading = (
    { partnerId, customer }: Someone,
    more: { permissions?: string[]; purpose?: object; loans?: string[] } = {},
  ) =>
    callBy(partnerId, 'getLoan', {
      subject: customer.subject,
      consentId: `consent_${uuidv7()}`,
      details: [{ type: 'urn:bank:lending-read:v1', ...more, accounts: [] }],
    })
  return { someone, asking, alone, applied, offered, taking, borrowed, paid, linesOf, reading }
}
