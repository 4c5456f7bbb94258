/** Revocations of every kind, measured at two gateways that are called without pause. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exportJWK } from 'jose'
import { Client } from 'undici'
import { work } from '#journal/index.ts'
import { replaceKeys, tellKeys } from '#authorization/keys/index.ts'
import { endConsent } from '#authorization/consents/index.ts'
import {
  ApplicationId,
  PartnerId,
  requestApplication,
  revokeApplication,
  revokeCertificate,
  revokeKey,
  suspendPartner,
} from '#control/partners/index.ts'
import { newClientRequest } from '#platform/certificates.ts'
import { publicJwk, unprovenJws } from '#platform/jose.ts'
import { readRandomKey } from '#platform/keys.ts'
import { productIds } from '../documents.ts'
import { openNode } from '../gateway/rolling.ts'
import { answerJson, playUpstream } from '../gateway/played.ts'
import { Browser, signIn } from './browser.ts'
import { openWhole, type Whole } from './whole.ts'
import { accountsDetail } from './partner.ts'
import { ASSERTION_TYPE, authorizationRequest, jws, newKeys, post, seconds } from './wire.ts'

const kinds = [
  'consent, at the dashboard',
  'grant, by its refresh token (RFC 7009)',
  'access token (RFC 7009)',
  'client',
  'certificate',
  'key of an application',
  'partner',
  'signing key',
] as const
export type Kind = (typeof kinds)[number]

export interface Measured {
  readonly kind: Kind
  /** From asking for the revocation to sending the last call that was taken, at the gateway that was last. */
  readonly lastTakenMs: number
  /** The same at the authorization server, for the last token that it gave; null where it goes on giving them. */
  readonly lastGivenMs: number | null
  readonly takenAfterRefusal: number
  readonly calls: number
}

/** Of a hundred revocations; a key takes all tokens with it, so a few must do. */
const shares: readonly (readonly [Kind, number])[] = [
  [kinds[0], 0.3],
  [kinds[1], 0.25],
  [kinds[2], 0.17],
  [kinds[3], 0.07],
  [kinds[4], 0.07],
  [kinds[5], 0.07],
  [kinds[6], 0.06],
  [kinds[7], 0.01],
]

/** What the authorization server must stop as well: who was stopped gets no further token. */
const stopsTokens: ReadonlySet<Kind> = new Set(['client', 'key of an application', 'partner'])

const AT_ONCE = 6
const CALL_EVERY_MS = 4
/** A token costs two signatures: who asks without pause measures the server’s load and not its word. */
const ASK_EVERY_MS = 50
/** How many calls follow a refusal. */
const AFTERWARDS = 8
const GIVE_UP_MS = 5_000
const redirectUri = 'https://partner.example/callback'

interface App {
  readonly id: string
  readonly partnerId: PartnerId
  readonly identity: { readonly key: string; readonly cert: string }
  readonly sha256: string
  /** Where it proves itself by a key of its own: private_key_jwt, with tokens bound to its certificate. */
  readonly key: { readonly kid: string; readonly privateKey: CryptoKey } | undefined
}

interface Given {
  readonly app: App
  readonly consentId: string
  readonly accessToken: string
  readonly refreshToken: string
}

/** Limits that the calls of this trial do not reach: it is not about them. */
const liftLimits = (whole: Whole) => whole.control.database.owner.run`
  update catalogue.tier set limits = limits || ${{
    rate: { perSecond: 100_000, burst: 100_000 },
    concurrency: 1_000,
    dailyQuota: null,
    policies: [],
  }}
`

const newApp = async (whole: Whole, partnerId: PartnerId, byKey = false): Promise<App> => {
  const { csr, key } = await newClientRequest('partner')
  const kid = randomUUID()
  const keys = byKey ? await newKeys() : undefined
  const jwk = keys && {
    ...publicJwk(await exportJWK(keys.publicKey)),
    kty: 'EC',
    kid,
    alg: 'ES256',
    use: 'sig',
  }
  const { control } = whole
  const { application, certificate } = await control.doing((w) =>
    requestApplication(
      w,
      control.authorities,
      partnerId,
      {
        cell: 'sandbox',
        name: 'Programme',
        authentication: jwk ? 'private_key_jwt' : 'tls_client_auth',
        senderConstraint: 'mtls',
        csr,
        ...(jwk && { jwks: { keys: [jwk] } }),
        redirectUris: [redirectUri],
        grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
        products: ['accounts'],
        rehearsal: false,
      },
      productIds,
    ),
  )
  assert.ok(certificate)
  const { pem: cert, sha256 } = certificate
  const own = keys && { kid, privateKey: keys.privateKey }
  return { id: application.id, partnerId, identity: { key, cert }, sha256, key: own }
}

