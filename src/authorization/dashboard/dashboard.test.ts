/** What customers see of what they gave, and what they can do about it. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { z } from 'zod'
import { company } from '#test/authorization/bank.ts'
import { Browser, signIn } from '#test/authorization/browser.ts'
import { type Asked, authorise, push, toDecision } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import {
  accountsDetail,
  agentFor,
  type Application,
  cardDetail,
  hangUp,
  newApplication,
  paymentDetail,
} from '#test/authorization/partner.ts'

const house = await openHouse()
after(hangUp)

const Row = z.object({ id: z.string(), status: z.string() })
const consentsOf = ({ id }: Application) => house.database.owner.many(Row)`
  select id, status from consents.consent where application_id = ${id} order by id
`
const only = async (app: Application) => {
  const [consent, ...more] = await consentsOf(app)
  assert.ok(consent && more.length === 0)
  return consent
}
const statusOf = async (app: Application) => (await only(app)).status

const dashboardOf = async (login: string): Promise<Browser> => {
  const browser = new Browser(agentFor(house))
  await browser.open(`${house.issuer}/dashboard`)
  await signIn(browser, login)
  return browser
}
const pageOf = (browser: Browser, path: string) => browser.open(`${house.issuer}/dashboard${path}`)

const payment: Asked = { detail: paymentDetail, scope: 'payments' }

/** A company's account, asked of one of its signatories: the partner is told to wait. */
const firstSignature = async (app: Application, login = 'zilola') => {
  const browser = await toDecision(house, await push(house, app, payment), login)
  assert.match(browser.text('signatures') ?? '', /«Sinov Savdo» MCHJ needs 2 signatures/)
  const [account = ''] = browser.accounts()
  return new URL((await browser.press('approve', { account })).url)
}

test('one consent’s page says what, why, which accounts, since and until when, and all that happened', async () => {
  const app = await newApplication(house)
  await authorise(house, app)
  const { id } = await only(app)
  const browser = await dashboardOf('dilnoza')

  await pageOf(browser, `/consents/${id}`)

  const { body } = browser.page
  for (const said of [
    /Anor Telecom/,
    /Name, kind and currency of the account/,
    /How much is in the account/,
    /Oilangiz xarajatlariga mos tarif/,
    /Maosh hisobi •••• 4417/,
    /Next sign-in/,
    /your permission/,
    /asked, by the partner/,
    /allowed, by you/,
    /not yet/,
  ])
    assert.match(body, said)
})

test('whoever asked for a card chooses its PIN on the vault’s page, which their own consent leads to and no other', async () => {
  const [card, other] = [await newApplication(house), await newApplication(house)]
  await authorise(house, card, { detail: cardDetail, scope: 'cards:issue' })
  await authorise(house, other)
  const browser = await dashboardOf('dilnoza')

  await pageOf(browser, `/consents/${(await only(other)).id}`)
  assert.doesNotMatch(browser.page.body, /id="pin"/)
  const { id } = await only(card)
  await pageOf(browser, `/consents/${id}`)
  assert.match(browser.page.body, /•••• 4242/)
  const [, leadsTo] = /form-action ([^;]*)/.exec(
    browser.page.headers.get('content-security-policy') ?? '',
  ) ?? ['', '']
  const gone = await browser.press('pin')

  assert.match(gone.url, new RegExp(`/pin/${id.replace('consent', 'card')}$`))
  assert.match(leadsTo ?? '', /https:\/\/localhost:\d+/)
  const forged = { method: 'POST', body: new URLSearchParams({ proof: 'another' }).toString() }
  assert.equal(
    (await browser.open(`${house.issuer}/dashboard/consents/${id}/pin`, forged)).status,
    403,
  )
})

test('withdrawing says first what will happen, and going back changes nothing', async () => {
  const app = await newApplication(house)
  await authorise(house, app)
  const { id } = await only(app)
  const browser = await dashboardOf('dilnoza')

  await pageOf(browser, `/consents/${id}/revocation`)
  assert.match(browser.page.body, /What was paid stays paid/)
  await browser.press('cancel')
  assert.match(browser.page.url, new RegExp(`/dashboard/consents/${id}$`))
  assert.equal(await statusOf(app), 'AUTHORISED')

  await pageOf(browser, `/consents/${id}/revocation`)
  await browser.press('revoke')
  assert.match(browser.text('notice') ?? '', /^Withdrawn\. Anor Telecom/)
  assert.equal(await statusOf(app), 'REVOKED')
  await pageOf(browser, '')
  assert.equal(browser.text('notice'), undefined)
})

