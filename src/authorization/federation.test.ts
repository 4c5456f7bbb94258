/** Customers who sign in at the bank's own OpenID provider, and those who try to be somebody else there. */
import assert from 'node:assert/strict'
import { after, beforeEach, describe, test } from 'node:test'
import { Agent } from 'undici'
import { z } from 'zod'
import { openBankProvider } from '#test/authorization/bank-provider.ts'
import { Browser } from '#test/authorization/browser.ts'
import { approve, push, redeem } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import { agentFor, hangUp, newApplication } from '#test/authorization/partner.ts'

const bank = await openBankProvider()
const house = await openHouse('production', {
  PORTICO_CUSTOMER_ISSUER: bank.issuer,
  PORTICO_CUSTOMER_CLIENT_ID: bank.clientId,
  PORTICO_CUSTOMER_KEY_FILE: bank.keyFile,
  PORTICO_CUSTOMER_CA_FILE: bank.caFile,
})
bank.open(`${house.issuer}/sign-in/return`)
const bankAgent = new Agent({ connect: { ca: bank.ca } })
after(async () => {
  await hangUp()
  await bankAgent.destroy()
})
beforeEach(() => bank.spoil(undefined))

/** A customer's browser: one jar for us, one for the bank. */
interface Customer {
  readonly here: Browser
  readonly there: Browser
}
const newCustomer = (): Customer => ({
  here: new Browser(agentFor(house)),
  there: new Browser(bankAgent),
})

const newRequest = async () => push(house, await newApplication(house))

/** Leaves for the bank; answers the bank's first address. */
const leave = async ({ here, there }: Customer): Promise<void> => {
  const { url } = await here.press('submit')
  assert.ok(url.startsWith(bank.issuer), url)
  await there.open(url)
}

/** Signs in there; answers the address by which the browser comes back. */
const signInThere = async ({ there }: Customer, customer: string): Promise<string> =>
  (await there.press('submit', { customer })).url

const atSignIn = async (): Promise<Customer> => {
  const customer = newCustomer()
  await customer.here.open((await newRequest()).url)
  return customer
}

test('a customer signs in at the bank’s own provider and stands before the decision', async () => {
  const request = await newRequest()
  const customer = newCustomer()
  const { here } = customer
  await here.open(request.url)
  assert.doesNotMatch(here.page.body, /password/)

  await leave(customer)
  await here.open(await signInThere(customer, 'customer_dilnoza'))
  assert.equal(here.accounts().length, 3)
  const tokens = await redeem(request, await approve(here))

  const asked = bank.asked()
  assert.equal(asked['prompt'], 'login')
  assert.equal(asked['acr_values'], 'urn:bank:sca')
  assert.equal(asked['code_challenge_method'], 'S256')
  assert.ok(tokens.access_token)
})

test('a live session at the bank signs nobody in: the second consent asks there again', async () => {
  const customer = await atSignIn()
  await leave(customer)
  await customer.here.open(await signInThere(customer, 'customer_dilnoza'))

  await customer.here.open((await newRequest()).url)
  await leave(customer)

  assert.match(customer.there.page.body, /id="customer"/)
})

test('the dashboard opens by the same sign-in, and signing out closes it', async () => {
  const customer = newCustomer()
  const { here } = customer
  await here.open(`${house.issuer}/dashboard`)
  await leave(customer)
  await here.open(await signInThere(customer, 'customer_botir'))
  assert.ok(here.text('active'))

  await here.press('sign-out')
  assert.ok(here.text('signed-out'))
  await here.open(`${house.issuer}/dashboard`)
  assert.equal(here.text('active'), undefined)
})

test('who cancels at the bank is where they were, and can go back to the partner', async () => {
  const request = await newRequest()
  const customer = newCustomer()
  await customer.here.open(request.url)
  await leave(customer)

  const back = await customer.here.open((await customer.there.press('cancel')).url)
  assert.equal(back.status, 422)
  assert.match(customer.here.text('problem') ?? '', /did not sign in/)
  const partner = new URL((await customer.here.press('cancel')).url)

  assert.equal(partner.searchParams.get('error'), 'access_denied')
  assert.equal(partner.searchParams.get('state'), request.state)
})

test('whom the core does not know is told so, and allows nothing', async () => {
  const customer = await atSignIn()
  await leave(customer)
  await customer.here.open(await signInThere(customer, 'customer_nobody'))

  assert.match(customer.here.text('problem') ?? '', /no accounts here for you/)
  assert.equal(customer.here.accounts().length, 0)
})

test('the policy of the page lets its form leave for the bank and the partner, and for nobody else', async () => {
  const { here } = await atSignIn()
  const policy = here.page.headers.get('content-security-policy') ?? ''

  assert.match(policy, new RegExp(`form-action 'self' https://partner.example ${bank.issuer};`))
})

const Kept = z.object({ state: z.string() })

