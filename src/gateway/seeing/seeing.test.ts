/** What the gateway tells of itself, and what it keeps to itself: scraped, traced and logged from outside. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { openCell, refused } from '#test/gateway/cell.ts'
import { acc, accountsDetail, withConsent } from '#test/gateway/partner.ts'
import { answerJson, read } from '#test/gateway/played.ts'
import { partnerLines } from './call-families.ts'

const Attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })
const Exported = z.object({
  resourceSpans: z.array(
    z.object({
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              name: z.string(),
              kind: z.number(),
              attributes: z.array(Attribute).default([]),
              links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
              status: z.object({ code: z.number().optional() }).optional(),
            }),
          ),
        }),
      ),
    }),
  ),
})

/** A small receiver of OTLP over HTTP, with what it was sent. */
const received: string[] = []
const collector = createServer((request, response) => {
  void read(request).then((text) => {
    received.push(text)
    answerJson(response, 200, {})
  })
})
await new Promise<void>((resolve) => collector.listen(19_921, '127.0.0.1', resolve))
after(() => collector.close())

const cell = await openCell({
  PORTICO_OTLP_URL: 'http://127.0.0.1:19921/v1/traces',
  PORTICO_METRICS_PORT: '19930',
})
after(() => cell.close())
const holder = await cell.addHolder('mtls')
await cell.start()
await cell.publishAndWait()

const balances = `/accounts/v1/accounts/${acc}/balances`
const present = { 'x-fapi-customer-ip-address': '192.0.2.77' }
const inbound = { trace: 'a'.repeat(32), span: 'b'.repeat(16) }
const ask = async (headers: Record<string, string> = {}) => {
  const consentId = `consent_${crypto.randomUUID().replaceAll('-', '')}`
  const token = await cell.token(holder, withConsent(consentId, accountsDetail()))
  return cell.callMtls(holder, token, { path: balances, headers: { ...present, ...headers } })
}
const scrape = (from: { socketPath: string } | { port: number }, path: string) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    get({ ...from, path }, (answered: IncomingMessage) => {
      read(answered).then((text) => resolve({ status: answered.statusCode ?? 0, text }), reject)
    }).once('error', reject)
  })
const inside = { socketPath: cell.files.socket('gateway') }
const figures = async () => (await scrape(inside, '/internal/metrics')).text
const valueOf = (text: string, name: string, ...labels: string[]) =>
  text
    .split('\n')
    .filter((l) => l.startsWith(`${name}{`) && labels.every((label) => l.includes(label)))
    .reduce((sum, l) => sum + Number(l.slice(l.lastIndexOf(' ') + 1)), 0)
const spans = () =>
  received.flatMap((text) =>
    Exported.parse(JSON.parse(text)).resourceSpans.flatMap((r) =>
      r.scopeSpans.flatMap((s) => s.spans),
    ),
  )
const until = async <T>(find: () => T | undefined): Promise<T> => {
  for (let tries = 0; tries < 1_200; tries++) {
    const found = find()
    if (found !== undefined) return found
    await sleep(20)
  }
  throw new Error('it did not come')
}

test('G72: every call is counted by operation, status and reason; its time is split in ours and the bank’s', async () => {
  cell.setPlay(
    (_, response) => void setTimeout(() => answerJson(response, 200, { data: [], next: null }), 30),
  )
  for (let i = 0; i < 3; i++) assert.equal((await ask()).status, 200)
  refused(await cell.ask({ path: balances }), 401, 'gateway/token-invalid')
  refused(await cell.ask({ path: '/nothing/here' }), 404, 'gateway/operation-not-found')

  const text = await figures()
  const own = ['operation="getBalances"', 'product="accounts"']
  assert.equal(valueOf(text, 'portico_calls_total', ...own, 'status="200"', 'reason=""'), 3)
  assert.equal(valueOf(text, 'portico_calls_total', ...own, 'reason="gateway/token-invalid"'), 1)
  assert.equal(
    valueOf(text, 'portico_refused_requests_total', 'reason="gateway/operation-not-found"'),
    1,
  )
  assert.equal(valueOf(text, 'portico_upstream_seconds_count', ...own), 3)
  assert.equal(valueOf(text, 'portico_upstream_seconds_bucket', ...own, 'le="0.025"'), 0)
  assert.ok(valueOf(text, 'portico_upstream_seconds_sum', ...own) >= 0.085)
  assert.equal(valueOf(text, 'portico_gateway_seconds_count', ...own), 4)
  assert.ok(valueOf(text, 'portico_spool_sync_seconds_count') >= 1)
  assert.equal(valueOf(text, 'portico_snapshot_epoch'), 1)
  assert.ok(valueOf(text, 'portico_limit_admitted_total') >= 3)
  assert.ok(valueOf(text, 'portico_limit_leased_permits') > 0)
})

