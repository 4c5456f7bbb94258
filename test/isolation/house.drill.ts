/** A whole house on ports of its own: the drills of `portico isolation` and `portico vault` as the operator runs them. */
import assert from 'node:assert/strict'
import {
  appendFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { openPostgres } from '#platform/db.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import { makeRolePasswords } from '../../src/supervisor/installation.ts'
import { holds, SignedReport } from '../../src/supervisor/isolation/report.ts'
import { scanSandbox } from '../../src/supervisor/isolation/scan.ts'
import { tryWalls } from '../../src/supervisor/isolation/walls.ts'
import { ScopeReport, searchHouse } from '../../src/supervisor/scope/report.ts'
import { searchMemory, spellingsOf } from '../../src/supervisor/scope/search.ts'
import { freshData, portico, type StartedHouse, startedHouse } from '../house.ts'

const options = { data: freshData(), portBase: 19_800 }
const settings = readSettings({
  PORTICO_DATA: options.data,
  PORTICO_PORT_BASE: String(options.portBase),
})
const world = {
  settings,
  layout: layoutOf(options.data),
  ports: portsOf(settings),
  log: openLog({ process: 'test' }, 'silent'),
  now: () => Temporal.Now.instant(),
}
let house: StartedHouse | undefined
before(async () => {
  house = await startedHouse(options)
})
after(async () => {
  await house?.stop()
  rmSync(options.data, { recursive: true, force: true })
})

/** As the owner of a database: for looking behind the scenes, and for planting what must be found. */
const owner = async <T>(
  database: string,
  body: (db: ReturnType<typeof openPostgres>) => Promise<T>,
) => {
  const { superuser } = makeRolePasswords(world.layout)
  const db = openPostgres(
    `postgres://portico:${superuser}@127.0.0.1:${world.ports.postgres}/${database}`,
    { name: 'test', max: 1 },
  )
  try {
    return await body(db)
  } finally {
    await db.close()
  }
}

test('R9: the report counts no acceptance, is signed, and is in the journal', async () => {
  const { code, stdout, stderr } = await portico(
    options,
    'isolation',
    'report',
    '--attempts',
    '2000',
    '--keep',
    '--json',
  )
  assert.equal(code, 0, stderr + stdout)
  const report = SignedReport.parse(JSON.parse(stdout))
  assert.ok(report.inProcess.attempts >= 2_000 && (report.wire?.attempts ?? 0) >= 80)
  assert.equal(report.inProcess.accepted + (report.wire?.accepted ?? 1), 0)
  assert.ok(holds(report))
  assert.ok(!holds({ ...report, seed: report.seed + 1 }), 'a changed report is not the signed one')
  const Line = z.object({ data: z.object({ report: SignedReport }) })
  const { line } = await owner(
    'control',
    (db) =>
      db.one(z.object({ line: Line }))`
      select body::jsonb as line from journal.entry
       where body::jsonb->>'event' = 'isolation.reported' and body::jsonb->>'subject' = ${report.sha256}
    `,
  )
  assert.deepEqual(line.data.report, report, 'the whole of it is in the journal')
  const kept = globSync('*.json', { cwd: world.layout.isolation.reports })
  assert.equal(kept.length, 1)

  const file = join(world.layout.isolation.reports, kept[0] ?? '')
  assert.equal((await portico(options, 'isolation', 'verify', file)).code, 0)
  const { stdout: said } = await portico(options, 'doctor')
  assert.match(said, /isolation of the cells: reported .*: proven, signed and in the journal/)
  const elsewhere = freshData()
  const changed = join(elsewhere, 'changed.json')
  mkdirSync(elsewhere, { recursive: true })
  writeFileSync(changed, readFileSync(file, 'utf8').replace(/"accepted": 0/, '"accepted": 1'))
  const { publicKey } = world.layout.isolation
  const outsider = { data: elsewhere, portBase: options.portBase }
  const verify = (path: string) =>
    portico(outsider, 'isolation', 'verify', path, '--trust', publicKey)
  assert.equal((await verify(file)).code, 0, 'an outsider needs the public key alone')
  const refused = await verify(changed)
  assert.deepEqual([refused.code, refused.stdout], [1, '✗ it is not what was signed\n'])
  rmSync(elsewhere, { recursive: true })
})

test('a wall that was opened is found: a role that gets into the other cell, a key that both have', async () => {
  await owner('postgres', (db) => db.run`grant connect on database production_cell to sandbox_bank`)
  const copied = join(options.data, 'keys', 'production', 'copied.key')
  appendFileSync(copied, readFileSync(world.layout.cell('sandbox').linkKey))
  try {
    const open = (await tryWalls(world)).flatMap((wall) => wall.open)
    assert.ok(open.includes('sandbox_bank gets into production_cell'), open.join())
    assert.ok(
      open.some((what) => what.includes('copied.key')),
      open.join(),
    )
  } finally {
    rmSync(copied)
    await owner(
      'postgres',
      (db) => db.run`revoke connect on database production_cell from sandbox_bank`,
    )
  }
  assert.deepEqual(
    (await tryWalls(world)).flatMap((wall) => wall.open),
    [],
  )
})

test('a real identifier in the sandbox is found', async () => {
  assert.deepEqual((await scanSandbox(world)).real, [])
  await owner(
    'sandbox_cell',
    (db) =>
      db.run`create table public.planted as select '{"iban":"DE89370400440532013000"}'::text as note`,
  )
  const { real } = await scanSandbox(world)
  await owner('sandbox_cell', (db) => db.run`drop table public.planted`)
  assert.deepEqual(real, [{ table: 'public.planted', kind: 'IBAN', shown: 'DE…00' }])
})

const skip =
  process.platform === 'linux' ? false : 'SKIPPED: only Linux shows the memory of a process'

test(
  'S40: numbers that went through the house are nowhere but where they may be',
  { skip },
  async () => {
    const { code, stdout, stderr } = await portico(
      options,
      'vault',
      'scope-report',
      '--cell',
      'sandbox',
      '--json',
    )
    assert.equal(code, 0, stderr + stdout.slice(-3_000))
    const { places, canaries } = ScopeReport.parse(JSON.parse(stdout))
    assert.equal(canaries, 2)
    for (const place of [
      'control',
      'gateway --cell sandbox',
      'vault --cell sandbox',
      'bank --cell sandbox',
    ])
      assert.ok(
        places.some((one) => one.place === `memory of ${place}`),
        place,
      )
    assert.ok(places.every(({ verdict }) => verdict === 'clean'))
  },
)

test(
  'a number that leaked is found: in a row, in a log, in the memory of a process',
  { skip },
  async () => {
    const number = '9999091234567890'
    await owner(
      'sandbox_cell',
      (db) => db.run`create table public.leak as select convert_to(${number}, 'UTF8') as bytes`,
    )
    appendFileSync(
      join(world.layout.logs, 'gateway-sandbox.log'),
      `{"note":"${number.replace(/(.{4})(?!$)/g, '$1 ')}"}\n`,
    )
    const child = spawn(
      process.execPath,
      [
        '-e',
        `globalThis.portico = Buffer.from(process.argv[1] + 1).subarray(0, 16); setInterval(() => {}, 1000)`,
        number,
      ],
      { stdio: 'ignore' },
    )
    try {
      await sleep(500)
      const found = new Map((await searchHouse(world, [number])).map((one) => [one.place, one]))
      assert.equal(found.get('every row of sandbox_cell')?.found[0]?.where, 'public.leak')
      assert.equal(found.get('logs')?.found[0]?.spelling, 'digits in groups')
      assert.equal(found.get('every row of production_cell')?.verdict, 'clean')
      const inMemory = searchMemory(child.pid ?? 0, {
        spellings: spellingsOf(number),
        control: 'portico',
      })
      assert.ok(inMemory?.hits.some(({ spelling }) => spelling === 'digits'))
    } finally {
      child.kill('SIGKILL')
      await owner('sandbox_cell', (db) => db.run`drop table public.leak`)
    }
  },
)

test('the keys of a vault are replaced while the house works', async () => {
  const Kept = z.object({ cardsBehind: z.number(), finishedAt: z.string(), dataKeys: z.number() })
  const rotated = await portico(options, 'vault', 'rotate', '--cell', 'sandbox', '--json')
  assert.equal(rotated.code, 0, rotated.stderr)
  const state = Kept.parse(JSON.parse(rotated.stdout))
  assert.equal(state.cardsBehind, 0)
  assert.ok(state.dataKeys >= 2)
  assert.ok(existsSync(world.layout.cell('sandbox').vault.kek))
})
