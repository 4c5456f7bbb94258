import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Agent, fetch } from 'undici'
import { z } from 'zod'
import { approve, authorise, push, redeem, toDecision } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import { openSecond } from '#test/authorization/second.ts'
import { accountsDetail, agentFor, hangUp, newApplication } from '#test/authorization/partner.ts'
import {
  type Answered,
  assertion,
  authenticated,
  authorizationRequest,
  newKeys,
  post,
  proof,
  tally,
} from '#test/authorization/wire.ts'

const house = await openHouse()
after(hangUp)
const times = <T>(n: number, send: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, send))

const tokenUrl = `${house.issuer}/token`
const Status = z.object({ status: z.string(), endedBy: z.string().nullable() })
const Kinds = z.object({ kind: z.string() })

/** A code that the customer just gave, and what redeems it. */
const freshCode = async () => {
  const app = await newApplication(house)
  const keys = await newKeys()
  const { verifier, form } = authorizationRequest(app, accountsDetail)
  const pushed = await post(
    app.via(false),
    `${house.issuer}/request`,
    { ...form, ...(await authenticated(house, app)) },
    { dpop: await proof(keys, `${house.issuer}/request`) },
  )
  assert.equal(pushed.status, 201)
  const url = new URL(`${house.issuer}/auth`)
  url.searchParams.set('client_id', app.id)
  url.searchParams.set('request_uri', pushed.body.request_uri ?? '')
  const browser = await toDecision(house, { url })
  const code = (await approve(browser)).searchParams.get('code') ?? ''
  const redeemOnce = async (agent = app.via(false)) =>
    post(
      agent,
      tokenUrl,
      {
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        redirect_uri: app.redirectUri,
        ...(await authenticated(house, app)),
      },
      { dpop: await proof(keys, tokenUrl) },
    )
  const refresh = async (token: string) =>
    post(
      app.via(false),
      tokenUrl,
      {
        grant_type: 'refresh_token',
        refresh_token: token,
        ...(await authenticated(house, app)),
      },
      { dpop: await proof(keys, tokenUrl) },
    )
  return { app, keys, redeemOnce, refresh }
}

const consentOf = (applicationId: string) => house.database.owner.one(Status)`
  select status, ended_by as "endedBy" from consents.consent where application_id = ${applicationId}
`
const revocationsOf = (applicationId: string) => house.database.owner.many(Kinds)`
  select r.kind from revocations.revocation r join consents.consent c on c.id = r.id
   where c.application_id = ${applicationId}
`

test('RFC 6749 §4.1.2: of 60 simultaneous uses of one code one succeeds, and its consent is revoked', async () => {
  const { app, redeemOnce, refresh } = await freshCode()

  const answers = await times(60, redeemOnce)

  assert.deepEqual(tally(answers), { ok: 1, invalid_grant: 59 })
  assert.deepEqual(await consentOf(app.id), { status: 'REVOKED', endedBy: 'bank' })
  assert.deepEqual(await revocationsOf(app.id), [{ kind: 'consent' }])
  const token = answers.find((a) => a.status === 200)?.body.refresh_token ?? ''
  assert.equal((await refresh(token)).body.error, 'invalid_grant')
})

test('FAPI 2.0 §5.3.2.2: a code that comes again later is refused, after a restart too, and takes its consent with it', async () => {
  const { app, redeemOnce } = await freshCode()
  assert.equal((await redeemOnce()).status, 200)
  assert.equal((await consentOf(app.id)).status, 'AUTHORISED')
  await house.restart()

  assert.equal((await redeemOnce()).body.error, 'invalid_grant')
  assert.equal((await consentOf(app.id)).status, 'REVOKED')
})

test('RFC 7523 §3: of 60 simultaneous uses of one assertion one succeeds, and none after a restart', async () => {
  const app = await newApplication(house, { senderConstraint: 'mtls' })
  const once = await assertion(house, app)
  const send = async () =>
    post(app.via(true), `${house.issuerMtls}/token`, {
      grant_type: 'client_credentials',
      ...(await authenticated(house, app, once)),
    })

  assert.deepEqual(tally(await times(60, send)), { ok: 1, invalid_client: 59 })
  await house.restart()
  assert.deepEqual(tally(await times(5, send)), { invalid_client: 5 })
})

test('RFC 9449 §11.1: of 60 simultaneous uses of one DPoP proof one succeeds', async () => {
  const app = await newApplication(house)
  const once = await proof(await newKeys(), tokenUrl)
  const send = async () =>
    post(
      app.via(false),
      tokenUrl,
      { grant_type: 'client_credentials', ...(await authenticated(house, app)) },
      { dpop: once },
    )

  assert.deepEqual(tally(await times(60, send)), { ok: 1, invalid_grant: 59 })
})

test('RFC 9126 §4: a pushed request is visited twice and answered once, with one consent', async () => {
  const app = await newApplication(house)
  const request = await push(house, app)
  const [one, two] = [await toDecision(house, request), await toDecision(house, request)]

  const backs = await Promise.all([approve(one), approve(two)])

  const codes = backs.map((url) => url.searchParams.get('code')).filter((code) => code !== null)
  assert.equal(codes.length, 1)
  const loser = backs.find((url) => !url.searchParams.has('code'))
  assert.equal(loser?.searchParams.get('error'), 'invalid_request_uri')
  assert.deepEqual(await consentOf(app.id), { status: 'AUTHORISED', endedBy: null })
  const back = backs.find((url) => url.searchParams.has('code'))
  assert.ok(back)
  assert.ok((await redeem(request, back)).access_token)
})

