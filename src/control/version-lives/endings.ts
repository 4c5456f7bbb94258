/** What the cells are told of versions: which end and when, for whom later, and where applications were moved to. */
import type { SnapshotLife, SnapshotPartner } from '#gateway/snapshot.ts'
import type { Cell } from '#kernel/cell.ts'
import { isBefore } from '#kernel/time.ts'
import { officeAddress } from '#platform/config.ts'
import type { Db } from '#platform/db.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { betasJoined } from './betas.ts'
import type { Pin } from './pin.ts'
import * as store from './store.ts'

export interface Endings {
  livesIn(cell: Cell): Readonly<Record<string, SnapshotLife>>
  extensionsOf(partnerId: string): NonNullable<SnapshotPartner['extensions']>
  pinOf(applicationId: string): Pin | undefined
  /** Versions in trial that it asked for. */
  betasOf(applicationId: string): readonly string[]
}

/** Where partners read about versions. */
export const portalOf = ({ ports }: Pick<ProcessWorld, 'ports'>): string =>
  officeAddress(ports, 'portal')

export const readEndings = async (db: Db, portal: string): Promise<Endings> => {
  const lives = await store.lives(db)
  const brownouts = await store.brownouts(db)
  const extensions = Map.groupBy(await store.extensions(db), (one) => one.partnerId)
  const pins = new Map((await store.pins(db)).map((pin) => [pin.applicationId, pin]))
  const joined = await betasJoined(db)
  const sunsets = new Map(lives.map((life) => [life.version, life.sunsetAt]))
  return {
    livesIn: (cell) =>
      Object.fromEntries(
        lives.map(({ version, deprecatedAt, sunsetAt, retiredAt }) => [
          version,
          {
            deprecatedAt: deprecatedAt.toString(),
            sunsetAt: sunsetAt.toString(),
            retired: retiredAt !== null,
            page: `${portal}/guides/versions`,
            brownouts: brownouts
              .filter((one) => one.version === version && one.cell === cell)
              .map(({ startsAt, endsAt, paymentsOf }) => ({
                from: startsAt.toString(),
                to: endsAt.toString(),
                paymentsOf: paymentsOf.toSorted(),
              })),
          },
        ]),
      ),
    extensionsOf: (partnerId) =>
      Object.fromEntries(
        (extensions.get(partnerId) ?? [])
          .filter(({ version, until }) => isBefore(sunsets.get(version) ?? until, until))
          .map(({ version, until }) => [version, until.toString()]),
      ),
    pinOf: (applicationId) => pins.get(applicationId),
    betasOf: (applicationId) => joined.get(applicationId) ?? [],
  }
}
