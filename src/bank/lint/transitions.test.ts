import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorizationTransitions } from '../cards/authorizations/authorization.ts'
import { cardTransitions } from '../cards/card.ts'
import { cardholderTransitions } from '../cards/cardholders/cardholder.ts'
import { disputeTransitions } from '../cards/disputes/dispute.ts'
import { shippingTransitions } from '../cards/plastic.ts'
import { programmeTransitions } from '../cards/programmes/programme.ts'
import { documents } from '../documents.ts'
import { conversionTransitions } from '../fx/conversion.ts'
import { quoteTransitions } from '../fx/quote.ts'
import { transitions as verification } from '../kyc/verification.ts'
import { applicationTransitions } from '../lending/application.ts'
import { loanTransitions } from '../lending/loan.ts'
import { documentOf } from './rule.ts'

/** The one table of each noun, by which the bank itself goes. Those of payments have a test in their room. */
const kept = {
  cards: {
    programme: programmeTransitions,
    cardholder: cardholderTransitions,
    card: cardTransitions,
    shipping: shippingTransitions,
    authorization: authorizationTransitions,
    dispute: disputeTransitions,
  },
  fx: { quote: quoteTransitions, conversion: conversionTransitions },
  kyc: { verification },
  lending: { application: applicationTransitions, loan: loanTransitions },
}

for (const [product, tables] of Object.entries(kept))
  test(`the transitions that ${product} publishes are those that it enforces`, () => {
    const document = documents.find((one) => one.product === product)
    assert.ok(document)
    assert.deepEqual(documentOf(document)['x-transitions'], tables)
  })
