/** Every operation on loans once, its refusals among them, for the test that walks the documents. */
import assert from 'node:assert/strict'
import { z } from 'zod'

/** Asks one operation, and answers its body once it has the status and the shape that its document says. */
type Expect = (
  status: number,
  operation: string,
  given: { path?: string; body?: object; details?: object[]; query?: string },
) => Promise<Record<string, unknown>>

const uzs = (amount: string) => ({ amount, currency: 'UZS' })
const Offers = z.object({
  data: z
    .array(z.looseObject({ offerId: z.string(), apr: z.string(), totalCost: z.looseObject({}) }))
    .min(2),
})
const RepaymentAccount = z.object({
  repaymentAccount: z.looseObject({ name: z.string() }),
  loanId: z.string(),
})

const wanted = (amount: string) => ({ productId: 'consumer', amount: uzs(amount), term: 12 })

interface Borrower {
  readonly accountId: string
  readonly today: Temporal.PlainDate
  /** Whether how an amount ends decides (`scenarios` of decision.ts); else what the core tells of the customer does. */
  readonly scenarios?: boolean
}

/** The account is one in so'm; whoever holds it borrows, repays in part and pays the rest off on a day of the bank's. */
export const hearLending = async (
  expect: Expect,
  { accountId, today, scenarios = true }: Borrower,
): Promise<void> => {
  await expect(200, 'listLoanProducts', {})
  const likely = { ...wanted('12000000.00'), monthlyIncome: uzs('9000000.00') }
  await expect(200, 'preQualify', { body: likely })
  await expect(400, 'preQualify', { body: { ...likely, term: 99 } })
  await expect(400, 'preQualify', { body: { ...likely, productId: 'yacht' } })

  if (scenarios) {
    const declined = await applied(expect, accountId, '12000010.00')
    await expect(200, 'submitLoanApplication', { path: `${declined}/submission` })
    await expect(200, 'getLoanDecision', { path: `${declined}/decision` })
    await expect(409, 'withdrawLoanApplication', { path: `${declined}/withdrawal`, body: {} })
  }
  const dropped = await applied(expect, accountId, '12000001.00')
  await expect(409, 'getLoanDecision', { path: `${dropped}/decision` })
  await expect(200, 'withdrawLoanApplication', {
    path: `${dropped}/withdrawal`,
    body: { reason: 'CUSTOMER' },
  })

  // No scenario lays this one down: it is decided by what the core tells of the customer.
  const small = '3000500.00'
  const judged = await applied(expect, accountId, small)
  const { status } = await expect(200, 'submitLoanApplication', { path: `${judged}/submission` })
  assert.match(String(status), /^(approved|declined|needs_information)$/)

  const large = scenarios ? '12000002.00' : '45000500.00'
  const application = await applied(expect, accountId, large)
  const asked = await expect(200, 'submitLoanApplication', { path: `${application}/submission` })
  assert.deepEqual(asked['informationNeeded'], ['MONTHLY_INCOME'])
  const information = { path: `${application}/information`, body: { monthlyIncome: uzs('9.00') } }
  const told = await expect(200, 'giveLoanInformation', information)
  assert.equal(told['status'], scenarios ? 'approved' : 'declined')
  await expect(409, 'giveLoanInformation', information)
  await expect(200, 'getLoanDecision', { path: `${application}/decision` })
  await expect(200, 'getLoanApplication', { path: application })
  await expect(200, 'listLoanApplications', { query: '?limit=2' })
  await expect(400, 'listLoanApplications', { query: '?cursor=AAAA' })
  await expect(404, 'getLoanApplication', {
    path: `/lending/v1/applications/loan_application_${'0'.repeat(32)}`,
  })
  const approved = scenarios
    ? { application, amount: large }
    : { application: judged, amount: small }
  await hearLoan(expect, { accountId, today, ...approved })
}

const applied = async (expect: Expect, accountId: string, amount: string): Promise<string> => {
  const body = wanted(amount)
  const details = [{ type: 'urn:bank:lending-apply:v1', ...body, accounts: [accountId] }]
  const drafted = await expect(201, 'createLoanApplication', { body, details })
  assert.equal(drafted['status'], 'draft')
  await expect(400, 'createLoanApplication', { body: wanted('5000000.00'), details })
  return `/lending/v1/applications/${String(drafted['loanApplicationId'])}`
}

