/** Where a call is done: in the time of the partner's world, and under what was asked to be played there. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { problem } from '#kernel/problem.ts'
import { PLAYED_HEADER } from '#platform/caller.ts'
import type { Server } from '#platform/http.ts'
import { underTurnedClock } from '#platform/turned-clock.ts'
import type { Place } from './cores/worlds.ts'
import type { BankWorld } from './world.ts'

declare module 'fastify' {
  interface FastifyRequest {
    place: Place | null
  }
}

/** What a call goes on to do where it is. */
interface Visit {
  readonly place: Place
  answersLate: boolean
}

const underWay = new AsyncLocalStorage<Visit>()

/** Longer than the courier takes to bring an event to an endpoint that is there. */
const LATE_MS = 2_500

/** Undefined where nobody plays. */
export const placeHere = (): Place | undefined => underWay.getStore()?.place

/** Lets the call that is under way answer after its events have been brought. */
export const answerLate = (): void => {
  const visit = underWay.getStore()
  if (visit) visit.answersLate = true
}

/** Does something where a partner is now. */
export const inPlaceOf = async <T>(
  { coreFor }: Pick<BankWorld, 'coreFor'>,
  partnerId: string,
  body: () => Promise<T>,
): Promise<T> => {
  const place = await coreFor(partnerId).worlds?.of(partnerId).place()
  return place ? within(place, body) : body()
}

const within = <T>(place: Place, body: () => T): T =>
  underWay.run({ place, answersLate: false }, () => underTurnedClock(place.aheadMs, body))

/** What the entrance would say; here it is played, so that renewing and waiting can be tried. */
const senderUnproven = problem(
  'gateway/sender-unproven',
  401,
  'The sender did not prove to hold the token’s key',
)
const rateLimited = problem('gateway/rate-limited', 429, 'Too many calls')

const refusals: Readonly<Record<string, () => Error>> = {
  certificate_expired: () =>
    senderUnproven('the client certificate has expired, as it was asked to'),
  limit_reached: () =>
    rateLimited('your limit is used up, as it was asked to be', {
      headers: { 'Retry-After': '5' },
    }),
}

/** Operations on worlds stay open: they are how one gets out again. */
const aboutWorlds = '/sandbox/v1/'

/** Behind the proof of who calls, before any room. */
export const playPlaces = (server: Server, bank: BankWorld): void => {
  server.decorateRequest('place', null)
  server.addHook('preHandler', async (request, reply) => {
    const { partnerCall, url } = request
    if (!partnerCall) return
    const worlds = bank.coreFor(partnerCall.partnerId).worlds
    const place = await worlds?.of(partnerCall.partnerId).place()
    const refusal = place?.play == null ? undefined : refusals[place.play]
    if (refusal && !url.startsWith(aboutWorlds)) throw refusal()
    request.place = place ?? null
    if (place?.play != null) void reply.header(PLAYED_HEADER, '1')
  })
  server.addHook('preHandler', ({ place }, _reply, done) => {
    if (place) within(place, done)
    else done()
  })
  server.addHook('onSend', async () => {
    if (underWay.getStore()?.answersLate) await sleep(LATE_MS)
  })
}
