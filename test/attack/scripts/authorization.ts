/** The authorization server and what was granted there (TH6, TH7, TH11; FAPI 2.0, RFC 9126, RFC 9700). */
import { randomBytes } from 'node:crypto'
import { uuidv7 } from '#kernel/id.ts'
import { redirectUri } from '../../journeys/application.ts'
import type { Holder } from '../../isolation/holder.ts'
import { type Attack, type Attempt, codeOf, judged } from '../attack.ts'
import type { Ground } from '../ground.ts'

const errors = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'invalid_request_object',
  'invalid_redirect_uri',
  'unauthorized_client',
  'invalid_dpop_proof',
  'invalid_authorization_details',
  'access_denied',
  'invalid_target',
]

interface Bent {
  readonly as?: Holder
  readonly assertion?: string
  readonly clientId?: string
}

/** A form at the issuer as a client, with the nonce that it asks for. */
const post = async (
  { ask, sandbox }: Ground,
  holder: Holder,
  path: string,
  form: Record<string, string>,
  { assertion, clientId }: Bent = {},
) => {
  let nonce: string | undefined
  for (let tries = 0; ; tries++) {
    const url = `${sandbox.issuer}${path}`
    const answer = await ask(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        dpop: await holder.proof('POST', url, { ...(nonce && { nonce }) }),
      },
      body: new URLSearchParams({
        client_id: clientId ?? holder.applicationId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion ?? (await holder.assertion()),
        ...form,
      }).toString(),
    })
    if (tries > 0 || answer.body['error'] !== 'use_dpop_nonce') return answer
    nonce = answer.headers.get('dpop-nonce') ?? ''
  }
}

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const pushed = (more: Record<string, string> = {}): Record<string, string> => ({
  response_type: 'code',
  redirect_uri: redirectUri,
  scope: 'payments',
  state: 'attack',
  code_challenge: challenge,
  code_challenge_method: 'S256',
  ...more,
})

const redirects: Attack = {
  threat: 'TH7',
  has: 'an application, and a page that customers would be sent to',
  tries:
    'redirect addresses that look like the registered one; no PKCE, plain PKCE; no pushed request',
  expects: 'invalid_request, and nobody is sent anywhere',
  run: async (ground) => {
    const { attacker, ask, sandbox } = ground
    const { holder } = attacker
    const attempts: Attempt[] = []
    for (const uri of [
      `${redirectUri}/`,
      `${redirectUri}?next=https://evil.example`,
      `${redirectUri}#x`,
      redirectUri.replace('https:', 'http:'),
      redirectUri.replace('partner.example', 'partner.example.evil.example'),
      redirectUri.replace('partner.example', 'partner.example@evil.example'),
      redirectUri.replace('partner.example', 'PARTNER.example'),
      `${redirectUri}/../evil`,
      'https://evil.example/back',
      'javascript:alert(1)',
    ])
      attempts.push(
        judged(
          uri,
          await post(ground, holder, '/request', pushed({ redirect_uri: uri })),
          [400],
          errors,
        ),
      )
    const { code_challenge: _, code_challenge_method: __, ...withoutPkce } = pushed()
    attempts.push(
      judged('no PKCE', await post(ground, holder, '/request', withoutPkce), [400], errors),
      judged(
        'plain PKCE',
        await post(ground, holder, '/request', pushed({ code_challenge_method: 'plain' })),
        [400],
        errors,
      ),
    )
    const direct = `${sandbox.issuer}/auth?${new URLSearchParams({ client_id: holder.applicationId, ...pushed() }).toString()}`
    const answer = await ask(direct)
    attempts.push({
      what: 'an authorization request that was not pushed',
      refused: answer.status >= 400 || /error=/.test(answer.headers.get('location') ?? ''),
      said: String(answer.status),
    })
    return attempts
  },
}

