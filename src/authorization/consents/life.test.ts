/** The life of a company's consent against a model that knows nothing of the code: two of three signatories, a clock. */
import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '#kernel/problem.ts'
import { uuidv7 } from '#kernel/id.ts'
import { doing, freshDatabase, noon } from '#test/world.ts'
import { folded } from './consent.ts'
import {
  askConsent,
  authoriseConsent,
  type Consent,
  consentHistory,
  consumeConsent,
  findConsent,
  rejectConsent,
  resumeConsent,
  revokeConsent,
  statusAt,
  suspendConsent,
} from './index.ts'

const database = await freshDatabase('cell')
const db = database.as('authorization')

type Party = 'a' | 'b' | 'c'
const parties: readonly Party[] = ['a', 'b', 'c']
const organisation = {
  subject: 'sub_company',
  name: 'Company',
  signatures: 2,
  signatories: parties.map(String),
}

const detail = {
  type: 'urn:bank:accounts:v1' as const,
  permissions: ['ReadAccountsBasic' as const],
}

const ask = () =>
  doing(db)((w) =>
    askConsent(
      w,
      {
        partnerId: `partner_${uuidv7()}`,
        partnerName: 'Anor Telecom',
        applicationId: `application_${uuidv7()}`,
        applicationName: 'Anor application',
        customerId: 'a',
        subject: 'sub_a',
        detail,
        scopes: ['accounts'],
        matrix: '2026-11-22',
      },
      createHash('sha256').update(randomUUID()).digest(),
    ),
  )

type Step =
  | { readonly does: 'approve' | 'refuse' | 'renew'; readonly party: Party }
  | { readonly does: 'suspend' | 'resume' | 'consume' | 'revoke' }
  | { readonly does: 'wait'; readonly hours: number }

/** All that a consent is, for the model. Times are hours since it was asked for. */
interface Model {
  status: string
  now: number
  end: number
  readonly signed: Set<Party>
  events: number
}

const DAYS_180 = 180 * 24

const shown = (m: Model): string => {
  const end = m.status === 'AWAITING' ? 24 : m.status === 'PARTIAL' ? 14 * 24 : m.end
  return ['AWAITING', 'PARTIAL', 'AUTHORISED', 'SUSPENDED'].includes(m.status) && m.now >= end
    ? 'EXPIRED'
    : m.status
}

const to = (m: Model, status: string): true => {
  m.status = status
  m.events += 1
  return true
}

/** Whether the step may be done; does it to the model. What changes nothing may be done, and is no event. */
const predicted = (m: Model, step: Step): boolean => {
  const status = shown(m)
  switch (step.does) {
    case 'wait':
      m.now += step.hours
      return true
    case 'approve': {
      const { party } = step
      if ((status === 'PARTIAL' || status === 'AUTHORISED') && m.signed.has(party)) return true
      if (status === 'AWAITING' ? party !== 'a' : status !== 'PARTIAL') return false
      m.signed.add(party)
      if (m.signed.size < 2) return to(m, 'PARTIAL')
      m.end = m.now + DAYS_180
      return to(m, 'AUTHORISED')
    }
    case 'renew':
      if (status !== 'AUTHORISED' || !m.signed.has(step.party))
        return predicted(m, { does: 'approve', party: step.party })
      m.end = m.now + DAYS_180
      return to(m, 'AUTHORISED')
    case 'refuse': {
      const { party } = step
      if (status === 'AUTHORISED' && m.signed.has(party)) return true
      const asked = status === 'PARTIAL' || (status === 'AWAITING' && party === 'a')
      return asked && to(m, 'REJECTED')
    }
    case 'suspend':
      return status === 'AUTHORISED' && to(m, 'SUSPENDED')
    case 'resume':
      return status === 'SUSPENDED' && to(m, 'AUTHORISED')
    case 'consume':
      // It is no consent for one use, so nothing happens to it.
      return true
    case 'revoke':
      return ['AWAITING', 'PARTIAL', 'AUTHORISED', 'SUSPENDED'].includes(status) && to(m, 'REVOKED')
  }
}

const names: Readonly<Record<string, string>> = {
  AWAITING: 'AWAITING_AUTHORISATION',
  PARTIAL: 'PARTIALLY_AUTHORISED',
}

const act = (id: Consent['id'], step: Step, now: Temporal.Instant) =>
  doing(
    db,
    'system',
    now,
  )(async (w) => {
    const decision = { accounts: ['acc_1'], organisation, authenticatedAt: now }
    switch (step.does) {
      case 'approve':
        return authoriseConsent(w, id, { ...decision, customerId: step.party })
      case 'renew':
        return authoriseConsent(w, id, {
          ...decision,
          customerId: step.party,
          asked: { ...detail, consentId: id },
        })
      case 'refuse':
        return rejectConsent(w, id, step.party)
      case 'suspend':
        return suspendConsent(w, id, { channel: 'console' })
      case 'resume':
        return resumeConsent(w, id, { channel: 'console' })
      case 'consume':
        return consumeConsent(w, id, { channel: 'journal' })
      case 'revoke':
        return revokeConsent(w, id, { by: 'bank', channel: 'console' })
      case 'wait':
        return undefined
    }
  })

/** Whether it was done. */
const done = async (id: Consent['id'], step: Step, now: Temporal.Instant): Promise<boolean> => {
  try {
    await act(id, step, now)
    return true
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constantFrom('approve' as const, 'refuse' as const, 'renew' as const),
      party: fc.constantFrom(...parties),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constantFrom('suspend', 'resume', 'consume', 'revoke') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('wait' as const),
      hours: fc.constantFrom(1, 23, 24, 14 * 24, DAYS_180 - 1, DAYS_180),
    }),
  },
)

/** Most lives begin with signatures: without them little else can happen. */
const life = fc
  .tuple(fc.nat(2), fc.array(step, { minLength: 2, maxLength: 12 }))
  .map(([signatures, steps]) => [
    ...parties.slice(0, signatures).map((party) => ({ does: 'approve' as const, party })),
    ...steps,
  ])

test('whatever is done to a consent, it is what the model says, and its history says the same', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(life, async (steps) => {
      const { id } = await ask()
      const model: Model = {
        status: 'AWAITING',
        now: 0,
        end: DAYS_180,
        signed: new Set(),
        events: 1,
      }
      for (const next of steps) {
        const now = noon.add({ hours: model.now })
        const before = shown(model)
        const allowed = predicted(model, next)
        assert.equal(await done(id, next, now), allowed, `${JSON.stringify(next)} on ${before}`)

        const row = await findConsent(db, id)
        assert.ok(row)
        const expected = shown(model)
        assert.equal(statusAt(row, noon.add({ hours: model.now })), names[expected] ?? expected)
        const history = await consentHistory(db, id)
        const moves = history.map((e) => e.move).filter((move) => move !== null)
        assert.equal(folded(moves), row.status, moves.join(' '))
        assert.equal(history.length, model.events)
        seen.add(expected)
      }
    }),
    { numRuns: 50, seed: 20261122 },
  )
  for (const status of ['PARTIAL', 'AUTHORISED', 'SUSPENDED', 'REJECTED', 'REVOKED', 'EXPIRED'])
    assert.ok(seen.has(status), `${status} was not reached`)
})
