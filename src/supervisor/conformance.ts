/** `portico conformance`: registers clients at a running instance, as a stranger would, and prints the suite's plans. */
import { Agent, fetch } from 'undici'
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { problem } from '#kernel/problem.ts'
import { newClientRequest } from '#platform/certificates.ts'
import { type JWK, newSigningJwk, publicJwk } from '#platform/jose.ts'
import type { ProcessWorld } from '#platform/process.ts'

const conformanceRefused = problem(
  'platform/conformance',
  409,
  'The configuration of the conformance suite cannot be made',
)

const WellKnown = z.object({
  ca: z.string(),
  cells: z.record(
    z.string(),
    z.object({ gateway: z.string(), gatewayMtls: z.string(), issuer: z.string() }),
  ),
})
const Metadata = z.object({ issuer: z.string(), registration_endpoint: z.string() })
const Drawn = z.object({ token: z.string() })
const Client = z.looseObject({ client_id: z.string(), certificate: z.string().exactOptional() })

/** A person of the synthetic bank; the page shows, and has filled in, the one-time code. */
const customer = { login: 'dilnoza', password: 'portico-demo' }

const consent = {
  type: 'urn:bank:accounts:v1',
  permissions: ['ReadAccountsBasic', 'ReadBalances'],
  purpose: { code: 'PFM', text: 'FAPI 2.0 conformance' },
}

const variants = (['private_key_jwt', 'mtls'] as const).flatMap((authentication) =>
  (['dpop', 'mtls'] as const).map((constraint) => ({ authentication, constraint })),
)
type Variant = (typeof variants)[number]

const answered = async <T extends z.ZodType>(
  what: string,
  schema: T,
  answer: Awaited<ReturnType<typeof fetch>>,
): Promise<z.output<T>> => {
  const body: unknown = await answer.json()
  if (!answer.ok) throw conformanceRefused(`${what}: ${answer.status} ${JSON.stringify(body)}`)
  return schema.parse(body)
}

/** A partner that nobody has seen before, at the portal. */
const openPartner = async (portal: string) => {
  let cookie = ''
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${portal}/api${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-portico-csrf': '1', cookie },
      body: JSON.stringify(body),
    })
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
    return answer
  }
  const mark = crypto.randomUUID()
  await answered(
    'the partner',
    z.looseObject({}),
    await post('/registrations', {
      organisation: `Conformance ${mark.slice(0, 8)}`,
      country: 'UZ',
      declaredStatuses: ['aisp'],
      person: { name: 'Suite', email: `${mark}@suite.example`, password: crypto.randomUUID() },
    }),
  )
  return {
    initialAccessToken: async (cell: Cell) =>
      (await answered('the token', Drawn, await post('/initial-access-tokens', { cell }))).token,
  }
}

/** What a browser of the suite does on our pages: every field and button has a stable id. */
const browserSteps = (issuer: string, callback: string) => [
  {
    match: `${issuer}/auth*`,
    tasks: [
      {
        task: 'Sign in',
        match: `${issuer}/interaction*`,
        commands: [
          ['text', 'id', 'login', customer.login],
          ['text', 'id', 'password', customer.password],
          ['click', 'id', 'submit'],
        ],
      },
      {
        task: 'One-time code, which the page has filled in',
        match: `${issuer}/interaction*`,
        commands: [
          ['wait', 'id', 'code', 10],
          ['click', 'id', 'submit'],
        ],
      },
      {
        task: 'Consent',
        match: `${issuer}/interaction*`,
        commands: [
          ['wait', 'id', 'approve', 10],
          ['click', 'id', 'account-1'],
          ['click', 'id', 'approve'],
        ],
      },
      { task: 'Back at the client', match: `${callback}*` },
    ],
  },
]

export const conformancePlans = async (
  portal: string,
  { cell, suite, alias }: { cell: Cell; suite: string; alias: string },
): Promise<object[]> => {
  if (cell === 'production')
    throw conformanceRefused('a production client needs two people of the bank', {
      hint: 'Run the suite against the sandbox: it is the same program with the same profile.',
    })
  const { ca, cells } = WellKnown.parse(await (await fetch(`${portal}/.well-known/portico`)).json())
  const addresses = cells[cell]
  if (!addresses) throw conformanceRefused(`the instance has no cell ${cell}`)
  const dispatcher = new Agent({ connect: { ca } })
  try {
    const discoveryUrl = `${addresses.issuer}/.well-known/openid-configuration`
    const metadata = await answered(
      'discovery',
      Metadata,
      await fetch(discoveryUrl, { dispatcher }),
    )
    const partner = await openPartner(portal)
    const register = async ({ authentication, constraint }: Variant, redirectUri: string) => {
      const key = await newSigningJwk('PS256')
      const request = await newClientRequest('conformance')
      const needsCertificate = authentication === 'mtls' || constraint === 'mtls'
      const sent = {
        client_name: 'FAPI 2.0 conformance',
        token_endpoint_auth_method: authentication === 'mtls' ? 'tls_client_auth' : authentication,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        scope: 'openid accounts',
        authorization_details_types: [consent.type],
        [constraint === 'mtls'
          ? 'tls_client_certificate_bound_access_tokens'
          : 'dpop_bound_access_tokens']: true,
        ...(authentication !== 'mtls' && { jwks: { keys: [publicJwk(key)] } }),
        ...(needsCertificate && { certificate_request: request.csr }),
      }
      const client = await answered(
        'registration',
        Client,
        await fetch(metadata.registration_endpoint, {
          method: 'POST',
          dispatcher,
          headers: {
            authorization: `Bearer ${await partner.initialAccessToken(cell)}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify(sent),
        }),
      )
      const jwks: { keys: JWK[] } = { keys: [key] }
      return {
        client: { client_id: client.client_id, scope: sent.scope, jwks },
        mtls: client.certificate && { cert: client.certificate, key: request.key, ca },
      }
    }
    const callback = `${suite}/test/a/${alias}/callback`
    const plans = []
    for (const variant of variants) {
      const one = await register(variant, callback)
      const two = await register(variant, `${callback}?dummy1=lorem&dummy2=ipsum`)
      const gateway = variant.constraint === 'mtls' ? addresses.gatewayMtls : addresses.gateway
      plans.push({
        plan: 'fapi2-security-profile-final-test-plan',
        variant: {
          client_auth_type: variant.authentication,
          sender_constrain: variant.constraint,
          openid: 'openid_connect',
          fapi_request_method: 'unsigned',
          fapi_response_mode: 'plain_response',
          fapi_profile: 'plain_fapi',
          authorization_request_type: 'rar',
        },
        config: {
          alias,
          description: `Portico ${cell}: ${variant.authentication}, ${variant.constraint}`,
          server: { discoveryUrl },
          client: one.client,
          client2: two.client,
          ...(one.mtls && { mtls: one.mtls }),
          ...(two.mtls && { mtls2: two.mtls }),
          resource: {
            resourceUrl: `${gateway}/accounts/v1/accounts`,
            richAuthorizationRequest: [consent],
          },
          browser: browserSteps(metadata.issuer, callback),
        },
      })
    }
    return plans
  } finally {
    await dispatcher.close()
  }
}

/** Prints the plans as JSON: they hold private keys of clients that exist for this alone. */
export const printConformance = async (
  { ports }: ProcessWorld,
  options: { cell: Cell; suite: string; alias: string },
): Promise<number> => {
  const plans = await conformancePlans(`http://localhost:${ports.portal}`, options)
  process.stdout.write(`${JSON.stringify(plans, null, 2)}\n`)
  return 0
}