const otherClients: Attack = {
  threat: 'TH6, TH7',
  has: 'a code, a request_uri, a refresh token and an assertion of another client, seen on the way',
  tries: 'to use each as its own client, and the other’s assertion as the other',
  expects: 'invalid_grant, invalid_client; nothing is issued',
  run: async (ground) => {
    const { attacker, victim, ask, sandbox } = ground
    const mine = attacker.holder
    const theirs = victim.holder
    const { code, verifier } = await theirs.newCode()
    const exchange = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }
    const attempts = [
      judged('a code', await post(ground, mine, '/token', exchange), [400], errors),
      judged(
        'a refresh token',
        await post(ground, mine, '/token', {
          grant_type: 'refresh_token',
          refresh_token: theirs.refreshToken,
        }),
        [400],
        errors,
      ),
    ]
    const uri = `${sandbox.issuer}/auth?${new URLSearchParams({ client_id: mine.applicationId, request_uri: theirs.requestUri }).toString()}`
    const visited = await ask(uri)
    attempts.push({
      what: 'a pushed request',
      refused: visited.status >= 400,
      said: String(visited.status),
    })
    const assertion = await theirs.assertion()
    const grant = { grant_type: 'client_credentials', scope: 'payments:split' }
    const bent = { assertion, clientId: theirs.applicationId }
    const first = await post(ground, mine, '/token', grant, bent)
    attempts.push(
      judged(
        'an assertion that was used',
        first.status === 200 || first.body['error'] === 'use_dpop_nonce'
          ? await post(ground, mine, '/token', grant, bent)
          : first,
        [400, 401],
        errors,
      ),
    )
    for (const aud of [`${sandbox.issuer}/token`, [sandbox.issuer], sandbox.gateway, '*'])
      attempts.push(
        judged(
          `an assertion for ${JSON.stringify(aud).replace(sandbox.issuer, 'the issuer')}`,
          await post(ground, mine, '/token', grant, { assertion: await mine.assertion({ aud }) }),
          [400, 401],
          errors,
        ),
      )
    return attempts
  },
}

const usedTwice: Attack = {
  threat: 'TH6',
  has: 'a code of its own',
  tries: 'the code twice at once, and once more; a code with another verifier',
  expects: 'at most one exchange succeeds',
  run: async (ground) => {
    const { holder } = ground.attacker
    const spend = (code: string, code_verifier: string) =>
      post(ground, holder, '/token', {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier,
      })
    const { code, verifier } = await holder.newCode()
    const answers = await Promise.all(Array.from({ length: 5 }, () => spend(code, verifier)))
    const given = answers.filter(({ status }) => status === 200).length
    const again = await spend(code, verifier)
    const other = await holder.newCode()
    return [
      { what: 'five at once', refused: given <= 1, said: `${given} of 5` },
      judged('once more', again, [400], errors),
      judged(
        'another verifier',
        await spend(other.code, randomBytes(32).toString('base64url')),
        [400],
        errors,
      ),
    ]
  },
}

