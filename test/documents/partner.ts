/**
 * Whoever walks the documents: a partner with every permission in a cell, and a customer who consented once, by the pages.
 * What it is given beyond that consent is signed with the running house's own issuer key, so that a thousand calls need no
 * thousand sign-ins; how a consent comes to be is what the journeys walk.
 */
import { createHash, X509Certificate } from 'node:crypto'
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { uuidv7 } from '#kernel/id.ts'
import { importSigningKey, signJws, unprovenJws } from '#platform/jose.ts'
import { readJwks } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import type { Application } from '../journeys/application.ts'
import type { Customer } from '../journeys/customer.ts'
import {
  admitToProduction,
  newApplication,
  type PartnerPlan,
  register,
} from '../journeys/onboarding.ts'
import { exportJWK, generateKeyPair } from '../journeys/reveal-key.ts'
import { eventually } from '../journeys/walker.ts'
import type { ClientIdentity, WellKnown } from '../journeys/web.ts'

const products = ['accounts', 'payments', 'cards', 'lending', 'kyc', 'fx', 'events']
/** What arranges the sandbox has no production. */
const productsOf = (cell: Cell) => (cell === 'sandbox' ? [...products, 'sandbox'] : products)
const evidence = [
  'qwac',
  'safeguarding_statement',
  'aml_policy',
  'programme_approval',
  'agent_registration',
  'dpa',
  'dpia',
  'pen_test',
  'bcp',
  'sub_processor_list',
  'credit_register',
  'reliance_agreement',
  'bin_sponsor_agreement',
  'pci_saq',
  'fx_schedule',
]

/** Two statuses that between them hold every permission of the licence matrix. */
const everything: PartnerPlan = {
  organisation: 'Document walk',
  statuses: ['emi', 'baas-partner'],
  tier: 'Platinum',
  products,
  constraint: 'mtls',
  authentication: 'private_key_jwt',
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
  evidence: [
    ...evidence.map((type) => ({ type })),
    { type: 'nca_register', shows: ['account information', 'payment initiation'] },
    { type: 'pci_aoc', shows: ['level 1'] },
  ],
}

/** Everything that a consent to accounts can hold. */
export const permissions = [
  'ReadAccountsDetail',
  'ReadBalances',
  'ReadTransactionsDetail',
  'ReadTransactionsCredits',
  'ReadTransactionsDebits',
  'ReadStatementsDetail',
  'ReadStandingOrdersDetail',
  'ReadDirectDebits',
  'ReadScheduledPaymentsDetail',
  'ReadBeneficiariesDetail',
  'ReadParty',
  'ReadProducts',
]

const Claims = z.looseObject({ sub: z.string(), partner_id: z.string() })
type Claims = z.output<typeof Claims>

/** What a token is to open. Without details no customer stands behind it. */
export interface Wanted {
  readonly scope: string
  readonly details?: readonly object[]
  readonly consentId?: string
  /** Another customer than the one who consented, by the name that this partner knows them by. */
  readonly subject?: string
}

export interface Walking {
  readonly cell: Cell
  readonly partnerId: string
  readonly applicationId: string
  readonly identity: ClientIdentity
  /** Accounts of the customer who consented, as this partner names them. */
  readonly accounts: readonly string[]
  /** A token of five minutes, bound to the certificate. */
  tokenFor(wanted: Wanted): Promise<string>
  close(): Promise<void>
}

const claimsOf = (token: string): Claims => Claims.parse(unprovenJws(token)?.claims)

/** The customer lets the partner see every account; what comes back is who they are to this partner. */
const consented = async (application: Application, customer: Customer) => {
  const given = await eventually(
    60_000,
    () =>
      application
        .askCustomer({
          scope: 'accounts',
          details: [
            {
              type: 'urn:bank:accounts:v1',
              permissions,
              purpose: { code: 'tax', text: 'To walk the documents' },
            },
          ],
          customer: { ...customer, picks: 'all' },
          decide: () => ({ approve: true }),
        })
        .catch((error: unknown) => error),
    (answer) => !(answer instanceof Error) || !/invalid_client/.test(inspect(answer)),
  )
  if (given instanceof Error) throw given
  const { accessToken, details } = z
    .object({ accessToken: z.string(), details: z.array(z.looseObject({})) })
    .parse(given)
  const accounts = z.array(z.string()).min(1).parse(details[0]?.['accounts'])
  return { claims: claimsOf(accessToken), accounts }
}

export const newWalking = async (given: {
  wellKnown: WellKnown
  data: string
  cell: Cell
  customer: Customer
  /** Of its contract in production. */
  tier?: string
}): Promise<Walking> => {
  const { wellKnown, data, cell, customer } = given
  const plan: PartnerPlan = {
    ...everything,
    products: productsOf(cell),
    tier: given.tier ?? everything.tier,
  }
  const partner = await register(wellKnown, plan)
  if (cell === 'production')
    await admitToProduction({ step: (_, body) => body() }, wellKnown, partner, plan)
  const revealKey = await exportJWK(await generateKeyPair())
  const application = await newApplication({ wellKnown, partner, plan, cell, revealKey })
  const { identity } = application
  assert.ok(identity, 'the application has a certificate')
  const own = await eventually(
    60_000,
    () => application.token('accounts:verify').catch(() => undefined),
    (token) => token !== undefined,
  )
  assert.ok(own, 'no token')
  const absent = claimsOf(own.accessToken)
  const [issuerKey] = readJwks(layoutOf(data).cell(cell).issuerKeys)
  assert.ok(issuerKey)
  const key = await importSigningKey(issuerKey)
  const bound = createHash('sha256').update(new X509Certificate(identity.certificate).raw)
  const cnf = { 'x5t#S256': bound.digest('base64url') }

  const token = (claims: Claims, { scope, details, consentId, subject }: Wanted) => {
    const nowS = Math.floor(Date.now() / 1000)
    return signJws(
      {
        ...claims,
        ...(details && subject !== undefined && { sub: subject }),
        scope,
        jti: uuidv7(),
        iat: nowS,
        exp: nowS + 300,
        cnf,
        ...(details && {
          consent_id: consentId ?? `consent_${uuidv7()}`,
          authorization_details: details,
          auth_time: nowS,
        }),
      },
      key,
      { typ: 'at+jwt' },
    )
  }

  const { claims, accounts } = await consented(application, customer)
  return {
    cell,
    partnerId: partner.id,
    applicationId: application.id,
    identity,
    accounts,
    tokenFor: (wanted) => token(wanted.details ? claims : absent, wanted),
    close: () => application.close(),
  }
}
