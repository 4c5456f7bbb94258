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
type Served = Pick<Product, 'versions' | 'openapi' | 'servedSince'>

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

/** Since when a day's version is served: since the first product that has it brought it. */
const servedSince = (products: readonly Served[], version: string): Temporal.Instant =>
  products
    .flatMap((product) => product.servedSince[version] ?? [])
    .reduce((first, at) => (isBefore(at, first) ? at : first))

/**
 * Where it was moved to; else the newest that was served when it was made. The day that a document bears is not enough:
 * one that is brought later, with whatever day, moves nobody.
 */
export const pinnedVersion = (
  application: Pick<Application, 'requestedAt'>,
  products: readonly Served[],
  pin?: Pick<Pin, 'version'>,
): string => {
  if (pin) return pin.version
  const { requestedAt } = application
  const day = requestedAt.toZonedDateTimeISO('UTC').toPlainDate().toString()
  const all = stableOf(products).map((version) => ({
    version,
    since: servedSince(products, version),
  }))
  const first = all.reduce<Temporal.Instant | undefined>(
    (at, { since }) => (at && isBefore(at, since) ? at : since),
    undefined,
  )
  assert(first !== undefined, 'a catalogue without documents is not published')
  // One that is older than the whole catalogue speaks what the catalogue began with.
  const until = isBefore(requestedAt, first) ? first : requestedAt
  const versions = all.filter(({ since }) => !isBefore(until, since)).map((one) => one.version)
  const pinned = versions.findLast((version) => version <= day) ?? versions[0]
  assert(pinned !== undefined, 'what the catalogue began with is served')
  return pinned
}
