/** Card numbers that went through the whole house: issued for a customer, revealed to a partner, shown on a page. */
import assert from 'node:assert/strict'
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { decryptWith } from '#platform/jose.ts'
import {
  admitToProduction,
  newApplication,
  type PartnerPlan,
  register,
} from '../journeys/onboarding.ts'
import { casts } from '../journeys/people.ts'
import { exportJWK, generateKeyPair } from '../journeys/reveal-key.ts'
import { eventually, expectStatus } from '../journeys/walker.ts'
import { secureFetch, type WellKnown } from '../journeys/web.ts'

const plan: PartnerPlan = {
  organisation: 'Card scope drill',
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

const Pan = z.object({ pan: z.string().regex(/^\d{16}$/) })

/** So many numbers; this process and the card are the only ones that know them afterwards. */
export const canaryNumbers = async (
  wellKnown: WellKnown,
  cell: Cell,
  count: number,
): Promise<string[]> => {
  const partner = await register(wellKnown, plan)
  if (cell === 'production')
    await admitToProduction({ step: (_, body) => body() }, wellKnown, partner, plan)
  const key = await generateKeyPair()
  const application = await newApplication({
    wellKnown,
    partner,
    plan,
    cell,
    revealKey: await exportJWK(key),
  })
  const browser = secureFetch(wellKnown.ca)
  try {
    const numbers: string[] = []
    for (let n = 0; n < count; n++) {
      // One consent is one card.
      const consented = await eventually(
        60_000,
        () =>
          application
            .askCustomer({
              scope: 'cards:issue cards:read cards:reveal',
              details: [{ type: 'urn:bank:card-issue:v1', cardType: 'virtual', currency: 'UZS' }],
              customer: casts[cell].cardholder,
              decide: () => ({ approve: true }),
            })
            .catch(() => undefined),
        (held) => held !== undefined,
      )
      assert.ok(consented, 'the customer did not get to consent')
      // The gateway hears of a new application a moment after the authorization server does.
      const issue = () =>
        application.call(consented, 'POST', '/cards/v1/cards', {
          body: { cardType: 'virtual', currency: 'UZS' },
        })
      const known = ({ body }: { body: Record<string, unknown> }) =>
        body['code'] !== 'gateway/token-invalid'
      const card = expectStatus(await eventually(60_000, issue, known), 201)
      const path = `/cards/v1/cards/${String(card.body['cardId'])}/reveal`
      const revealed = expectStatus(
        await application.call(consented, 'POST', path, { body: { mode: 'jwe' } }),
        200,
      )
      const jws = Buffer.from(await decryptWith(String(revealed.body['jwe']), key)).toString()
      const { pan } = Pan.parse(
        JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8')),
      )
      const hosted = expectStatus(
        await application.call(consented, 'POST', path, { body: { mode: 'hosted' } }),
        200,
      )
      const page = await (await browser(String(hosted.body['url']), { method: 'POST' })).text()
      const shown = /id="number">([\d ]+)</.exec(page)?.[1]?.replaceAll(' ', '')
      assert.equal(shown, pan, 'the page shows the number that the partner was given')
      numbers.push(pan)
    }
    return numbers
  } finally {
    await Promise.all([application.close(), browser.close()])
  }
}
