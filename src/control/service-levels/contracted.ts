/** Promises that stand in the texts of contracts: they rule for as long as their text does, and nobody copies them. */
import { createHash } from 'node:crypto'
import type { Db } from '#platform/db.ts'
import { contractPromises } from '#control/contracts/index.ts'
import { type Level, LevelId } from './agreement.ts'
import * as store from './store.ts'

/** The same promise of the same text has the same id, whoever asks. */
const idOfPromise = (contractId: string, product: string): LevelId =>
  LevelId.parse(
    `level_${createHash('sha256').update(`${contractId} ${product}`).digest('hex').slice(0, 32)}`,
  )

/** By the days of a zone: the day on which other terms begin is theirs. */
const contracted = async (db: Db, zone: string, partnerId?: string): Promise<Level[]> => {
  const dayOf = (at: Temporal.Instant) => at.toZonedDateTimeISO(zone).toPlainDate().toString()
  return (await contractPromises(db, partnerId)).flatMap((contract) => {
    const { contractId, partnerId: of, activeFrom, endsAt, levels } = contract
    const startsOn = dayOf(activeFrom)
    const endsOn = endsAt && dayOf(endsAt)
    if (endsOn !== null && endsOn <= startsOn) return []
    return levels.map((terms) => ({
      id: idOfPromise(contractId, terms.product),
      partnerId: of,
      contractId,
      terms: { ...terms, startsOn, endsOn },
    }))
  })
}

/** Every promise of a partner, or of all: of contracts' own texts, and those that were agreed beside them. */
export const levelsOf = async (db: Db, partnerId?: string, zone = 'UTC'): Promise<Level[]> => {
  const own = await contracted(db, zone, partnerId)
  const ids = new Set(own.map((level) => level.id))
  return [...own, ...(await store.levels(db, partnerId)).filter((level) => !ids.has(level.id))]
}
