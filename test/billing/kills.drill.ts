/**
 * `kill -9` at random points of the way from the gateway to the invoice: gateway, control and PostgreSQL alike, under load.
 * Counted by whoever answered the calls: none is lost, none is billed twice. PORTICO_KILLS says how often (500).
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { billedPartner } from '#test/billed-partner.ts'
import { bankDocuments } from '#test/documents.ts'
import { approvedByTwo } from '#test/two-people.ts'
import { work } from '#journal/index.ts'
import { openPostgres } from '#platform/db.ts'
import { type EmbeddedPostgres, startPostgres } from '#platform/postgres-server.ts'
import { makeRandomKey } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { migrate } from '#platform/migrations.ts'
import { draftMonth, monthNamed, monthOf } from '#control/billing/index.ts'
import { appliers as contractAppliers } from '#control/contracts/index.ts'
import { seedControl } from '#control/seed.ts'
import { listGaps } from '#control/usage/index.ts'

const kills = Number(process.env['PORTICO_KILLS'] ?? 500)
const port = Number(process.env['PORTICO_PORT_BASE'] ?? 19_600) + 80
const root = resolve(import.meta.dirname, '../..')
// The server runs as an unprivileged user: it needs a folder that it may enter.
const home = join(root, '.portico-drill')
mkdirSync(home, { recursive: true })
const data = mkdtempSync(join(home, 'kills-'))
const answered = join(data, 'answered')
const password = 'only-for-drills'
const zone = 'Asia/Tashkent'

const begin = () =>
  startPostgres({
    folder: join(data, 'postgres'),
    port,
    password,
    log: join(data, 'postgres.log'),
  })
let server: EmbeddedPostgres = await begin()
const children = new Map<string, ChildProcess>()
after(async () => {
  over = true
  for (const child of children.values()) child.kill('SIGKILL')
  await server.stop()
})

const url = server.url(server.superuser.role, password, 'postgres')
const db = openPostgres(url, { name: 'drill', max: 4 })
after(() => db.close())

let over = false
const start = (role: 'gateway' | 'control', ...words: string[]) => {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'process.ts'),
      role,
      data,
      ...words,
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  )
  children.set(role, child)
  // As the supervisor does: a process that ended is begun again, whoever ended it.
  child.once('exit', () => {
    if (!over) start(role, ...words)
  })
}

const killed = async (child: ChildProcess) => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((done) => child.once('exit', done))
  child.kill('SIGKILL')
  await gone
}

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const killServer = async () => {
  const [pid] = readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')
  process.kill(Number(pid), 'SIGKILL')
  while (isThere(Number(pid))) await sleep(20)
  // Its own children notice within moments, and hold the memory that the next one asks for until then.
  for (let tries = 0; ; tries++)
    try {
      server = await begin()
      return
    } catch (cause) {
      if (tries > 100) throw cause
      await sleep(100)
    }
}

const Row = z.object({ callId: z.string() })
const bytesAnswered = () => (existsSync(answered) ? statSync(answered).size : 0)
const answeredCalls = () =>
  existsSync(answered) ? readFileSync(answered, 'utf8').trim().split('\n') : []

test(`${kills} times kill -9: no call that was answered is lost, and none is billed twice`, async () => {
  await migrate({ url, kind: 'control', root: join(root, 'migrations'), roles: {} })
  const now = Temporal.Now.instant().round('microsecond')
  await seedControl(db, now, { documents: bankDocuments() })
  const agreed = approvedByTwo(db, new Map(Object.entries(contractAppliers)))
  const { partnerId, contract } = await billedPartner(db, agreed, { now })
  const layout = layoutOf(data)
  makeRandomKey(layout.cell('production').linkKey)
  makeRandomKey(layout.cell('sandbox').linkKey)
  mkdirSync(join(data, 'spool'), { recursive: true })
  start('control', url)
  start('gateway', answered, `${partnerId} ${contract.id}`)

  for (let n = 0; n < kills; n++) {
    // Each kill falls into calls that are under way, however long a process takes to begin.
    const before = bytesAnswered()
    for (let waited = 0; bytesAnswered() === before; waited += 20) {
      assert.ok(waited < 120_000, 'the gateway answers calls')
      await sleep(20)
    }
    await sleep(Math.random() * 200)
    const victim = (['gateway', 'control', 'postgres'] as const)[Math.floor(Math.random() * 3)]
    if (victim === 'postgres' || victim === undefined) {
      await killServer()
      continue
    }
    const child = children.get(victim)
    assert.ok(child)
    await killed(child)
  }

  // From here on nobody is killed: the spool is shipped to its end, and then the gateway stops calling.
  const calls = new Set(answeredCalls())
  assert.ok(calls.size > kills, `${calls.size} calls were answered meanwhile`)
  const missing = async () => {
    const kept = new Set(
      (
        await db.many(
          Row,
        )`select call_id as "callId" from usage.event order by call_id limit 10000000`
      ).map((r) => r.callId),
    )
    return [...calls].filter((id) => !kept.has(id)).length
  }
  for (let tries = 0; tries < 600; tries++) {
    if ((await missing().catch(() => 1)) === 0) break
    await sleep(100)
  }
  assert.equal(await missing(), 0, 'none is lost')
  over = true
  const gateway = children.get('gateway')
  assert.ok(gateway)
  await killed(gateway)

  const Sum = z.object({ rows: z.bigint(), tallied: z.bigint(), different: z.bigint() })
  const { rows, tallied, different } = await db.one(Sum)`
    select (select count(*) from usage.event) as rows, (select sum(billable_units)::bigint from usage.hour) as tallied,
           (select count(distinct call_id) from usage.event) as different
  `
  assert.equal(rows, different, 'every call once')
  assert.equal(rows, tallied, 'the tallies are the rows')
  assert.deepEqual(
    (await listGaps(db)).filter((g) => g.from > 1),
    [],
    'every number of every run arrived',
  )
  const end = Temporal.Now.instant().round('microsecond')
  const month = monthNamed(monthOf(end, zone), zone)
  const [draft] = await work(db, 'system', end, (w) =>
    draftMonth(w, partnerId, month, { bankName: 'Namuna', zone }),
  )
  assert.equal(draft?.netMinor, tallied * 3_600n, 'the invoice is the calls at 36 each')
})
