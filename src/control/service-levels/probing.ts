/** Calls of our own where partners make none: a slice without a call takes what they found. */
import type { Postgres } from '#platform/db.ts'
import type { Job } from '#platform/jobs.ts'
import type { Log } from '#platform/log.ts'
import { levelsOf } from './contracted.ts'
import * as store from './store.ts'

/** Who asks: the platform's own partner, through the same doors as everybody. */
export interface Prober {
  /** Those that it can ask now. */
  products(): readonly string[]
  /** Resolves where the product answered as it should; throws what stood in the way. */
  ask(product: string): Promise<void>
}

export interface ProbingWorld {
  readonly now: () => Temporal.Instant
  readonly zone: string
  readonly log: Log
}

/**
 * Asks every product that something is promised about today, once, whether a contract's own text promises it or an agreement
 * beside it; answers which did not answer.
 */
export const probePromised = async (
  db: Postgres,
  { now, zone, log }: ProbingWorld,
  prober: Prober,
): Promise<string[]> => {
  const today = now().toZonedDateTimeISO(zone).toPlainDate().toString()
  const promised = new Set(
    (await levelsOf(db, undefined, zone))
      .filter(({ terms: { startsOn, endsOn } }) => startsOn <= today && (endsOn ?? '~') > today)
      .map(({ terms }) => terms.product),
  )
  const silent: string[] = []
  for (const product of prober.products().filter((p) => promised.has(p))) {
    // What was asked counts for the minute in which it was asked, however late the answer came.
    const minute = now().round({ smallestUnit: 'minute', roundingMode: 'floor' })
    const answered = await prober.ask(product).then(
      () => true,
      (cause: unknown) => {
        log.warn({ cause, product }, 'a probe found no answer')
        return false
      },
    )
    await store.addProbe(db, product, minute, answered)
    if (!answered) silent.push(product)
  }
  return silent
}

/** Every minute. */
export const probingJob = (db: Postgres, world: ProbingWorld, prober: Prober): Job => ({
  name: 'service-levels-probe',
  cron: '* * * * *',
  zone: world.zone,
  run: async () => void (await probePromised(db, world, prober)),
})
