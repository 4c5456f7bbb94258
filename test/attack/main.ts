/**
 * `npm run attack [-- NAME…] [--at PORTAL] [--fuzz N] [--seed N]`: the attackers of the threat model against a running
 * instance, or a house of its own. Writes docs/reference/attack.md when all are tried; ends with 1 if any succeeds.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { freshData, type StartedHouse, startedHouse } from '../house.ts'
import type { Attack, Outcome } from './attack.ts'
import { fuzzAll } from './fuzz/all.ts'
import { openGround } from './ground.ts'
import { attackPage, type Fuzzed, held } from './report.ts'
import { authorizationAttacks } from './scripts/authorization.ts'
import { partnerAttacks } from './scripts/partners.ts'
import { peopleAttacks } from './scripts/people.ts'
import { tokenAttacks } from './scripts/tokens.ts'
import { wireAttacks } from './scripts/wire.ts'

const all: Readonly<Record<string, Attack>> = {
  ...tokenAttacks,
  ...partnerAttacks,
  ...authorizationAttacks,
  ...wireAttacks,
  ...peopleAttacks,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { at: { type: 'string' }, fuzz: { type: 'string' }, seed: { type: 'string' } },
})
const say = (line: string) => process.stderr.write(`${line}\n`)
const chosen = Object.entries(all).filter(
  ([name]) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
)

const portBase = Number(process.env['PORTICO_PORT_BASE'] ?? 27_300)
const data = freshData()
let house: StartedHouse | undefined
if (values.at === undefined) {
  say('starting a house')
  house = await startedHouse({ data, portBase })
}
const outcomes: Outcome[] = []
const fuzzed: Fuzzed[] = []
try {
  const ground = await openGround(values.at ?? `http://localhost:${portBase}`)
  for (const [name, attack] of chosen) {
    const outcome: Outcome = await attack.run(ground).then(
      (attempts) => ({ name, attack, attempts }),
      (error: unknown) => ({ name, attack, attempts: [], hindered: String(error) }),
    )
    outcomes.push(outcome)
    say(
      `${held(outcome) ? '✓' : '✗'} ${name}: ${outcome.hindered ?? `${outcome.attempts.length} attempts`}`,
    )
    for (const { what, refused, said } of outcome.attempts)
      if (!refused) say(`    ${what}: ${said}`)
  }
  await ground.close()
  if (values.fuzz !== undefined)
    fuzzed.push(
      ...(await fuzzAll(Number(values.fuzz), Number(values.seed ?? Date.now() % 1e9), say)),
    )
} finally {
  await house?.stop()
  rmSync(data, { recursive: true, force: true })
}
if (chosen.length === Object.keys(all).length) {
  const page = resolve(import.meta.dirname, '../../docs/reference/attack.md')
  writeFileSync(page, attackPage(outcomes, fuzzed, Temporal.Now.plainDateISO().toString()))
}
process.exitCode = outcomes.every(held) ? 0 : 1