test('of 60 simultaneous resumptions of one answered interaction one brings a code', async () => {
  const app = await newApplication(house)
  const request = await push(house, app)
  const browser = await toDecision(house, request)
  // The answer, without following it: sixty browsers with the same cookies do that at once.
  const [account = ''] = browser.accounts()
  const agent = agentFor(house)
  const proofField = /name="proof"\s+value="([^"]+)"/.exec(browser.page.body)?.[1] ?? ''
  const jar = () => [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ')
  const answered = await fetch(browser.page.url, {
    method: 'POST',
    dispatcher: agent,
    redirect: 'manual',
    headers: { cookie: jar(), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ proof: proofField, account, action: 'approve' }).toString(),
  })
  const resume = answered.headers.get('location') ?? ''
  assert.match(resume, /\/auth\//)

  const answers = await times(60, () =>
    fetch(resume, { dispatcher: agent, redirect: 'manual', headers: { cookie: jar() } }),
  )

  const codes = answers.filter((a) => a.headers.get('location')?.includes('code='))
  assert.equal(codes.length, 1)
  const refused = (a: (typeof answers)[number]) =>
    a.status === 400 || a.headers.get('location')?.includes('error=invalid_request_uri')
  assert.ok(answers.every((a) => codes.includes(a) || refused(a)))
})

test('a request_uri is used up by its answer, and cannot be used by another application', async () => {
  const app = await newApplication(house)
  const other = await newApplication(house)
  const { url } = await authorise(house, app)
  const agent = agentFor(house)
  const open = async (address: URL) => {
    const answer = await fetch(address, {
      dispatcher: agent,
      redirect: 'manual',
      headers: { accept: 'text/html' },
    })
    return { status: answer.status, text: await answer.text() }
  }

  const again = await open(url)
  const fresh = (await push(house, app)).url
  fresh.searchParams.set('client_id', other.id)
  const foreign = await open(fresh)

  assert.equal(again.status, 400)
  assert.match(again.text, /invalid_request_uri/)
  assert.equal(foreign.status, 400)
})

test('a refresh token is not rotated, and 60 uses of it at once all succeed (FAPI 2.0 §5.3.2.1)', async () => {
  const { redeemOnce, refresh } = await freshCode()
  const token = (await redeemOnce()).body.refresh_token ?? ''

  const answers = await times(60, () => refresh(token))

  assert.deepEqual(tally(answers), { ok: 60 })
  assert.ok(answers.every((a) => (a.body.refresh_token ?? token) === token))
})

test('refreshes that race a revocation: after its commit none succeeds', async () => {
  const { app, redeemOnce, refresh } = await freshCode()
  const token = (await redeemOnce()).body.refresh_token ?? ''
  const revoke = async () =>
    post(app.via(false), `${house.issuer}/token/revocation`, {
      token,
      ...(await authenticated(house, app)),
    })

  const racing = times(20, () => refresh(token))
  const ended = await revoke()
  const later = await times(20, () => refresh(token))

  await racing
  assert.equal(ended.status, 200)
  assert.deepEqual(tally(later), { invalid_grant: 20 })
  assert.deepEqual(await consentOf(app.id), { status: 'REVOKED', endedBy: 'partner' })
})

test('of 200 uses of one code, assertion or proof at two processes one succeeds; one of them killed on the way, at most one', async () => {
  const second = await openSecond(house)
  try {
    const spare = await freshCode()
    const doomed = await freshCode()
    await second.start()
    const both = (use: (agent?: Agent) => Promise<Answered>) =>
      Promise.all(Array.from({ length: 200 }, (_, i) => use(i % 2 ? second.agent : undefined)))

    assert.deepEqual(tally(await both(spare.redeemOnce)), { ok: 1, invalid_grant: 199 })

    const { app } = spare
    const once = await assertion(house, app)
    const { form } = authorizationRequest(app, accountsDetail)
    const pushOnce = async (agent = app.via(false)) =>
      post(agent, `${house.issuer}/request`, {
        ...form,
        ...(await authenticated(house, app, once)),
      })
    assert.deepEqual(tally(await both(pushOnce)), { ok: 1, invalid_client: 199 })

    const proven = await proof(await newKeys(), tokenUrl)
    const proveOnce = async (agent = app.via(false)) =>
      post(
        agent,
        tokenUrl,
        { grant_type: 'client_credentials', ...(await authenticated(house, app)) },
        { dpop: proven },
      )
    assert.deepEqual(tally(await both(proveOnce)), { ok: 1, invalid_grant: 199 })

    const racing = Array.from({ length: 200 }, (_, i) =>
      doomed
        .redeemOnce(i % 2 ? second.agent : undefined)
        .then(({ status }) => status)
        .catch(() => 0),
    )
    setTimeout(() => void second.kill(), 30)
    const taken = (await Promise.all(racing)).filter((status) => status === 200)
    assert.ok(taken.length <= 1, `${taken.length} uses succeeded`)
    await second.start()
    assert.deepEqual(
      tally(await Promise.all([doomed.redeemOnce(), doomed.redeemOnce(second.agent)])),
      {
        invalid_grant: 2,
      },
    )
  } finally {
    await second.close()
  }
})
