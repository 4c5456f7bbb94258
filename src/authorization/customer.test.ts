import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as oidc from 'openid-client'
import { z } from 'zod'
import { Browser, signIn } from '#test/authorization/browser.ts'
import { approve, authorise, push, redeem, toDecision } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import { agentFor, type Application, hangUp, newApplication } from '#test/authorization/partner.ts'

const house = await openHouse()
after(hangUp)

const Row = z.object({ status: z.string(), endedBy: z.string().nullable(), id: z.string() })
const consentsOf = ({ id }: Application) => house.database.owner.many(Row)`
  select id, status, ended_by as "endedBy" from consents.consent where application_id = ${id} order by id
`

const refresh = ({ config, tokens, DPoP }: Awaited<ReturnType<typeof authorise>>) =>
  oidc.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, DPoP ? { DPoP } : {})

const dashboard = async (login = 'dilnoza'): Promise<Browser> => {
  const browser = new Browser(agentFor(house))
  await browser.open(`${house.issuer}/dashboard`)
  await signIn(browser, login)
  return browser
}

test('RFC 6749 §4.1.2.1: cancelling the sign-in denies, with iss and state, and leaves no consent', async () => {
  const app = await newApplication(house)
  const request = await push(house, app)
  const browser = new Browser(agentFor(house))
  await browser.open(request.url)

  const back = new URL((await browser.press('cancel')).url)

  assert.equal(back.searchParams.get('error'), 'access_denied')
  assert.equal(back.searchParams.get('iss'), house.issuer)
  assert.equal(back.searchParams.get('state'), request.state)
  assert.deepEqual(await consentsOf(app), [])
})

test('refusing is one step, and the consent says by whom it was rejected', async () => {
  const app = await newApplication(house)
  const request = await push(house, app)
  const browser = await toDecision(house, request)

  const back = new URL((await browser.press('refuse')).url)

  assert.equal(back.searchParams.get('error'), 'access_denied')
  assert.equal(back.searchParams.get('code'), null)
  const [consent] = await consentsOf(app)
  assert.equal(consent?.status, 'REJECTED')
  assert.equal(consent?.endedBy, 'customer')
})

test('a wrong password and an unknown person are told the same, and the page stays', async () => {
  const app = await newApplication(house)
  const browser = new Browser(agentFor(house))
  await browser.open((await push(house, app)).url)

  const unknown = await browser.press('submit', { login: 'nobody', password: 'x' })
  const said = browser.text('problem')
  const wrong = await browser.press('submit', { login: 'dilnoza', password: 'x' })

  assert.equal(unknown.status, 422)
  assert.equal(wrong.status, 422)
  assert.equal(browser.text('problem'), said)
  assert.match(said ?? '', /wrong/)
  await signIn(browser)
  assert.equal(browser.accounts().length, 3)
})

test('a wrong code can be tried again, or the sign-in begun again', async () => {
  const app = await newApplication(house)
  const browser = new Browser(agentFor(house))
  await browser.open((await push(house, app)).url)
  await browser.press('submit', { login: 'dilnoza', password: 'portico-demo' })

  assert.equal((await browser.press('submit', { code: '000000' })).status, 422)
  await browser.press('restart')
  assert.match(browser.page.body, /id="login"/)
  await signIn(browser)
  assert.equal(browser.accounts().length, 3)
})

test('the address of an interaction is nothing in another browser', async () => {
  const app = await newApplication(house)
  const browser = new Browser(agentFor(house))
  await browser.open((await push(house, app)).url)
  const stranger = new Browser(agentFor(house))

  const page = await stranger.open(browser.page.url)

  assert.equal(page.status, 400)
  assert.match(stranger.text('error') ?? '', /^invalid_request/)
})

