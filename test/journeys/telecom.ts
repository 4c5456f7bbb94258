/** A telecom issues cards: from registration to a card whose number only its own key can read. */
import assert from 'node:assert/strict'
import { z } from 'zod'
import { decryptWith, importVerifyKey, type JWK, verifyJws } from '#platform/jose.ts'
import { exportJWK, generateKeyPair } from './reveal-key.ts'
import { admitToProduction, newApplication, type PartnerPlan, register } from './onboarding.ts'
import { refuseAcrossCells, refusedSoon, suspendLicence } from './refusals.ts'
import type { Story } from './story.ts'
import { eventually, expectRefusal, expectStatus } from './walker.ts'
import { patience } from './web.ts'

const plan: PartnerPlan = {
  organisation: 'Anor Telecom',
  statuses: ['baas-partner'],
  tier: 'Gold',
  products: ['cards', 'accounts'],
  constraint: 'mtls',
  authentication: 'tls_client_auth',
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
  evidence: [
    { type: 'programme_approval' },
    { type: 'agent_registration' },
    { type: 'aml_policy' },
    { type: 'dpa' },
    { type: 'pen_test' },
    { type: 'bcp' },
    { type: 'sub_processor_list' },
    { type: 'pci_aoc', shows: ['level 1'] },
  ],
}

const withoutAttestation: PartnerPlan = {
  ...plan,
  organisation: 'Uzoq Mobile',
  evidence: plan.evidence.filter((e) => e.type !== 'pci_aoc'),
}

const cardConsent = [
  {
    type: 'urn:bank:card-issue:v1',
    cardType: 'virtual',
    currency: 'UZS',
    purpose: { code: 'card-programme', text: 'A virtual card in the Anor app' },
  },
]
/** What a revealed card says, once its signature holds. */
const RevealedCard = z.object({ pan: z.string(), cardId: z.string() })
const cardScopes = 'cards:issue cards:read cards:reveal'

