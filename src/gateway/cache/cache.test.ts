/** What is kept for all callers: for how long, for whom, how much of it, and who waits for whom. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RegisteredUpstream } from '#platform/registered-upstream.ts'
import { openCell } from '#test/gateway/cell.ts'
import { day, type Holder } from '#test/gateway/partner.ts'
import { answerJson } from '#test/gateway/played.ts'
import { freshness, openCache } from './cache.ts'
import type { Call, Gateway } from '../call.ts'
import { compileProduct, type Operation } from '../documents/operation.ts'
import { recall } from '../policies/cache.ts'
import { DEADLINE_MS } from '../policies/protect.ts'
import { SnapshotProduct } from '../snapshot.ts'
import type { Table } from '../snapshots/table.ts'
import type { UpstreamAnswer } from '../upstream/upstream.ts'

const leaf = (more: object = {}) => ({ type: 'string', 'x-data-class': 'public', ...more })
const get = (operationId: string, more: object = {}, properties: object = { rate: leaf() }) => ({
  get: {
    operationId,
    'x-permission': ['accounts.read', 'payments.initiate'],
    'x-scope': 'accounts',
    'x-consent': 'none',
    'x-upstream': 'bank',
    'x-class': 'accounts',
    'x-risk': 'reference',
    'x-cache': { seconds: 60 },
    parameters: [{ name: 'pair', in: 'query', schema: { type: 'string', maxLength: 7 } }],
    responses: {
      200: {
        description: 'Rates.',
        content: {
          'application/json': {
            schema: { type: 'object', additionalProperties: false, properties },
          },
        },
      },
    },
    ...more,
  },
})
const quotes = (paths: object, id = 'quotes') =>
  SnapshotProduct.parse({
    id,
    version: day,
    versions: [day],
    openapi: { openapi: '3.1.0', paths },
  })

const licensed = leaf({ 'x-release': [{ action: 'release', licence: ['accounts.read'] }] })
const product = quotes({
  '/quotes/v1/rates': get('listRates', {}, { rate: leaf(), margin: licensed }),
  '/quotes/v1/offers': get('listOffers', { 'x-cache': { seconds: 60, vary: ['partner'] } }),
  '/quotes/v1/seconds': get('listSeconds', { 'x-cache': { seconds: 1 } }),
})
const cell = await openCell({}, [product])
after(() => cell.close())
const contract = {
  id: 'contract_1',
  tier: 'Gold',
  priceVersion: '2026-11',
  products: ['accounts', 'payments', 'cards', 'quotes'],
}
const granted = { granted: true, until: null, limit: null } as const
const one = await cell.addHolder('mtls', { contract })
const other = await cell.addHolder('mtls', {
  contract,
  permissions: { 'payments.initiate': granted },
})
await cell.start()
await cell.publishAndWait()

const ask = async (path: string, who: Holder = one, headers: Record<string, string> = {}) =>
  cell.callMtls(who, await cell.token(who), { path: `/quotes/v1/${path}`, headers })
const heardOf = (path: string) =>
  cell.heard.filter((h) => h.url.startsWith(`/quotes/v1/${path}`)).length
const rates = { rate: '12650.00', margin: '0.4' }

test('RFC 9111 §5.1: an answer is fetched once for all partners, tells its age, and each gets what it may see', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, rates))
  const first = await ask('rates')
  const again = await ask('rates')
  const theirs = await ask('rates', other)

  assert.equal(heardOf('rates'), 1)
  assert.deepEqual(first.json, rates)
  assert.deepEqual(again.json, rates)
  assert.deepEqual(theirs.json, { rate: '12650.00' }, 'the margin is not theirs to see')
  assert.equal(first.headers['age'], undefined)
  assert.match(String(again.headers['age']), /^\d+$/)
  for (const answered of [first, again, theirs])
    assert.equal(answered.headers['cache-control'], 'private, max-age=60')
  assert.notEqual(theirs.headers['etag'], again.headers['etag'])
  const unchanged = await ask('rates', other, { 'if-none-match': String(theirs.headers['etag']) })
  assert.equal(unchanged.status, 304)
  assert.equal(heardOf('rates'), 1)
})

test('what is served from memory is a call like any other: it is billed, and counts against limits', async () => {
  await sleep(300)
  const records = cell.usage.filter((u) => u.operation === 'listRates')
  assert.equal(records.filter((u) => u.billable).length, 4)
  assert.equal(records.filter((u) => u.upstreamMs === null).length, 3)
})

test('another address is another answer', async () => {
  cell.setPlay((heard, response) =>
    answerJson(response, 200, { rate: heard.url.slice(-3), margin: '0' }),
  )
  assert.equal((await ask('rates?pair=USD')).json['rate'], 'USD')
  assert.equal((await ask('rates?pair=EUR')).json['rate'], 'EUR')
  assert.equal((await ask('rates?pair=USD')).json['rate'], 'USD')
})

test('where the answer differs by partner, no partner gets another’s', async () => {
  cell.setPlay(({ caller }, response) => answerJson(response, 200, { rate: caller.partnerId }))
  for (const who of [one, other, one, other])
    assert.equal((await ask('offers', who)).json['rate'], who.partnerId)
  assert.equal(heardOf('offers'), 2)
})

test('of a hundred callers at once one goes to the bank; the others wait for it', async () => {
  cell.setPlay(async (_, response) => {
    await sleep(200)
    answerJson(response, 200, rates)
  })
  const before = heardOf('rates')
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask('rates?pair=GBP')))
  assert.deepEqual(
    answers.flatMap((a) => (a.status === 200 ? [] : [a.text])),
    [],
  )
  assert.equal(heardOf('rates'), before + 1)
})

test('no-store of the bank is honoured, and then nobody waits for anybody', async () => {
  let open = 0
  let most = 0
  cell.setPlay(async (_, response) => {
    most = Math.max(most, ++open)
    await sleep(100)
    open--
    response
      .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify(rates))
  })
  const before = heardOf('rates')
  const first = await ask('rates?pair=CHF')
  await Promise.all(Array.from({ length: 8 }, () => ask('rates?pair=CHF')))
  assert.equal(heardOf('rates'), before + 9)
  assert.ok(most > 1, 'they went one after the other')
  assert.equal(first.headers['age'], undefined)
})

test('a refusal is not kept, and who waited for it asks for itself', async () => {
  let times = 0
  cell.setPlay(async (_, response) => {
    await sleep(50)
    if (++times === 1) answerJson(response, 500, {})
    else answerJson(response, 200, rates)
  })
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask('rates?pair=JPY')))
  assert.deepEqual(
    answers.map((a) => a.status).toSorted((a, b) => a - b),
    [200, 200, 200, 200, 502],
  )
  assert.equal(times, 2)
})

test('what is not as declared is kept for nobody', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, { rate: 1 }))
  assert.equal((await ask('rates?pair=SEK')).status, 502)
  cell.setPlay((_, response) => answerJson(response, 200, rates))
  assert.equal((await ask('rates?pair=SEK')).status, 200)
})

test('an answer ends when its seconds are over', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, rates))
  await ask('seconds')
  await ask('seconds')
  assert.equal(heardOf('seconds'), 1)
  await sleep(1_050)
  await ask('seconds')
  assert.equal(heardOf('seconds'), 2)
})

test('a snapshot with another document of the product empties it while calls go on; one without leaves it', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, rates))
  const publish = async (summary?: string) => {
    const epoch = cell.publish(undefined, (content) => ({
      ...content,
      products: content.products.map((p) =>
        p.id === 'quotes' && summary !== undefined
          ? { ...p, openapi: { ...p.openapi, info: { title: summary, version: day } } }
          : p,
      ),
    }))
    while ((await cell.health()).epoch < epoch) await sleep(10)
  }
  await ask('rates?pair=NOK')
  const before = heardOf('rates')
  await publish()
  await ask('rates?pair=NOK')
  assert.equal(heardOf('rates'), before)
  await publish('Quotes, described anew')
  await ask('rates?pair=NOK')
  assert.equal(heardOf('rates'), before + 1)
})

test('what a customer consented to, or is about somebody, does not compile where it says seconds', () => {
  const compiled = (more: object, properties?: object) => () =>
    compileProduct(quotes({ '/quotes/v1/x': get('x', more, properties) }))
  const personal = { name: leaf({ 'x-data-class': 'personal' }) }
  const financial = { sum: leaf({ 'x-data-class': 'financial' }) }
  const hidden = { key: leaf({ 'x-data-class': 'secret', 'x-release': [{ action: 'drop' }] }) }
  for (const properties of [personal, financial, hidden])
    assert.throws(compiled({}, properties), /only what is public altogether/)
  assert.throws(compiled({ 'x-consent': { type: 'urn:bank:fx:v1' } }), /kept for nobody else/)
  assert.throws(compiled({ 'x-cache': { seconds: 5, maxAgeS: 5 } }), /seconds or maxAgeS/)
  assert.throws(compiled({ 'x-cache': { vary: ['partner'] } }), /vary without seconds/)
  assert.throws(compiled({ 'x-cache': { seconds: 5, vary: ['weather'] } }))
  assert.doesNotThrow(compiled({}))
})

/** A cache and a table of its own; time is what the test says. */
const small = (bytesMax: number) => {
  let nowMs = 0
  const cache = openCache(bytesMax, () => nowMs)
  const operations = compileProduct(product)
  const table = (all: readonly Operation[], upstreams: readonly RegisteredUpstream[] = []) =>
    // Only what is looked at.
    ({
      operations: new Map(all.map((o) => [o.id, o])),
      upstreams: new Map(upstreams.map((u) => [u.id, u])),
    }) as unknown as Table
  cache.follow(table(operations))
  const [operation] = operations
  assert.ok(operation)
  const keep = (key: string, answer: UpstreamAnswer, of = operation) => {
    const found = cache.ask(of, key)
    assert.equal(found.kind, 'fetch', key)
    if (found.kind === 'fetch') found.fetch.keep(answer)
  }
  const kind = (key: string, of = operation) => {
    const found = cache.ask(of, key)
    if (found.kind === 'fetch') found.fetch.fail()
    return found.kind
  }
  return {
    cache,
    operation,
    operations,
    table,
    keep,
    kind,
    pass: (ms: number) => void (nowMs += ms),
  }
}
const answer = (bytes: number, keeping?: UpstreamAnswer['keeping']): UpstreamAnswer => ({
  status: 200,
  contentType: 'application/json',
  encoded: false,
  body: Buffer.alloc(bytes),
  keeping,
})

