/** What the partner may ask for in a time: concurrency, rates, quotas, the operation's own budget. */
import { problem } from '#kernel/problem.ts'
import { type Call, type Gateway, identityOf } from '../call.ts'
import type { Admission } from '../limits/admission.ts'

export const spoolFull = problem(
  'gateway/spool-full',
  503,
  'The platform cannot record more calls right now',
)

export const limit = (call: Call, gateway: Gateway): void | Promise<void> => {
  // Never served unbilled: where no more can be recorded, no more is done (G63).
  if (gateway.spool.full())
    throw spoolFull('control has taken too little for too long', {
      headers: { 'retry-after': '30' },
    })
  const { token, application } = identityOf(call)
  const { partner } = application
  const caller = {
    partnerId: partner.id,
    applicationId: application.id,
    consentId: token.consentId,
    subject: token.subject,
  }
  try {
    const admission = gateway.limits.admit(partner.plan, caller, call.operation)
    if (!(admission instanceof Promise)) return admitted(call, admission)
    return admission.then(
      (given) => admitted(call, given),
      (error: unknown) => refused(call, gateway, partner.id, error),
    )
  } catch (error) {
    refused(call, gateway, partner.id, error)
  }
}

const admitted = (call: Call, admission: Admission): void => {
  call.admission = admission
  call.headers.push('ratelimit-policy', admission.policy, 'ratelimit', admission.remaining)
}

/** A partner that runs against its limits a thousand times a second is refused as often, and not written down as often. */
const refused = (call: Call, gateway: Gateway, partnerId: string, error: unknown): never => {
  call.unrecorded = !gateway.limits.worthRecording(partnerId)
  throw error
}
