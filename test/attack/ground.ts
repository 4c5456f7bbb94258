/** Two partners of a running instance, strangers to each other: a victim with a customer, a card and keys; an attacker. */
import { Agent, fetch as undiciFetch } from 'undici'
import { type Application, type Held } from '../journeys/application.ts'
import { newApplication, type Partner, type PartnerPlan, register } from '../journeys/onboarding.ts'
import { casts } from '../journeys/people.ts'
import { eventually, expectStatus } from '../journeys/walker.ts'
import { readAnswer, readWellKnown, secureFetch, type WellKnown } from '../journeys/web.ts'
import { type Holder, newHolder } from '../isolation/holder.ts'

/** With certificates and cards: what has ids worth stealing. */
const cardPlan: PartnerPlan = {
  organisation: 'Attack drill',
  statuses: ['baas-partner'],
  tier: 'Gold',
  products: ['cards', 'accounts'],
  constraint: 'mtls',
  authentication: 'tls_client_auth',
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
  evidence: [],
}
const cardConsent = [
  {
    type: 'urn:bank:card-issue:v1',
    cardType: 'virtual',
    currency: 'UZS',
    purpose: { code: 'card-programme', text: 'A card that somebody will try to steal' },
  },
]

export interface Side {
  readonly partner: Partner
  /** DPoP: tokens bound to a key, with a customer's consent to a payment. */
  readonly holder: Holder
  /** Mutual TLS: tokens bound to a certificate. */
  readonly certified: Application
  readonly own: Held
}

export interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const openSide = async (wellKnown: WellKnown): Promise<Side> => {
  const partner = await register(wellKnown, cardPlan)
  const holder = await newHolder(wellKnown, partner, 'sandbox')
  const certified = await newApplication({ wellKnown, partner, plan: cardPlan, cell: 'sandbox' })
  const own = await eventually(
    60_000,
    () => certified.token('cards:read cards:issue accounts:verify').catch(() => undefined),
    (token) => token !== undefined,
  )
  if (!own) throw new Error('the application gets no token: nothing would be proven')
  return { partner, holder, certified, own }
}

/** The ground of all attacks. What the victim may do is done here: a refusal of the attacker alone would prove nothing. */
export const openGround = async (portal: string) => {
  const wellKnown = await readWellKnown(portal)
  const [victim, attacker] = await Promise.all([openSide(wellKnown), openSide(wellKnown)])
  const consented = await victim.certified.askCustomer({
    scope: 'cards:issue cards:read cards:reveal',
    details: cardConsent,
    customer: casts.sandbox.cardholder,
    decide: () => ({ approve: true }),
  })
  // A busy instance is waited for; what it refuses for another reason is no ground to stand on.
  const issued = await eventually(
    60_000,
    () =>
      victim.certified.call(consented, 'POST', '/cards/v1/cards', {
        body: { cardType: 'virtual', currency: 'UZS' },
      }),
    ({ status }) => status < 500,
  )
  const { cardId } = expectStatus(issued, 201).body
  const plain = secureFetch(wellKnown.ca)
  const { sandbox } = wellKnown.cells
  /** As anybody on the network: no certificate. */
  const ask = async (url: string, { method = 'GET', headers = {}, body }: Asking = {}) =>
    readAnswer(
      await plain(url, {
        method,
        headers,
        redirect: 'manual',
        ...(body !== undefined && { body }),
      }),
    )
  return {
    wellKnown,
    sandbox,
    victim: { ...victim, consented, cardId: String(cardId) },
    attacker,
    ask,
    /** With a certificate of somebody, where it has one. */
    askAs: async (
      who: Application,
      url: string,
      { method = 'GET', headers = {}, body }: Asking = {},
    ) => {
      const { identity } = who
      const dispatcher = new Agent({
        connect: {
          ca: wellKnown.ca,
          ...(identity && { key: identity.key, cert: identity.certificate }),
        },
      })
      try {
        const answer = await undiciFetch(url, {
          method,
          headers,
          dispatcher,
          ...(body !== undefined && { body }),
        })
        return await readAnswer(answer as unknown as Response)
      } finally {
        await dispatcher.close()
      }
    },
    close: async () => {
      await Promise.all([
        plain.close(),
        ...[victim, attacker].flatMap(({ holder, certified }) => [
          holder.close(),
          certified.close(),
        ]),
      ])
    },
  }
}
export type Ground = Awaited<ReturnType<typeof openGround>>
