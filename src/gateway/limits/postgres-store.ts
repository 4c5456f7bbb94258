/** Leases from the cell's PostgreSQL: windows always, rates where no Valkey is named. The statements are its functions. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import type { RateAsk, RateStore, WindowAsk, WindowReturn, WindowStore } from './store.ts'

const Granted = z.object({ place: z.int(), granted: z.int(), level: z.bigint() })

/** Asks in the order of their keys: two gateways that ask for the same keys lock them in one order. */
const inOrder = <Ask extends { readonly key: string }>(asks: readonly Ask[]) =>
  asks.map((ask, place) => ({ ask, place })).toSorted((a, b) => (a.ask.key < b.ask.key ? -1 : 1))

/** Grants at the places of their asks. */
const atPlaces = <Row>(
  ordered: readonly { place: number }[],
  rows: readonly (Row & { place: number })[],
): Row[] => {
  const found: Row[] = []
  for (const row of rows) {
    const ask = ordered[row.place - 1]
    if (ask) found[ask.place] = row
  }
  return found
}

export const postgresRates = (db: Db): RateStore => ({
  lease: async (asks) => {
    const ordered = inOrder(asks)
    const all = <T>(of: (ask: RateAsk) => T) => ordered.map(({ ask }) => of(ask))
    const rows = await db.many(Granted)`
      select place::int, granted, level
        from limits.lease_rates(
               ${all((a) => a.key)}::text[], ${all((a) => a.terms.microPerSecond)}::bigint[],
               ${all((a) => a.terms.capacity)}::bigint[], ${all((a) => a.least)}::int[],
               ${all((a) => a.want)}::int[], ${all((a) => Math.ceil(a.owed))}::bigint[])
             with ordinality as lease (granted, level, place)
    `
    return atPlaces(
      ordered,
      rows.map(({ place, granted, level }) => ({ place, granted, level: Number(level) })),
    )
  },
})

const WindowGranted = z.object({
  place: z.int(),
  granted: z.bigint(),
  left: z.bigint(),
  starts: z.instanceof(Temporal.PlainDate),
  endsInMs: z.bigint(),
  returns: z.int(),
})

export const postgresWindows = (db: Db, boot: () => string): WindowStore => ({
  lease: async (asks) => {
    const ordered = inOrder(asks)
    const all = <T>(of: (ask: WindowAsk) => T) => ordered.map(({ ask }) => of(ask))
    const rows = await db.many(WindowGranted)`
      select place::int, granted, remaining as "left", starts, ends_in_ms as "endsInMs", returns
        from limits.lease_windows(
               ${boot()}, ${all((a) => a.key)}::text[], ${all((a) => a.period)}::text[],
               ${all((a) => a.zone)}::text[], ${all((a) => a.limit)}::bigint[],
               ${all((a) => a.least)}::bigint[], ${all((a) => a.want)}::bigint[], ${asks[0]?.live ?? 1})
             with ordinality as lease (granted, remaining, starts, ends_in_ms, returns, place)
    `
    return atPlaces(
      ordered,
      rows.map(({ place, granted, left, starts, endsInMs, returns }) => ({
        place,
        granted: Number(granted),
        left: Number(left),
        starts: starts.toString(),
        endsInMs: Number(endsInMs),
        returns,
      })),
    )
  },
  giveBack: async (returns) => {
    const ordered = inOrder(returns)
    const all = <T>(of: (back: WindowReturn) => T) => ordered.map(({ ask }) => of(ask))
    await db.run`
      select limits.return_windows(
               ${boot()}, ${all((r) => r.key)}::text[], ${all((r) => r.starts)}::date[],
               ${all((r) => r.returns)}::int[], ${all((r) => r.permits)}::bigint[])
    `
  },
})

const Heard = z.object({ live: z.int(), fenced: z.boolean() })

/** Says that this boot lives; answers how many do, and whether it was fenced for its silence. */
export const hear = (db: Db, boot: string, name: string) =>
  db.one(Heard)`select live, fenced from limits.hear(${boot}, ${name})`

/** This boot ends in order: it is counted no more. */
export const leaveGateways = (db: Db, boot: string) =>
  db.run`delete from limits.gateway where boot = ${boot}`

const KEPT_DAYS = 70

/** Forgets buckets that are full again, windows that ended long ago, boots that were fenced. */
export const purgeLimits = async (db: Db): Promise<number> => {
  const buckets = await db.run`
    delete from limits.bucket
     where key = any (array(
       select key from limits.bucket
        where full_us < limits.now_us()
        order by full_us
        limit 5000
          for update skip locked))
  `
  const windows = await db.run`
    delete from limits.window where starts < current_date - ${KEPT_DAYS}::int
  `
  const leases = await db.run`
    delete from limits.lease where starts < current_date - ${KEPT_DAYS}::int
  `
  const boots = await db.run`
    delete from limits.gateway where fenced_at < now() - make_interval(days => ${KEPT_DAYS})
  `
  return buckets + windows + leases + boots
}
