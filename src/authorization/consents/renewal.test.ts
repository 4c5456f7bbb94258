import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as oidc from 'openid-client'
import { z } from 'zod'
import { askedBy, claimsIn, given, withToken } from '#test/authorization/consents.ts'
import { approve, authorise, push, redeem, toDecision } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import { accountsDetail, hangUp, newApplication } from '#test/authorization/partner.ts'

const house = await openHouse()
after(hangUp)

test('A41, RFC 9396 §5: a type that is unknown or not licensed, and a consent that is not one’s own, are refused at PAR', async () => {
  const app = await newApplication(house)
  const { consentId } = await given(house)
  const refused = (detail: object, description: RegExp) =>
    assert.rejects(push(house, app, { detail, scope: 'accounts' }), (error: Error) => {
      const { error: word, error_description: said } = z
        .looseObject({ error: z.string(), error_description: z.string() })
        .parse(error)
      assert.equal(word, 'invalid_authorization_details')
      assert.match(said, description)
      return true
    })
  await refused({ type: 'urn:bank:all:v1' }, /unsupported/)
  await refused(
    { type: 'urn:bank:kyc-claims:v1', trustFramework: 'uz_aml', claims: ['birthdate'] },
    /not allowed for this client/,
  )
  const missing = `consent_${'0'.repeat(32)}`
  const same = /^urn:bank:accounts:v1: consentId names no consent of this application$/
  await refused({ ...accountsDetail, consentId }, same)
  await refused({ ...accountsDetail, consentId: missing }, same)
})

test('O53: an extension is asked of the customer; the id and the accounts stay, tokens go on', async () => {
  const { app, tokens, config, DPoP, consentId } = await given(house)
  const { ask } = await withToken(house, app)
  const path = `/consents/v1/consents/${consentId}`
  const until = Temporal.Now.instant()
    .add({ hours: 24 * 300 })
    .round('second')
    .toString()

  const extension = await ask(`${path}/extension`, {
    method: 'POST',
    json: { expirationDateTime: until },
  })
  const before = await ask(path)
  assert.equal(extension.status, 200)
  assert.notEqual(before.body['expiresAt'], until, 'nothing has changed yet')
  const request = await push(house, app, askedBy(extension.body))
  const browser = await toDecision(house, request)
  assert.deepEqual(browser.accounts(), [], 'accounts are not asked for again')
  const back = new URL((await browser.press('approve')).url)
  const renewed = await redeem(request, back)

  const after = await ask(path)
  assert.equal(after.body['expiresAt'], until)
  assert.equal(z.array(z.unknown()).parse(after.body['extensions']).length, 1)
  assert.deepEqual(after.body['authorizationDetails'], renewed['authorization_details'])
  const old = await oidc.refreshTokenGrant(
    config,
    tokens.refresh_token ?? '',
    undefined,
    DPoP ? { DPoP } : {},
  )
  assert.deepEqual(old['authorization_details'], renewed['authorization_details'])
  const far = Temporal.Now.instant()
    .add({ hours: 24 * 500 })
    .toString()
  const refused = await ask(`${path}/extension`, {
    method: 'POST',
    json: { expirationDateTime: far },
  })
  assert.equal(refused.body.code, 'consents/end-refused')
})

test('another customer cannot renew a consent, and a renewal that is refused leaves it as it is', async () => {
  const { app, consentId } = await given(house)
  const { ask } = await withToken(house, app)
  const path = `/consents/v1/consents/${consentId}`
  const extension = await ask(`${path}/extension`, { method: 'POST' })

  const stranger = await toDecision(house, await push(house, app, askedBy(extension.body)), 'botir')
  assert.ok(!stranger.page.body.includes('id="approve"'))
  const browser = await toDecision(house, await push(house, app, askedBy(extension.body)))
  const back = new URL((await browser.press('refuse')).url)

  assert.equal(back.searchParams.get('error'), 'access_denied')
  const { body } = await ask(path)
  assert.equal(body.status, 'AUTHORISED')
  assert.deepEqual(body['extensions'], [])
})

test('RTS Art. 10: a refresh after 180 days says that the customer must sign in; a renewal mends it', async () => {
  const { app, tokens, config, DPoP, consentId } = await given(house)
  const { ask } = await withToken(house, app)
  const refresh = () =>
    oidc.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, DPoP ? { DPoP } : {})
  await house.database.owner.run`
    update consents.consent set next_sca_due_at = now() where id = ${consentId}
  `
  await assert.rejects(refresh, (error: Error) => {
    const said = z.looseObject({ error: z.string(), error_description: z.string() }).parse(error)
    assert.equal(said.error, 'invalid_grant')
    assert.match(said.error_description, /^consents\/reauthentication-due:/)
    return true
  })

  const extension = await ask(`/consents/v1/consents/${consentId}/extension`, { method: 'POST' })
  const request = await push(house, app, askedBy(extension.body))
  const browser = await toDecision(house, request)
  await redeem(request, new URL((await browser.press('approve')).url))

  assert.ok((await refresh()).access_token)
})

