/**
 * The ladder: what each promise of the gateway costs, beside other gateways that do as much of it as they can.
 * `npm run bench [-- --quick] [-- --json] [-- --peer NAME=PATH] [-- --write] [-- --minutes 10]`
 * A quick run takes under two minutes; a whole one also measures what must hold besides being fast, memory for so many
 * minutes (0: only the ladder).
 */
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
    peer: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true, default: [] },
    minutes: { type: 'string', default: '10' },
  },
})

const tell = (text: string) => process.stderr.write(`${text}\n`)
if (!canPin) tell('taskset is missing or there is one core: nothing is pinned, figures are rough')
stepAside()

const climbed: Ladder = await measure({
  peers: peersOf(values.peer),
  only: values.only,
  seconds: values.quick
    ? { warm: 1, saturate: 1.5, paced: 2 }
    : { warm: 12, saturate: 6, paced: 10 },
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
if (values.write) writeReport(ladder)
process.stdout.write(values.json ? `${JSON.stringify(ladder, null, 2)}\n` : `${lines(ladder)}\n`)
process.exit(0)
