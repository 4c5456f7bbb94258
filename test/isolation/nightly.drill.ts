/** A house whose night comes in a few minutes: nobody asks for the report, and it is in the journal all the same. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { layoutOf } from '#platform/layout.ts'
import { SignedReport } from '../../src/supervisor/isolation/report.ts'
import { freshData, portico, type StartedHouse, startedHouse } from '../house.ts'

/** Until the house has armed its night; a machine with much other work needs more. */
const STARTS_WITHIN_MINUTES = Number(process.env['PORTICO_TEST_NIGHT_IN_MINUTES'] ?? 5)
/** A million attempts and 24,000 over the wire, on a machine that has other work too. */
const REPORTS_WITHIN_MINUTES = 90

const night = Temporal.Now.instant().add({ minutes: STARTS_WITHIN_MINUTES })
const two = (n: number) => String(n).padStart(2, '0')
/** Where it is half past two then. */
const zone = () => {
  const { hour, minute } = night.toZonedDateTimeISO('UTC')
  const ahead = (((2 * 60 + 30 - hour * 60 - minute) % 1_440) + 1_440) % 1_440
  const [sign, minutes] = ahead <= 720 ? ['+', ahead] : ['-', 1_440 - ahead]
  return `${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

const options = {
  data: freshData(),
  portBase: Number(process.env['PORTICO_TEST_NIGHT_PORT'] ?? 19_850),
  environment: { PORTICO_BANK_ZONE: zone() },
}
const layout = layoutOf(options.data)
const said = join(layout.logs, 'isolation.log')
let house: StartedHouse | undefined
before(async () => {
  house = await startedHouse(options)
  assert.ok(Temporal.Instant.compare(Temporal.Now.instant(), night) < 0, 'the night is not over')
})
after(async () => {
  await house?.stop()
  rmSync(options.data, { recursive: true, force: true })
})

test('at half past two the cells are tried, and the report is signed, kept and in the journal', async () => {
  const until = Date.now() + REPORTS_WITHIN_MINUTES * 60_000
  const kept = () => globSync('*.json', { cwd: layout.isolation.reports })
  const isOver = () =>
    existsSync(said) && /isolated|Error|ISOLATED/.test(readFileSync(said, 'utf8'))
  while (!isOver() && Date.now() < until) await sleep(5_000)
  assert.equal(
    kept().length,
    1,
    existsSync(said) ? readFileSync(said, 'utf8') : 'the night did not come',
  )

  const file = join(layout.isolation.reports, kept()[0] ?? '')
  const report = SignedReport.parse(JSON.parse(readFileSync(file, 'utf8')))
  process.stderr.write(readFileSync(said, 'utf8'))

  assert.ok(report.inProcess.attempts >= 1_000_000)
  assert.ok((report.wire?.attempts ?? 0) >= 20_000)
  assert.equal(report.inProcess.accepted + (report.wire?.accepted ?? 1), 0)
  const verified = await portico(options, 'isolation', 'verify', file)
  assert.equal(verified.code, 0, verified.stdout)
})
