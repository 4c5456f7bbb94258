/** What the partner may ask for in a time: concurrency, rate, quota, the operation's own budget. */
import { problem } from '#kernel/problem.ts'
import { type Call, type Gateway, identityOf } from '../call.ts'

export const spoolFull = problem(
  'gateway/spool-full',
  503,
  'The platform cannot record more calls right now',
)

export const limit = (call: Call, gateway: Gateway): void => {
  // Never served unbilled: where no more can be recorded, no more is done (G63).
  if (gateway.spool.full())
    throw spoolFull('control has taken too little for too long', {
      headers: { 'retry-after': '30' },
    })
  const { partner } = identityOf(call).application
  const admission = gateway.limits.admit(partner, call.operation, call.startedMs, call.atMs)
  call.admission = admission
  call.headers.push('ratelimit-policy', admission.policy, 'ratelimit', admission.remaining)
}
