/** Which core stands behind a cell: the only place that knows. */
import { join } from 'node:path'
import type { Postgres } from '#platform/db.ts'
import type { CellWorld } from '#platform/process.ts'
import { Secret } from '#platform/secret.ts'
import { scenarioPlayed } from '../playing.ts'
import { type Core, coreNotSupported } from './core.ts'

export interface BankCore extends Core {
  /** The same core, whose calls take turns under this key, so that nobody starves the others. */
  behalfOf(key: string): Core
}

/** Each core is loaded only where it is used. */
export const openCore = async (world: CellWorld, db: Postgres): Promise<BankCore> => {
  const { settings, ports, now, log } = world
  switch (world.cell) {
    case 'sandbox': {
      const { openSyntheticCore } = await import('./synthetic/synthetic-core.ts')
      const zone = settings.PORTICO_BANK_ZONE
      const shared = await openSyntheticCore({ db, now, zone })
      const { onBehalf } = await import('./synthetic/behalf.ts')
      const { underScenario } = await import('./synthetic/scenario.ts')
      const behalfOf = (partnerId: string) =>
        underScenario(onBehalf({ db, now, zone, shared }, partnerId), scenarioPlayed()?.name)
      return { ...shared, behalfOf }
    }
    case 'production': {
      const { openLegacyCore } = await import('./legacy/legacy-core.ts')
      const core = openLegacyCore({
        host: settings.PORTICO_CORE_HOST,
        port: ports.core,
        signOn: {
          operator: settings.PORTICO_CORE_OPERATOR,
          password: new Secret(settings.PORTICO_CORE_PASSWORD),
        },
        bankItself: settings.PORTICO_CORE_BANK_CUSTOMER,
        sessionsMax: settings.PORTICO_CORE_SESSIONS,
        statements:
          settings.PORTICO_CORE_STATEMENTS ?? join(world.layout.cell(world.cell).core, 'vypiska'),
        now,
        log,
      })
      const behalfOf = (key: string) => {
        if (scenarioPlayed()) throw coreNotSupported('nothing is played with real customers')
        return core.behalfOf(key)
      }
      return { ...core, behalfOf }
    }
  }
}