/** What authenticates it in a form: its certificate does, or an assertion by its key (RFC 7523). */
const authenticating = async (whole: Whole, { id, key }: App): Promise<Record<string, string>> => {
  if (!key) return { client_id: id }
  const iat = seconds()
  const claims = { iss: id, sub: id, aud: whole.issuer, jti: randomUUID(), iat, exp: iat + 60 }
  return {
    client_id: id,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await jws({ alg: 'ES256', kid: key.kid }, claims, key.privateKey),
  }
}

const accepted = async (ask: () => Promise<number>): Promise<void> => {
  for (const untilMs = performance.now() + 30_000; ; await sleep(250)) {
    const status = await ask()
    if (status === 200) return
    assert.ok(performance.now() < untilMs, `a good token is answered ${status}`)
  }
}

/** A customer's yes, as the application gets it. */
const consentTo = async (whole: Whole, app: App): Promise<Given> => {
  const agent = whole.via(app.identity)
  const { form, verifier } = authorizationRequest(
    { id: app.id, redirectUri } as Parameters<typeof authorizationRequest>[0],
    accountsDetail,
  )
  const pushed = await post(agent, `${whole.issuerMtls}/request`, {
    ...form,
    ...(await authenticating(whole, app)),
  })
  assert.equal(pushed.status, 201, JSON.stringify(pushed.body))
  const url = new URL(`${whole.issuer}/auth`)
  url.searchParams.set('client_id', app.id)
  url.searchParams.set('request_uri', pushed.body.request_uri ?? '')
  const browser = new Browser(whole.plain)
  await browser.open(url)
  await signIn(browser)
  const back = new URL(
    (await browser.press('approve', { account: browser.accounts()[0] ?? '' })).url,
  )
  const { status, body } = await post(agent, `${whole.issuerMtls}/token`, {
    grant_type: 'authorization_code',
    ...(await authenticating(whole, app)),
    code: back.searchParams.get('code') ?? '',
    code_verifier: verifier,
    redirect_uri: redirectUri,
  })
  assert.equal(status, 200, JSON.stringify(body))
  const accessToken = body.access_token ?? ''
  const consentId = String(unprovenJws(accessToken)?.claims['consent_id'])
  await agent.close()
  return { app, consentId, accessToken, refreshToken: body.refresh_token ?? '' }
}

const inCell = async (whole: Whole, body: Parameters<typeof work<unknown>>[3]): Promise<void> => {
  await work(whole.cellDb, 'system', Temporal.Now.instant(), body)
}

const revoke = async (whole: Whole, kind: Kind, given: Given): Promise<void> => {
  const { app } = given
  const own = { partnerId: app.partnerId, applicationId: ApplicationId.parse(app.id) }
  const byRfc7009 = async (token: string) => {
    const agent = whole.via(app.identity)
    const form = { ...(await authenticating(whole, app)), token }
    const { status } = await post(agent, `${whole.issuerMtls}/token/revocation`, form)
    assert.equal(status, 200)
    await agent.close()
  }
  switch (kind) {
    case 'consent, at the dashboard':
      return endConsent(
        whole.cellDb,
        { actor: 'customer:customer_dilnoza', now: Temporal.Now.instant() },
        given.consentId,
        { by: 'customer', channel: 'dashboard', reason: 'withdrawn' },
      )
    case 'grant, by its refresh token (RFC 7009)':
      return byRfc7009(given.refreshToken)
    case 'access token (RFC 7009)':
      return byRfc7009(given.accessToken)
    case 'client':
      return void (await whole.control.doing((w) => revokeApplication(w, own)))
    case 'certificate':
      return void (await whole.control.doing((w) => revokeCertificate(w, own, app.sha256)))
    case 'key of an application':
      assert(app.key, 'it was made with a key')
      return void (await whole.control.doing((w) => revokeKey(w, own, app.key?.kid ?? '')))
    case 'partner':
      return void (await whole.control.doing((w) => suspendPartner(w, app.partnerId, 'measured')))
    case 'signing key':
      await inCell(whole, (w) => replaceKeys(w, whole.files))
      return tellKeys(whole.cellDb, whole.files)
  }
}

