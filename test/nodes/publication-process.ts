/** One copy of what control publishes, as a process that can be killed: `DATABASE_URL SOCKET`, its data by PORTICO_DATA. */
import { portsOf, readSettings } from '#platform/config.ts'
import { openPostgres } from '#platform/db.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import { startPublication } from '#control/publication/index.ts'

const [url = '', socket = ''] = process.argv.slice(2)
const settings = readSettings(process.env)
const layout = layoutOf(settings.PORTICO_DATA)
/** Its log says to whoever started it that it leads. */
const log = openLog({ process: 'control' }, 'info')
await startPublication({
  db: openPostgres(url, { name: 'control copy', max: 4 }),
  world: {
    settings,
    layout: { ...layout, control: { ...layout.control, socket } },
    ports: portsOf(settings),
    log,
    now: () => Temporal.Now.instant(),
  },
  log,
  leaderUrl: url,
})
