/** What happened to a partner, for programs that ask instead of being told: the courier's own feed, a page at a time. */
import type { Caller } from '../partner-call.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import type { BankWorld } from '../world.ts'
import type { EventsQuery } from './query.ts'

/**
 * The page behind a cursor, in the version that the call speaks. The courier numbers events in the order in which they were
 * committed, so a page never passes one that comes later; its number is sealed, for it would say how busy the bank is.
 */
export const listEvents = async (
  { courier, keys }: Pick<BankWorld, 'courier' | 'keys'>,
  { partnerId, applicationId }: Pick<Caller, 'partnerId' | 'applicationId'>,
  { cursor, limit, types, version }: EventsQuery,
) => {
  const place = ['events', partnerId]
  const { data, next } = await courier.feed({
    partnerId,
    applicationId,
    after: cursor === undefined ? null : openCursor(keys, place, cursor),
    limit,
    types: [...types],
    ...(version && { version }),
  })
  return { data, next: sealCursor(keys, place, next) }
}
