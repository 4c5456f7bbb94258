/** How a partner comes in: registers itself, gets sandbox keys at once, and waits for two people before production. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  type Application,
  type CellName,
  type ClientKey,
  type Constraint,
  newClientKey,
  openApplication,
  redirectUri,
} from './application.ts'
import { authenticatorApp, proving, withCode } from './sign-in.ts'
import { eventually, expectStatus, type Walker } from './walker.ts'
import { type Office, officeOf, type WellKnown } from './web.ts'

export interface PartnerPlan {
  readonly organisation: string
  readonly statuses: readonly string[]
  readonly tier: string
  readonly products: readonly string[]
  readonly constraint: Constraint
  readonly authentication: 'private_key_jwt' | 'tls_client_auth'
  readonly grantTypes: readonly string[]
  /** Evidence that the statuses and products ask for. */
  readonly evidence: readonly { type: string; shows?: readonly string[] }[]
}

/** RFC 6238 secret of everybody at the demonstration bank, which `npm start` prints. */
const staffSecret = 'PORTICODEMOPORTICODEMOPORTICODEM'
const desks = new Map<string, Promise<Office>>()

/** The demonstration bank's staff, whose sign-ins `npm start` prints. Each signs in once, and stays. */
export const staff = (wellKnown: WellKnown, name: string): Promise<Office> => {
  const desk = `${wellKnown.console} ${name}`
  const open = desks.get(desk) ?? signInStaff(wellKnown, name)
  desks.set(desk, open)
  return open
}

const signInStaff = async (wellKnown: WellKnown, name: string): Promise<Office> => {
  const office = officeOf(wellKnown.console)
  const app = authenticatorApp(staffSecret)
  const email = `${name}@namuna.example`
  const answer = await withCode(app, (code) =>
    office('POST', '/sessions', { email, password: 'portico-demo', code }),
  )
  expectStatus(answer, 201)
  return proving(office, app)
}

const mark = () => crypto.randomUUID().slice(0, 8)

export interface Partner {
  readonly office: Office
  readonly id: string
  readonly name: string
}

/** Registers an organisation that nobody has seen before, with its first person signed in. */
export const register = async (wellKnown: WellKnown, plan: PartnerPlan): Promise<Partner> => {
  const office = officeOf(wellKnown.portal)
  const name = `${plan.organisation} ${mark()}`
  const answer = expectStatus(
    await office('POST', '/registrations', {
      organisation: name,
      country: 'UZ',
      declaredStatuses: plan.statuses,
      person: {
        name: 'Journey Walker',
        email: `walker-${mark()}${mark()}@partner.example`,
        password: `a long pass phrase ${mark()}`,
      },
    }),
    201,
  )
  const { id } = answer.body['partner'] as { id: string }
  const app = await proves(office, String(answer.body['shown']))
  return { office: proving(office, app), id, name }
}

/** The person types the code that a demonstration shows instead of mailing it, and sets up an authenticator app. */
const proves = async (office: Office, mailed: string) => {
  expectStatus(await office('POST', '/me/email-verification', { code: mailed }), 204)
  const begun = expectStatus(await office('POST', '/me/totp'), 201)
  const app = authenticatorApp(String(begun.body['secret']))
  expectStatus(await office('POST', '/me/totp/confirmation', { code: await app() }), 200)
  return app
}

interface Asked {
  readonly wellKnown: WellKnown
  readonly partner: Partner
  readonly plan: PartnerPlan
  readonly cell: CellName
  readonly rehearsal?: boolean
  readonly revealKey?: object
}

const applicationRequest = ({ plan, cell, rehearsal, revealKey }: Asked, key: ClientKey) => ({
  cell,
  name: `${plan.organisation} program`,
  authentication: plan.authentication,
  senderConstraint: plan.constraint,
  ...(plan.authentication === 'private_key_jwt' && { jwks: { keys: [key.publicJwk] } }),
  ...((plan.authentication === 'tls_client_auth' || plan.constraint === 'mtls') && {
    csr: key.csr,
  }),
  ...(revealKey && { revealKey }),
  redirectUris: plan.grantTypes.includes('authorization_code') ? [redirectUri] : [],
  grantTypes: plan.grantTypes,
  products: plan.products,
  ...(rehearsal !== undefined && { rehearsal }),
})

/** Asks for an application and opens its program. In production two people of the bank stand between. */
export const newApplication = async (asked: Asked): Promise<Application> => {
  const { wellKnown, partner, plan, cell } = asked
  const key = await newClientKey()
  const answer = expectStatus(
    await partner.office('POST', '/applications', applicationRequest(asked, key)),
    201,
    202,
  )
  const { id } = answer.body['application'] as { id: string }
  if (answer.status === 202) {
    const { id: changeId, hash } = answer.body['change'] as { id: string; hash: string }
    await approve(wellKnown, { id: changeId, hash }, ['success', 'compliance'])
  }
  const held = expectStatus(await partner.office('GET', `/applications/${id}`), 200)
  const certificates = (held.body['certificates'] ?? []) as { pem: string }[]
  const certificate = certificates[0]?.pem
  await untilKnown(partner, id)
  return openApplication({
    wellKnown,
    cell,
    id,
    key,
    constraint: plan.constraint,
    authentication: plan.authentication,
    ...(certificate && { certificate }),
  })
}