const wider: Attack = {
  threat: 'TH1, TH22',
  has: 'a customer’s consent to one payment of 1000 so‘m',
  tries: 'more: another amount, another payee, another scope, a wider renewal, another product',
  expects: '400, 403 or invalid_scope',
  run: async (ground) => {
    const { victim, attacker, sandbox, ask } = ground
    const { holder } = victim
    const refreshed = await post(ground, holder, '/token', {
      grant_type: 'refresh_token',
      refresh_token: holder.refreshToken,
      scope: 'payments payments:split accounts',
    })
    const details = JSON.stringify([
      { type: 'urn:bank:payment:v1', instructedAmount: { amount: '9000000.00', currency: 'UZS' } },
    ])
    const renewed = await post(ground, holder, '/token', {
      grant_type: 'refresh_token',
      refresh_token: holder.refreshToken,
      authorization_details: details,
    })
    const granted = JSON.stringify(renewed.body['authorization_details'] ?? '')
    const url = `${sandbox.gateway}/payments/v1/payments`
    const call = async (nonce = '') => {
      const { createHash } = await import('node:crypto')
      const ath = createHash('sha256').update(holder.accessToken).digest('base64url')
      const body = JSON.stringify({
        instructedAmount: { amount: '9000000.00', currency: 'UZS' },
        creditorAccount: {
          schemeName: 'UZ.AccountNumber',
          identification: '80208000480000102001',
          bankCode: '09998',
        },
        creditorName: 'Chorsu Tekstil',
        endToEndIdentification: 'ATTACK-1',
      })
      return ask(url, {
        method: 'POST',
        headers: {
          authorization: `DPoP ${holder.accessToken}`,
          dpop: await holder.proof('POST', url, { ath, nonce }),
          'content-type': 'application/json',
          'idempotency-key': uuidv7(),
        },
        body,
      })
    }
    const first = await call()
    const paid = first.status === 401 ? await call(first.headers.get('dpop-nonce') ?? '') : first
    const scope = await post(ground, attacker.holder, '/token', {
      grant_type: 'client_credentials',
      scope: 'payments:split cards:reveal kyc:attributes',
    })
    const reveal = await attacker.certified.call(
      attacker.own,
      'POST',
      `/cards/v1/cards/${victim.cardId}/reveal`,
      { body: { mode: 'jwe' } },
    )
    return [
      {
        what: 'a renewal with more scopes',
        refused: refreshed.status >= 400 || refreshed.body['scope'] === 'payments',
        said: `${refreshed.status} ${String(refreshed.body['error'] ?? refreshed.body['scope'])}`,
      },
      {
        what: 'a renewal with a larger amount',
        refused: renewed.status >= 400 || !granted.includes('9000000'),
        said: `${renewed.status} ${codeOf(renewed.body) || 'the amount is the old one'}`,
      },
      judged('a payment of 9 million', paid, [400, 403]),
      {
        what: 'a token with scopes of other products',
        refused: scope.status >= 400 || !/reveal|kyc/.test(String(scope.body['scope'])),
        said: `${scope.status} ${String(scope.body['error'] ?? scope.body['scope'])}`,
      },
      judged('an operation that its scope does not name', reveal, [403, 404]),
    ]
  },
}

const otherCell: Attack = {
  threat: 'TH11',
  has: 'a sandbox application with everything that belongs to it',
  tries: 'token, assertion, certificate and refresh token in production',
  expects: '401, invalid_client, or no connection',
  run: async ({ wellKnown, attacker, ask, askAs }) => {
    const { production } = wellKnown.cells
    const { holder, certified, own } = attacker
    const url = `${production.gateway}/payments/v1/payments`
    const token = await ask(url, {
      headers: {
        authorization: `DPoP ${holder.accessToken}`,
        dpop: await holder.proof('GET', url),
      },
    })
    const form = async (fields: Record<string, string>) =>
      ask(`${production.issuer}/token`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          dpop: await holder.proof('POST', `${production.issuer}/token`),
        },
        body: new URLSearchParams({
          client_id: holder.applicationId,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await holder.assertion({ aud: production.issuer }),
          ...fields,
        }).toString(),
      })
    const certificate = await askAs(certified, `${production.gatewayMtls}/cards/v1/cards`, {
      headers: { authorization: `Bearer ${own.accessToken}` },
    }).then(
      (answer) => judged('certificate and its token', answer, [401]),
      (error: unknown): Attempt => ({
        what: 'certificate and its token',
        refused: true,
        said: `no connection (${String((error as Error).cause ?? error).slice(0, 60)})`,
      }),
    )
    return [
      judged('token', token, [401]),
      judged(
        'assertion',
        await form({ grant_type: 'client_credentials', scope: 'payments:split' }),
        [400, 401],
        errors,
      ),
      judged(
        'refresh token',
        await form({ grant_type: 'refresh_token', refresh_token: holder.refreshToken }),
        [400, 401],
        errors,
      ),
      certificate,
    ]
  },
}

export const authorizationAttacks: Readonly<Record<string, Attack>> = {
  'redirects and pushed requests': redirects,
  'codes, tokens and assertions of another client': otherClients,
  'a code used twice': usedTwice,
  'a consent made wider': wider,
  'from the sandbox into production': otherCell,
}
