/** A government portal verifies accounts: four words for an answer, no customer data, and no harvesting of names. */
import assert from 'node:assert/strict'
import { admitToProduction, newApplication, type PartnerPlan, register } from './onboarding.ts'
import { refuseAcrossCells, suspendLicence } from './refusals.ts'
import type { Story } from './story.ts'
import { type Answer, eventually, expectRefusal, expectStatus } from './walker.ts'

const plan: PartnerPlan = {
  organisation: 'Davlat Portal',
  statuses: ['public-authority'],
  tier: 'Silver',
  products: ['accounts'],
  constraint: 'mtls',
  authentication: 'private_key_jwt',
  grantTypes: ['client_credentials'],
  evidence: [{ type: 'legal_basis' }, { type: 'dpa' }],
}

/** More questions than any tier's budget for them lets through at once. */
const SWEEP = 120

export const government: Story = async (walker, { wellKnown, cell, places }) => {
  const partner = await walker.step('the government portal registers', () =>
    register(wellKnown, plan),
  )
  if (cell === 'production') await admitToProduction(walker, wellKnown, partner, plan)
  const application = await walker.step(
    cell === 'sandbox'
      ? 'it has sandbox keys at once'
      : 'production credentials are approved by two people',
    () => newApplication({ wellKnown, partner, plan, cell }),
  )
  const token = await walker.step(
    'it gets a token by its own credentials, without a customer',
    async () => {
      const held = await eventually(
        60_000,
        () => application.token('accounts:verify').catch(() => undefined),
        (t) => t !== undefined,
      )
      assert.ok(held, 'no token')
      return held
    },
  )
  const ask = (identification: string, name: string): Promise<Answer> =>
    application.call(token, 'POST', '/accounts/v1/ownership-verifications', {
      body: {
        account: {
          schemeName: 'UZ.AccountNumber',
          identification,
          bankCode: places.sellers[0].bankCode,
        },
        name,
        purpose: 'BENEFIT_PAYMENT',
        legalReference: 'Decree 123, case 2026/4711',
      },
    })
  const nobody = `${places.customerAccount.slice(0, -6)}999999`
  for (const [name, account, expected] of [
    [places.customerName, places.customerAccount, 'MATCH'],
    [places.closeName, places.customerAccount, 'CLOSE_MATCH'],
    [places.strangerName, places.customerAccount, 'NO_MATCH'],
    [places.customerName, nobody, 'NOT_POSSIBLE'],
  ] as const)
    await walker.step(`a question is answered ${expected}, and nothing else`, async () => {
      const answer = await eventually(
        60_000,
        () => ask(account, name),
        (a) => a.status !== 401,
      )
      assert.deepEqual(expectStatus(answer, 200).body, { result: expected })
    })

  await walker.step('asking for balances is refused by licence', async () => {
    const answer = await application.call(
      token,
      'GET',
      `/accounts/v1/accounts/acc_${'0'.repeat(32)}/balances`,
    )
    expectRefusal(answer, 403, 'licences/missing')
  })
  await walker.step('harvesting of names is stopped by its own limit', async () => {
    const answers = await Promise.all(
      Array.from({ length: SWEEP }, (_, n) => ask(places.customerAccount, `Name ${n}`)),
    )
    const stopped = answers.filter((a) => a.status === 429)
    assert.ok(stopped.length > 0, 'every question was answered')
    expectRefusal(stopped[0]!, 429, 'gateway/rate-limited')
    assert.ok(Number(stopped[0]!.headers.get('retry-after')) > 0, 'Retry-After says when')
  })
  await refuseAcrossCells(walker, application, token, '/accounts/v1/accounts')
  await suspendLicence(walker, wellKnown, partner, 'accounts.ownership-verification', () =>
    ask(places.customerAccount, places.customerName),
  )
  await application.close()
}