/** A gateway of its cell hears of a new application within a second or so; on a busy machine it takes longer. */
const untilKnown = (partner: Asked['partner'], id: string): Promise<unknown> =>
  eventually(
    60_000,
    async () =>
      expectStatus(await partner.office('GET', `/applications/${id}/standing`), 200).body['known'],
    (known) => known === true,
  )

interface Change {
  readonly id: string
  readonly hash: string
}

/** Staff approve a change, one after the other, until it is applied; each is bound to the hash of what was proposed. */
export const approve = async (
  wellKnown: WellKnown,
  change: Change,
  people: readonly string[],
): Promise<void> => {
  for (const person of people) {
    const office = await staff(wellKnown, person)
    const answer = expectStatus(
      await office('POST', `/approvals/${change.id}/decision`, {
        decision: 'approve',
        hash: change.hash,
      }),
      200,
    )
    const status =
      (answer.body['change'] as { status: string } | undefined)?.status ?? answer.body['status']
    if (status === 'applied') return
  }
  throw new Error(`change ${change.id} is still not applied`)
}

const changeOf = (body: Record<string, unknown>): Change => {
  const change = (body['change'] ?? body) as { id: string; hash: string }
  assert.ok(change.id && change.hash, `no change-set in ${JSON.stringify(body)}`)
  return change
}

/** Evidence, statuses and contract: what production asks for beyond the sandbox, every step by two people. */
export const admitToProduction = async (
  walker: Walker,
  wellKnown: WellKnown,
  partner: Partner,
  plan: PartnerPlan,
): Promise<void> => {
  const compliance = await staff(wellKnown, 'compliance')
  await walker.step('the partner hands in its evidence and asks for its status', async () => {
    for (const { type, shows = [] } of plan.evidence)
      expectStatus(
        await partner.office('POST', '/evidence', {
          type,
          issuer: 'Journey',
          identifiers: { number: mark() },
          validFrom: '2026-01-01',
          validTo: '2027-10-01',
          documentSha256: createHash('sha256').update(`${type} of ${partner.id}`).digest('hex'),
          shows,
        }),
        201,
      )
    expectStatus(
      await partner.office('POST', '/licence-applications', { statuses: plan.statuses }),
      201,
      202,
    )
  })
  await walker.step('compliance verifies each piece, a second person agrees', async () => {
    const listed = expectStatus(
      await compliance('GET', `/evidence?status=submitted&partner=${partner.id}`),
      200,
    )
    const items = listed.body['data'] as { id: string; partnerId: string }[]
    const ours = items.filter((item) => item.partnerId === partner.id)
    assert.equal(ours.length, plan.evidence.length)
    for (const item of ours) {
      const answer = expectStatus(
        await compliance('POST', `/evidence/${item.id}/verification`, {
          result: 'accepted',
          method: 'document read',
        }),
        202,
      )
      await approve(wellKnown, changeOf(answer.body), ['compliance2'])
    }
    const granted = expectStatus(
      await compliance('POST', `/licences/${partner.id}/grants`, { statuses: plan.statuses }),
      202,
    )
    await approve(wellKnown, changeOf(granted.body), ['compliance2'])
  })
  await walker.step('a contract is offered, signed and countersigned', async () => {
    const success = await staff(wellKnown, 'success')
    const offered = expectStatus(
      await success('POST', '/contracts', {
        partnerId: partner.id,
        tier: plan.tier,
        products: plan.products,
        priceVersion: '2026-11',
      }),
      202,
    )
    await approve(wellKnown, changeOf(offered.body), ['head'])
    const contracts = expectStatus(await partner.office('GET', '/contracts'), 200).body['data'] as {
      id: string
      documentSha256: string
    }[]
    const contract = contracts[0]
    assert.ok(contract, 'no contract was offered')
    expectStatus(
      await partner.office('POST', `/contracts/${contract.id}/signature`, {
        documentSha256: contract.documentSha256,
      }),
      200,
      201,
    )
    const countersigned = expectStatus(
      await success('POST', `/contracts/${contract.id}/countersignature`, {
        documentSha256: contract.documentSha256,
      }),
      200,
      201,
      202,
    )
    if (countersigned.status === 202)
      await approve(wellKnown, changeOf(countersigned.body), ['head'])
  })
}

/** Retries while the news of a change is on its way to the cell: published within a second. */
export const withinASecond = eventually
