import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { noon } from '../trial.ts'
import {
  applicationTransitions,
  informed,
  judged,
  type LoanApplication,
  LoanApplicationId,
  standing,
  stillInReview,
  submitted,
  withdrawn,
} from './application.ts'
import { isCode } from './borrower.ts'
import { LoanStatus, loanTransitions } from './loan.ts'

const someApplication = (status: LoanApplication['status']): LoanApplication => ({
  id: LoanApplicationId.parse(`loan_application_${'0'.repeat(32)}`),
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
