import { bornAtMs } from '#kernel/id.ts'

/** A day on which nobody called. */
const NO_DAY = '1970-01-01'

/**
 * The day in UTC that a call was made on and is kept by: it stands in its id. Of what is no id, and of one that names a year
 * of more than four digits, a day without calls.
 */
export const dayOfCall = (callId: string): string => {
  if (!/^[0-9a-f]{32}$/.test(callId)) return NO_DAY
  const born = Temporal.Instant.fromEpochMilliseconds(bornAtMs(callId)).toString()
  return born.startsWith('+') ? NO_DAY : born.slice(0, 10)
}
