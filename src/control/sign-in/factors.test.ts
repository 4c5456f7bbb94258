import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import * as partners from '#control/partners/routes.ts'
import { consoleRoutes as approvalRoutes } from '#control/approvals/routes.ts'
import { demonstrationTotp } from '#control/staff/index.ts'
import { consoleRoutes as staffRoutes } from '#control/staff/routes.ts'
import { type Answer, openTestOffices, type Visitor } from '#test/offices.ts'

const offices = await openTestOffices({
  portal: [partners.portalRoutes],
  console: [staffRoutes, approvalRoutes, partners.consoleRoutes],
})
const codeOf = ({ status, body }: Answer) => [status, body['code']]
const Standing = z.object({ standing: z.object({ factor: z.string() }) })
const staffApps = new Map<string, () => string>()
const appOf = (login: string) => {
  const app = staffApps.get(login) ?? offices.app(demonstrationTotp)
  staffApps.set(login, app)
  return app
}
const signIn = (visit: Visitor, login: string, more: object = {}) =>
  visit('POST', '/api/sessions', {
    email: `${login}@namuna.example`,
    password: 'portico-demo',
    ...more,
  })
const prove = (visit: Visitor, code: string) =>
  visit('POST', '/api/sessions/current/factor', { code })
const mailed = (email: string) =>
  /\d{6}/.exec(offices.letters.findLast(({ to }) => to === email)?.text ?? '')?.[0] ?? ''
/** Another six digits than these. */
const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

test('who of the bank knows a password only opens nothing, and learns nothing but what is asked next', async () => {
  const visit = offices.visitor('console')
  const answer = await signIn(visit, 'head')

  assert.deepEqual(Object.keys(answer.body), ['standing'])
  assert.equal(Standing.parse(answer.body).standing.factor, 'asked')
  for (const path of ['/api/me', '/api/partners', '/api/approvals', '/api/me/security'])
    assert.deepEqual(codeOf(await visit('GET', path)), [401, 'sign-in/factor-asked'], path)
  for (const [method, path] of [
    ['POST', '/api/me/totp'],
    ['POST', '/api/me/passkeys/options'],
    ['POST', '/api/me/recovery-codes'],
    ['DELETE', '/api/me/totp'],
    ['POST', '/api/me/sessions/revocation'],
  ] as const)
    assert.equal((await visit(method, path)).status, 401, path)
})

test('the second factor opens the session and gives it a new secret: who saw the old one has nothing (fixation)', async () => {
  const planted = `portico_console=${'A'.repeat(43)}`
  const visit = offices.visitor('console')
  const half = await signIn(visit, 'product', {})
  const old = String(half.headers['set-cookie']).split(';')[0] ?? ''
  assert.notEqual(old, planted)

  assert.equal((await prove(visit, appOf('product')())).status, 200)

  assert.equal((await visit('GET', '/api/me')).status, 200)
  const thief = offices.visitor('console')
  for (const cookie of [old, planted])
    assert.equal((await thief('GET', '/api/me', undefined, { cookie })).status, 401)
})

test('RFC 6238 §5.2: a code that was used is refused, and so is every earlier one', async () => {
  const app = appOf('success')
  const [first, second] = [app(), app()]
  const outcomes: number[] = []
  for (const code of [second, second, first])
    outcomes.push((await signIn(offices.visitor('console'), 'success', { code })).status)

  assert.deepEqual(outcomes, [201, 403, 403])
})

test('of two who show one code at once, one is in', async () => {
  const code = appOf('finance')()
  const answers = await Promise.all(
    [1, 2, 3].map(() => signIn(offices.visitor('console'), 'finance', { code })),
  )
  assert.deepEqual(
    answers.map((a) => a.status).toSorted((a, b) => a - b),
    [201, 403, 403],
  )
})

test('codes are guessed five times, then each guess waits longer, for every session and server alike', async () => {
  const guesser = await offices.newcomer()
  const { secret } = z
    .object({ secret: z.string() })
    .parse((await guesser.visit('POST', '/api/me/totp')).body)
  const app = offices.app(secret)
  const right = app()
  assert.equal(
    (await guesser.visit('POST', '/api/me/totp/confirmation', { code: right })).status,
    200,
  )
  const { email, password } = guesser
  const sessions = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const visit = offices.visitor('portal')
      await visit('POST', '/api/sessions', { email, password })
      return visit
    }),
  )

  const answers: Answer[] = []
  for (const visit of sessions)
    answers.push(...(await Promise.all([1, 2, 3, 4].map(() => prove(visit, wrong(right))))))

  const codes = answers.map(({ body }) => body['code'])
  assert.equal(codes.filter((code) => code === 'sign-in/factor-refused').length, 6)
  assert.equal(codes.filter((code) => code === 'sign-in/delayed').length, 10)
  assert.deepEqual(codeOf(await prove(sessions[0] ?? guesser.visit, app())), [
    429,
    'sign-in/delayed',
  ])
})

test('a recovery code works once, however it is typed, and new ones make the old void', async () => {
  const partner = await offices.newcomer()
  const { secret } = z
    .object({ secret: z.string() })
    .parse((await partner.visit('POST', '/api/me/totp')).body)
  const Codes = z.object({ recoveryCodes: z.array(z.string()).length(10) })
  const confirmed = await partner.visit('POST', '/api/me/totp/confirmation', {
    code: offices.app(secret)(),
  })
  const [one = '', two = '', three = ''] = Codes.parse(confirmed.body).recoveryCodes
  const { email, password } = partner
  const enter = async (code: string) =>
    (await offices.visitor('portal')('POST', '/api/sessions', { email, password, code })).status

  assert.equal(await enter(one.toUpperCase().replace('-', ' ')), 201)
  assert.equal(await enter(one), 403)
  assert.equal(await enter(two), 201)
  // Drawing new ones asks for a proven address first.
  await partner.visit('POST', '/api/me/email-verification', { code: mailed(email) })
  assert.equal((await partner.visit('POST', '/api/me/recovery-codes')).status, 201)
  assert.equal(await enter(three), 403)
})

