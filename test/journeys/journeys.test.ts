import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { z } from 'zod'
import { openPostgres } from '#platform/db.ts'
import { readWellKnown } from '#test/journeys/web.ts'
import { absence, journeys, languages, openDesk } from '#test/sdk/samples.ts'
import { freshData, portico, type StartedHouse, startedHouse } from '#test/house.ts'

const options = {
  data: freshData(),
  portBase: Number(process.env['PORTICO_TEST_HOUSE_PORT'] ?? 18_400),
}
let house: StartedHouse | undefined
after(async () => {
  await house?.stop()
  rmSync(options.data, { recursive: true, force: true })
})

const Report = z.object({
  ok: z.boolean(),
  walks: z.array(
    z.object({
      story: z.string(),
      cell: z.string(),
      ok: z.boolean(),
      steps: z.array(z.object({ step: z.string(), ok: z.boolean() })),
    }),
  ),
})

const walkAll = async () => {
  const { code, stdout, stderr } = await portico(options, 'journey', 'all', '--json')
  assert.equal(code, 0, stderr)
  const report = Report.parse(JSON.parse(stdout))
  assert.deepEqual(
    report.walks.map(({ story, cell, ok }) => `${story} ${cell} ${ok}`),
    ['telecom', 'marketplace', 'government'].flatMap((story) =>
      ['sandbox', 'production'].map((cell) => `${story} ${cell} true`),
    ),
  )
}

test('three partners walk through a fresh house, in both cells', async () => {
  house = await startedHouse(options)
  await walkAll()
})

test(
  'the samples that partners copy walk through the sandbox as they stand',
  {
    concurrency: true,
  },
  async (t) => {
    const desk = openDesk(await readWellKnown(house!.portal))
    t.after(() => desk.close())
    await Promise.all(
      languages.map((language) =>
        t.test(language.name, { skip: absence(language) }, async () => {
          for (const journey of journeys) await desk.walk(language, journey)
        }),
      ),
    )
  },
)

test('after kill -9 of the supervisor the next start goes on, and they walk again', async () => {
  await house!.kill()
  house = await startedHouse(options)
  await walkAll()
})

test('every journal is whole afterwards', async () => {
  const { code, stdout } = await portico(options, 'journal', 'verify')
  assert.equal(code, 0, stdout)
})

test('a process of one cell cannot open the other cell’s databases, nor control’s', async () => {
  const passwords = z
    .record(z.string(), z.string())
    .parse(JSON.parse(readFileSync(join(options.data, 'keys', 'database-roles.json'), 'utf8')))
  const roles = Object.keys(passwords).filter((role) => role.startsWith('sandbox_'))
  assert.ok(roles.length >= 5)
  for (const role of roles)
    for (const database of ['production_cell', 'production_vault', 'control']) {
      const url = `postgres://${role}:${passwords[role]}@127.0.0.1:${options.portBase + 30}/${database}`
      const db = openPostgres(url, { name: 'test', max: 1 })
      await assert.rejects(
        db.run`select 1`,
        /permission denied for database/,
        `${role} opened ${database}`,
      )
      await db.close()
    }
})

test('doctor finds nothing bad in a running house', async () => {
  const { code, stdout } = await portico(options, 'doctor')
  assert.equal(code, 0, stdout)
})

test('Ctrl-C stops all of it cleanly, also when nobody reads what it says', async () => {
  house!.closeTerminal()
  assert.equal(await house!.stop(), 0)
  house = undefined
  const { stdout } = await portico(options, 'doctor')
  assert.doesNotMatch(stdout, /taken by another program/)
})
