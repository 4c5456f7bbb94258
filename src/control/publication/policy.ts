/** All facts about partners that verdicts need, read at one moment. */
import type { Db } from '#platform/db.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { type Standing, standingContracts } from '#control/contracts/index.ts'
import { type Budget, listBudgets } from '#control/budgets/index.ts'
import { findPriceVersion, ownPermissions, type PriceVersion } from '#control/catalogue/index.ts'
import {
  currentMatrix,
  type Facts,
  licenceFacts,
  type Matrix,
  withOwnProducts,
} from '#control/licences/index.ts'
import { findPartner, listPartners, type Partner, PartnerId } from '#control/partners/index.ts'

export interface Policy {
  readonly matrix: Matrix
  readonly partners: readonly Partner[]
  facts(partnerId: string): Facts | undefined
  contract(partnerId: string): Standing | undefined
  /** What it may spend, and by which prices that is counted; missing where it has set no cap. */
  caps?(partnerId: string): Caps | undefined
}

export interface Caps {
  readonly budgets: readonly Budget[]
  readonly unitPrices: Readonly<Record<string, string>>
}

export interface Moment {
  readonly now: Temporal.Instant
  readonly bankCountry: string
}

export const momentOf = (world: ProcessWorld): Moment => ({
  now: world.now(),
  bankCountry: world.settings.PORTICO_BANK_COUNTRY,
})

/** The policy for one partner, or for all where none is named. */
export const readPolicy = async (
  db: Db,
  moment: Moment,
  partnerId?: PartnerId,
): Promise<Policy> => {
  const matrix = withOwnProducts(await currentMatrix(db), await ownPermissions(db))
  const { partners, contracts, alone, principalIdOf } = await readAlone(db, moment, partnerId)
  // Of one partner alone, the principal that it acts under has not been read yet.
  const principalId = partnerId && PartnerId.safeParse(principalIdOf(partnerId)).data
  const principals = principalId ? (await readAlone(db, moment, principalId)).alone : alone
  return {
    matrix,
    partners,
    contract: (id) => contracts.get(id),
    caps: await readCaps(db, contracts, partnerId),
    facts: (id) => {
      const facts = alone(id)
      const principal = principalIdOf(id)
      return facts && { ...facts, principal: (principal && principals(principal)) || null }
    },
  }
}

/** Facts without those of a principal. */
const readAlone = async (db: Db, { now, bankCountry }: Moment, partnerId?: PartnerId) => {
  const one = partnerId && (await findPartner(db, partnerId))
  const partners = partnerId ? (one ? [one] : []) : await allPartners(db)
  const contracts = await standingContracts(db, now, partnerId)
  const licences = await licenceFacts(db, partnerId)
  const byId = new Map<string, Partner>(partners.map((p) => [p.id, p]))
  const alone = (id: string): Facts | undefined => {
    const partner = byId.get(id)
    if (!partner) return undefined
    const { held, stopped, frozenSince, recertifyBy, evidence } = licences(id)
    const contract = contracts.get(id) ?? null
    const declared = partner.declaredStatuses
    return {
      partner,
      declared,
      held,
      stopped,
      frozenSince,
      recertifyBy,
      evidence,
      contract,
      bankCountry,
      principal: null,
    }
  }
  return { partners, contracts, alone, principalIdOf: (id: string) => licences(id).principalId }
}

/** Caps in the currency of their partner's contract: nothing else is spent. */
const readCaps = async (
  db: Db,
  contracts: ReadonlyMap<string, Standing>,
  partnerId?: PartnerId,
): Promise<(id: string) => Caps | undefined> => {
  const all = Map.groupBy(
    (await listBudgets(db, partnerId)).filter((b) => b.cap !== null),
    (b) => b.partnerId,
  )
  const versions = new Map<string, PriceVersion | undefined>()
  const caps = new Map<string, Caps>()
  for (const [id, budgets] of all) {
    const version = contracts.get(id)?.priceVersion
    if (version === undefined) continue
    if (!versions.has(version)) versions.set(version, await findPriceVersion(db, version))
    const prices = versions.get(version)
    if (!prices) continue
    const own = budgets.filter((b) => b.currency === prices.currency)
    if (own.length > 0) caps.set(id, { budgets: own, unitPrices: prices.unitPrices })
  }
  return (id) => caps.get(id)
}

const PAGE = 10_000

const allPartners = async (db: Db): Promise<Partner[]> => {
  const partners: Partner[] = []
  for (;;) {
    const page = await listPartners(db, partners.at(-1)?.id, PAGE)
    partners.push(...page)
    if (page.length < PAGE) return partners
  }
}