test('G15: who waits for what another call fetches waits no longer than its own time', async () => {
  const { cache, operation } = small(100_000)
  const gateway = { cache } as unknown as Gateway
  const head = { path: '/quotes/v1/rates', query: '' }
  const identity = { application: { id: 'application_1', partner: { id: 'partner_1' } } }
  // Only what is looked at.
  const since = (agoMs: number) =>
    ({ operation, head, identity, startedMs: performance.now() - agoMs }) as unknown as Call
  const fetching = since(0)
  await recall(fetching, gateway)
  assert.ok(fetching.fetch)
  const late = async () => recall(since(DEADLINE_MS - 50), gateway)
  await assert.rejects(late(), { code: 'gateway/deadline', status: 504 })

  const inTime = since(0)
  const waiting = recall(inTime, gateway)
  fetching.fetch.keep(answer(10))
  await waiting
  assert.equal(inTime.upstream?.body.length, 10)
})

test('it never holds more bytes than it may; what was not asked for the longest goes first', () => {
  const { cache, keep, kind } = small(100_000)
  for (let i = 0; i < 20; i++) keep(`a${i}`, answer(3_000))
  assert.equal(cache.state().entries, 20)
  assert.equal(kind('a0'), 'kept')
  for (let i = 0; i < 500; i++) {
    keep(`b${i}`, answer(3_000))
    assert.ok(cache.state().bytes <= 100_000)
    if (i < 5) assert.equal(kind('a0'), 'kept')
  }
  assert.equal(kind('a1'), 'fetch')
  keep('large', answer(10_000))
  assert.equal(kind('large'), 'fetch', 'one answer does not push out all others')
})

