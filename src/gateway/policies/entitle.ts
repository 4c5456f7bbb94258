/** Whether this partner, by this application, may use this operation at all. The first missing gate is named (O41). */
import { type Giver, Problem, problem, type Particulars } from '#kernel/problem.ts'
import { type Call, type Gateway, identityOf } from '../call.ts'
import { contractInactive } from '../limits/refusal.ts'
import type { Operation } from '../documents/operation.ts'
import type { Verdict } from '../snapshots/table.ts'

export const partnerSuspended = problem('partners/suspended', 403, 'The partner is suspended')
export const licenceMissing = problem('licences/missing', 403, 'No licence grants this')
export const licenceExpired = problem(
  'licences/expired',
  403,
  'The evidence for the licence has lapsed',
)
export const licenceSuspended = problem('licences/suspended', 403, 'The bank has suspended this')
export const licenceExceeded = problem(
  'licences/exceeded',
  403,
  'The licence does not reach this far',
)
export const attestationMissing = problem(
  'licences/attestation-missing',
  403,
  'An attestation is missing',
)
export const scopeMissing = problem('gateway/scope-missing', 403, 'The scope is missing')
export const revocationsUnheard = problem(
  'gateway/revocations-unheard',
  503,
  'The platform cannot make sure that nothing was revoked',
)

/** G49: how long each class of risk is served without a word from the streams of revocations. */
const servedUnheardMs: Readonly<Record<Operation['risk'], number>> = {
  high: 5_000,
  personal: 600_000,
  reference: Number.POSITIVE_INFINITY,
}

const kinds = new Map(
  [
    partnerSuspended,
    licenceMissing,
    licenceExpired,
    licenceSuspended,
    licenceExceeded,
    attestationMissing,
    contractInactive,
  ].map((kind) => [kind.code, kind]),
)

export const entitle = (call: Call, gateway: Gateway): void => {
  const { operation, table, atMs } = call
  const unheard = gateway.unheardMs() > servedUnheardMs[operation.risk]
  // Who has just begun may have heard nothing yet, however short that is: what was revoked before is as revoked as ever.
  if (unheard || (operation.risk === 'high' && !gateway.knowsRevocations()))
    throw revocationsUnheard('calls of this risk wait until it can', {
      headers: { 'retry-after': '5' },
    })

  const { application, token } = identityOf(call)
  const { partner } = application
  if (!partner.active || gateway.denials.denies('partner', partner.id, atMs, table.compiledAtMs))
    throw partnerSuspended('the bank has suspended this partner', { gate: 'bank' })

  call.permission = grantedOf(call, gateway)
  if (!application.scopes.has(operation.scope))
    throw scopeMissing(
      `the application is not registered for the scope ${operation.scope}`,
      scopeParticulars(call, 'bank'),
    )
  if (!token.scopes.has(operation.scope))
    throw scopeMissing(
      `the access token does not hold the scope ${operation.scope}`,
      scopeParticulars(call, 'partner'),
    )
}

/** RFC 6750 §3.1, RFC 9449 §7.1. */
const scopeParticulars = (call: Call, gate: Giver): Particulars => {
  const said = `error="insufficient_scope", scope="${call.operation.scope}"`
  return {
    gate,
    headers: { 'www-authenticate': call.door.mutual ? `Bearer ${said}` : `DPoP ${said}` },
  }
}

/** Of the operation's permissions the first that is granted now; where none is, the first one's missing gate. */
const grantedOf = (call: Call, gateway: Gateway): string => {
  const { permissions } = call.operation
  let first: Problem | undefined
  for (const permission of permissions) {
    const missing = missingOf(call, gateway, permission)
    if (!missing) return permission
    first ??= missing
  }
  throw first ?? licenceMissing('the operation names no permission', { gate: 'bank' })
}

const missingOf = (call: Call, gateway: Gateway, permission: string): Problem | undefined => {
  const { application } = identityOf(call)
  const verdict = application.verdicts.get(permission)
  if (!verdict) return licenceMissing(`nothing grants ${permission}`, { gate: 'partner' })
  if (!verdict.granted) return refusalOf(verdict)
  if (verdict.untilMs <= call.atMs)
    return licenceExpired(`the evidence for ${permission} has ended`, { gate: 'partner' })
  // Read only: what moves money or shows secrets waits until the evidence is renewed.
  if (call.operation.risk === 'high' && verdict.writesUntilMs <= call.atMs)
    return licenceExpired(
      `evidence for ${permission} has ended, and until it is renewed it is read only`,
      { gate: 'partner' },
    )
  if (
    gateway.denials.denies(
      'permission',
      `${application.partner.id} ${permission}`,
      call.atMs,
      call.table.compiledAtMs,
    )
  )
    return licenceSuspended(`the bank has suspended ${permission}`, { gate: 'bank' })
  return undefined
}

/** The gate as the snapshot names it. A code that we do not know refuses too: unknown is denied (S24). */
const refusalOf = ({ code, detail, gate }: Extract<Verdict, { granted: false }>): Problem =>
  (kinds.get(code) ?? licenceMissing)(detail, { gate })