export const telecom: Story = async (walker, { wellKnown, cell, cast }) => {
  const partner = await walker.step('the telecom registers', () => register(wellKnown, plan))
  const reveal = await generateKeyPair()
  const asked = { wellKnown, partner, plan, cell, revealKey: await exportJWK(reveal) }

  // A key that was seen in one cell is refused in the other: only the story's own cell gets the key for card data.
  const sandbox = await walker.step('it has sandbox keys at once', () =>
    newApplication(cell === 'sandbox' ? asked : { wellKnown, partner, plan, cell: 'sandbox' }),
  )
  await walker.step('it calls the sandbox within the same minute', async () => {
    const token = await eventually(
      60_000,
      () => sandbox.token('cards:read').catch(() => undefined),
      (t) => t !== undefined,
    )
    assert.ok(token, 'no token')
    const call = () => sandbox.call(token, 'GET', '/cards/v1/cards')
    // Where gateways are killed, the one that is asked may hear of an application later than who gave its token.
    expectStatus(await eventually(patience.ms, call, ({ status }) => status === 200), 200)
  })
  if (cell === 'production') await admitToProduction(walker, wellKnown, partner, plan)
  const application =
    cell === 'sandbox'
      ? sandbox
      : await walker.step('production credentials are approved by two people', () =>
          newApplication(asked),
        )

  const consented = await walker.step(
    'a customer reads what the telecom asks for, signs in and consents to a card',
    () =>
      eventually(
        60_000,
        () =>
          application
            .askCustomer({
              scope: cardScopes,
              details: cardConsent,
              customer: cast.cardholder,
              decide: () => ({ approve: true }),
            })
            .catch((error: unknown) => error as Error),
        (answer) =>
          !(answer instanceof Error) ||
          !/invalid_client/.test(String((answer as { error?: string }).error)),
      ),
  )
  if (consented instanceof Error) throw consented

  const cardId = await walker.step(
    'a virtual card is issued: first six and last four, nothing more',
    async () => {
      const answer = expectStatus(
        await application.call(consented, 'POST', '/cards/v1/cards', {
          body: { cardType: 'virtual', currency: 'UZS' },
        }),
        201,
      )
      assert.match(String(answer.body['bin']), /^\d{6}$/)
      assert.match(String(answer.body['lastFour']), /^\d{4}$/)
      // An id may end in as many digits as a card has.
      const said = JSON.stringify(answer.body).replaceAll(/_[0-9a-f]{32}\b/g, '')
      assert.doesNotMatch(said, /\d{13,19}(?![0-9a-f])/)
      return String(answer.body['cardId'])
    },
  )
  await walker.step(
    'the card’s number leaves only inside a JWE, and only the telecom’s key opens it',
    async () => {
      const answer = expectStatus(
        await application.call(consented, 'POST', `/cards/v1/cards/${cardId}/reveal`, {
          body: { mode: 'jwe' },
        }),
        200,
      )
      assert.deepEqual(Object.keys(answer.body), ['jwe'])
      const nested = Buffer.from(await decryptWith(String(answer.body['jwe']), reveal)).toString(
        'utf8',
      )
      const [cardKey] = wellKnown.cells[cell].cardKeys
      assert.ok(cardKey, 'the bank publishes the key that it signs revealed cards with')
      const signed = await verifyJws(nested, await importVerifyKey(cardKey as JWK, 'ES256'))
      const card = RevealedCard.parse(signed)
      assert.match(card.pan, /^\d{16,19}$/)
      assert.equal(card.cardId, cardId)
      await assert.rejects(
        generateKeyPair().then((stranger) => decryptWith(String(answer.body['jwe']), stranger)),
      )
    },
  )

  await walker.step('a partner without the PCI attestation is refused by name', async () => {
    const other = await register(wellKnown, withoutAttestation)
    if (cell === 'production')
      await admitToProduction({ step: (_, body) => body() }, wellKnown, other, withoutAttestation)
    const theirs = await newApplication({
      ...asked,
      partner: other,
      plan: withoutAttestation,
      // A key of its own: one that another organisation can open is refused.
      revealKey: await exportJWK(await generateKeyPair()),
      ...(cell === 'sandbox' && { rehearsal: true }),
    })
    try {
      const token = await eventually(
        60_000,
        () => theirs.token('cards:read').catch(() => undefined),
        (t) => t !== undefined,
      )
      assert.ok(token, 'no token')
      const answer = await theirs.call(token, 'POST', `/cards/v1/cards/${cardId}/reveal`, {
        body: { mode: 'jwe' },
      })
      expectRefusal(answer, 403, 'licences/attestation-missing')
    } finally {
      await theirs.close()
    }
  })

  await walker.step('the metered calls stand in usage with their price', async () => {
    const rows = await eventually(
      60_000,
      async () => {
        const calls = expectStatus(
          await partner.office('GET', `/usage/calls?cell=${cell}&limit=100`),
          200,
        )
        return calls.body['data'] as {
          operation: string
          unitPrice: string | null
          billable: boolean
        }[]
      },
      (calls) =>
        ['issueCard', 'revealCard'].every((operation) =>
          calls.some((call) => call.operation === operation),
        ),
    )
    for (const operation of ['issueCard', 'revealCard']) {
      const row = rows.find((call) => call.operation === operation && call.billable)
      assert.ok(row, `${operation} is not metered`)
      assert.match(String(row.unitPrice), /^\d+(\.\d+)?$/)
    }
  })

  await refuseAcrossCells(walker, application, consented, '/cards/v1/cards')
  await walker.step('the customer’s consent ends, and the next call is refused', () =>
    refusedSoon(
      () => application.endConsent(consented),
      () =>
        application.call(consented, 'POST', '/cards/v1/cards', {
          body: { cardType: 'virtual', currency: 'UZS' },
        }),
      403,
      'consents/revoked',
    ),
  )
  const token = await application.token('cards:read')
  await suspendLicence(walker, wellKnown, partner, 'cards.issue', () =>
    application.call(token, 'GET', '/cards/v1/cards'),
  )
  if (sandbox !== application) await sandbox.close()
  await application.close()
}