test('G75: figures are read at the gateway’s own socket and at loopback, and on no door of partners', async () => {
  const byPort = await scrape({ port: 19_950 }, '/metrics')
  assert.equal(byPort.status, 200)
  assert.match(byPort.text, /portico_ready\{.*cell="production".*\} 1/)
  for (const path of ['/metrics', '/internal/metrics', '/internal/health'])
    refused(await cell.ask({ path }), 404, 'gateway/operation-not-found')
})

test('a thousand partners make no thousand lines: twenty have their own, the rest share one', () => {
  const all = Array.from({ length: 1_000 }, (_, i) => ({ partnerId: `partner_${i}`, perSecond: 2 }))
  const lines = partnerLines(all)
  assert.equal(lines.length, 21)
  assert.deepEqual(lines.at(-1), [{ partner: 'other' }, 1_960])
})

test('control is told each second who called, what was refused and what is left of the limits', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))
  const before = cell.live.length
  for (let i = 0; i < 4; i++) await ask()
  const id = holder.partner.id
  const rows = () => cell.live.slice(before).flatMap(({ partners }) => partners)
  const told = () => rows().reduce((sum, row) => sum + row.calls, 0)
  await until(() => (told() >= 4 ? true : undefined))
  assert.deepEqual([...new Set(rows().map(({ partnerId }) => partnerId))], [id])
  const [row] = rows()
  assert.deepEqual(Object.keys(row?.operations ?? {}), ['getBalances'])
  assert.ok(row?.limits.some(({ quota, remaining }) => quota !== null && remaining <= quota))
  assert.equal(cell.live.at(-1)?.health.ready, true)
})

test('G73: an error of ours is traced step by step, under the call’s id, linked to the caller’s trace and no part of it', async () => {
  let heard: IncomingHttpHeaders = {}
  cell.setPlay(({ headers }, response) => {
    heard = headers
    answerJson(response, 500, {})
  })
  const answered = await ask({ traceparent: `00-${inbound.trace}-${inbound.span}-01` })
  assert.equal(answered.status, 502)
  const callId = z.string().parse(answered.json['decisionId'])
  const mine = () => spans().filter(({ traceId }) => traceId === callId)
  const root = await until(() => mine().find(({ kind }) => kind === 2))

  assert.deepEqual(
    root.links.map(({ traceId, spanId }) => [traceId, spanId]),
    [[inbound.trace, inbound.span]],
  )
  assert.ok(!root.parentSpanId)
  assert.equal(root.name, 'getBalances')
  assert.equal(root.status?.code, 2)
  for (const step of ['authenticate', 'entitle', 'limit', 'consent', 'forward', 'release'])
    assert.ok(
      mine().some(({ name, parentSpanId }) => name === step && parentSpanId === root.spanId),
      step,
    )
  const client = mine().find(({ kind }) => kind === 3)
  const sampled = Number.parseInt(callId.slice(-6), 16) < 0.01 * 0x1_000_000 ? '01' : '00'
  assert.equal(heard['traceparent'], `00-${callId}-${client?.spanId}-${sampled}`)
})

test('a malformed traceparent is no link and no refusal; the vault and the bank hear ours alone', async () => {
  cell.setPlay((_, response) => answerJson(response, 500, {}))
  for (const traceparent of ['nonsense', `00-${'0'.repeat(32)}-${inbound.span}-01`]) {
    const answered = await ask({ traceparent })
    const callId = answered.json['decisionId']
    const root = await until(() => spans().find((s) => s.traceId === callId && s.kind === 2))
    assert.deepEqual(root.links, [])
  }
})

test('one call of a hundred is traced, and the others are not', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))
  const before = cell.usage.length
  for (let i = 0; i < 100; i++) await ask()
  await until(() => (cell.usage.length >= before + 100 ? true : undefined))
  await sleep(1_500)
  // On a machine with too much to do a call may be turned away: that is an error of ours, and traced as one.
  const served = cell.usage.slice(before).filter(({ status }) => status === 200)
  assert.ok(served.length > 0)
  const sampled = served.filter(
    ({ callId }) => Number.parseInt(callId.slice(-6), 16) < 0.01 * 0x1_000_000,
  )
  const traced = new Set(spans().map(({ traceId }) => traceId))
  assert.deepEqual(
    served.filter(({ callId }) => traced.has(callId)).map(({ callId }) => callId),
    sampled.map(({ callId }) => callId),
  )
})

