/** Genuine credentials of one cell, got as a partner gets them: registration, keys, tokens, a customer's consent. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cell } from '#kernel/cell.ts'
import { uuidv7 } from '#kernel/id.ts'
import {
  importSigningKey,
  newSigningJwk,
  publicJwk,
  type SigningKey,
  signJws,
} from '#platform/jose.ts'
import { newClientKey, redirectUri } from '../journeys/application.ts'
import { visitDashboard, walkThroughPages } from '../journeys/customer.ts'
import {
  admitToProduction,
  approve,
  type Partner,
  type PartnerPlan,
  register,
} from '../journeys/onboarding.ts'
import { casts, places } from '../journeys/people.ts'
import { eventually, expectStatus } from '../journeys/walker.ts'
import { secureFetch, type WellKnown } from '../journeys/web.ts'

const plan: PartnerPlan = {
  organisation: 'Isolation drill',
  statuses: ['marketplace'],
  tier: 'Silver',
  products: ['payments'],
  constraint: 'dpop',
  authentication: 'private_key_jwt',
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
  evidence: [{ type: 'aml_policy' }, { type: 'kyb_policy' }, { type: 'dpa' }, { type: 'pen_test' }],
}

export interface Holder {
  readonly cell: Cell
  readonly applicationId: string
  readonly issuer: string
  readonly gateway: string
  readonly assertionKey: SigningKey
  readonly dpopKey: SigningKey
  /** The client authenticates itself to whom it says: `aud` may be bent. */
  assertion(change?: Record<string, unknown>): Promise<string>
  proof(method: string, uri: string, more?: Record<string, unknown>): Promise<string>
  readonly accessToken: string
  readonly refreshToken: string
  readonly requestUri: string
  /** Not used yet, and good for a minute. */
  newCode(): Promise<{ code: string; verifier: string }>
  /** Takes a code to its own issuer: the status that it answers. */
  redeem(code: { code: string; verifier: string }): Promise<number>
  /** Cookies of a customer who is signed in at the dashboard of the cell now. */
  visit(): Promise<string>
  /** A write at its own gateway under a key, of a payment that is nobody's: its answer is kept for the key. */
  write(key: string): Promise<Written>
  /** Gets a new access token at its own issuer where the last one is old: an expired one would be refused everywhere. */
  renew(): Promise<void>
  /** Whether its own cell takes what it holds: token at gateway and consents, refresh token, a customer's visit. */
  atHome(): Promise<boolean>
  close(): Promise<void>
}

export interface Written {
  readonly status: number
  readonly code: unknown
  /** The answer is one that was kept for this key. */
  readonly replayed: boolean
}

/** Well within the five minutes that an access token lives. */
const RENEW_AFTER_MS = 120_000

const TRIES_MAX = 10
const isBusy = ({ status }: Response) => status === 429 || status === 503

const nowS = () => Math.floor(Date.now() / 1000)

/** One partner, known in both cells: what is told apart is told apart by the cell alone. */
export const newPartner = async (wellKnown: WellKnown): Promise<Partner> => {
  const partner = await register(wellKnown, plan)
  await admitToProduction({ step: (_, body) => body() }, wellKnown, partner, plan)
  return partner
}

const newApplication = async (wellKnown: WellKnown, partner: Partner, cell: Cell) => {
  const key = await newClientKey()
  const answer = expectStatus(
    await partner.office('POST', '/applications', {
      cell,
      name: 'Isolation drill',
      authentication: plan.authentication,
      senderConstraint: plan.constraint,
      jwks: { keys: [key.publicJwk] },
      redirectUris: [redirectUri],
      grantTypes: plan.grantTypes,
      products: plan.products,
    }),
    201,
    202,
  )
  if (answer.status === 202)
    await approve(wellKnown, answer.body['change'] as { id: string; hash: string }, [
      'success',
      'compliance',
    ])
  return { key, applicationId: (answer.body['application'] as { id: string }).id }
}