test('a form that does not come from our page in this browser changes nothing', async () => {
  const app = await newApplication(house)
  const browser = await toDecision(house, await push(house, app))
  const [account = ''] = browser.accounts()
  const { url } = browser.page
  const send = (fields: Record<string, string>) =>
    browser.open(url, { method: 'POST', body: new URLSearchParams(fields).toString() })

  const without = await send({ action: 'approve', account })
  const forged = await send({ action: 'approve', account, proof: 'x'.repeat(43) })
  const foreign = new Browser(agentFor(house), { origin: 'https://evil.example' })
  for (const [name, cookie] of browser.cookies) foreign.cookies.set(name, cookie)
  await foreign.open(url)
  const crossing = await foreign.press('approve', { account })

  for (const page of [without, forged, crossing]) assert.equal(page.status, 403)
  assert.equal((await consentsOf(app))[0]?.status, 'AWAITING_AUTHORISATION')
})

test('a second authorisation with the same browser asks for everything again', async () => {
  const app = await newApplication(house)
  const request = await push(house, app)
  const browser = await toDecision(house, request)
  await redeem(request, await approve(browser))

  await browser.open((await push(house, app)).url)

  assert.match(browser.page.body, /id="password"/)
  assert.ok(![...browser.cookies.keys()].some((name) => name.includes('session')))
})

test('two people at one browser, one after the other, each give their own consent', async () => {
  const app = await newApplication(house)
  const first = await push(house, app)
  const browser = await toDecision(house, first, 'dilnoza')
  await redeem(first, await approve(browser))

  const second = await push(house, app)
  await browser.open(second.url)
  await signIn(browser, 'botir')
  assert.equal(browser.accounts().length, 1)
  const tokens = await redeem(second, await approve(browser))

  assert.ok(tokens.access_token)
  assert.deepEqual(
    (await consentsOf(app)).map((c) => c.status),
    ['AUTHORISED', 'AUTHORISED'],
  )
})

test('who signed in last on a request answers it; the other is told that it is answered', async () => {
  const app = await newApplication(house)
  const request = await push(house, app)
  const dilnoza = await toDecision(house, request, 'dilnoza')
  const botir = await toDecision(house, request, 'botir')

  const [hers = ''] = dilnoza.accounts()
  const late = await dilnoza.press('approve', { account: hers })
  const back = await approve(botir)

  assert.equal(late.status, 409)
  assert.match(late.body, /answered already/)
  const denied = new URL((await dilnoza.press('cancel')).url)
  assert.equal(denied.searchParams.get('error'), 'access_denied')
  assert.ok(back.searchParams.get('code'))
  assert.equal((await consentsOf(app)).length, 1)
})

test('without the bank nothing is allowed, and the customer can go on when it is back', async () => {
  const app = await newApplication(house)
  const request = await push(house, app)
  const browser = await toDecision(house, request)
  const [account = ''] = browser.accounts()
  const at = browser.page.url

  await house.stopBank()
  const away = await browser.press('approve', { account })
  assert.equal(away.status, 503)
  assert.match(browser.page.body, /Cancel and return to Anor Telecom/)
  assert.equal((await consentsOf(app))[0]?.status, 'AWAITING_AUTHORISATION')
  await house.startBank()

  await browser.open(at)
  assert.ok((await redeem(request, await approve(browser))).access_token)
})

test('the dashboard lists what was given; withdrawing stops the refresh and is told to gateways', async () => {
  const app = await newApplication(house)
  const given = await authorise(house, app)
  const [consent] = await consentsOf(app)
  assert.ok(consent)
  const gateway = house.database.as('gateway')
  let told = false
  await gateway.listen('revocations', () => (told = true))
  const browser = await dashboard()
  assert.match(browser.page.body, /Anor Telecom/)
  assert.match(browser.page.body, /Maosh hisobi •••• 4417/)

  await browser.open(`${house.issuer}/dashboard/consents/${consent.id}/revocation`)
  assert.match(browser.page.body, /told to erase what it no longer needs/)
  await browser.press('revoke')

  assert.match(browser.text('notice') ?? '', /Anor Telecom can no longer use it/)
  await assert.rejects(refresh(given), { error: 'invalid_grant' })
  while (!told) await new Promise((resolve) => setTimeout(resolve, 5))
  const [denied] = await gateway.many(z.object({ kind: z.string(), id: z.string() }))`
    select kind, id from revocations.revocation where id = ${consent.id}
  `
  assert.deepEqual(denied, { kind: 'consent', id: consent.id })
  assert.deepEqual((await consentsOf(app))[0]?.endedBy, 'customer')
})