test('withdraw all ends everything of one customer, and of one partner only where that was asked', async () => {
  const [anor, bozor] = [
    await newApplication(house),
    await newApplication(house, { partnerName: 'Bozor' }),
  ]
  for (const app of [anor, bozor]) await authorise(house, app)
  const browser = await dashboardOf('dilnoza')

  await pageOf(browser, `/partners/${bozor.partnerId}/revocation`)
  assert.match(browser.page.body, /<h1>Withdraw all permissions of Bozor<\/h1>/)
  assert.doesNotMatch(browser.page.body, /Anor Telecom/)
  await browser.press('revoke')
  assert.equal(await statusOf(bozor), 'REVOKED')
  assert.equal(await statusOf(anor), 'AUTHORISED')

  await pageOf(browser, '/revocation')
  await browser.press('revoke')
  assert.equal(await statusOf(anor), 'REVOKED')
  assert.match(browser.page.body, /No permission is in force/)
})

test('the list can show one partner alone; a partner who was given nothing is not there', async () => {
  const [anor, bozor] = [
    await newApplication(house),
    await newApplication(house, { partnerName: 'Bozor' }),
  ]
  for (const app of [anor, bozor]) await authorise(house, app)
  const browser = await dashboardOf('dilnoza')

  await pageOf(browser, `/partners/${bozor.partnerId}`)
  assert.match(browser.page.body, new RegExp(`id="${(await only(bozor)).id}"`))
  assert.doesNotMatch(browser.page.body, new RegExp(`id="${(await only(anor)).id}"`))
  assert.equal((await pageOf(browser, `/partners/partner_${'0'.repeat(32)}`)).status, 404)
})

test('two years after its end a consent is shown no more, and is kept', async () => {
  const app = await newApplication(house)
  await authorise(house, app)
  const { id } = await only(app)
  const end = (days: number) => house.database.owner.run`
    update consents.consent
       set status = 'REVOKED', ended_by = 'customer', ended_at = now() - ${`${days} days`}::interval
     where id = ${id}
  `
  const isListed = async () => (await dashboardOf('dilnoza')).page.body.includes(`id="${id}"`)

  await end(729)
  assert.equal(await isListed(), true)
  await end(731)
  assert.equal(await isListed(), false)
  assert.equal((await only(app)).id, id)
})

test('a company’s consent waits for a second signatory, who reads it, signs in again and signs', async () => {
  const app = await newApplication(house)
  const back = await firstSignature(app)
  assert.equal(back.searchParams.get('error'), 'access_denied')
  assert.match(back.searchParams.get('error_description') ?? '', /awaiting-signatory/)
  const { id } = await only(app)
  const anvar = await dashboardOf('anvar')
  assert.match(anvar.page.body, /Waits for your signature/)

  await pageOf(anvar, `/consents/${id}`)
  assert.match(anvar.page.body, /Bozor Marketplace/)
  await anvar.press('approve')
  assert.match(anvar.page.body, /Sign in once more to sign/)
  assert.equal(await statusOf(app), 'PARTIALLY_AUTHORISED')
  await signIn(anvar, 'anvar')

  assert.match(anvar.text('notice') ?? '', /^Signed\. Anor Telecom can use the permission now/)
  assert.equal(await statusOf(app), 'AUTHORISED')
  assert.match(anvar.text('signatures') ?? '', /Signatures/)
})

test('who signed is told that it waits; a third signatory may still refuse, and that ends it', async () => {
  const app = await newApplication(house)
  await firstSignature(app)
  const { id } = await only(app)
  assert.match((await dashboardOf('zilola')).page.body, /Waits for another person/)
  const kamola = await dashboardOf('kamola')

  await pageOf(kamola, `/consents/${id}`)
  await kamola.press('refuse')
  await signIn(kamola, 'kamola')

  assert.match(kamola.text('notice') ?? '', /^Refused/)
  assert.equal(await statusOf(app), 'REJECTED')
})

test('another person who signs in where a signature was asked signs nothing', async () => {
  const app = await newApplication(house)
  await firstSignature(app)
  const { id } = await only(app)
  const anvar = await dashboardOf('anvar')
  await pageOf(anvar, `/consents/${id}`)
  await anvar.press('approve')

  await signIn(anvar, 'kamola')

  assert.match(anvar.text('notice') ?? '', /Somebody else signed in/)
  assert.equal(await statusOf(app), 'PARTIALLY_AUTHORISED')
})