/** The partner's application in a cell, and what it got there. */
export const newHolder = async (
  wellKnown: WellKnown,
  partner: Partner,
  cell: Cell,
): Promise<Holder> => {
  const { key, applicationId } = await newApplication(wellKnown, partner, cell)
  const { issuer, gateway } = wellKnown.cells[cell]
  const fetch = secureFetch(wellKnown.ca)
  const assertionKey: SigningKey = { alg: 'ES256', kid: key.kid, key: key.privateKey }
  const dpopJwk = await newSigningJwk('ES256')
  const dpopKey = await importSigningKey(dpopJwk)

  const assertion: Holder['assertion'] = (change = {}) =>
    signJws(
      {
        iss: applicationId,
        sub: applicationId,
        aud: issuer,
        jti: uuidv7(),
        iat: nowS(),
        exp: nowS() + 60,
        ...change,
      },
      assertionKey,
      { typ: 'JWT' },
    )
  const proof: Holder['proof'] = (method, uri, more = {}) =>
    signJws({ jti: uuidv7(), htm: method, htu: uri, iat: nowS(), ...more }, dpopKey, {
      typ: 'dpop+jwt',
      jwk: publicJwk(dpopJwk),
    })
  let nonce: string | undefined
  /** Posts to its own issuer as this client, once more where the server wants its nonce in the proof. */
  const post = async (path: string, form: Record<string, string>) => {
    for (let tries = 0; ; tries++) {
      const response = await fetch(`${issuer}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          dpop: await proof('POST', `${issuer}${path}`, { ...(nonce && { nonce }) }),
        },
        body: new URLSearchParams({
          ...form,
          client_id: applicationId,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await assertion(),
        }).toString(),
      })
      nonce = response.headers.get('dpop-nonce') ?? nonce
      const body = (await response.json().catch(() => ({}))) as Record<string, unknown>
      if (tries > 0 || body['error'] !== 'use_dpop_nonce') return { status: response.status, body }
    }
  }
  const clientToken = () =>
    post('/token', { grant_type: 'client_credentials', scope: 'payments:split' })
  // The cell hears of a new application within a second or so, where it has nothing else to do.
  const first = await eventually(60_000, clientToken, ({ status }) => status === 200)
  assert.equal(first.status, 200, JSON.stringify(first.body))

  const { sellers } = places[cell]
  const push = async (verifier: string) => {
    const pushed = await post('/request', {
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'payments',
      state: 'isolation',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      authorization_details: JSON.stringify([
        {
          type: 'urn:bank:payment:v1',
          instructedAmount: { amount: '1000.00', currency: 'UZS' },
          creditorAccount: {
            schemeName: 'UZ.AccountNumber',
            identification: sellers[0].identification,
            bankCode: sellers[0].bankCode,
          },
          creditorName: sellers[0].name,
        },
      ]),
    })
    assert.equal(pushed.status, 201, JSON.stringify(pushed.body))
    return String(pushed.body['request_uri'])
  }
  const newCode = async () => {
    const verifier = randomBytes(32).toString('base64url')
    const uri = await push(verifier)
    const start = `${issuer}/auth?client_id=${applicationId}&request_uri=${encodeURIComponent(uri)}`
    const back = await walkThroughPages(fetch, start, redirectUri, casts[cell].doubter, () => ({
      approve: true,
    }))
    return { code: back.searchParams.get('code') ?? '', verifier }
  }
  const exchange = ({ code, verifier }: { code: string; verifier: string }) =>
    post('/token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    })
  const granted = await exchange(await newCode())
  assert.equal(granted.status, 200, JSON.stringify(granted.body))
  let accessToken = String(granted.body['access_token'])
  let renewedMs = performance.now()
  const refreshToken = String(granted.body['refresh_token'])

  const refresh = () => post('/token', { grant_type: 'refresh_token', refresh_token: refreshToken })
  const renewed = async () => {
    const { status, body } = await refresh()
    assert.equal(status, 200, `${cell} does not renew its own token: ${JSON.stringify(body)}`)
    accessToken = String(body['access_token'])
  }
  let renewing = Promise.resolve()

  let visiting: { readonly sinceMs: number; readonly cookies: Promise<string> } | undefined
  const visit = () => {
    if (!visiting || performance.now() - visiting.sinceMs > RENEW_AFTER_MS) {
      const jar = visitDashboard(fetch, issuer, casts[cell].doubter)
      visiting = { sinceMs: performance.now(), cookies: jar.then((held) => held.header()) }
    }
    return visiting.cookies
  }
  /** A visitor sees the way out; a stranger sees where to sign in. */
  const knowsVisitor = async (): Promise<boolean> => {
    const page = await fetch(`${issuer}/dashboard`, { headers: { cookie: await visit() } })
    return (await page.text()).includes('/dashboard/sign-out')
  }

  /** At its own gateway, once more where that wants its own nonce in the proof. */
  const ask = async (method: 'GET' | 'POST', uri: string, key?: string): Promise<Response> => {
    const ath = createHash('sha256').update(accessToken).digest('base64url')
    const call = async (given?: string) =>
      fetch(uri, {
        method,
        headers: {
          authorization: `DPoP ${accessToken}`,
          dpop: await proof(method, uri, { ath, ...(given && { nonce: given }) }),
          ...(key !== undefined && {
            'idempotency-key': key,
            'content-type': 'application/json',
          }),
        },
        ...(key !== undefined && { body: '{"reason":"CUST"}' }),
      })
    const first = await call()
    if (first.status !== 401) return first
    await first.text()
    return call(first.headers.get('dpop-nonce') ?? '')
  }
  const nobodys = `${gateway}/payments/v1/payments/payment_${'0'.repeat(32)}`

  return {
    cell,
    applicationId,
    issuer,
    gateway,
    assertionKey,
    dpopKey,
    assertion,
    proof,
    get accessToken() {
      return accessToken
    },
    refreshToken,
    requestUri: await push(randomBytes(32).toString('base64url')),
    newCode,
    visit,
    redeem: async (code) => (await exchange(code)).status,
    write: async (key) => {
      const put = () => ask('POST', `${nobodys}/cancellation`, key)
      let answer = await put()
      // Its limits are not what is asked about: it comes back when it is told to.
      for (let tries = 0; tries < TRIES_MAX && isBusy(answer); tries++) {
        await answer.text()
        await sleep(Number(answer.headers.get('retry-after') ?? 1) * 1_000)
        answer = await put()
      }
      const { code } = (await answer.json().catch(() => ({}))) as { code?: unknown }
      const replayed = answer.headers.get('idempotent-replayed') === 'true'
      return { status: answer.status, code, replayed }
    },
    renew: () => {
      if (performance.now() - renewedMs > RENEW_AFTER_MS) {
        renewedMs = performance.now()
        renewing = renewed()
      }
      return renewing
    },
    atHome: async () => {
      const answered = [
        await ask('GET', nobodys),
        await ask('GET', `${issuer}/consents/v1/consents/consent_${'0'.repeat(32)}`),
      ]
      await Promise.all(answered.map((one) => one.text()))
      const refreshed = await refresh()
      const accepted = answered.every(({ status }) => status !== 401)
      return accepted && refreshed.status === 200 && (await knowsVisitor())
    },
    close: () => fetch.close(),
  }
}
