/** Who stands on a version: whose applications speak it where they name none, and who called with it. */
import type { Cell } from '#kernel/cell.ts'
import { isBefore } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import { listProducts } from '#control/catalogue/index.ts'
import { noticesOfTier, standingContracts } from '#control/contracts/index.ts'
import { listApplications, listPartners, type Partner } from '#control/partners/index.ts'
import { type VersionUse, versionUse } from '#control/usage/index.ts'
import { acknowledgements } from '#control/webhooks/index.ts'
import { NOTICE_MONTHS } from './life.ts'
import { pinnedVersion } from './pin.ts'
import * as store from './store.ts'

/** Work that is done once a year is work too. */
const LOOK_BACK_DAYS = 400

export const lookBackFrom = (now: Temporal.Instant): Temporal.PlainDate =>
  now.toZonedDateTimeISO('UTC').toPlainDate().subtract({ days: LOOK_BACK_DAYS })

export interface StandsOn {
  readonly partnerId: string
  readonly organisation: string
  /** How long before a breaking change its contract wants to be told. */
  readonly noticeMonths: number
  readonly applications: { id: string; name: string; cell: Cell; pinned: boolean }[]
  readonly calls: number
  readonly lastAt: Temporal.Instant | null
  readonly lastProductionAt: Temporal.Instant | null
  /** Null: it was not told yet. */
  readonly acknowledged: boolean | null
}

export const DEPRECATED = 'version-deprecated'

/** Partners that stand on a version, the busiest first. */
export const standingOn = async (
  db: Db,
  version: string,
  now: Temporal.Instant,
): Promise<StandsOn[]> => {
  const products = await listProducts(db)
  const pins = new Map((await store.pins(db)).map((pin) => [pin.applicationId, pin]))
  const used = Map.groupBy(
    await versionUse(db, { since: lookBackFrom(now), version }),
    (use) => use.partnerId,
  )
  const applications = Map.groupBy(
    await listApplications(db, { status: 'active' }, 1_000_000),
    (application) => application.partnerId,
  )
  const told = new Map(
    (await acknowledgements(db, { kind: DEPRECATED, subject: version })).map((one) => [
      one.partnerId as string,
      one.acknowledged,
    ]),
  )
  const contracts = await standingContracts(db, now)
  const partners = await everyPartner(db)
  return partners
    .flatMap(({ id: partnerId, organisation }) => {
      const uses = used.get(partnerId) ?? []
      const speaking = (applications.get(partnerId) ?? []).flatMap(
        ({ id, name, cell, requestedAt }) => {
          const pinned = pinnedVersion({ requestedAt }, products, pins.get(id)) === version
          const isUsed = uses.some((use) => use.applicationId === id)
          return pinned || isUsed ? [{ id, name, cell, pinned }] : []
        },
      )
      if (speaking.length === 0 && uses.length === 0) return []
      const contract = contracts.get(partnerId)
      return [
        {
          partnerId,
          organisation,
          noticeMonths: contract
            ? (contract.notices ?? noticesOfTier(contract.tier)).breakingMonths
            : NOTICE_MONTHS,
          applications: speaking,
          calls: uses.reduce((sum, { calls }) => sum + calls, 0),
          lastAt: lastOf(uses),
          lastProductionAt: lastOf(uses.filter(({ cell }) => cell === 'production')),
          acknowledged: told.get(partnerId) ?? null,
        },
      ]
    })
    .toSorted((a, b) => b.calls - a.calls)
}

const lastOf = (uses: readonly VersionUse[]): Temporal.Instant | null =>
  uses.reduce<Temporal.Instant | null>(
    (last, { lastAt }) => (last && isBefore(lastAt, last) ? last : lastAt),
    null,
  )

const PAGE = 10_000

export const everyPartner = async (db: Db): Promise<Partner[]> => {
  const partners: Partner[] = []
  for (;;) {
    const page = await listPartners(db, partners.at(-1)?.id, PAGE)
    partners.push(...page)
    if (page.length < PAGE) return partners
  }
}