test('a decision asks for a factor of the last five minutes', async () => {
  const visit = offices.visitor('console')
  assert.equal((await signIn(visit, 'compliance', { code: appOf('compliance')() })).status, 201)
  const decide = () =>
    visit('POST', `/api/approvals/change_${'0'.repeat(32)}/decision`, {
      decision: 'approve',
      hash: '0'.repeat(64),
    })
  assert.deepEqual(codeOf(await decide()), [404, 'approvals/not-found'])

  offices.pass({ minutes: 5 })

  assert.deepEqual(codeOf(await decide()), [403, 'sign-in/factor-stale'])
  assert.equal((await visit('GET', '/api/partners')).status, 200)
  assert.equal((await prove(visit, appOf('compliance')())).status, 200)
  assert.deepEqual(codeOf(await decide()), [404, 'approvals/not-found'])
})

test('who has proven neither address nor factor uses the sandbox, and nothing of production', async () => {
  const { visit, email } = await offices.newcomer()
  const production = () =>
    visit('POST', '/api/initial-access-tokens', { cell: 'production', limits: {} })
  const sandbox = await visit('POST', '/api/initial-access-tokens', { cell: 'sandbox' })
  assert.equal(sandbox.status, 201)
  assert.notEqual(codeOf(await production())[0], 202)
  const invite = () =>
    visit('POST', '/api/invitations', { email: 'a@b.example', roles: ['developer'] })

  assert.deepEqual(codeOf(await invite()), [403, 'sign-in/email-unproven'])
  await visit('POST', '/api/me/email-verification', { code: mailed(email) })
  assert.deepEqual(codeOf(await invite()), [403, 'sign-in/factor-missing'])
})

test('a mailed code lives five tries and ten minutes, and one is sent a minute', async () => {
  const { visit, email } = await offices.newcomer()
  const again = () => visit('POST', '/api/me/email-code')
  const type = async (code: string) =>
    (await visit('POST', '/api/me/email-verification', { code })).status
  const first = mailed(email)

  assert.deepEqual(codeOf(await again()), [429, 'sign-in/code-sent-lately'])
  for (let tries = 0; tries < 5; tries++) assert.equal(await type(wrong(first)), 403)
  assert.equal(await type(first), 403, 'the right one comes too late')

  offices.pass({ seconds: 61 })
  assert.equal((await again()).status, 202)
  const second = mailed(email)
  offices.pass({ minutes: 10 })
  assert.equal(await type(second), 403, 'it is too old')
  assert.equal((await again()).status, 202)
  assert.equal(await type(mailed(email)), 204)
})

test('tries at a mailed code that come all at once are counted one by one', async () => {
  const { visit, email } = await offices.newcomer()
  const right = mailed(email)

  await Promise.all(
    Array.from({ length: 12 }, () =>
      visit('POST', '/api/me/email-verification', { code: wrong(right) }),
    ),
  )

  assert.equal((await visit('POST', '/api/me/email-verification', { code: right })).status, 403)
})

test('sessions are listed, told apart, and dead the moment that they are ended', async () => {
  const partner = await offices.newcomer()
  const { email, password } = partner
  const phone = offices.visitor('portal')
  await phone('POST', '/api/sessions', { email, password }, { 'user-agent': 'Phone' })
  const View = z.object({
    sessions: z.array(z.object({ id: z.string(), agent: z.string(), current: z.boolean() })),
  })
  const { sessions } = View.parse((await partner.visit('GET', '/api/me/security')).body)
  assert.equal(sessions.length, 2)
  for (const { agent, current } of sessions) assert.equal(current, agent !== 'Phone')
  const other = await offices.newcomer()
  const ended = sessions.find(({ agent }) => agent === 'Phone')?.id
  await other.visit('DELETE', `/api/me/sessions/${ended}`)
  assert.equal((await phone('GET', '/api/me')).status, 200, 'nobody ends another’s')

  await partner.visit('DELETE', `/api/me/sessions/${ended}`)

  assert.equal((await phone('GET', '/api/me')).status, 401)
  assert.equal((await partner.visit('GET', '/api/me')).status, 200)
})

test('no secret of an app and no code stands in the database as it is', async () => {
  const partner = await offices.newcomer()
  const { secret } = z
    .object({ secret: z.string() })
    .parse((await partner.visit('POST', '/api/me/totp')).body)
  const confirmed = await partner.visit('POST', '/api/me/totp/confirmation', {
    code: offices.app(secret)(),
  })
  const codes = z.object({ recoveryCodes: z.array(z.string()) }).parse(confirmed.body).recoveryCodes
  const rows = await offices.db.many(z.object({ row: z.string() }))`
    select t::text as row from sign_in.totp t
    union all select c::text from sign_in.recovery_code c
    union all select m::text from sign_in.mail_code m
  `
  const text = rows.map(({ row }) => row).join('\n')
  for (const kept of [secret, ...codes, mailed(partner.email)]) {
    assert.ok(!text.includes(kept))
    assert.ok(!text.includes(Buffer.from(kept).toString('hex')))
  }
})
