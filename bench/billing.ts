/**
 * What billing takes: `node bench/billing.ts [--partners 10000] [--calls 100000000] [--seconds 10] [--only ingest|months]
 * [--port 19651]`.
 * Ingest with five calls in a hundred told twice, and what was counted compared with what was sent; a month's end; a new
 * price over twelve months of everybody. On a PostgreSQL of its own, with its durability as in production.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { inspect, parseArgs } from 'node:util'
import postgres from 'postgres'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { work } from '#journal/index.ts'
import { openBulk } from '#platform/bulk.ts'
import { openPostgres, type Postgres } from '#platform/db.ts'
import { migrate } from '#platform/migrations.ts'
import { startPostgres } from '#platform/postgres-server.ts'
import type { UsageRecord } from '#gateway/usage.ts'
import { draftMonthOfAll, monthNamed } from '#control/billing/index.ts'
import { newestPrices } from '#control/catalogue/index.ts'
import { replayPrices } from '#control/forecast/index.ts'
import { seedControl } from '#control/seed.ts'
import { openDays, openMeter } from '#control/usage/index.ts'
import { bankDocuments } from '#test/documents.ts'
import { serverCpuSeconds } from './server-cpu.ts'

const { values } = parseArgs({
  options: {
    partners: { type: 'string', default: '10000' },
    calls: { type: 'string', default: '100000000' },
    seconds: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    port: { type: 'string', default: '19651' },
  },
})
const password = 'only-for-measuring'
const folder = mkdtempSync(join(tmpdir(), 'portico-billing-'))
const data = join(folder, 'postgres')
const partners = Number(values.partners)
const zone = 'Asia/Tashkent'
const now = Temporal.Instant.from('2026-11-04T12:00:00Z')
const operations = ['getBalances', 'listTransactions', 'createPayment', 'getPayment'] as const

const tell = (what: string, figures: Readonly<Record<string, string | number>>) =>
  process.stdout.write(`${JSON.stringify({ what, ...figures })}\n`)
/** What the three are held to, of two cores and of as much as was asked for: a tenth of the calls in a tenth of the time. */
const goals = { ingestPerSecond: 20_000, monthEndSeconds: 300, replaySeconds: 60 }
const share = () => partners / 10_000
const against = (is: number, goal: number, most: boolean) => ({
  goal: goal.toFixed(1),
  kept: (most ? is <= goal : is >= goal) ? 'yes' : 'no',
})
/** What it answered, how many seconds it took, and how many of them of CPU: here, and of PostgreSQL. */
const timed = async <T>(
  body: () => Promise<T>,
): Promise<[T, number, { cpuHere: string; cpuOfPostgres: string }]> => {
  const [begun, here, there] = [performance.now(), process.cpuUsage(), serverCpuSeconds(data)]
  const answer = await body()
  const { user, system } = process.cpuUsage(here)
  const cpu = {
    cpuHere: ((user + system) / 1e6).toFixed(1),
    cpuOfPostgres: (serverCpuSeconds(data) - there).toFixed(1),
  }
  return [answer, (performance.now() - begun) / 1_000, cpu]
}

const Count = z.object({ rows: z.bigint(), tallied: z.bigint() })

/** Four gateways at once, batches of a thousand, every twentieth call told again with the next batch. */
const ingest = async (db: Postgres, seconds: number): Promise<void> => {
  const meter = openMeter()
  const told = { calls: 0, again: 0 }
  const begun = performance.now()
  const ends = performance.now() + seconds * 1_000
  const gateway = async (n: number) => {
    const source = { gateway: `gateway_${uuidv7()}`, boot: uuidv7() }
    let seq = 0
    let again: UsageRecord[] = []
    while (performance.now() < ends) {
      // Calls are made as time goes on, and their ids with them.
      const madeMs = now.epochMilliseconds - 60_000 + Math.floor(performance.now() - begun)
      const occurredAt = new Date(madeMs).toISOString()
      const fresh = Array.from({ length: 1_000 - again.length }, (): UsageRecord => {
        seq += 1
        const id = `partner_${String((seq * 7 + n) % 200).padStart(32, '0')}`
        return {
          callId: uuidv7(madeMs),
          seq,
          occurredAt,
          partnerId: id,
          applicationId: `application_${id.slice(8)}`,
          product: 'accounts',
          operation: operations[seq % operations.length] ?? 'getBalances',
          contractId: `contract_${id.slice(8)}`,
          priceVersion: '2026-11',
          consentId: null,
          status: 200,
          code: null,
          billable: true,
          units: 1,
          latencyMs: 12,
          upstreamMs: 9,
          epoch: 1,
        }
      })
      const records = [...again, ...fresh]
      await work(db, 'system', now, (w) => meter.take(w, 'production', { ...source, records }))
      told.calls += fresh.length
      told.again += again.length
      again = fresh.slice(0, 50)
    }
  }
  const [, took, cpu] = await timed(() => Promise.all([0, 1, 2, 3].map(gateway)))
  const { rows, tallied } = await db.one(Count)`
    select (select count(*) from usage.event) as rows, (select sum(calls)::bigint from usage.hour) as tallied
  `
  assert.equal(rows, BigInt(told.calls), 'every call once')
  assert.equal(tallied, BigInt(told.calls), 'every call tallied once')
  tell('ingest', {
    calls: told.calls,
    toldTwice: told.again,
    seconds: took.toFixed(1),
    ...cpu,
    callsPerSecond: Math.round((told.calls + told.again) / took),
    rows: Number(rows),
    ...against((told.calls + told.again) / took, goals.ingestPerSecond, false),
  })
}

