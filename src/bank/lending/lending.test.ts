import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { uuidv7 } from '#kernel/id.ts'
import { amountOf, moneyJson } from '#kernel/money.ts'
import { readEntries } from '#journal/index.ts'
import { sha256url } from '#platform/jose.ts'
import { freshDatabase } from '#test/world.ts'
import { coreUnavailable } from '../cores/core.ts'
import { createPayment } from '../payments/index.ts'
import { PaymentRequest } from '../payments/payment.ts'
import { callBy, enrol, newPartner, noon, openTrial, refs, uzs } from '../trial.ts'
import { acceptOffer, listOffers } from './accept.ts'
import {
  ApplicationRequest,
  applicationTransitions,
  type LoanApplication,
  decisionJson,
  informed,
  judged,
  standing,
  stillInReview,
  submitted,
  withdrawn,
} from './application.ts'
import {
  createApplication,
  getApplication,
  giveInformation,
  listApplications,
  submitApplication,
  withdrawApplication,
} from './apply.ts'
import { lookAfterPayouts } from './carrier.ts'
import { Reason, rehearsals } from './decision.ts'
import { countArrears } from './jobs.ts'
import type { Loan } from './loan.ts'
import { LoanRef, LoanStatus, loanTransitions } from './loan.ts'
import * as loans from './loan-store.ts'
import { AcceptanceRequest, offeredInstalmentsJson, offerJson, type Offer } from './offer.ts'
import { sumOf } from './debt.ts'
import { partsOfQuote } from './payoff-quote.ts'
import { preQualify, PreQualificationRequest } from './pre-qualification.ts'
import { getArrears, getLoan, getSchedule, listLoans } from './read.ts'
import { createRepayment, listRepayments, quotePayoff } from './repay.ts'
import { PaymentId } from './repayment.ts'
import { expireApplications, reviewWaiting } from './review.ts'
import * as store from './store.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank, carrier } = trial
const fund = await store.fund(bank.db, 'UZS')

type Enrolled = Awaited<ReturnType<typeof enrol>>
interface Someone {
  readonly partnerId: string
  readonly customer: Enrolled
}

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

