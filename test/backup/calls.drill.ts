/**
 * A machine that dies in the middle of calls. Gateway, control's end of the line, PostgreSQL and what copies them are killed in
 * one moment, and stand again from the copy alone; counted by whoever was answered, by the id of each call.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { billedPartner } from '#test/billed-partner.ts'
import { bankDocuments } from '#test/documents.ts'
import { approvedByTwo } from '#test/two-people.ts'
import { work } from '#journal/index.ts'
import { openPostgres } from '#platform/db.ts'
import { makeRandomKey } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { migrate } from '#platform/migrations.ts'
import { type EmbeddedPostgres, startPostgres } from '#platform/postgres-server.ts'
import { draftMonth, monthNamed, monthOf } from '#control/billing/index.ts'
import { appliers as contractAppliers } from '#control/contracts/index.ts'
import { seedControl } from '#control/seed.ts'
import { dieAtOnce, serverPid } from './judge.ts'

const root = resolve(import.meta.dirname, '../..')
const port = Number(process.env['PORTICO_PORT_BASE'] ?? 22_800) + 80
const password = 'only-for-drills'
const zone = 'Asia/Tashkent'
const place = (name: string) => join(mkdtempSync(join(tmpdir(), 'portico-calls-')), name)

const serverOver = (data: string, at: number): Promise<EmbeddedPostgres> =>
  startPostgres({
    folder: layoutOf(data).postgres,
    port: at,
    password,
    log: join(data, 'postgres.log'),
    patienceMs: 120_000,
  })

const left = new Set<number>()
after(() => dieAtOnce([...left]))

const started = (
  words: readonly string[],
  environment: Record<string, string> = {},
): ChildProcess => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '', PORTICO_LOG_LEVEL: 'error', ...environment },
  })
  if (child.pid) left.add(child.pid)
  return child
}
const ended = (child: ChildProcess) =>
  new Promise<number | null>((done) => child.once('exit', (code) => done(code)))

const within = async (what: string, holds: () => boolean | Promise<boolean>) => {
  for (let waited = 0; waited < 300_000; waited += 100) {
    if (await holds()) return
    await sleep(100)
  }
  assert.fail(what)
}

const roles = join(root, 'test', 'backup', 'process.ts')
const main = join(root, 'src', 'main.ts')
const State = z.looseObject({ at: z.string() })
const Row = z.object({ callId: z.string() })
const Sum = z.object({ rows: z.bigint(), different: z.bigint(), tallied: z.bigint() })

test('everything dies in one moment under load: every call that was answered before the last round is there, each once, and the invoice is their sum', async () => {
  const data = place('data')
  const copy = place('copy')
  const keys = place('keys')
  const layout = layoutOf(data)
  mkdirSync(join(data, 'keys'), { recursive: true })
  mkdirSync(join(data, 'spool'), { recursive: true })
  writeFileSync(layout.databaseRoles, JSON.stringify({ portico: password }))
  for (const cell of ['sandbox', 'production'] as const) makeRandomKey(layout.cell(cell).linkKey)
  const server = await serverOver(data, port)
  left.add(serverPid(data))
  const url = server.url('portico', password, 'postgres')
  const db = openPostgres(url, { name: 'drill', max: 2 })
  await migrate({ url, kind: 'control', root: join(root, 'migrations'), roles: {} })
  const now = Temporal.Now.instant().round('microsecond')
  await seedControl(db, now, { documents: bankDocuments() })
  const agreed = approvedByTwo(db, new Map(Object.entries(contractAppliers)))
  const { partnerId, contract } = await billedPartner(db, agreed, { now })
  await db.close()

  const answered = join(data, 'answered')
  const following = started([main, 'backup', 'follow', copy, '--keys', keys], {
    PORTICO_DATA: data,
    PORTICO_DATABASE_URL_OWNER: url,
  })
  const stateFile = join(copy, 'state.json')
  const promisedAt = () =>
    existsSync(stateFile)
      ? Temporal.Instant.from(State.parse(JSON.parse(readFileSync(stateFile, 'utf8'))).at)
      : undefined
  await within('a base copy', () => existsSync(join(copy, 'base')) && promisedAt() !== undefined)
  const control = started([roles, 'control', data, url])
  const gateway = started([roles, 'gateway', data, answered, `${partnerId} ${contract.id}`])

  // How far the answers were, again and again: what stood there before the last round is what was promised.
  const seen: { at: Temporal.Instant; bytes: number }[] = []
  const looking = setInterval(() => {
    const bytes = existsSync(answered) ? statSync(answered).size : 0
    seen.push({ at: Temporal.Now.instant(), bytes })
  }, 20)
  await within('a whole copy', async () => {
    const check = started([main, 'backup', 'check', copy])
    return (await ended(check)) === 0
  })
  await within('calls', () => (seen.at(-1)?.bytes ?? 0) > 33 * 3_000)
  const victims = [gateway.pid, control.pid, following.pid, serverPid(data)].map(Number)
  await dieAtOnce(victims)
  const died = Temporal.Now.instant()
  clearInterval(looking)

  const at = promisedAt()
  assert.ok(at)
  const bytes = Math.max(
    ...seen.filter((s) => Temporal.Instant.compare(s.at, at) < 0).map((s) => s.bytes),
  )
  const all = readFileSync(answered, 'utf8').trim().split('\n')
  const promised = readFileSync(answered).subarray(0, bytes).toString('utf8').trim().split('\n')
  assert.ok(promised.length > 100, `${promised.length} were answered before the last round`)

  const again = place('data')
  const restore = started([main, 'backup', 'restore', copy, '--keys', keys], {
    PORTICO_DATA: again,
    PORTICO_PORT_BASE: String(port + 100),
  })
  assert.equal(await ended(restore), 0)
  const second = await serverOver(again, port + 200)
  left.add(serverPid(again))
  const url2 = second.url('portico', password, 'postgres')
  const restored = openPostgres(url2, { name: 'drill', max: 2 })
  after(() => restored.close())
  started([roles, 'control', again, url2])
  const nobody = join(again, 'answered')
  started([roles, 'gateway', again, nobody, `${partnerId} ${contract.id}`])
  const kept = async () => {
    const rows = await restored.many(
      Row,
    )`select call_id as "callId" from usage.event order by call_id limit 10000000`
    return new Set(rows.map(({ callId }) => callId))
  }
  const missing = async () => {
    const ids = await kept()
    return promised.filter((id) => !ids.has(id)).length
  }
  await within('the spool of the copy is told', async () => (await missing()) === 0)
  const { rows, different, tallied } = await restored.one(Sum)`
    select count(*) as rows, count(distinct call_id) as different,
           (select sum(billable_units)::bigint from usage.hour) as tallied
      from usage.event
  `
  assert.equal(rows, different, 'every call once')
  const ids = await kept()
  const lost = all.filter((id) => !ids.has(id)).length
  process.stderr.write(
    `${all.length} calls were answered; the last round was ${Math.round(died.since(at).total('milliseconds'))} ms before the end: of ${promised.length} answered before it ${await missing()} are missing, of all ${lost}; ${rows} rows, ${tallied} tallied\n`,
  )
  const month = monthNamed(monthOf(Temporal.Now.instant(), zone), zone)
  const [draft, sum] = await work(
    restored,
    'system',
    Temporal.Now.instant().round('microsecond'),
    async (w) => {
      const drafts = await draftMonth(w, partnerId, month, { bankName: 'Namuna', zone })
      const counted = await w.one(
        z.object({ tallied: z.bigint() }),
      )`select sum(billable_units)::bigint as tallied from usage.hour`
      return [drafts[0], counted.tallied] as const
    },
  )
  assert.ok(draft)
  // The gateway of the second life goes on calling, so an hour may have grown between the two questions.
  assert.ok(
    draft.netMinor <= sum * 3_600n && draft.netMinor >= tallied * 3_600n,
    'calls at 36 each',
  )
})
