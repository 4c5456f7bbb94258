import { bornAtMs } from '#kernel/id.ts'

/** The day in UTC that a call was made on and is kept by: it stands in its id. Of what is no id, a day without calls. */
export const dayOfCall = (callId: string): string =>
  /^[0-9a-f]{32}$/.test(callId)
    ? Temporal.Instant.fromEpochMilliseconds(bornAtMs(callId)).toString().slice(0, 10)
    : '1970-01-01'