test('S44, S46: neither traces nor figures nor log lines hold what is personal or secret', async () => {
  const card = '8600 1234 5678 9012'
  const canary = 'CANARY-DILNOZA'
  cell.setPlay((_, response) =>
    answerJson(response, 200, { data: [{ name: canary, pan: card }], account: card }),
  )
  let answered = await ask({ 'x-fapi-customer-ip-address': '192.0.2.99' })
  for (let tries = 0; tries < 600 && answered.status === 503; tries++) {
    await sleep(200)
    answered = await ask({ 'x-fapi-customer-ip-address': '192.0.2.99' })
  }
  assert.equal(answered.status, 502)
  await until(() => spans().find(({ traceId }) => traceId === answered.json['decisionId']))
  const told = [await figures(), ...received, ...cell.printed].join('\n')
  for (const secret of [canary, card, '192.0.2.99', '192.0.2.77', acc, 'eyJ', 'Bearer ey'])
    assert.ok(
      !told.includes(secret),
      `${secret}: ${told.slice(Math.max(0, told.indexOf(secret) - 300), told.indexOf(secret) + 40)}`,
    )
  assert.ok(valueOf(await figures(), 'portico_withheld_answers_total') >= 1)
})

test('the access log has these members and no others', () => {
  const allowed = new Set(
    'level time pid hostname msg callId interactionId operation partnerId applicationId status code ms upstreamMs epoch replayed cause'.split(
      ' ',
    ),
  )
  const lines = cell.printed
    .map((line) => z.looseObject({ msg: z.string() }).parse(JSON.parse(line)))
    .filter(({ msg }) => msg === 'call' || msg === 'call failed')
  assert.ok(lines.length > 100)
  for (const line of lines)
    assert.deepEqual(
      Object.keys(line).filter((member) => !allowed.has(member)),
      [],
    )
})

test('RTS Art. 33: five unanswered requests in 30 seconds presume that it is down, until one is answered', async () => {
  cell.setPlay((_, response) => void response.socket?.destroy())
  for (let i = 0; i < 6; i++) assert.ok((await ask()).status >= 500)
  const down = await figures()
  assert.equal(valueOf(down, 'portico_presumed_down', 'product="accounts"'), 1)
  assert.ok(valueOf(down, 'portico_unanswered_run_longest', 'product="accounts"') >= 6)
  cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))
  for (let tries = 0; tries < 600 && (await ask()).status !== 200; tries++) await sleep(100)
  const up = await figures()
  assert.equal(valueOf(up, 'portico_presumed_down', 'product="accounts"'), 0)
  assert.ok(valueOf(up, 'portico_presumed_down_seconds_total', 'product="accounts"') > 0)
})

test('every figure that the dashboard and the alerts name is told by a process', async () => {
  const folder = new URL('../../../docs/operate/grafana/', import.meta.url)
  const Dashboard = z.object({
    panels: z.array(
      z.object({
        id: z.number(),
        type: z.enum(['row', 'timeseries', 'stat']),
        title: z.string().min(1),
        gridPos: z.object({ x: z.number(), y: z.number(), w: z.number().max(24), h: z.number() }),
        targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).default([]),
      }),
    ),
  })
  const Alerts = z.object({
    groups: z.array(
      z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) }),
    ),
  })
  const { panels } = Dashboard.parse(
    JSON.parse(readFileSync(new URL('portico.json', folder), 'utf8')),
  )
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const alerts = Alerts.parse(parse(readFileSync(new URL('alerts.yaml', folder), 'utf8')))
  const expressions = [
    ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...alerts.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
  ]
  const named = new Set(expressions.flatMap((e) => e.match(/\b(?:portico|process)_[a-z_]+/g) ?? []))
  const told = new Set(
    [...(await figures()).matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  )
  // These two are told by the processes with routes, and by the courier.
  for (const elsewhere of [
    'portico_requests_total',
    'portico_request_seconds_bucket',
    'portico_events_taken_total',
  ])
    told.add(elsewhere)
  assert.deepEqual(
    [...named].filter((name) => !told.has(name)),
    [],
  )
  const own = [...told].filter((name) => /^portico_.*(?<!_sum|_count)$/.test(name))
  assert.deepEqual(
    own.filter((name) => !named.has(name)),
    [],
    'and the dashboard shows every figure of ours',
  )
})
