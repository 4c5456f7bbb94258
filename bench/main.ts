/**
 * The ladder: what each promise of the gateway costs, beside other gateways that do as much of it as they can.
 * `npm run bench -- [--quick] [--json] [--only NAME] [--peer NAME=PATH] [--write [--into FOLDER]] [--minutes 10]`
 * A quick run takes under two minutes; a whole one also measures what must hold besides being fast, memory for so many
 * minutes (0: only the ladder).
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeReport } from './ladder/report.ts'
import { measureBounds } from './ladder/bounds.ts'
import { measure, peersOf, type Ladder } from './ladder/run.ts'
import { lines } from './ladder/report.ts'
import { canPin, stepAside } from './ladder/machine.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    into: { type: 'string', default: join(import.meta.dirname, '../docs/reference') },
    peer: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true, default: [] },
    minutes: { type: 'string', default: '10' },
  },
})

const tell = (text: string) => process.stderr.write(`${text}\n`)
if (!canPin) tell('taskset is missing or there is one core: nothing is pinned, figures are rough')
stepAside()
// Whoever is interrupted still clears away what it made.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const climbed: Ladder = await measure({
  peers: peersOf(values.peer),
  only: values.only,
  seconds: values.quick
    ? { warm: 3, warmFirst: 8, warmNext: 1.5, warmNative: 0.5, saturate: 0.6, paced: 1 }
    : { warm: 12, warmFirst: 20, warmNext: 12, warmNative: 2, saturate: 6, paced: 10 },
  tell,
})
const minutes = values.quick ? 0 : Number(values.minutes)
/** The ladder has been climbed: what goes wrong behind it is said in its report and costs nobody the rest. */
const withBounds = (): Promise<Ladder> =>
  measureBounds({ minutes, tell }).then(
    (bounds) => ({ ...climbed, bounds }),
    (error: unknown) => ({ ...climbed, missing: { ...climbed.missing, bounds: String(error) } }),
  )
const ladder = minutes === 0 ? climbed : await withBounds()
if (values.write) writeReport(ladder, values.into)
process.stdout.write(values.json ? `${JSON.stringify(ladder, null, 2)}\n` : `${lines(ladder)}\n`)
process.exit(0)