describe('an answer that does not hold signs nobody in', () => {
  const refused = async (customer: Customer, address: string | URL): Promise<void> => {
    const { here } = customer
    await here.open(address)
    assert.match(here.text('problem') ?? '', /could not be confirmed/)
    assert.equal(here.accounts().length, 0)
  }
  const spoilt = async (how: Parameters<typeof bank.spoil>[0]): Promise<void> => {
    const customer = await atSignIn()
    await leave(customer)
    const address = await signInThere(customer, 'customer_dilnoza')
    bank.spoil(how)
    await refused(customer, address)
  }

  test('RFC 9207 §2.4: the answer of another issuer', async () => {
    const customer = await atSignIn()
    await leave(customer)
    const address = new URL(await signInThere(customer, 'customer_dilnoza'))
    address.searchParams.set('iss', 'https://evil.example')
    await refused(customer, address)
  })

  test('RFC 9207 §2.4: the answer of no issuer, where the provider names itself', async () => {
    const customer = await atSignIn()
    await leave(customer)
    const address = new URL(await signInThere(customer, 'customer_dilnoza'))
    address.searchParams.delete('iss')
    await refused(customer, address)
  })

  test('RFC 9700 §2.1.1: a code of another attempt, put into this one', async () => {
    const thief = await atSignIn()
    await leave(thief)
    const stolen = new URL(await signInThere(thief, 'customer_botir'))
    const customer = await atSignIn()
    await leave(customer)
    const address = new URL(await signInThere(customer, 'customer_dilnoza'))
    address.searchParams.set('code', stolen.searchParams.get('code') ?? '')
    await refused(customer, address)
  })

  test('OpenID Connect Core §3.1.3.7: an ID token that nobody signed', () =>
    spoilt({ unsigned: true }))

  test('OpenID Connect Core §3.1.3.7: an ID token that another key signed', () =>
    spoilt({ foreignKey: true }))

  test('OpenID Connect Core §3.1.3.7: an ID token with another nonce, audience or issuer', async () => {
    await spoilt({ claims: (claims) => ({ ...claims, nonce: 'another' }) })
    await spoilt({ claims: (claims) => ({ ...claims, aud: 'another' }) })
    await spoilt({ claims: (claims) => ({ ...claims, iss: 'https://evil.example' }) })
  })

  test('OpenID Connect Core §3.1.2.1: an authentication from before we asked, or from the future', async () => {
    const seconds = () => Math.floor(Date.now() / 1000)
    await spoilt({ claims: (claims) => ({ ...claims, auth_time: seconds() - 60 }) })
    await spoilt({ claims: (claims) => ({ ...claims, auth_time: seconds() + 60 }) })
    await spoilt({ claims: ({ auth_time: _none, ...claims }) => claims })
  })

  test('OpenID Connect Core §5.5.1.1: an authentication that is weaker, or does not say', async () => {
    await spoilt({ claims: (claims) => ({ ...claims, acr: 'urn:bank:password' }) })
    await spoilt({ claims: ({ acr: _none, ...claims }) => claims })
  })

  test('after all this an honest customer still signs in', async () => {
    await spoilt({ claims: (claims) => claims, foreignKey: true })
    const customer = await atSignIn()
    await leave(customer)
    bank.spoil({ claims: (claims) => claims })
    await customer.here.open(await signInThere(customer, 'customer_dilnoza'))
    assert.equal(customer.here.accounts().length, 3)
  })
})

describe('a return belongs to one attempt in one browser, once', () => {
  const foreign = async (browser: Browser, address: string | URL): Promise<void> => {
    const page = await browser.open(address)
    assert.equal(page.status, 400)
    assert.match(browser.text('error') ?? '', /^authorization\/return-foreign/)
  }

  test('RFC 6749 §10.12: opened in another browser it is nothing, and the customer’s own still works', async () => {
    const customer = await atSignIn()
    await leave(customer)
    const address = await signInThere(customer, 'customer_dilnoza')
    await foreign(newCustomer().here, address)
    const busy = await atSignIn()
    await leave(busy)
    await foreign(busy.here, address)

    await customer.here.open(address)
    assert.equal(customer.here.accounts().length, 3)
  })

  test('an answer of the attacker’s own attempt does not become the victim’s', async () => {
    const attacker = await atSignIn()
    await leave(attacker)
    const address = new URL(await signInThere(attacker, 'customer_botir'))
    const victim = await atSignIn()
    await leave(victim)
    const own = new URL(await signInThere(victim, 'customer_dilnoza'))
    await foreign(victim.here, address)
    address.searchParams.set('state', own.searchParams.get('state') ?? '')

    await victim.here.open(address)
    assert.equal(victim.here.accounts().length, 0)
  })

  test('of twenty returns at once one signs in, and a later one does not', async () => {
    const customer = await atSignIn()
    await leave(customer)
    const address = await signInThere(customer, 'customer_dilnoza')
    const copies = Array.from({ length: 20 }, () => {
      const copy = new Browser(agentFor(house))
      for (const [name, cookie] of customer.here.cookies) copy.cookies.set(name, cookie)
      return copy
    })

    const pages = await Promise.all(copies.map((copy) => copy.open(address)))

    assert.equal(pages.filter(({ status }) => status === 200).length, 1)
    assert.equal(pages.filter(({ status }) => status === 400).length, 19)
    await foreign(customer.here, address)
  })

  test('without a state, with an unknown one or one of another shape there is nothing', async () => {
    const { here } = newCustomer()
    const back = `${house.issuer}/sign-in/return`
    await foreign(here, back)
    await foreign(here, `${back}?state=${'x'.repeat(43)}&code=x`)
    await foreign(here, `${back}?state=../../etc&code=x`)
  })

  test('what is kept of an attempt works for nobody: no code, no verifier, no nonce, no state', async () => {
    const customer = await atSignIn()
    await leave(customer)
    const state = String(bank.asked()['state'])

    const kept = await house.database.owner.many(Kept)`
      select state::text as state from oauth.visit where state->>'goesOnAt' is not null
    `
    assert.ok(kept.length > 0)
    const all = kept.map((row) => row.state).join('\n')
    assert.doesNotMatch(all, /verifier|nonce|code/)
    assert.ok(!all.includes(state))
  })
})