const isCode = (code: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === code

const APPROVED = 12_000_001_00n

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
  const caller = callBy(who.partnerId, 'createPayment', {
    subject: who.customer.subject,
    consentId: `consent_${uuidv7()}`,
    details: [
      { type: 'urn:bank:payment:v1', ...body, accounts: [who.customer.id(refs.payer.current)] },
    ],
    bodySha256: sha256url(JSON.stringify(body)),
  })
  const payment = await createPayment(bank, carrier, caller, PaymentRequest.parse(body))
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

test('each amount that a rehearsal names is decided as it says, each reason with what to tell', async () => {
  for (const { ending, outcome, reason } of rehearsals) {
    const who = await someone()
    const application = await applied(who, 10_000_000_00n + BigInt(ending) * 100n)
    assert.equal(application.status, outcome, `…${ending}`)
    if (outcome !== 'declined') continue
    const decision = decisionJson(application)
    assert.deepEqual(decision.reasonCodes, [reason])
    assert.match(decision.adverseAction[0]?.text.uz ?? '', /\.$/)
    assert.deepEqual(await listOffers(bank, alone(who), application.id), [])
  }
  assert.deepEqual(
    rehearsals.flatMap(({ reason }) => reason ?? []),
    Reason.options,
  )
})

test('O32: of a decision nothing is told but outcome, reasons, words and model', async () => {
  const who = await someone()
  const { application } = await offered(who)
  assert.deepEqual(Object.keys(decisionJson(application)).toSorted(), [
    'adverseAction',
    'decisionDateTime',
    'loanApplicationId',
    'modelVersion',
    'outcome',
    'reasonCodes',
  ])
})

test('who has next to nothing coming in is asked for their income, and not believed without limit', async () => {
  const who = await someone(refs.other.owner)
  const application = await applied(who, 20_000_000_00n, { account: refs.other.current })
  assert.equal(application.status, 'needs_information')
  assert.deepEqual(application.needs, ['MONTHLY_INCOME'])
  assert.throws(() => decisionJson(application), isCode('lending/not-decided'))
  const income = uzs(90_000_000_00n)
  const after = await giveInformation(bank, alone(who), { id: application.id, income })
  assert.equal(after.status, 'declined')
  await assert.rejects(
    giveInformation(bank, alone(who), { id: application.id, income }),
    isCode('lending/application-closed'),
  )
})

test('what was asked for is given in the draft already, and then nothing is asked', async () => {
  const who = await someone()
  const { caller, request } = asking(who, 10_000_002_00n)
  const draft = await createApplication(bank, caller, request)
  await giveInformation(bank, alone(who), { id: draft.id, income: uzs(1_000_000_00n) })
  const after = await submitApplication(bank, alone(who), draft.id)
  assert.equal(after.status, 'approved')
})

test('while the core is away an application is in review, and it is decided when the core is back', async () => {
  const who = await someone()
  const { caller, request } = asking(who, 10_000_000_00n)
  const draft = await createApplication(bank, caller, request)
  const away = {
    ...bank,
    coreFor: () => ({
      ...trial.core,
      accountsOf: async () => {
        throw coreUnavailable('it is away')
      },
    }),
  }
  const waiting = await submitApplication(away, alone(who), draft.id)
  assert.equal(waiting.status, 'in_review')
  trial.pass(61)
  assert.ok((await reviewWaiting(bank)) > 0)
  const after = await getApplication(bank, alone(who), draft.id)
  assert.notEqual(after.status, 'in_review')
})

test('a consent applies once, for what it names, and the same key is the same application', async () => {
  const who = await someone()
  const { caller, request } = asking(who, APPROVED)
  const first = await createApplication(bank, caller, request)
  assert.equal((await createApplication(bank, caller, request)).id, first.id)
  await assert.rejects(
    createApplication(bank, { ...caller, idempotencyKey: uuidv7() }, request),
    isCode('consents/exceeded'),
  )
  await assert.rejects(
    createApplication(bank, { ...caller, bodySha256: sha256url('other') }, request),
    isCode('gateway/idempotency-key-reused'),
  )
  const more = { ...request, amount: uzs(APPROVED + 1n) }
  await assert.rejects(
    createApplication(bank, { ...caller, idempotencyKey: uuidv7() }, more),
    isCode('lending/differs-from-consent'),
  )
  await assert.rejects(
    createApplication(bank, { ...caller, details: [] }, request),
    isCode('consents/missing'),
  )
  const small = asking(who, 5n)
  await assert.rejects(
    createApplication(bank, small.caller, small.request),
    isCode('lending/outside-product'),
  )
  const strange = asking(who, APPROVED, { productId: 'yacht' })
  await assert.rejects(
    createApplication(bank, strange.caller, strange.request),
    isCode('lending/product-unknown'),
  )
})

test('another partner sees nothing of an application, an offer or a loan', async () => {
  const who = await someone()
  const { loan, offer, application } = await borrowed(who)
  const stranger = alone(await someone())
  for (const ask of [
    () => getApplication(bank, stranger, application.id),
    () => listOffers(bank, stranger, application.id),
    () => submitApplication(bank, stranger, application.id),
    () =>
      quotePayoff(bank, stranger, {
        loanId: loan.loanId,
        on: Temporal.PlainDate.from('2026-11-22'),
      }),
    () => listRepayments(bank, stranger, { loanId: loan.loanId, limit: 5 }),
    () =>
      acceptOffer(
        bank,
        { ...taking(who, offer).caller, partnerId: stranger.partnerId },
        taking(who, offer).asked,
      ),
  ])
    await assert.rejects(
      ask,
      (error) => isCode('gateway/not-found')(error) || isCode('consents/exceeded')(error),
    )
  assert.deepEqual((await listApplications(bank, stranger, { limit: 5 })).data, [])
})

test('withdrawn stays withdrawn, and what waits for its partner too long has lapsed', async () => {
  const who = await someone()
  const one = asking(who, APPROVED)
  const { id } = await createApplication(bank, one.caller, one.request)
  const withdraw = () => withdrawApplication(bank, alone(who), { id, reason: 'CUSTOMER' })
  assert.equal((await withdraw()).status, 'withdrawn')
  assert.equal((await withdraw()).status, 'withdrawn')
  await assert.rejects(
    submitApplication(bank, alone(who), id),
    isCode('lending/application-closed'),
  )

  const other = asking(who, APPROVED)
  const late = await createApplication(bank, other.caller, other.request)
  trial.pass(31 * 86_400)
  assert.equal((await getApplication(bank, alone(who), late.id)).status, 'expired')
  await assert.rejects(
    submitApplication(bank, alone(who), late.id),
    isCode('lending/application-closed'),
  )
  assert.ok((await expireApplications(bank)) > 0)
  const stored = await bank.db.transaction((tx) => store.lock(tx, late.id))
  assert.equal(stored?.status, 'expired')
})

test('an offer names what it costs, and its schedule adds up to it', async () => {
  const who = await someone()
  const { offers } = await offered(who)
  assert.deepEqual(offers.map(({ method }) => method).toSorted(), ['annuity', 'differentiated'])
  for (const offer of offers) {
    const told = offerJson(offer, bank.now())
    const lines = offeredInstalmentsJson(offer)
    const sum = (part: 'total' | 'principal') =>
      lines.reduce((minor, line) => minor + BigInt(line[part].amount.replace('.', '')), 0n)
    assert.equal(amountOf(uzs(sum('total'))), told.totalPayable.amount)
    assert.equal(amountOf(uzs(sum('principal'))), told.amount.amount)
    assert.equal(lines.at(-1)?.balance.amount, '0.00')
    assert.ok(Number(told.apr) > Number(told.annualRate), 'fee and compounding make it dearer')
  }
})

test('twenty who take an offer at once make one loan, and money is sent once', async () => {
  const who = await someone()
  const { offers } = await offered(who)
  const before = await trial.booked(refs.payer.current)
  const answers = await Promise.allSettled(
    Array.from({ length: 20 }, (_, at) => {
      const offer = offers[at % offers.length]
      assert.ok(offer)
      const { caller, asked } = taking(who, offer)
      return acceptOffer(bank, caller, asked)
    }),
  )
  const made = answers.filter(({ status }) => status === 'fulfilled')
  assert.equal(made.length, 1)
  for (const answer of answers)
    if (answer.status === 'rejected') assert.ok(isCode('lending/offer-closed')(answer.reason))
  assert.equal((await trial.booked(refs.payer.current)) - before, APPROVED)
})

test('what the customer saw is what they took: other figures, another offer, a late one are refused', async () => {
  const who = await someone()
  const { offer } = await offered(who)
  const cheaper = taking(who, offer, { totalCost: { amount: '1.00', currency: 'UZS' } })
  await assert.rejects(
    acceptOffer(bank, cheaper.caller, cheaper.asked),
    isCode('lending/differs-from-consent'),
  )
  const other = taking(who, (await offered(who)).offer)
  await assert.rejects(
    acceptOffer(bank, taking(who, offer).caller, other.asked),
    isCode('lending/differs-from-consent'),
  )
  const dollars = taking(who, offer, { account: refs.payer.dollars })
  await assert.rejects(
    acceptOffer(bank, dollars.caller, dollars.asked),
    isCode('consents/exceeded'),
  )
  const apply = asking(who, APPROVED)
  await assert.rejects(
    acceptOffer(bank, apply.caller, taking(who, offer).asked),
    isCode('consents/missing'),
  )
  const wrong = taking(who, offer)
  await assert.rejects(
    createApplication(bank, wrong.caller, apply.request),
    isCode('consents/missing'),
    'a consent that takes an offer applies for nothing',
  )
  trial.pass(15 * 86_400)
  const late = taking(who, offer)
  await assert.rejects(acceptOffer(bank, late.caller, late.asked), isCode('lending/offer-expired'))
})

test('asked again with the same key the loan is the same, and its money is not sent again', async () => {
  const who = await someone()
  const { offer } = await offered(who)
  const { caller, asked } = taking(who, offer)
  const first = await acceptOffer(bank, caller, asked)
  const before = await trial.booked(refs.payer.current)
  assert.equal((await acceptOffer(bank, caller, asked)).ref, first.ref)
  assert.equal(await trial.booked(refs.payer.current), before)
})

test('a payout whose answer was lost is asked for by its reference and booked once', async () => {
  const who = await someone()
  const { offer } = await offered(who)
  const before = await trial.booked(refs.payer.current)
  trial.faults.push('lost')
  const { caller, asked } = taking(who, offer)
  const waiting = await acceptOffer(bank, caller, asked)
  assert.equal(waiting.status, 'approved')
  trial.pass(2)
  await lookAfterPayouts(bank)
  const loan = await loans.find(bank.db, who.partnerId, waiting.loanId)
  assert.equal(loan?.status, 'active')
  assert.equal((await trial.booked(refs.payer.current)) - before, APPROVED)
})

test('a loan whose money the core never took in a day is rejected and bears no interest', async () => {
  const who = await someone()
  const { offer } = await offered(who)
  trial.faults.push('away')
  const { caller, asked } = taking(who, offer)
  const waiting = await acceptOffer(bank, caller, asked)
  assert.equal(waiting.status, 'approved')
  trial.pass(86_400 + 60)
  await lookAfterPayouts(bank)
  const loan = await loans.find(bank.db, who.partnerId, waiting.loanId)
  assert.deepEqual([loan?.status, loan?.reasonCode, loan?.nextDueOn], ['rejected', 'MS03', null])
})

test('a pay-off quote closes the loan exactly, even when it is paid before its day', async () => {
  const who = await someone()
  const { loan } = await borrowed(who)
  trial.pass(45 * 86_400)
  const on = bank.now().toZonedDateTimeISO(bank.zone).toPlainDate().add({ days: 5 })
  const { quote } = await quotePayoff(bank, alone(who), { loanId: loan.loanId, on })
  const amount = sumOf(partsOfQuote(quote))
  trial.pass(2 * 86_400)
  const paymentId = await paid(who, amount)
  const request = { paymentId, payoffQuoteId: quote.id }
  const { repayment, loan: closed } = await createRepayment(bank, alone(who), {
    loanId: loan.loanId,
    request,
  })
  assert.equal(closed.status, 'closed_obligations_met')
  assert.equal(repayment.principalMinor, APPROVED)
  assert.equal(repayment.excessMinor, 0n)
  const again = await createRepayment(bank, alone(who), { loanId: loan.loanId, request })
  assert.equal(again.repayment.id, repayment.id)
  await assert.rejects(
    createRepayment(bank, alone(who), {
      loanId: loan.loanId,
      request: { paymentId: await paid(who, 100n) },
    }),
    isCode('lending/loan-not-open'),
  )
})

test('a quote of before another repayment holds no longer, and its payment still counts', async () => {
  const who = await someone()
  const { loan } = await borrowed(who)
  const { loanId } = loan
  const on = bank.now().toZonedDateTimeISO(bank.zone).toPlainDate()
  const { quote } = await quotePayoff(bank, alone(who), { loanId, on })
  const part = await paid(who, 1_000_000_00n)
  await createRepayment(bank, alone(who), { loanId, request: { paymentId: part } })
  const paymentId = await paid(who, sumOf(partsOfQuote(quote)))
  await assert.rejects(
    createRepayment(bank, alone(who), { loanId, request: { paymentId, payoffQuoteId: quote.id } }),
    isCode('lending/payoff-quote-stale'),
  )
  const before = await trial.booked(refs.payer.current)
  const { loan: after, repayment } = await createRepayment(bank, alone(who), {
    loanId,
    request: { paymentId },
  })
  // What was too much has gone back to the borrower.
  assert.ok(repayment.excessMinor > 0n)
  assert.equal((await trial.booked(refs.payer.current)) - before, repayment.excessMinor)
  assert.equal(after.status, 'closed_obligations_met')
  for (const days of [-1, 31])
    await assert.rejects(
      quotePayoff(bank, alone(who), {
        loanId: (await borrowed(who)).loan.loanId,
        on: on.add({ days }),
      }),
      isCode('lending/payoff-date-invalid'),
    )
})

test('a payment is put on one loan once, however many say so at once', async () => {
  const who = await someone()
  const { loan } = await borrowed(who)
  const { loan: other } = await borrowed(who)
  const paymentId = await paid(who, 700_000_00n)
  const answers = await Promise.allSettled(
    Array.from({ length: 12 }, (_, at) =>
      createRepayment(bank, alone(who), {
        loanId: (at % 2 === 0 ? loan : other).loanId,
        request: { paymentId },
      }),
    ),
  )
  const made = answers.flatMap((a) => (a.status === 'fulfilled' ? [a.value.repayment.id] : []))
  assert.equal(new Set(made).size, 1)
  for (const answer of answers)
    if (answer.status === 'rejected') assert.ok(isCode('lending/payment-unfit')(answer.reason))
  const lines = [...(await linesOf(loan)), ...(await linesOf(other))]
  const counted = lines.reduce(
    (sum, l) => sum + l.paidFeeMinor + l.paidInterestMinor + l.paidPrincipalMinor,
    0n,
  )
  assert.equal(counted, 700_000_00n)
})

test('repayments of one loan at once are put on it one after the other', async () => {
  const who = await someone()
  const { loan } = await borrowed(who)
  const payments: PaymentId[] = []
  for (let at = 0; at < 5; at++) payments.push(await paid(who, 300_000_00n))
  await Promise.all(
    payments.map((paymentId) =>
      createRepayment(bank, alone(who), { loanId: loan.loanId, request: { paymentId } }),
    ),
  )
  const { data } = await listRepayments(bank, alone(who), { loanId: loan.loanId, limit: 10 })
  assert.equal(data.length, 5)
  const lines = await linesOf(loan)
  assert.equal(
    lines.reduce((sum, line) => sum + line.principalMinor, 0n),
    APPROVED,
  )
  const onPrincipal = lines.reduce((sum, line) => sum + line.paidPrincipalMinor, 0n)
  assert.equal(
    onPrincipal + 120_000_01n,
    5n * 300_000_00n,
    'the fee came first, and a day has no interest',
  )
  const first = await listRepayments(bank, alone(who), { loanId: loan.loanId, limit: 3 })
  assert.ok(first.next)
  const rest = { loanId: loan.loanId, limit: 3, cursor: first.next }
  assert.equal((await listRepayments(bank, alone(who), rest)).data.length, 2)
})

test('a late loan falls into its bucket, once, and comes out of it when it is paid', async () => {
  const who = await someone()
  const { loan } = await borrowed(who)
  trial.pass(40 * 86_400)
  assert.ok((await countArrears(bank)) > 0)
  assert.equal(await countArrears(bank), 0)
  const purpose = { code: 'DEBT_ADVICE' }
  const detailed = reading(who, { permissions: ['ReadLoansDetail'], purpose })
  const late = await getArrears(bank, detailed, loan.loanId)
  assert.equal(late.bucket, 'DPD_1_30')
  assert.ok(late.daysPastDue > 0 && Number(late.overdue.penaltyInterest.amount) > 0)
  const overdue = BigInt(late.overdue.total.amount.replace('.', ''))
  await createRepayment(bank, alone(who), {
    loanId: loan.loanId,
    request: { paymentId: await paid(who, overdue) },
  })
  assert.equal((await getArrears(bank, detailed, loan.loanId)).bucket, 'CURRENT')
  const events = (await readEntries(bank.db, 0n, 100_000)).filter(
    ({ event, subject }) => event === 'lending.arrears-changed' && subject === loan.loanId,
  )
  assert.deepEqual(
    events.map(({ data }) => Reflect.get(Object(data), 'bucket')),
    ['DPD_1_30', 'CURRENT'],
  )
})

test('O33: arrears are seen only with the detail permission and a stated purpose', async () => {
  const who = await someone()
  const { loan } = await borrowed(who)
  for (const more of [
    {},
    { permissions: ['ReadLoansBasic'], purpose: { code: 'X' } },
    { permissions: ['ReadLoansDetail'] },
  ])
    await assert.rejects(
      getArrears(bank, reading(who, more), loan.loanId),
      isCode('consents/exceeded'),
    )
  await assert.rejects(listLoans(bank, alone(who)), isCode('consents/missing'))
})

test('O5: two partners know one loan by two names, and neither name opens it to the other', async () => {
  const owner = refs.other.owner
  const who = await someone(owner)
  const { caller, request } = asking(who, APPROVED, { account: refs.other.current })
  const { id } = await createApplication(bank, caller, request)
  await submitApplication(bank, alone(who), id)
  const [offer] = await listOffers(bank, alone(who), id)
  assert.ok(offer)
  const { caller: taker, asked } = taking(who, offer, { account: refs.other.current })
  const loan = await acceptOffer(bank, taker, asked)

  const second = await someone(owner)
  const { data } = await listLoans(bank, reading(second))
  const theirs = data.find(({ principal }) => principal.amount === amountOf(uzs(APPROVED)))
  assert.ok(theirs && theirs.loanId !== loan.loanId)
  const theirId = LoanRef.parse(theirs.loanId)
  assert.equal((await getLoan(bank, reading(second), theirId)).loanId, theirId)
  assert.equal((await getSchedule(bank, reading(second), theirId)).data.length, 12)
  await assert.rejects(getLoan(bank, reading(second), loan.loanId), isCode('gateway/not-found'))
  const other = reading(second, { loans: [`loan_${'0'.repeat(32)}`] })
  await assert.rejects(getLoan(bank, other, theirId), isCode('gateway/not-found'))
})

test('a pre-qualification tells bands, the same for the same question, and leaves nothing behind', async () => {
  const ask = (income: string) =>
    preQualify(
      bank,
      PreQualificationRequest.parse({
        productId: 'consumer',
        amount: { amount: '12000000.00', currency: 'UZS' },
        term: 12,
        monthlyIncome: { amount: income, currency: 'UZS' },
      }),
    )
  const before = await readEntries(bank.db, 0n, 100_000)
  const answers = await Promise.all([ask('9000000.00'), ask('2600000.00'), ask('400000.00')])
  assert.deepEqual(
    answers.map(({ likelihood }) => likelihood),
    ['LIKELY', 'POSSIBLE', 'UNLIKELY'],
  )
  assert.deepEqual(await ask('9000000.00'), answers[0])
  assert.equal((await readEntries(bank.db, 0n, 100_000)).length, before.length)
})

const someApplication = (status: LoanApplication['status']): LoanApplication => ({
  id: `loan_application_${'0'.repeat(32)}` as LoanApplication['id'],
  partnerId: 'p',
  applicationId: 'a',
  idempotencyKey: 'k',
  bodySha256: 'b',
  consentId: 'c',
  customerRef: 'r',
  subject: 's',
  accountId: 'x',
  accountRef: 'y',
  productId: 'consumer',
  amountMinor: 1n,
  currency: 'UZS',
  months: 1,
  reference: null,
  incomeMinor: null,
  status,
  reasons: [],
  needs: [],
  modelVersion: null,
  decidedAt: null,
  expiresAt: noon.add({ hours: 720 }),
  nextAt: noon,
  tries: 0,
  createdAt: noon,
  updatedAt: noon,
})

test('no order of acts takes an application back, and what has ended stays', () => {
  const acts = [
    submitted,
    withdrawn,
    stillInReview,
    (a: LoanApplication, now: Temporal.Instant) => informed(a, 5n, now),
    (a: LoanApplication, now: Temporal.Instant) => judged(a, { outcome: 'approved' }, now),
    (a: LoanApplication, now: Temporal.Instant) =>
      judged(a, { outcome: 'declined', reasons: ['ARREARS'] }, now),
    (a: LoanApplication, now: Temporal.Instant) =>
      judged(a, { outcome: 'needs_information', needs: ['MONTHLY_INCOME'] }, now),
    standing,
  ]
  const step = fc.record({ act: fc.constantFrom(...acts), hours: fc.integer({ min: 0, max: 400 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let application = someApplication('draft')
      let now = noon
      const seen = new Set<string>(['draft'])
      for (const { act, hours } of steps) {
        now = now.add({ hours })
        const before = application.status
        try {
          application = act(application, now)
        } catch (error) {
          assert.ok(isCode('lending/application-closed')(error))
        }
        if (application.status === before) continue
        assert.ok(applicationTransitions[before].length > 0)
        assert.ok(!seen.has(application.status), `${application.status} came twice`)
        seen.add(application.status)
      }
    }),
    { numRuns: 300 },
  )
})

test('no status of a loan is reached twice, and every end is an end', () => {
  const reach = (from: LoanStatus, seen: readonly LoanStatus[]): void => {
    assert.ok(!seen.includes(from), `${from} is reached again`)
    for (const next of loanTransitions[from]) reach(next, [...seen, from])
  }
  for (const status of LoanStatus.options) reach(status, [])
  const ends = LoanStatus.options.filter((status) => loanTransitions[status].length === 0)
  assert.deepEqual(ends.toSorted(), [
    'closed_obligations_met',
    'rejected',
    'withdrawn',
    'written_off',
  ])
})