test('a product that is described otherwise, or fetched from elsewhere, is forgotten; the others stay', () => {
  const { cache, operation, operations, table, keep, kind } = small(100_000)
  const [elsewhere] = compileProduct(
    quotes({ '/scores/v1/x': get('x', { 'x-upstream': 'score' }) }, 'scores'),
  )
  assert.ok(elsewhere)
  const at = (address: string) => ({ id: 'score', address }) as RegisteredUpstream
  cache.follow(table([...operations, elsewhere], [at('https://one')]))
  keep('k', answer(10))
  keep('k', answer(10), elsewhere)
  const under = cache.ask(elsewhere, 'under way')

  cache.follow(table([...operations, elsewhere], [at('https://two')]))
  assert.deepEqual([kind('k'), kind('k', elsewhere)], ['kept', 'fetch'])
  assert.ok(under.kind === 'fetch')
  under.fetch.keep(answer(10))
  assert.equal(kind('under way', elsewhere), 'fetch', 'it came from the old address')

  const again = compileProduct(product)
  cache.follow(table(again))
  assert.equal(kind('k', again[0]), 'fetch')
  keep('k', answer(10), again[0])
  assert.equal(
    kind('k', operation),
    'fetch',
    'a call of the old table is not served by the new one',
  )
})

test('RFC 9111 §5.2.2: an upstream may shorten what its document says, and never lengthen it', () => {
  const fresh = (cacheControl?: string, age?: string, vary?: string) =>
    freshness({ keeping: { cacheControl, age, vary } }, 60_000).freshMs
  assert.equal(freshness({}, 60_000).freshMs, 60_000)
  assert.equal(fresh('public, max-age=600'), 60_000)
  assert.equal(fresh('max-age=10'), 10_000)
  assert.equal(fresh('max-age=600, s-maxage="5"'), 5_000)
  assert.equal(fresh('max-age=10', '4'), 6_000)
  assert.equal(fresh(undefined, '30'), 60_000)
  for (const word of ['no-store', 'No-Cache', 'private', 'max-age=0', 'max-age=x', 'max-age=-1'])
    assert.equal(fresh(word), 0, word)
  assert.equal(fresh(undefined, undefined, 'Accept-Encoding, accept'), 60_000)
  assert.equal(fresh(undefined, undefined, 'portico-assertion'), 0)
  assert.equal(fresh(undefined, undefined, '*'), 0)
})
