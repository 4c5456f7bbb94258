/** A simulated customer meets the real pages of a real authorization server. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { push, redeem } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import { agentFor, hangUp, newApplication } from '#test/authorization/partner.ts'
import { decideOnPages, type Wish } from './customer-browser.ts'

const house = await openHouse()
after(hangUp)
const pages = { issuer: house.issuer, dispatcher: agentFor(house) }

const asked = async () => {
  const app = await newApplication(house)
  const request = await push(house, app)
  const requestUri = new URL(request.url).searchParams.get('request_uri') ?? ''
  const decide = (wish: Partial<Wish>) =>
    decideOnPages(pages, {
      clientId: app.id,
      requestUri,
      login: 'dilnoza',
      password: 'portico-demo',
      decision: 'APPROVE',
      accounts: 'ALL',
      ...wish,
    })
  return { request, decide }
}

test('yes sends the customer back with a code that is worth a token', async () => {
  const { request, decide } = await asked()
  const back = new URL((await decide({})) ?? '')
  assert.equal(back.searchParams.get('state'), request.state)
  const tokens = await redeem(request, back)
  assert.ok(tokens.access_token)
})

test('no sends them back with a denial, and whoever leaves is not sent back', async () => {
  const denied = await asked()
  const back = new URL((await denied.decide({ decision: 'DENY' })) ?? '')
  assert.equal(back.searchParams.get('error'), 'access_denied')
  const left = await asked()
  assert.equal(await left.decide({ decision: 'LEAVE' }), null)
})

test('a wrong password, a request of another application and one that is used up are refused', async () => {
  const one = await asked()
  const other = await newApplication(house)
  await assert.rejects(one.decide({ clientId: other.id }), { code: 'sandbox/decision-refused' })
  const two = await asked()
  await assert.rejects(two.decide({ password: 'wrong' }), { code: 'sandbox/decision-refused' })
  const three = await asked()
  await three.decide({})
  await assert.rejects(three.decide({}), { code: 'sandbox/decision-refused' })
})
