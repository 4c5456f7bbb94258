/**
 * A place among the calls that the bank works on, or a turn in the queue for one (G33–G35). It stands behind the body:
 * nobody holds a place in front of the core by sending slowly. And before `once`, so that what is refused claims nothing.
 */
import { type Call, type Gateway, identityOf } from '../call.ts'
import { rankOf } from '../edge/shedding.ts'

/** G15: every call is answered within this, counted from its arrival. */
export const DEADLINE_MS = 25_000

export const protect = (call: Call, gateway: Gateway): void | Promise<void> => {
  if (call.upstream) return
  const { operation } = call
  const present = call.head.headers['x-fapi-customer-ip-address'] !== undefined
  const seat = gateway.upstreams.admit(
    {
      operation,
      partnerId: identityOf(call).application.partner.id,
      priority: rankOf(operation.priority, present),
      untilMs: call.startedMs + DEADLINE_MS,
      played: call.scenario !== undefined,
    },
    call.wire,
  )
  if (seat instanceof Promise)
    return seat.then((given) => {
      call.seat = given
    })
  call.seat = seat
}