/** Partners under contract, and so many calls a month in the tallies of twelve months: a row a day and operation. */
const history = async (ownerUrl: string, calls: number): Promise<void> => {
  const bulk = openBulk(ownerUrl)
  const each = Math.round(calls / partners / 30 / operations.length)
  await bulk.run(`
    insert into partners.partner (id, organisation, legal_name, country, declared_statuses, status, registered_at)
    select 'partner_' || lpad(n::text, 32, '0'), 'Partner ' || n, 'Partner ' || n, 'UZ', '{}', 'active', '2025-01-01'
      from generate_series(1, ${partners}) n`)
  await bulk.run(`
    insert into contracts.contract
      (id, partner_id, template, tier, products, price_version, document, document_sha256, status, offered_at, change_id,
       signed_by, signed_at, countersigned_by, active_from)
    select 'contract_' || lpad(n::text, 32, '0'), 'partner_' || lpad(n::text, 32, '0'), '2',
           (array['Bronze', 'Silver', 'Gold'])[n % 3 + 1], '{accounts,payments}', '2026-11', '{"n":' || n || '}',
           encode(sha256(convert_to('{"n":' || n || '}', 'UTF8')), 'hex'), 'active', '2025-01-01', 'change', 'p', '2025-01-01',
           's', '2025-01-01'
      from generate_series(1, ${partners}) n`)
  await bulk.run(`
    insert into contracts.rule (contract_id, partner_id, valid_from, known_from)
    select id, partner_id, active_from, active_from from contracts.contract`)
  await bulk.run(`
    insert into usage.hour
      (partner_id, cell, hour, application_id, product, operation, contract_id, price_version, price_basis, unit_price,
       calls, billable_calls, billable_units)
    select 'partner_' || lpad(n::text, 32, '0'), 'production', day, 'application', 'accounts', operation,
           'contract_' || lpad(n::text, 32, '0'), '2026-11', 'contract', 36, ${each} + n % 7, ${each} + n % 7,
           ${each} + n % 7
      from generate_series(timestamptz '2025-11-01 00:00:00Z', '2026-10-31 00:00:00Z', '1 day') day,
           generate_series(1, ${partners}) n,
           unnest(array['${operations.join("','")}']) operation
     where extract(month from day) = 10 or extract(day from day) = 15`)
  await bulk.run('analyze usage.hour')
  await bulk.close()
}

const server = await startPostgres({
  folder: data,
  port: Number(values.port),
  password,
  log: join(folder, 'postgres.log'),
  maxConnections: 20,
  durable: true,
})
const open: Postgres[] = []
try {
  const ownerUrl = server.url(server.superuser.role, password, 'control')
  const admin = postgres(server.url(server.superuser.role, password, 'postgres'), { max: 1 })
  await admin.unsafe(`create role control login password '${password}'`)
  await admin`create database control`
  await admin.end()
  const root = resolve(import.meta.dirname, '../migrations')
  await migrate({ url: ownerUrl, kind: 'control', root, roles: { control: 'control' } })
  const db = openPostgres(server.url('control', password, 'control'), { name: 'bench', max: 6 })
  open.push(db)
  await seedControl(db, now, { documents: bankDocuments() })
  await openDays(db, now)
  if (values.only !== 'months') await ingest(db, Number(values.seconds))
  if (values.only !== 'ingest') {
    const [, filled] = await timed(() => history(ownerUrl, Number(values.calls)))
    tell('history', {
      partners,
      callsInTheMonth: Number(values.calls),
      filledInSeconds: filled.toFixed(1),
    })
    const billing = { bankName: 'Namuna', zone }
    const [drafted, took, cpu] = await timed(() =>
      draftMonthOfAll(db, now, monthNamed('2026-10', zone), billing),
    )
    assert.equal(drafted, partners, 'everybody has a draft')
    tell('month end', {
      partners: drafted,
      seconds: took.toFixed(1),
      ...cpu,
      ...against(took, goals.monthEndSeconds * share(), true),
    })
    const list = await newestPrices(db)
    assert.ok(list)
    const unitPrices = { ...list.unitPrices, getBalances: '30', listTransactions: '65' }
    const months = Array.from({ length: 12 }, (_, back) =>
      monthNamed(
        Temporal.PlainDate.from('2026-10-01').subtract({ months: back }).toString().slice(0, 7),
        zone,
      ),
    )
    const today = Temporal.PlainDate.from('2026-11-04')
    const [report, replayed, cpuOfReplay] = await timed(() =>
      replayPrices(db, { ...list, id: '2027-01', unitPrices }, { months, today }),
    )
    const { before, after, winners, losers } = report
    tell('replay of twelve months', {
      partners: report.partners,
      seconds: replayed.toFixed(1),
      ...cpuOfReplay,
      before,
      after,
      winners,
      losers,
      ...against(replayed, goals.replaySeconds * share(), true),
    })
  }
} catch (error) {
  // Told before its database ends, which would speak louder.
  process.stderr.write(`${inspect(error)}\n`)
  process.exitCode = 1
} finally {
  for (const one of open) await one.close()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
