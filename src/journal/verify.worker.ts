/** One thread of the verifier: takes spans, one at a time, from files or from the database. */
import { parentPort, workerData } from 'node:worker_threads'
import { openPostgres } from '#platform/db.ts'
import { checkBundles } from './bundles.ts'
import { checkRows } from './rows.ts'
import { Source, Span, type SpanResult } from './span.ts'

const source = Source.parse(workerData)

const checking = (): ((span: Span) => Promise<SpanResult>) => {
  if (source.kind === 'bundles') return async (span) => checkBundles(source.folder, span)
  const db = openPostgres(source.url, { name: 'journal verify', max: 1 })
  return (span) => checkRows(db, source.tiles, span)
}
const check = checking()

parentPort?.on('message', (message: unknown) => {
  void check(Span.parse(message)).then((result) => parentPort?.postMessage(result))
})