test('a signature that was left half given is not given, and can be cancelled', async () => {
  const app = await newApplication(house)
  await firstSignature(app)
  const { id } = await only(app)
  const anvar = await dashboardOf('anvar')
  await pageOf(anvar, `/consents/${id}`)
  await anvar.press('approve')
  await anvar.press('cancel')
  assert.match(anvar.page.body, /id="approve"/)

  await anvar.press('approve')
  await pageOf(anvar, '')
  assert.match(anvar.page.body, /Permissions you gave/)
  assert.equal(await statusOf(app), 'PARTIALLY_AUTHORISED')
})

test('who is only asked to sign cannot withdraw it for the others', async () => {
  const app = await newApplication(house)
  await firstSignature(app)
  const { id } = await only(app)
  const anvar = await dashboardOf('anvar')
  const proof = /name="proof"\s+value="([^"]+)"/.exec(anvar.page.body)?.[1] ?? ''

  const answer = await anvar.open(`${house.issuer}/dashboard/consents/${id}/revocation`, {
    method: 'POST',
    body: new URLSearchParams({ proof, action: 'revoke' }).toString(),
  })
  await pageOf(anvar, '/revocation')
  await anvar.press('revoke')

  assert.equal(answer.status, 404)
  assert.equal(await statusOf(app), 'PARTIALLY_AUTHORISED')
  assert.ok(company.signatories.includes('anvar'))
})

test('a consent of strangers is not there: to read, to sign, to withdraw', async () => {
  const app = await newApplication(house)
  await authorise(house, app)
  const { id } = await only(app)
  const botir = await dashboardOf('botir')
  const proof = /name="proof"\s+value="([^"]+)"/.exec(botir.page.body)?.[1] ?? ''
  const body = new URLSearchParams({ proof, action: 'approve' }).toString()

  for (const path of ['', '/revocation'])
    assert.equal((await pageOf(botir, `/consents/${id}${path}`)).status, 404)
  for (const path of ['signature', 'revocation']) {
    const url = `${house.issuer}/dashboard/consents/${id}/${path}`
    assert.equal((await botir.open(url, { method: 'POST', body })).status, 404)
  }
  assert.equal(await statusOf(app), 'AUTHORISED')
})

test('a renewal shows the new end and the accounts as they are; refusing it leaves the consent as it was', async () => {
  const app = await newApplication(house)
  await authorise(house, app)
  const { id } = await only(app)
  const renewal: Asked = { detail: { ...accountsDetail, consentId: id } }

  const refusing = await toDecision(house, await push(house, app, renewal))
  assert.match(refusing.text('renewal') ?? '', /The accounts stay as they are/)
  assert.deepEqual(refusing.accounts(), [])
  assert.match(refusing.text('accounts') ?? '', /Which accounts/)
  const no = new URL((await refusing.press('refuse')).url)
  assert.equal(no.searchParams.get('error'), 'access_denied')
  assert.equal(await statusOf(app), 'AUTHORISED')

  const agreeing = await toDecision(house, await push(house, app, renewal))
  const yes = new URL((await agreeing.press('approve')).url)
  assert.ok(yes.searchParams.get('code'))
  assert.equal((await only(app)).id, id)
})

test('while the bank has stopped the partner its permissions are shown as suspended, and can be withdrawn', async () => {
  const app = await newApplication(house, { partnerName: 'Stopped' })
  await authorise(house, app)
  const { id } = await only(app)
  house.revoke('partner', app.partnerId)
  const browser = await dashboardOf('dilnoza')
  while (!browser.page.body.includes('suspended by the bank')) await pageOf(browser, '')

  await pageOf(browser, `/consents/${id}/revocation`)
  await browser.press('revoke')
  assert.equal(await statusOf(app), 'REVOKED')
})

test('half an hour after the sign-in the visit is over, however busy it was', async () => {
  const browser = await dashboardOf('dilnoza')
  await house.database.owner.run`
    update oauth.visit
       set state = jsonb_set(state, '{authenticatedAt}',
                             to_jsonb(to_char(now() at time zone 'utc' - interval '31 minutes',
                                              'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
     where state->>'at' = 'home'
  `

  await pageOf(browser, '')
  assert.match(browser.page.body, /id="password"/)
})

test('the number to call is the bank’s own setting', async () => {
  const other = await openHouse('production', { PORTICO_SUPPORT_PHONE: '+998 71 200 00 00' })
  const browser = new Browser(agentFor(other))
  await browser.open(`${other.issuer}/dashboard`)

  assert.match(browser.page.body, /\+998 71 200 00 00/)
})
