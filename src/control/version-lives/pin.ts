/** Which version an application speaks where it names none. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { isBefore } from '#kernel/time.ts'
import type { Product } from '#control/catalogue/index.ts'
import type { Application } from '#control/partners/index.ts'
import { isBeta } from '#control/versions/index.ts'

export const Pin = z.object({
  applicationId: z.string(),
  version: z.string(),
  before: z.string(),
  movedAt: z.instanceof(Temporal.Instant),
})
export type Pin = z.output<typeof Pin>

/** For so long one click goes back to where an application was. */
const BACK_HOURS = 72

export const mayGoBack = ({ movedAt }: Pin, now: Temporal.Instant): boolean =>
  isBefore(now, movedAt.add({ hours: BACK_HOURS }))

/** One calendar for the whole bank, oldest first. */
export const calendarOf = (products: readonly Pick<Product, 'versions'>[]): string[] =>
  [...new Set(products.flatMap((p) => p.versions))].toSorted()

type Dated = Pick<Product, 'versions' | 'openapi'>

/** Days of versions in trial. */
export const betasOf = (products: readonly Dated[]): ReadonlySet<string> =>
  new Set(
    products.flatMap(({ versions, openapi }) => (isBeta(openapi) ? (versions.at(-1) ?? []) : [])),
  )

/** Without those in trial. */
export const stableOf = (products: readonly Dated[]): string[] => {
  const betas = betasOf(products)
  return calendarOf(products).filter((version) => !betas.has(version))
}

/** Where it was moved to; else the newest that was published when it was made. */
export const pinnedVersion = (
  application: Pick<Application, 'requestedAt'>,
  products: readonly Dated[],
  pin?: Pick<Pin, 'version'>,
): string => {
  if (pin) return pin.version
  const versions = stableOf(products)
  const day = application.requestedAt.toZonedDateTimeISO('UTC').toPlainDate().toString()
  const pinned = versions.findLast((version) => version <= day) ?? versions[0]
  assert(pinned !== undefined, 'a catalogue without documents is not published')
  return pinned
}