/** From the offers of an application to the end of its loan. */
const hearLoan = async (
  expect: Expect,
  { accountId, application, amount, today }: Borrower & { application: string; amount: string },
): Promise<void> => {
  const found = await expect(200, 'listLoanOffers', { path: `${application}/offers` })
  const [first] = Offers.parse(found).data
  assert.ok(first)
  const { offerId, apr, totalCost } = first
  const path = `/lending/v1/offers/${offerId}`
  await expect(200, 'getLoanOffer', { path })
  await expect(200, 'getOfferedSchedule', { path: `${path}/schedule` })
  const offer = { offerId, apr, totalCost }
  const accounts = [accountId]
  const details = [{ type: 'urn:bank:lending-apply:v1', ...wanted(amount), offer, accounts }]
  const accepting = { path: `${path}/acceptance`, body: { offer }, details }
  const loan = await expect(201, 'acceptLoanOffer', accepting)
  assert.equal(loan['status'], 'active')
  await expect(409, 'acceptLoanOffer', accepting)
  const nobodys = { ...offer, offerId: `offer_${'0'.repeat(32)}` }
  await expect(404, 'acceptLoanOffer', {
    path: `/lending/v1/offers/${nobodys.offerId}/acceptance`,
    body: { offer: nobodys },
    details: details.map((detail) => ({ ...detail, offer: nobodys })),
  })

  const purpose = { code: 'ADVICE', text: 'Advice on debts' }
  const reading = [
    { type: 'urn:bank:lending-read:v1', permissions: ['ReadLoansDetail'], purpose, accounts: [] },
  ]
  await expect(200, 'listLoans', { details: reading })
  const at = `/lending/v1/loans/${String(loan['loanId'])}`
  const told = await expect(200, 'getLoan', { path: at, details: reading })
  await expect(404, 'getLoan', {
    path: `/lending/v1/loans/loan_${'0'.repeat(32)}`,
    details: reading,
  })
  await expect(200, 'getLoanSchedule', { path: `${at}/schedule`, details: reading })
  await expect(200, 'getLoanArrears', { path: `${at}/arrears`, details: reading })
  await expect(404, 'getLoanArrears', {
    path: `/lending/v1/loans/loan_${'0'.repeat(32)}/arrears`,
    details: reading,
  })
  await expect(403, 'getLoanArrears', {
    path: `${at}/arrears`,
    details: [{ type: 'urn:bank:lending-read:v1', accounts: [] }],
  })

  const { repaymentAccount } = RepaymentAccount.parse(told)
  const payment = (instructedAmount: unknown) =>
    paid(expect, accountId, repaymentAccount, instructedAmount)
  const part = { path: `${at}/repayments`, body: { paymentId: await payment(uzs('1500000.00')) } }
  await expect(201, 'createLoanRepayment', part)
  const quoting = (date: Temporal.PlainDate) => ({
    path: `${at}/payoff-quotes`,
    body: { payoffDate: date.toString() },
  })
  await expect(400, 'quoteLoanPayoff', quoting(today.add({ days: 60 })))
  const quote = await expect(201, 'quoteLoanPayoff', quoting(today.add({ days: 1 })))
  const rest = { paymentId: await payment(quote['amount']), payoffQuoteId: quote['payoffQuoteId'] }
  const closing = { path: `${at}/repayments`, body: rest }
  const closed = await expect(201, 'createLoanRepayment', closing)
  assert.equal(closed['loanStatus'], 'closed_obligations_met')
  await expect(409, 'quoteLoanPayoff', quoting(today))
  await expect(200, 'listLoanRepayments', { path: `${at}/repayments` })
}

/** What the customer pays to where the loan is repaid. */
const paid = async (
  expect: Expect,
  accountId: string,
  { name: creditorName, ...creditorAccount }: { name: string },
  instructedAmount: unknown,
): Promise<unknown> => {
  const body = { instructedAmount, creditorAccount, creditorName }
  const details = [{ type: 'urn:bank:payment:v1', ...body, accounts: [accountId] }]
  const payment = await expect(201, 'createPayment', { body, details })
  assert.equal(payment['status'], 'ACSC')
  return payment['paymentId']
}