/** One who asks for tokens, on one connection. */
const askerOf = (whole: Whole, app: App): ReturnType<typeof callerOf> => {
  const agent = whole.via(app.identity)
  return {
    ask: async () => {
      try {
        const form = { grant_type: 'client_credentials', scope: 'accounts' }
        const own = await authenticating(whole, app)
        return (await post(agent, `${whole.issuerMtls}/token`, { ...form, ...own })).status
      } catch {
        return 0
      }
    },
    close: () => agent.close(),
  }
}

/** One caller at one gateway, on one connection; a gateway that ends it is asked on a new one. */
const callerOf = (whole: Whole, port: number, { app, accessToken }: Given) => {
  const client = new Client(`https://localhost:${port + 1}`, {
    connect: { ca: whole.ca, ...app.identity },
    pipelining: 1,
  })
  return {
    ask: async (): Promise<number> => {
      try {
        const answer = await client.request({
          method: 'GET',
          path: '/accounts/v1/accounts',
          headers: {
            host: new URL(whole.gatewayMtls).host,
            authorization: `Bearer ${accessToken}`,
            'x-fapi-customer-ip-address': '192.0.2.1',
          },
        })
        await answer.body.dump()
        return answer.statusCode
      } catch {
        // No handshake, or an ended connection: nothing was answered, so nothing was taken.
        return 0
      }
    },
    close: () => client.destroy(),
  }
}

const watch = async (
  caller: ReturnType<typeof callerOf>,
  isAsked: () => number | undefined,
  everyMs = CALL_EVERY_MS,
) => {
  let lastTakenAtMs = 0
  let takenAfterRefusal = 0
  let refusals = 0
  let calls = 0
  while (refusals < AFTERWARDS) {
    const sentMs = performance.now()
    const status = await caller.ask()
    calls++
    const askedMs = isAsked()
    if (status === 200) {
      lastTakenAtMs = sentMs
      if (refusals > 0) takenAfterRefusal++
      if (askedMs !== undefined && sentMs - askedMs > GIVE_UP_MS) break
    } else {
      assert.ok(askedMs !== undefined, `a good token is answered ${status}`)
      assert.ok([0, 400, 401, 403].includes(status), `a revoked one is answered ${status}`)
      refusals++
    }
    await sleep(everyMs)
  }
  return { lastTakenAtMs, takenAfterRefusal, calls }
}

const measureOne = async (
  whole: Whole,
  ports: readonly number[],
  kind: Kind,
  given: Given,
): Promise<Measured> => {
  const callers = ports.map((port) => callerOf(whole, port, given))
  const asker = stopsTokens.has(kind) ? askerOf(whole, given.app) : undefined
  for (const { ask } of callers) await accepted(ask)
  if (asker) await accepted(asker.ask)
  let askedMs: number | undefined
  const watching = callers.map((caller) => watch(caller, () => askedMs))
  const asking = asker && watch(asker, () => askedMs, ASK_EVERY_MS)
  await sleep(40 + Math.random() * 40)
  const startMs = performance.now()
  askedMs = startMs
  await revoke(whole, kind, given)
  const seen = await Promise.all(watching)
  const asked = await asking
  await Promise.all([...callers, ...(asker ? [asker] : [])].map((caller) => caller.close()))
  return {
    kind,
    lastGivenMs: asked ? Math.max(0, asked.lastTakenAtMs - startMs) : null,
    lastTakenMs: Math.max(0, ...seen.map((s) => s.lastTakenAtMs - startMs)),
    takenAfterRefusal: [...seen, ...(asked ? [asked] : [])].reduce(
      (sum, s) => sum + s.takenAfterRefusal,
      0,
    ),
    calls: seen.reduce((sum, s) => sum + s.calls, 0),
  }
}

/** Does something with each, a few at a time. */
const each = async <T, R>(items: readonly T[], atOnce: number, what: (item: T) => Promise<R>) => {
  const results: R[] = []
  const queue = [...items]
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift())
      results.push(await what(item))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return results
}

/** Shown once more, each is refused at each gateway. */
const assertDead = async (whole: Whole, ports: readonly number[], dead: readonly Given[]) => {
  await each(dead, AT_ONCE, async (given) => {
    for (const port of ports) {
      const caller = callerOf(whole, port, given)
      assert.notEqual(await caller.ask(), 200, 'a revoked token came back to life')
      await caller.close()
    }
  })
}

