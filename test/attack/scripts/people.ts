/** Browsers and people: pages of elsewhere, sessions, roles, and one who would decide alone (TH14, TH16, TH21). */
import { uuidv7 } from '#kernel/id.ts'
import { newClientKey, redirectUri } from '../../journeys/application.ts'
import { staff } from '../../journeys/onboarding.ts'
import { type Attack, type Attempt, judged } from '../attack.ts'

const forgery: Attack = {
  threat: 'TH21',
  has: 'a page on another site, and a person of the bank who is signed in and looks at it',
  tries: 'forms and requests to portal and console with the person’s cookies',
  expects: '403, and no cross-origin permission in any answer',
  run: async ({ wellKnown, ask }) => {
    const attempts: Attempt[] = []
    for (const origin of [wellKnown.portal, wellKnown.console]) {
      const send = (headers: Record<string, string>) =>
        ask(`${origin}/api/sessions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: '{"email":"head@namuna.example","password":"portico-demo"}',
        })
      const port = `port of ${origin === wellKnown.portal ? 'the portal' : 'the console'}`
      attempts.push(
        judged(`${port}: a form`, await send({ 'content-type': 'text/plain' }), [403, 415]),
        judged(`${port}: no header of ours`, await send({}), [403]),
        judged(
          `${port}: another origin`,
          await send({ 'x-portico-csrf': '1', origin: 'https://evil.example' }),
          [403],
        ),
        judged(
          `${port}: another site`,
          await send({ 'x-portico-csrf': '1', 'sec-fetch-site': 'cross-site' }),
          [403],
        ),
      )
      const asked = await ask(`${origin}/api/sessions`, {
        method: 'OPTIONS',
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      })
      const allowed = asked.headers.get('access-control-allow-origin')
      attempts.push({
        what: `${port}: may it?`,
        refused: allowed === null,
        said: allowed ?? 'no permission',
      })
    }
    return attempts
  },
}

const script = `<script>alert(1)</script><img src=x onerror=alert(1)>`

const scripting: Attack = {
  threat: 'TH21',
  has: 'a partner of its own, whose names others read',
  tries: 'script in the names of organisation and application; pages in frames',
  expects: 'refused, or written as text; a policy without inline script, no frames',
  run: async ({ wellKnown, ask, attacker, sandbox }) => {
    const attempts: Attempt[] = []
    const key = await newClientKey()
    const asked = await attacker.partner.office('POST', '/applications', {
      cell: 'sandbox',
      name: script,
      authentication: 'private_key_jwt',
      senderConstraint: 'dpop',
      jwks: { keys: [key.publicJwk] },
      redirectUris: [redirectUri],
      grantTypes: ['client_credentials'],
      products: ['payments'],
    })
    attempts.push({
      what: 'script in an application’s name',
      refused: asked.status >= 400 || asked.headers.get('content-type')?.includes('json') === true,
      said: `${asked.status}, as ${String(asked.headers.get('content-type'))}`,
    })
    for (const url of [wellKnown.portal, wellKnown.console, `${sandbox.issuer}/dashboard`]) {
      const { headers, body } = await ask(`${url}/?q=${encodeURIComponent(script)}`)
      const policy = headers.get('content-security-policy') ?? ''
      const scripts =
        /script-src ([^;]*)/.exec(policy)?.[1] ?? /default-src ([^;]*)/.exec(policy)?.[1]
      attempts.push({
        what: `the policy of ${url === wellKnown.portal ? 'the portal' : url === wellKnown.console ? 'the console' : 'the customer’s pages'}`,
        refused:
          scripts !== undefined &&
          !/unsafe-inline|unsafe-eval|\*/.test(scripts) &&
          /frame-ancestors 'none'/.test(policy) &&
          headers.get('x-content-type-options') === 'nosniff' &&
          !JSON.stringify(body).includes('<script>alert'),
        said: policy.slice(0, 80) || 'no policy',
      })
    }
    return attempts
  },
}

const fixation: Attack = {
  threat: 'TH21',
  has: 'a session’s cookie that it chose, planted in somebody’s browser; and one that has ended',
  tries: 'to be that session after the person signed in; to use two cookies of one name',
  expects: '401',
  run: async ({ wellKnown, ask, attacker }) => {
    const planted = 'A'.repeat(43)
    const me = (cookie: string) => ask(`${wellKnown.console}/api/me`, { headers: { cookie } })
    const cookie = `portico_console=${planted}`
    const before = await me(cookie)
    await ask(`${wellKnown.console}/api/sessions`, {
      method: 'POST',
      headers: { cookie, 'x-portico-csrf': '1', 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'head@namuna.example', password: 'portico-demo' }),
    })
    const own = await attacker.partner.office('GET', '/me')
    if (own.status !== 200) throw new Error('the attacker’s own session does not work')
    return [
      judged('a cookie of its own making', before, [401]),
      judged('the same after the person signed in', await me(cookie), [401]),
      judged('two of one name', await me(`${cookie}; portico_console=${'B'.repeat(43)}`), [401]),
    ]
  },
}

const roles: Attack = {
  threat: 'TH14',
  has: 'a role at the bank that is for something else',
  tries: 'what is another role’s: evidence, licences, offers, roles of people, invoices',
  expects: '403',
  run: async ({ wellKnown, victim }) => {
    const attempts: Attempt[] = []
    const change = { statuses: ['bank'] }
    const tries = [
      ['relations', 'POST', `/licences/${victim.partner.id}/grants`, change],
      ['finance', 'POST', `/licences/${victim.partner.id}/grants`, change],
      ['auditor', 'POST', `/partners/${victim.partner.id}/suspension`, { reason: 'attack' }],
      [
        'engineering',
        'POST',
        '/contracts',
        {
          partnerId: victim.partner.id,
          tier: 'Gold',
          products: ['cards'],
          priceVersion: '2026-11',
        },
      ],
      ['success', 'POST', `/staff/staff_${'0'.repeat(32)}/roles`, { roles: ['head-of-platform'] }],
      [
        'relations',
        'POST',
        `/staff/staff_${'0'.repeat(32)}/roles`,
        { roles: ['head-of-platform'] },
      ],
    ] as const
    for (const [name, method, path, body] of tries) {
      const office = await staff(wellKnown, name)
      const answer = await office(method, path, body)
      attempts.push(
        judged(
          `${name}: ${method} ${path.replace(/[a-z]+_[0-9a-f]{32}/, '…')}`,
          answer,
          [403, 404],
        ),
      )
    }
    const partner = await victim.partner.office('GET', '/approvals')
    attempts.push(judged('a partner at the bank’s decisions', partner, [401, 403, 404]))
    return attempts
  },
}

const alone: Attack = {
  threat: 'TH14',
  has: 'a person of the bank who may propose',
  tries: 'to agree to the own proposal, with its hash, with another hash, twice',
  expects: '403 or 409; the change stays proposed',
  run: async ({ wellKnown, victim }) => {
    const compliance = await staff(wellKnown, 'compliance')
    const success = await staff(wellKnown, 'success')
    const offered = await success('POST', '/contracts', {
      partnerId: victim.partner.id,
      tier: 'Bronze',
      products: ['cards'],
      priceVersion: '2026-11',
    })
    const change = (offered.body['change'] ?? offered.body) as { id?: string; hash?: string }
    if (offered.status !== 202 || !change.id)
      throw new Error(`nothing was proposed: ${offered.status} ${JSON.stringify(offered.body)}`)
    const decide = (hash: string) => ({ decision: 'approve', hash })
    const at = `/approvals/${change.id}/decision`
    const own = await success('POST', at, decide(change.hash ?? ''))
    const bent = await compliance('POST', at, decide('0'.repeat(64)))
    const looked = await success('GET', `/approvals/${change.id}`)
    const status = JSON.stringify(looked.body)
    return [
      judged('the own proposal', own, [403, 409]),
      judged('another’s, by another hash', bent, [400, 403, 409, 412]),
      {
        what: 'the change afterwards',
        refused: looked.status === 200 && !/"status":"applied"/.test(status),
        said: /"status":"(\w+)"/.exec(status)?.[1] ?? String(looked.status),
      },
    ]
  },
}

const internal: readonly string[] = [
  'https://127.0.0.1/',
  'https://localhost/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://169.254.169.254/latest/meta-data/',
  'https://10.0.0.1/',
  'https://192.168.1.1/',
  'https://0.0.0.0/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://127。0。0。1/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://user:pass@hooks.partner.example/',
  'http://hooks.partner.example/',
  'ftp://hooks.partner.example/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_FLUSHALL',
  'https://hooks.internal/',
]

const outward: Attack = {
  threat: 'TH16',
  has: 'an application, for which it may name an address that the bank calls',
  tries: 'addresses inside: loopback, private, link-local, in every spelling; other schemes',
  expects: '400 or 422: no such endpoint is made, and nothing is called',
  run: async ({ attacker }) => {
    const attempts: Attempt[] = []
    for (const url of internal) {
      const answer = await attacker.partner.office('POST', '/webhooks/sandbox/endpoints', {
        applicationId: attacker.holder.applicationId,
        url,
        types: ['*'],
        ordered: false,
        schemes: ['v1a'],
        version: null,
      })
      attempts.push(judged(url, answer, [422], ['platform/address-refused']))
    }
    return attempts
  },
}

const guessing: Attack = {
  threat: 'TH4, TH12',
  has: 'the address of a person',
  tries: 'passwords, one after the other; and to learn whether the person exists',
  expects: 'the same refusal for both, and waiting that grows',
  run: async ({ wellKnown, ask, attacker }) => {
    const nobody = `nobody-${uuidv7()}@partner.example`
    const signIn = (email: string) =>
      ask(`${wellKnown.portal}/api/sessions`, {
        method: 'POST',
        headers: { 'x-portico-csrf': '1', 'content-type': 'application/json' },
        body: JSON.stringify({ email, password: `guess ${uuidv7()}` }),
      })
    const me = await attacker.partner.office('GET', '/me')
    const email = String(
      (me.body['person'] as Record<string, unknown> | undefined)?.['email'] ?? me.body['email'],
    )
    const known = await signIn(email)
    const unknown = await signIn(nobody)
    const alike = (body: Readonly<Record<string, unknown>>) =>
      JSON.stringify({ ...body, instance: '' })
    let delayed = 0
    for (let n = 0; n < 12 && delayed === 0; n++)
      if ((await signIn(nobody)).status === 429) delayed = n + 2
    return [
      {
        what: 'somebody and nobody',
        refused: known.status === unknown.status && alike(known.body) === alike(unknown.body),
        said: `${known.status} and ${unknown.status} ${String(unknown.body['code'])}`,
      },
      {
        what: 'again and again',
        refused: delayed > 0,
        said: delayed ? `429 at guess ${delayed}` : 'never delayed',
      },
    ]
  },
}

export const peopleAttacks: Readonly<Record<string, Attack>> = {
  'requests forged by another site': forgery,
  'script in names and pages': scripting,
  'a session that was planted': fixation,
  'roles of the bank’s people': roles,
  'one person alone': alone,
  'addresses inside, for the courier': outward,
  'guesses of passwords': guessing,
}
