/**
 * Deliveries a second: `node bench/courier.ts [--deliveries N] [--endpoints N]`. One courier, its own process, over TLS to
 * a partner's server in another; events from the journal, signed, acknowledged, settled in PostgreSQL. One endpoint more
 * than counted never answers: it must cost the others nothing. Prints one line of JSON.
 */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openLoad } from '#test/courier/load.ts'

const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '40000' },
    endpoints: { type: 'string', default: '40' },
    ordered: { type: 'boolean', default: false },
    silent: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const endpoints = Number(values.endpoints)
const events = Math.ceil(Number(values.deliveries) / endpoints)
const wanted = events * endpoints

let heard = 0
let firstMs = 0
let lastMs = 0
const load = await openLoad({
  endpoints: endpoints + (values.silent ? 1 : 0),
  ordered: () => values.ordered,
  behave: (n) => (n === endpoints ? () => undefined : undefined),
  hear: (n) => {
    if (n === endpoints) return
    lastMs = performance.now()
    if (heard === 0) firstMs = lastMs
    heard += 1
  },
  portBase: 19_700,
})
await load.write(events, 200)
const courier = load.start()
while ((await load.delivered()) < wanted && courier.exitCode === null) await sleep(200)
const seconds = (lastMs - firstMs) / 1_000
process.stdout.write(
  `${JSON.stringify({ deliveries: heard, endpoints, seconds: Number(seconds.toFixed(2)), perSecond: Math.round(wanted / seconds) })}\n`,
)
courier.kill()
await once(courier, 'exit')
load.stop()
process.exit(0)
