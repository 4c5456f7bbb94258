/** From the attacker's side: who floods is told to wait, and nobody else waits for it. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Browser } from '#test/authorization/browser.ts'
import { push, toDecision } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import {
  accountsDetail,
  agentFor,
  type Application,
  hangUp,
  newApplication,
} from '#test/authorization/partner.ts'
import {
  type Answered,
  assertion,
  authenticated,
  authorizationRequest,
  newKeys,
  post,
  proof,
} from '#test/authorization/wire.ts'
import { budgets, callerOf, openAbuse, tooManyGuesses, tooManyRequests } from './abuse.ts'

const from = (remoteAddress: string, method = 'POST') =>
  ({ method, socket: { remoteAddress } }) as Parameters<typeof callerOf>[0] & { method: string }

describe('counting', () => {
  const at = Temporal.Instant.from('2026-11-23T00:00:00Z')
  type Asked = Parameters<ReturnType<typeof openAbuse>['assertAddress']>[0]

  test('an IPv6 network is one caller, however it is written; an IPv4 address is one', () => {
    const same = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:db8:1:2:3:4:5:6']
    assert.equal(new Set(same.map((address) => callerOf(from(address)))).size, 1)
    const apart = ['2001:db8:1:3::1', '::1', '192.0.2.1', '192.0.2.2', '::ffff:192.0.2.1']
    assert.equal(new Set(apart.map((address) => callerOf(from(address)))).size, apart.length)
  })

  test('reading costs no address anything; posting does, and the answer says how long to wait', () => {
    const abuse = openAbuse(() => at)
    const ask = (method: string) =>
      abuse.assertAddress(from('192.0.2.1', method) as Asked, 'library')
    for (let i = 0; i < budgets.address.burst; i++) ask('POST')
    assert.throws(
      () => ask('POST'),
      (error: ReturnType<typeof tooManyRequests>) => {
        assert.equal(error.code, tooManyRequests.code)
        assert.deepEqual(error.particulars.headers, {
          'retry-after': '1',
          'ratelimit-policy': '"address";q=500;w=5',
          ratelimit: '"address";r=0;t=1',
        })
        return true
      },
    )
    ask('GET')
    abuse.assertAddress(from('192.0.2.2') as Asked, 'library')
  })

  test('who guesses waits longer and longer, and is never locked out', () => {
    let now = at
    const abuse = openAbuse(() => now)
    const guesser = from('192.0.2.1') as Asked
    for (let i = 0; i < budgets.guess.burst; i++) abuse.guessedWrong(guesser)
    assert.throws(() => abuse.assertGuess(guesser), { code: tooManyGuesses.code })
    now = at.add({ seconds: 2 })
    abuse.assertGuess(guesser)
  })
})

const house = await openHouse()
after(hangUp)
const par = `${house.issuer}/request`
const keys = await newKeys()

const pushed = async (app: Application, given?: string): Promise<Answered> => {
  const { form } = authorizationRequest(app, accountsDetail)
  const members = { ...form, ...(await authenticated(house, app, given)) }
  return post(app.via(false), par, members, { dpop: await proof(keys, par) })
}
const flood = (times: number, send: () => Promise<Answered>) =>
  Promise.all(Array.from({ length: times }, send))

test('A60: an application that floods with pushed requests waits, in words that its library reads; others do not', async () => {
  const loud = await newApplication(house)
  const quiet = await newApplication(house)
  // Whoever only names it, and cannot prove it, spends nothing of it.
  const forged = await assertion(house, quiet, {}, { kid: loud.kid })
  const tried = await flood(20, () => pushed(loud, forged))
  assert.equal(
    tried.some(({ status }) => status === 201),
    false,
  )
  assert.equal((await pushed(loud)).status, 201)

  // What it gets back while it asks is a fifth of what it spends here.
  let refused: Answered | undefined
  for (let waves = 0; waves < 20 && !refused; waves++)
    refused = (await flood(50, () => pushed(loud))).find(({ status }) => status !== 201)

  assert.equal(refused?.status, 429)
  assert.equal(refused.body.error, 'temporarily_unavailable')
  assert.match(refused.body.error_description ?? '', /^authorization\/too-many-requests: /)
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
  assert.equal(refused.headers.get('ratelimit-policy'), '"push";q=200;w=10')
  assert.equal((await pushed(quiet)).status, 201)
})

test('A60: who tries passwords on many people is slowed down at its address, and told so on the page', async () => {
  const app = await newApplication(house)
  const honest = await toDecision(house, await push(house, app))
  const browser = new Browser(agentFor(house))
  await browser.open((await push(house, app)).url)
  for (let i = 0; i <= budgets.guess.burst + 20 && browser.page.status !== 429; i++)
    await browser.press('submit', { login: `person-${i}`, password: 'Parol123' })

  assert.equal(browser.page.status, 429)
  assert.match(browser.page.headers.get('retry-after') ?? '', /^[12]$/)
  assert.match(browser.page.body, /authorization\/too-many-guesses/)
  // Who has signed in already goes on.
  const back = await honest.press('approve', { account: honest.accounts()[0] ?? '' })
  assert.ok(new URL(back.url).searchParams.has('code'))
})
