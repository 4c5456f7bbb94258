import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amountOf } from '#kernel/money.ts'
import { readEntries } from '#journal/index.ts'
import { freshDatabase } from '#test/world.ts'
import { openTrial, refs, uzs } from '../trial.ts'
import { acceptOffer, listOffers } from './accept.ts'
import { createApplication, submitApplication } from './apply.ts'
import { APPROVED, borrowingIn, isCode } from './borrower.ts'
import { sumOf } from './debt.ts'
import { countArrears } from './jobs.ts'
import { LoanRef } from './loan.ts'
import { partsOfQuote } from './payoff-quote.ts'
import { preQualify, PreQualificationRequest } from './pre-qualification.ts'
import { getArrears, getLoan, getSchedule, listLoans } from './read.ts'
import { createRepayment, listRepayments, quotePayoff } from './repay.ts'
import { type PaymentId } from './repayment.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank } = trial
const { someone, asking, alone, taking, borrowed, paid, linesOf, reading } =
  await borrowingIn(trial)

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
  const { nextInstalment } = await getLoan(bank, reading(who), loan.loanId)
  assert.ok(nextInstalment && late.since && nextInstalment.dueDate > late.since, 'O33')
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