/** Consents are given in such batches, so that no token ends by itself before it is revoked. */
const BATCH = 60

export const measure = async (
  count: number,
  told: (line: string) => void = () => {},
): Promise<Measured[]> => {
  const whole = await openWhole({ gateway: false })
  await liftLimits(whole)
  const socket = join(whole.world.layout.run, 'played-bank.sock')
  await playUpstream(socket, readRandomKey(whole.files.callerKey('bank')), (_, response) =>
    answerJson(response, 200, { data: [], next: null }),
  )
  const files = {
    ...whole.files,
    socket: (peer: Parameters<Whole['files']['socket']>[0]) =>
      peer === 'bank' ? socket : whole.files.socket(peer),
  }
  const base = whole.world.settings.PORTICO_PORT_BASE
  const ports = [base + 32, base + 42]
  const nodes = ports.map((port) => openNode({ world: whole.world, files, cell: 'sandbox' }, port))
  try {
    // One after the other: the first makes the keys that they share.
    for (const node of nodes) await node.start()
    return await measureAll(whole, ports, count, told)
  } finally {
    await Promise.all(nodes.map((node) => node.stop()))
    nodes.forEach((node) => node.remove())
  }
}

const measureAll = async (
  whole: Whole,
  ports: readonly number[],
  count: number,
  told: (line: string) => void,
): Promise<Measured[]> => {
  let partnerId = whole.partnerId
  let living = 0
  const nextApp = async (byKey = false) => {
    if (living++ % 20 === 19) partnerId = await whole.control.register(['aisp'])
    return newApp(whole, partnerId, byKey)
  }
  /** What is stopped with everything of it stops nobody else's. */
  const ownApp = async (kind: Kind) =>
    kind === 'partner'
      ? newApp(whole, await whole.control.register(['aisp']))
      : nextApp(kind === 'key of an application')
  const shared: App[] = []
  for (let i = 0; i < 8; i++) shared.push(await nextApp())

  const plan = shares.flatMap(([kind, share]) =>
    Array.from({ length: Math.max(1, Math.round(share * count)) }, () => kind),
  )
  const keys = plan.filter((kind) => kind === 'signing key')
  const others = plan
    .filter((kind) => kind !== 'signing key')
    .map((kind) => ({ kind, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ kind }) => kind)
  const results: Measured[] = []

  const give = async (kind: Kind): Promise<{ kind: Kind; given: Given }> => {
    const own = stopsTokens.has(kind) || kind === 'certificate'
    const app = own ? await ownApp(kind) : shared[Math.floor(Math.random() * shared.length)]
    assert.ok(app)
    // A new application is known to the authorization server when its registry has come.
    await accepted(() => canAsk(whole, app))
    return { kind, given: await consentTo(whole, app) }
  }
  for (let at = 0; at < others.length; at += BATCH) {
    const batch = await each(others.slice(at, at + BATCH), 4, give)
    results.push(
      ...(await each(batch, AT_ONCE, ({ kind, given }) => measureOne(whole, ports, kind, given))),
    )
    await assertDead(
      whole,
      ports,
      batch.map(({ given }) => given),
    )
    told(`${results.length} of ${plan.length}`)
  }
  for (const kind of keys) {
    const { given } = await give(kind)
    results.push(await measureOne(whole, ports, kind, given))
    await assertDead(whole, ports, [given])
    await anotherKeySigns(whole, given)
    told(`${results.length} of ${plan.length}`)
  }
  return results
}

/** The authorization server looks for new keys twice a second, and signs when the gateways know them. */
const anotherKeySigns = (whole: Whole, { app, accessToken }: Given) =>
  accepted(async () => {
    const { status, body } = await askAgain(whole, app)
    const kidOf = (token = '') => unprovenJws(token)?.header.kid
    return status === 200 && kidOf(body.access_token) === kidOf(accessToken) ? 0 : status
  })

const askAgain = async (whole: Whole, app: App) => {
  const agent = whole.via(app.identity)
  try {
    const form = { grant_type: 'client_credentials', scope: 'accounts' }
    const own = await authenticating(whole, app)
    return await post(agent, `${whole.issuerMtls}/token`, { ...form, ...own })
  } finally {
    await agent.close()
  }
}

const canAsk = async (whole: Whole, app: App): Promise<number> => {
  try {
    return (await askAgain(whole, app)).status
  } catch {
    return 0
  }
}
