import assert from 'node:assert/strict'
import { get, type IncomingMessage } from 'node:http'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pino } from 'pino'
import { portsOf, Settings } from './config.ts'
import { openServer } from './http.ts'
import { layoutOf } from './layout.ts'
import {
  countRequests,
  metricsPortOf,
  openHistogram,
  openMetrics,
  startTelemetry,
} from './telemetry.ts'

const textOf = (from: { socketPath: string; path: string } | { port: number; path: string }) =>
  new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    get(from, (answered: IncomingMessage) => {
      let text = ''
      answered.setEncoding('utf8')
      answered.on('data', (chunk: string) => (text += chunk))
      answered.once('end', () => resolve({ status: answered.statusCode, text }))
    }).once('error', reject)
  })

test('buckets are told as sums of all that lie below', async () => {
  const took = openHistogram([0.1, 1])
  for (const seconds of [0.05, 0.1, 0.5, 7]) took.observe(seconds)
  const metrics = openMetrics({ process: 'tests' })
  metrics.add({
    name: 'portico_tests_seconds',
    help: 'A test',
    labels: ['kind'],
    type: 'histogram',
    read: () => [[{ kind: 'a' }, took]],
  })
  const text = await metrics.render()
  for (const line of [
    '# TYPE portico_tests_seconds histogram',
    'portico_tests_seconds_bucket{process="tests",kind="a",le="0.1"} 2',
    'portico_tests_seconds_bucket{process="tests",kind="a",le="1"} 3',
    'portico_tests_seconds_bucket{process="tests",kind="a",le="+Inf"} 4',
    'portico_tests_seconds_count{process="tests",kind="a"} 4',
  ])
    assert.ok(
      text.split('\n').some((l) => sorted(l) === sorted(line)),
      `${line}\n${text}`,
    )
})

/** Labels have no order. */
const sorted = (line: string) =>
  line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').toSorted().join(',')}}`)

test('a label that the family does not name is refused, and the scrape fails loudly', async () => {
  const metrics = openMetrics({ process: 'tests' })
  metrics.add({
    name: 'portico_tests',
    help: 'A test',
    labels: ['kind'],
    type: 'gauge',
    read: () => [[{ person: 'Dilnoza' }, 1]],
  })
  await assert.rejects(metrics.render())
})

test('a process answers scrapes at its socket and on loopback, by its declared routes and no others', async () => {
  const data = mkdtempSync(join(tmpdir(), 'telemetry-'))
  const settings = Settings.parse({ PORTICO_DATA: data, PORTICO_METRICS_PORT: '19911' })
  const layout = layoutOf(data)
  const log = pino({ level: 'silent' })
  const world = { settings, layout, ports: portsOf(settings), log, now: Temporal.Now.instant }
  const telemetry = await startTelemetry(world, 'control')
  const server = openServer(log)
  countRequests(server, telemetry, 'console')
  server.get('/api/partners/:id', async () => ({}))
  await server.inject({ url: '/api/partners/partner_1' })
  await server.inject({ url: '/api/partners/partner_2' })
  for (let i = 0; i < 20; i++) await server.inject({ url: `/nobody/declared/${i}` })

  const bySocket = await textOf({ socketPath: layout.watch('control'), path: '/metrics' })
  const byPort = await textOf({ port: metricsPortOf(19_911, 'control'), path: '/metrics' })
  const elsewhere = await textOf({ socketPath: layout.watch('control'), path: '/' })
  await telemetry.stop()

  assert.deepEqual([bySocket.status, byPort.status, elsewhere.status], [200, 200, 404])
  const lines = bySocket.text.split('\n').filter((l) => l.startsWith('portico_requests_total'))
  assert.equal(lines.length, 2, lines.join('\n'))
  assert.match(
    bySocket.text,
    /portico_requests_total\{.*route="\/api\/partners\/:id".*status="2xx".*\} 2/,
  )
  assert.match(bySocket.text, /portico_requests_total\{.*route="none".*status="4xx".*\} 20/)
  assert.match(byPort.text, /process_resident_memory_bytes\{process="control"\} \d+/)
})
