/** What partners may ask the sandbox to play, and that nobody can ask it of anything else. */
import assert from 'node:assert/strict'
import { get } from 'node:http'
import { after, test } from 'node:test'
import { z } from 'zod'
import { CALLER_HEADER } from '#platform/caller.ts'
import { openCell, type TestCell } from '#test/gateway/cell.ts'
import { day } from '#test/gateway/partner.ts'
import { answerJson, read } from '#test/gateway/played.ts'
import { compileProduct } from '../documents/operation.ts'
import { SnapshotProduct } from '../snapshot.ts'

const leaf = { type: 'string', 'x-data-class': 'public' }
const operation = (operationId: string, more: object = {}) => ({
  get: {
    operationId,
    'x-permission': 'accounts.read',
    'x-scope': 'accounts',
    'x-consent': 'none',
    'x-upstream': 'bank',
    'x-class': 'accounts',
    'x-risk': 'reference',
    'x-cache': { seconds: 60 },
    responses: {
      200: {
        description: 'A word.',
        content: {
          'application/json': {
            schema: { type: 'object', additionalProperties: false, properties: { word: leaf } },
          },
        },
      },
    },
    ...more,
  },
})
const words = (paths: object) =>
  SnapshotProduct.parse({
    id: 'words',
    version: day,
    versions: [day],
    openapi: { openapi: '3.1.0', paths },
  })
const product = words({
  '/words/v1/word': operation('getWord', {
    'x-sandbox-scenarios': ['core_outage', 'core_closed', 'latency'],
  }),
  '/words/v1/other': operation('getOther'),
  '/words/v1/third': operation('getThird'),
})
const contract = { id: 'contract_1', tier: 'Gold', priceVersion: '2026-11', products: ['words'] }

const opened = async (scenarios: readonly string[]) => {
  const cell = await openCell({}, [product], scenarios)
  after(() => cell.close())
  const who = await cell.addHolder('mtls', { contract })
  await cell.start()
  await cell.publishAndWait()
  cell.setPlay((_, response) => answerJson(response, 200, { word: 'yes' }))
  const ask = async (path: string, scenario?: string) =>
    cell.callMtls(who, await cell.token(who), {
      path: `/words/v1/${path}`,
      headers: scenario === undefined ? {} : { 'Sandbox-Scenario': scenario },
    })
  const sealed = () => {
    const header = cell.heard.at(-1)?.headers[CALLER_HEADER]
    const [payload = ''] = z.string().parse(header).split('.')
    const { scenario } = z
      .looseObject({ scenario: z.unknown() })
      .parse({ scenario: undefined, ...JSON.parse(Buffer.from(payload, 'base64url').toString()) })
    return { scenario, raw: cell.heard.at(-1)?.headers['sandbox-scenario'] }
  }
  return { cell, ask, sealed }
}

const playing = await opened(['core_outage', 'core_closed', 'latency', 'insufficient_funds'])

test('a scenario that the operation names reaches the bank sealed with who calls, and never by its own header', async () => {
  assert.equal((await playing.ask('word', 'latency;delay=25')).status, 200)
  assert.deepEqual(playing.sealed(), { scenario: { name: 'latency', delayMs: 25 }, raw: undefined })
  await playing.ask('other')
  assert.deepEqual(playing.sealed(), { scenario: undefined, raw: undefined })
})

test('what is played is neither kept for others nor answered from what was kept', async () => {
  const before = playing.cell.heard.length
  await playing.ask('word')
  await playing.ask('word')
  assert.equal(playing.cell.heard.length, before + 1)
  await playing.ask('word', 'core_outage')
  await playing.ask('word', 'core_outage')
  assert.equal(playing.cell.heard.length, before + 3)
})

test('a core that is closed because somebody asked for it is open for everybody else', async () => {
  const { cell } = playing
  const closed = { code: 'core/closed', title: 'Closed', status: 503, detail: 'as asked' }
  cell.setPlay((_, response) => {
    response.setHeader('retry-after', '600')
    answerJson(response, 503, closed, 'application/problem+json')
  })
  assert.equal((await playing.ask('word', 'core_closed')).status, 503)
  assert.doesNotMatch(await health(cell), /the bank’s day/)
  await playing.ask('third')
  assert.match(await health(cell), /the bank’s day/)
  cell.setPlay((_, response) => answerJson(response, 200, { word: 'yes' }))
  assert.equal((await playing.ask('third')).status, 200)
})

const health = (cell: TestCell) =>
  new Promise<string>((resolve, reject) =>
    get({ socketPath: cell.files.socket('gateway'), path: '/internal/health' }, (answered) => {
      read(answered).then(resolve, reject)
    }).once('error', reject),
  )

test('one that the operation does not name is refused with the list, and the bank hears nothing', async () => {
  const before = playing.cell.heard.length
  for (const wrong of [
    'insufficient_funds',
    'Latency',
    'latency;delay=10001',
    'latency;delay=-1',
    'latency; rm',
    'toString',
    '',
  ]) {
    const { status, json } = await playing.ask('word', wrong)
    assert.equal(status, 400, wrong)
    const { code, detail } = z.looseObject({ code: z.string(), detail: z.string() }).parse(json)
    assert.equal(code, 'gateway/scenario-unknown')
    assert.match(detail, /core_outage, core_closed, latency/)
  }
  assert.equal((await playing.ask('other', 'latency')).status, 400)
  assert.equal(playing.cell.heard.length, before)
})

test('a cell whose snapshot lists none refuses the word itself, before it looks at who asks', async () => {
  const real = await opened([])
  const { status, json } = await real.ask('word', 'latency')
  assert.equal(status, 400)
  assert.equal(
    z.looseObject({ code: z.string() }).parse(json).code,
    'gateway/sandbox-control-refused',
  )
  assert.equal(real.cell.heard.length, 0)
  assert.equal((await real.ask('word')).status, 200)
})

test('only an operation of the bank’s can be played', () => {
  const own = { 'x-sandbox-scenarios': ['latency'], 'x-upstream': 'vault' }
  assert.throws(
    () => compileProduct(words({ '/words/v1/word': operation('getWord', own) })),
    /only the bank plays/,
  )
})
