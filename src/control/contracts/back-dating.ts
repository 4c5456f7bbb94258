/** Prices that both sides let rule a time that is over: a mistake is put right by one more line, never by another past. Pure. */
import { isBefore } from '#kernel/time.ts'
import type { Part } from './compiled.ts'
import { type Contract, contractStep, offerRefused } from './contract.ts'

/** Invoices are rated anew for the month before theirs: further back a price is put right by a credit note. */
const DAYS_BACK = 31

const reach = (now: Temporal.Instant) => now.subtract({ hours: 24 * DAYS_BACK })

/** Its text says so: one that was only signed late begins when both have signed. */
export const isBackDated = ({ document }: Pick<Contract, 'document'>): boolean =>
  JSON.parse(document).backDated === true

/** What money is counted in, and by whose days. */
interface Counted {
  readonly currency: string
  readonly terms: { readonly zone?: string | undefined }
}

export interface BackDating {
  readonly validFrom: Temporal.Instant
  /** Since when what it changes rules; undefined: it changes nothing that does. */
  readonly since: Temporal.Instant | undefined
  readonly changes: readonly Part[] | undefined
  readonly before: Counted
  readonly after: Counted
}

/** Throws unless nothing but money changes: what was enforced that day was enforced, and no paper changes it. */
export const checkBackDated = (
  { validFrom, since, changes, before, after }: BackDating,
  now: Temporal.Instant,
): void => {
  const refuse = (detail: string): never => {
    throw offerRefused(`${validFrom.toString()} is over; ${detail}`, {
      hint: 'Terms begin ahead, or when both have signed. Older mistakes are put right by a credit note.',
    })
  }
  if (since === undefined || changes?.length !== 1 || changes[0] !== 'prices')
    refuse('of a time that is over an amendment changes prices and nothing else')
  if (since && isBefore(validFrom, since)) refuse('what it changes ruled later')
  if (isBefore(validFrom, reach(now))) refuse(`it goes back ${DAYS_BACK} days at most`)
  if (validFrom.epochNanoseconds % 3_600_000_000_000n !== 0n)
    refuse('calls are counted by the hour, so prices begin at a whole one')
  if (before.currency !== after.currency || before.terms.zone !== after.terms.zone)
    refuse('the currency and the zone of its days stay')
}

/** Throws where it waited too long for its signatures. */
export const checkReach = (validFrom: Temporal.Instant, now: Temporal.Instant): void => {
  if (isBefore(validFrom, reach(now)))
    throw contractStep(`its prices begin more than ${DAYS_BACK} days ago by now`)
}
