import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { uuidv7 } from '#kernel/id.ts'
import { amountOf } from '#kernel/money.ts'
import { sha256url } from '#platform/jose.ts'
import { freshDatabase } from '#test/world.ts'
import { coreUnavailable } from '../cores/core.ts'
import { openTrial, refs, uzs } from '../trial.ts'
import { acceptOffer, listOffers } from './accept.ts'
import { decisionJson } from './application.ts'
import {
  createApplication,
  getApplication,
  giveInformation,
  listApplications,
  submitApplication,
  withdrawApplication,
} from './apply.ts'
import { APPROVED, borrowingIn, isCode } from './borrower.ts'
import { lookAfterPayouts } from './carrier.ts'
import { factsOf } from './facts.ts'
import { Reason, scenarios } from './decision.ts'
import { lookAfterLending } from './jobs.ts'
import { offeredInstalmentsJson, offerJson } from './offer.ts'
import { listRepayments, quotePayoff } from './repay.ts'
import { expireApplications, reviewWaiting } from './review.ts'
import * as loans from './loan-store.ts'
import * as store from './store.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank } = trial
const { someone, asking, alone, applied, offered, taking, borrowed } = await borrowingIn(trial)

test('each amount that a scenario names is decided as it says, each reason with what to tell', async () => {
  for (const { ending, outcome, reason } of scenarios) {
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
    scenarios.flatMap(({ reason }) => reason ?? []),
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

test('what a borrower says is kept while the core is away, and whoever says it hears why nothing is decided', async () => {
  const who = await someone(refs.other.owner)
  const application = await applied(who, 20_000_000_00n, { account: refs.other.current })
  const away = {
    ...bank,
    coreFor: () => ({
      ...trial.core,
      accountsOf: async () => {
        throw coreUnavailable('it is away')
      },
    }),
  }
  const given = { id: application.id, income: uzs(90_000_000_00n) }
  await assert.rejects(giveInformation(away, alone(who), given), isCode('core/unavailable'))
  const waiting = await getApplication(bank, alone(who), application.id)
  assert.deepEqual([waiting.status, waiting.incomeMinor], ['needs_information', 90_000_000_00n])
  assert.equal((await giveInformation(bank, alone(who), given)).status, 'declined')
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

test('money that was lent is no income, and its instalments count before they are due', async () => {
  const who = await someone(refs.other.owner)
  const wish = { account: refs.other.current as string }
  const about = { partnerId: who.partnerId, currency: 'UZS', customerRef: refs.other.owner }
  const before = await factsOf(bank, { ...about, now: bank.now() })
  const application = await applied(who, 50_000_001_00n, wish)
  const [offer] = await listOffers(bank, alone(who), application.id)
  assert.ok(offer)
  const { caller, asked } = taking(who, offer, wish)
  trial.faults.push('lost')
  assert.equal((await acceptOffer(bank, caller, asked)).status, 'approved')
  const onItsWay = await factsOf(bank, { ...about, now: bank.now() })
  trial.pass(2)
  await lookAfterPayouts(bank)
  const after = await factsOf(bank, { ...about, now: bank.now() })
  assert.equal(after.inflowMinor, before.inflowMinor)
  for (const { burdenMinor, openLoans } of [onItsWay, after])
    assert.deepEqual([burdenMinor, openLoans], [offer.firstMinor, before.openLoans + 1])
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

test('offers of several applications, taken at once: one becomes a loan and the others lapse', async () => {
  const parties = await Promise.all([someone(), someone(), someone()])
  const made = await Promise.all(parties.map((who) => offered(who)))
  const answers = await Promise.allSettled(
    parties.map(async (who, at) => {
      const offer = made[at]?.offer
      assert.ok(offer)
      const { caller, asked } = taking(who, offer)
      return acceptOffer(bank, caller, asked)
    }),
  )
  const refusals = answers.flatMap((answer) =>
    answer.status === 'rejected' ? [answer.reason as unknown] : [],
  )
  assert.equal(refusals.length, 2)
  for (const refusal of refusals) assert.ok(isCode('lending/offer-closed')(refusal))
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

test('by itself the bank asks after what is open, for as long as it runs', async () => {
  const who = await someone()
  const { offer } = await offered(who)
  trial.faults.push('away')
  const { caller, asked } = taking(who, offer)
  const { ref } = await acceptOffer(bank, caller, asked)
  trial.pass(61)
  const looking = lookAfterLending(bank)
  const statusOf = async () => (await loans.get(bank.db, ref)).status
  for (let tries = 0; tries < 2_000 && (await statusOf()) === 'approved'; tries++) await sleep(30)
  await looking.stop()
  assert.equal(await statusOf(), 'active')
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