test('a consent ended by SQL alone refuses the next refresh: the grant is a view of it', async () => {
  const app = await newApplication(house)
  const given = await authorise(house, app)
  assert.ok((await refresh(given)).access_token)

  await house.database.owner.run`
    update consents.consent set status = 'REVOKED', ended_by = 'bank' where application_id = ${app.id}
  `

  await assert.rejects(refresh(given), { error: 'invalid_grant' })
})

test('somebody else’s consent cannot be withdrawn, and is answered as one that does not exist', async () => {
  const app = await newApplication(house)
  const given = await authorise(house, app)
  const [consent] = await consentsOf(app)
  const botir = await dashboard('botir')
  const proof = /name="proof"\s+value="([^"]+)"/.exec(botir.page.body)?.[1] ?? ''
  const withdraw = (id: string) =>
    botir.open(`${house.issuer}/dashboard/consents/${id}/revocation`, {
      method: 'POST',
      body: new URLSearchParams({ proof }).toString(),
    })

  const foreign = await withdraw(consent?.id ?? '')
  const missing = await withdraw(`consent_${'0'.repeat(32)}`)

  assert.equal(foreign.status, 404)
  const strip = (body: string) => body.replaceAll(/[0-9a-f]{32}/g, '')
  assert.equal(strip(foreign.body), strip(missing.body))
  assert.ok((await refresh(given)).access_token)
})

test('signed out, the dashboard shows nothing; and its id changed when the customer signed in', async () => {
  const browser = new Browser(agentFor(house))
  await browser.open(`${house.issuer}/dashboard`)
  const before = [...browser.cookies].find(([name]) => name.includes('visit'))?.[1].value
  await signIn(browser)
  const after = [...browser.cookies].find(([name]) => name.includes('visit'))?.[1].value
  assert.notEqual(before, after)

  await browser.press('sign-out')
  assert.ok(browser.text('signed-out'))
  await browser.open(`${house.issuer}/dashboard`)
  assert.match(browser.page.body, /id="password"/)
  assert.doesNotMatch(browser.page.body, /id="sign-out"/)
})

test('pages speak the browser’s language, the partner’s suggestion, and above all the customer’s choice', async () => {
  const app = await newApplication(house)
  const open = async (headers: Record<string, string>, extra: Record<string, string> = {}) => {
    const browser = new Browser(agentFor(house), headers)
    await browser.open((await push(house, app, { extra })).url)
    return browser
  }
  const langOf = (browser: Browser) => /<html lang="(\w+)"/.exec(browser.page.body)?.[1]

  assert.equal(langOf(await open({})), 'en')
  const russian = await open({ 'accept-language': 'de, ru-RU;q=0.9, en;q=0.1' })
  assert.equal(langOf(russian), 'ru')
  assert.equal(langOf(await open({ 'accept-language': 'ru' }, { ui_locales: 'fr uz' })), 'uz')
  await russian.open(`${russian.page.url}?lang=uz`)
  assert.equal(langOf(russian), 'uz')
  await signIn(russian)
  assert.equal(langOf(russian), 'uz')
  assert.match(russian.page.body, /hisoblaringizni koʻrmoqchi/)
})

test('what a partner is called cannot become part of the page', async () => {
  const partnerName = '<img src=x onerror=alert(1)>"\'&'
  const app = await newApplication(house, { partnerName })
  const browser = await toDecision(house, await push(house, app))

  assert.doesNotMatch(browser.page.body, /<img/)
  assert.match(browser.page.body, /&lt;img src=x onerror=alert\(1\)&gt;&quot;&#39;&amp;/)
  assert.doesNotMatch(browser.page.body, /<script/)
})