test('O70: a licence that declines takes no new consent, and those that were given go on', async () => {
  const { app, tokens, config, DPoP, consentId } = await given(house)
  const { ask } = await withToken(house, app)
  await house.admit({
    ...app.row,
    newConsentsUntil: { 'urn:bank:accounts:v1': '2020-01-01T00:00:00Z' },
  })

  await assert.rejects(push(house, app), (error: Error) => {
    assert.match(JSON.stringify(error), /no new consent may be asked for/)
    return true
  })
  const staged = await ask('/consents/v1/consents', {
    method: 'POST',
    json: { authorizationDetails: [accountsDetail] },
  })
  assert.deepEqual([staged.status, staged.body.code], [403, 'consents/type-refused'])
  assert.equal((await ask(`/consents/v1/consents/${consentId}`)).body.status, 'AUTHORISED')
  const refreshed = await oidc.refreshTokenGrant(
    config,
    tokens.refresh_token ?? '',
    undefined,
    DPoP ? { DPoP } : {},
  )
  assert.ok(refreshed.access_token)
})

test('O46: a licence that lapses suspends what rests on it: no token, and it says so', async () => {
  const { app, tokens, config, DPoP, consentId } = await given(house)
  const { ask } = await withToken(house, app)
  await house.admit({ ...app.row, authorizationDetailsTypes: ['urn:bank:payment:v1'] })

  const { body } = await ask(`/consents/v1/consents/${consentId}`)
  const refresh = oidc.refreshTokenGrant(
    config,
    tokens.refresh_token ?? '',
    undefined,
    DPoP ? { DPoP } : {},
  )

  assert.equal(body.status, 'SUSPENDED')
  await assert.rejects(refresh, {
    error: 'invalid_grant',
    error_description: 'consents/suspended: the licence for this type of consent has lapsed',
  })
})

test('RFC 9068 §2.2.1: a token says how and when the customer signed in, and a refreshed one says the same', async () => {
  const { tokens, config, DPoP } = await given(house)
  const before = claimsIn(tokens.access_token)
  const refreshed = await oidc.refreshTokenGrant(
    config,
    tokens.refresh_token ?? '',
    undefined,
    DPoP ? { DPoP } : {},
  )
  assert.equal(before['acr'], 'urn:bank:sca')
  assert.ok(Math.abs(Number(before['iat']) - Number(before['auth_time'])) < 30)
  const after = claimsIn(refreshed.access_token)
  assert.deepEqual([after['acr'], after['auth_time']], [before['acr'], before['auth_time']])
  const app = await newApplication(house)
  assert.equal(claimsIn((await withToken(house, app)).token)['acr'], undefined)
})

test('two signatories: the first leaves with an answer, the second opens it, and then it gives tokens', async () => {
  const app = await newApplication(house)
  const { ask } = await withToken(house, app)
  const first = await toDecision(house, await push(house, app), 'zilola')
  const back = await approve(first)
  assert.equal(back.searchParams.get('error'), 'access_denied')
  const said = back.searchParams.get('error_description') ?? ''
  const consentId = /^consents\/awaiting-signatory: (consent_[0-9a-f]{32}) /.exec(said)?.[1]
  const path = `/consents/v1/consents/${consentId}`
  const partial = await ask(path)
  assert.equal(partial.body.status, 'PARTIALLY_AUTHORISED')
  assert.deepEqual(partial.body['authorisations'], { required: 2, given: 1 })

  const request = await push(house, app, { detail: { ...accountsDetail, consentId } })
  const second = await toDecision(house, request, 'anvar')
  const tokens = await redeem(request, new URL((await second.press('approve')).url))

  const [detail] = z.array(z.looseObject({})).parse(tokens['authorization_details'])
  assert.equal(detail?.['consentId'], consentId)
  assert.equal((await ask(path)).body.status, 'AUTHORISED')
  const stranger = await toDecision(
    house,
    await push(house, app, { detail: { ...accountsDetail, consentId } }),
    'botir',
  )
  assert.ok(!stranger.page.body.includes('id="approve"'))
})

test('N46: an essential acr that this server does not have is denied, and one that it has is given', async () => {
  const app = await newApplication(house)
  const claims = (value: string) =>
    JSON.stringify({ id_token: { acr: { essential: true, value } } })
  const asked = (value: string) =>
    ({ scope: 'openid accounts', extra: { claims: claims(value) } }) as const
  await assert.rejects(push(house, app, asked('urn:bank:none')), { error: 'access_denied' })
  const { tokens } = await authorise(house, app, asked('urn:bank:sca'))
  assert.equal(tokens.claims()?.acr, 'urn:bank:sca')
})
