/** `portico fx rates`: what the treasury publishes, from a file; without one, what is in force. */
import { readFileSync } from 'node:fs'
import { publishRates, RateFile, ratesInForce, rateText } from '#bank/fx/index.ts'
import { work } from '#journal/index.ts'
import { openPostgres } from '#platform/db.ts'
import { parseRequest } from '#platform/http.ts'
import type { CellWorld } from '#platform/process.ts'
import { databaseSettings, makeRolePasswords } from './installation.ts'

const addressOf = ({ settings, layout, ports, cell }: CellWorld): string => {
  if (settings.PORTICO_DATABASE_URL_BANK) return settings.PORTICO_DATABASE_URL_BANK
  const url = (role: string, password: string, database: string) =>
    `postgres://${role}:${password}@127.0.0.1:${ports.postgres}/${database}`
  const { roles } = makeRolePasswords(layout)
  return databaseSettings(url, roles)('bank', cell)['PORTICO_DATABASE_URL_BANK'] ?? ''
}

export const tellRates = async (
  world: CellWorld,
  { file, json }: { readonly file: string | undefined; readonly json: boolean },
): Promise<number> => {
  const db = openPostgres(addressOf(world), { name: 'fx-rates', max: 1 })
  const now = world.now()
  try {
    if (file !== undefined) {
      const rates = parseRequest(RateFile, JSON.parse(readFileSync(file, 'utf8')))
      const published = await work(db, 'system', now, (w) => publishRates(w, rates))
      process.stderr.write(`${published} of ${rates.length} rates are new\n`)
    }
    const rows = (await ratesInForce(db, now)).map(({ pair, micros, asOf, goodUntil, source }) => ({
      pair,
      midRate: rateText(micros),
      asOf: asOf.toString(),
      goodUntil: goodUntil.toString(),
      stale: Temporal.Instant.compare(now, goodUntil) >= 0,
      source,
    }))
    if (json) process.stdout.write(`${JSON.stringify(rows)}\n`)
    else
      for (const { pair, midRate, asOf, goodUntil, stale, source } of rows)
        process.stdout.write(
          `${pair}  ${midRate.padStart(18)}  ${asOf} – ${goodUntil}${stale ? '  STALE' : ''}  ${source}\n`,
        )
    return 0
  } finally {
    await db.close()
  }
}
