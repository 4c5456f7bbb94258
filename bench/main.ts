/**
 * The ladder: what each promise of the gateway costs, beside other gateways that do as much of it as they can.
 * `npm run bench [-- --quick] [-- --json] [-- --peer NAME=PATH] [-- --write]`
 */
import { parseArgs } from 'node:util'
import { writeReport } from './ladder/report.ts'
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
  },
})

const tell = (text: string) => process.stderr.write(`${text}\n`)
if (!canPin) tell('taskset is missing or there is one core: nothing is pinned, figures are rough')
stepAside()

const ladder: Ladder = await measure({
  peers: peersOf(values.peer),
  only: values.only,
  seconds: values.quick
    ? { warm: 1, saturate: 1.5, paced: 2 }
    : { warm: 3, saturate: 6, paced: 10 },
  tell,
})
if (values.write) writeReport(ladder)
process.stdout.write(values.json ? `${JSON.stringify(ladder, null, 2)}\n` : `${lines(ladder)}\n`)
process.exit(0)
