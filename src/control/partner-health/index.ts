/** How partners are doing: a score whose parts are shown, each with what it came of and whose move it is. */
import { findPartner, type Partner, type PartnerId } from '#control/partners/index.ts'
import { type Health, healthOf, worstFirst } from './health.ts'
import { everyPartner, type HealthWorld, measure } from './measuring.ts'

export { Health, Part, PartName, Stage, weights } from './health.ts'
export type { HealthWorld } from './measuring.ts'

export interface PartnerHealth extends Health {
  readonly organisation: string
  readonly registeredAt: Temporal.Instant
  readonly firstCallAt: Temporal.Instant | null
}

const healthFor = async (
  world: HealthWorld,
  partners: readonly Partner[],
): Promise<PartnerHealth[]> =>
  (await measure(world, partners)).map(({ partner, stage, measured }) => ({
    ...healthOf({ partnerId: partner.id, stage }, measured, world.now),
    organisation: partner.organisation,
    registeredAt: partner.registeredAt,
    firstCallAt: measured.firstCallAt,
  }))

/** Every partner, the worst first. */
export const partnersByHealth = async (world: HealthWorld): Promise<PartnerHealth[]> =>
  (await healthFor(world, await everyPartner(world.db))).toSorted(worstFirst)

export const partnerHealth = async (
  world: HealthWorld,
  id: PartnerId,
): Promise<PartnerHealth | undefined> => {
  const partner = await findPartner(world.db, id)
  return partner && (await healthFor(world, [partner]))[0]
}
