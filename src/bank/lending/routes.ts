import { z } from 'zod'
import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { acceptOffer, getOffer, listOffers } from './accept.ts'
import {
  applicationJson,
  ApplicationRequest,
  decisionJson,
  InformationRequest,
  LoanApplicationId,
  WithdrawalRequest,
} from './application.ts'
import {
  createApplication,
  getApplication,
  giveInformation,
  listApplications,
  submitApplication,
  withdrawApplication,
} from './apply.ts'
import { briefJson, LoanRef } from './loan.ts'
import { AcceptanceRequest, OfferId, offeredInstalmentsJson, offerJson } from './offer.ts'
import { payoffQuoteJson, PayoffQuoteRequest } from './payoff-quote.ts'
import { PreQualificationRequest, preQualify } from './pre-qualification.ts'
import { productJson } from './product.ts'
import { getArrears, getLoan, getSchedule, listLoans } from './read.ts'
import { createRepayment, listRepayments, quotePayoff } from './repay.ts'
import { repaymentJson, RepaymentRequest } from './repayment.ts'
import * as store from './store.ts'

const ApplicationPath = z.object({ loanApplicationId: LoanApplicationId })
const OfferPath = z.object({ offerId: OfferId })
const LoanPath = z.object({ loanId: LoanRef })
const Page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(512).optional(),
})
const Nothing = z.union([z.undefined(), z.null(), z.strictObject({})])

const at = (operation: string) => ({ config: { operation } })

export const lendingRoutes = (server: Server, bank: BankWorld): void => {
  server.get('/lending/v1/products', at('listLoanProducts'), async () => ({
    data: (await store.products(bank.db)).map(productJson),
    next: null,
  }))
  server.post('/lending/v1/pre-qualifications', at('preQualify'), (request) =>
    preQualify(bank, parseRequest(PreQualificationRequest, request.body)),
  )
  applicationRoutes(server, bank)
  offerRoutes(server, bank)
  loanRoutes(server, bank)
}

const applicationRoutes = (server: Server, bank: BankWorld) => {
  const applications = '/lending/v1/applications'
  const application = `${applications}/:loanApplicationId`
  const idOf = (request: { params: unknown }) =>
    parseRequest(ApplicationPath, request.params).loanApplicationId

  server.post(applications, at('createLoanApplication'), async (request, reply) => {
    const body = parseRequest(ApplicationRequest, request.body)
    const created = await createApplication(bank, callerOf(request), body)
    return reply.code(201).send(applicationJson(created))
  })
  server.get(applications, at('listLoanApplications'), (request) =>
    listApplications(bank, callerOf(request), parseRequest(Page, request.query)),
  )
  server.get(application, at('getLoanApplication'), async (request) =>
    applicationJson(await getApplication(bank, callerOf(request), idOf(request))),
  )
  server.post(`${application}/submission`, at('submitLoanApplication'), async (request) => {
    parseRequest(Nothing, request.body)
    return applicationJson(await submitApplication(bank, callerOf(request), idOf(request)))
  })
  server.post(`${application}/information`, at('giveLoanInformation'), async (request) => {
    const { monthlyIncome: income } = parseRequest(InformationRequest, request.body)
    const given = { id: idOf(request), income }
    return applicationJson(await giveInformation(bank, callerOf(request), given))
  })
  server.post(`${application}/withdrawal`, at('withdrawLoanApplication'), async (request) => {
    const { reason } = parseRequest(WithdrawalRequest, request.body)
    const asked = { id: idOf(request), reason }
    return applicationJson(await withdrawApplication(bank, callerOf(request), asked))
  })
  server.get(`${application}/decision`, at('getLoanDecision'), async (request) =>
    decisionJson(await getApplication(bank, callerOf(request), idOf(request))),
  )
  server.get(`${application}/offers`, at('listLoanOffers'), async (request) => {
    const offers = await listOffers(bank, callerOf(request), idOf(request))
    const now = bank.now()
    return { data: offers.map((offer) => offerJson(offer, now)), next: null }
  })
}

const offerRoutes = (server: Server, bank: BankWorld) => {
  const offer = '/lending/v1/offers/:offerId'
  const idOf = (request: { params: unknown }) => parseRequest(OfferPath, request.params).offerId

  server.get(offer, at('getLoanOffer'), async (request) =>
    offerJson(await getOffer(bank, callerOf(request), idOf(request)), bank.now()),
  )
  server.get(`${offer}/schedule`, at('getOfferedSchedule'), async (request) => ({
    data: offeredInstalmentsJson(await getOffer(bank, callerOf(request), idOf(request))),
    next: null,
  }))
  server.post(`${offer}/acceptance`, at('acceptLoanOffer'), async (request, reply) => {
    const asked = { id: idOf(request), request: parseRequest(AcceptanceRequest, request.body) }
    return reply.code(201).send(briefJson(await acceptOffer(bank, callerOf(request), asked)))
  })
}

const loanRoutes = (server: Server, bank: BankWorld) => {
  const loan = '/lending/v1/loans/:loanId'
  const idOf = (request: { params: unknown }) => parseRequest(LoanPath, request.params).loanId

  server.get('/lending/v1/loans', at('listLoans'), (request) => listLoans(bank, callerOf(request)))
  server.get(loan, at('getLoan'), (request) => getLoan(bank, callerOf(request), idOf(request)))
  server.get(`${loan}/schedule`, at('getLoanSchedule'), (request) =>
    getSchedule(bank, callerOf(request), idOf(request)),
  )
  server.get(`${loan}/arrears`, at('getLoanArrears'), (request) =>
    getArrears(bank, callerOf(request), idOf(request)),
  )
  server.post(`${loan}/repayments`, at('createLoanRepayment'), async (request, reply) => {
    const loanId = idOf(request)
    const asked = { loanId, request: parseRequest(RepaymentRequest, request.body) }
    const made = await createRepayment(bank, callerOf(request), asked)
    return reply.code(201).send(repaymentJson(made.repayment, made.loan, loanId))
  })
  server.get(`${loan}/repayments`, at('listLoanRepayments'), (request) =>
    listRepayments(bank, callerOf(request), {
      loanId: idOf(request),
      ...parseRequest(Page, request.query),
    }),
  )
  server.post(`${loan}/payoff-quotes`, at('quoteLoanPayoff'), async (request, reply) => {
    const { payoffDate: on } = parseRequest(PayoffQuoteRequest, request.body)
    const {
      quote,
      loan: quoted,
      fund,
    } = await quotePayoff(bank, callerOf(request), {
      loanId: idOf(request),
      on,
    })
    return reply.code(201).send(payoffQuoteJson(quote, quoted, fund))
  })
}
