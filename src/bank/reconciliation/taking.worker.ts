/** The intake of statements as a process of its own, for tests: `DATABASE DIRECTORY` as arguments. It can be killed anywhere. */
import { openPostgres } from '#platform/db.ts'
import { openLog } from '#platform/log.ts'
import { statementsIn } from '../cores/legacy/statement.ts'
import { takeStatements } from './taking.ts'

const [url = '', directory = ''] = process.argv.slice(2)
const now = () => Temporal.Instant.from('2026-11-22T03:00:00Z')
const db = openPostgres(url, { name: 'taking', max: 1 })
await takeStatements(
  { db, now, log: openLog({ process: 'taking' }, 'silent'), batch: 25 },
  statementsIn(directory, () => new Temporal.PlainDate(2026, 11, 22)),
)
await db.close()
