/**
 * Whether the customer agreed: to this kind of thing, this permission, this account, now, this often (O43, O57), and,
 * once the body is read, to exactly this amount and payee (dynamic linking, O20).
 */
import { isIP } from 'node:net'
import { canonical } from '#kernel/canonical.ts'
import { problem, type Problem } from '#kernel/problem.ts'
import type { Detail } from '../access-token.ts'
import { type Call, type Gateway, identityOf } from '../call.ts'
import type { ConsentRule } from '../operation.ts'

export const consentMissing = problem(
  'consents/missing',
  403,
  'The operation needs the customer’s consent',
)
export const consentRevoked = problem('consents/revoked', 403, 'The consent was revoked')
export const consentExpired = problem('consents/expired', 403, 'The consent has expired')
export const consentExceeded = problem('consents/exceeded', 403, 'The consent does not cover this')
export const frequencyExceeded = problem(
  'consents/frequency-exceeded',
  429,
  'Unattended accesses are used up',
)
export const differsFromConsent = problem(
  'payments/differs-from-consent',
  400,
  'The payment is not the one that the customer approved',
)
/** Missing, foreign and not in the consent look the same (G57): this is the one text that they have. */
const noSuchResource = problem('gateway/not-found', 404, 'No such resource')
export const notFound = (): Problem => noSuchResource('there is nothing here for you')

export const consent = (call: Call, gateway: Gateway): void => {
  const { token } = identityOf(call)
  const { consentId } = token
  if (consentId !== null && isRevoked(call, gateway, consentId))
    throw consentRevoked('it was ended', { gate: 'customer' })
  const rule = call.operation.consent
  if (rule === null) return
  if (consentId === null)
    throw consentMissing(`the token carries none of type ${rule.type}`, { gate: 'customer' })

  const verdicts = token.details
    .filter((d) => d.type === rule.type)
    .map((detail) => verdictOn(detail, rule, call))
  const covering = verdicts.find((v) => 'detail' in v)
  if (!covering) throw refusalOf(verdicts[0])
  call.coverage = {
    consentId,
    detail: covering.detail,
    permissions: new Set(covering.detail.permissions),
  }
  if (isUnattendedRead(call)) takeAccess(call, gateway, consentId)
}

/** A consent is the grant (A40), so that either word ends it. */
const isRevoked = (call: Call, gateway: Gateway, id: string): boolean => {
  const { atMs, table } = call
  return (
    gateway.denials.denies('consent', id, atMs, table.compiledAtMs) ||
    gateway.denials.denies('grant', id, atMs, table.compiledAtMs)
  )
}

type Verdict = { readonly detail: Detail } | { readonly why: 'expired' | 'permission' | 'account' }

const verdictOn = (detail: Detail, rule: ConsentRule, call: Call): Verdict => {
  if (detail.expirationDateTime !== undefined) {
    // An end that cannot be read has come (S24).
    const endsMs = Date.parse(detail.expirationDateTime)
    if (!(endsMs > call.atMs)) return { why: 'expired' }
  }
  if (rule.permissions && !rule.permissions.some((p) => detail.permissions?.includes(p)))
    return { why: 'permission' }
  const account = rule.account === undefined ? undefined : call.parameters[rule.account]
  if (rule.account !== undefined && (account === undefined || !detail.accounts?.includes(account)))
    return { why: 'account' }
  return { detail }
}

const refusalOf = (verdict: Verdict | undefined): Problem => {
  if (verdict === undefined || 'detail' in verdict)
    return consentExceeded('the consent is of another kind', { gate: 'customer' })
  switch (verdict.why) {
    case 'expired':
      return consentExpired('it is past its end', { gate: 'customer' })
    case 'permission':
      return consentExceeded('none of the permissions that the operation needs is in it', {
        gate: 'customer',
      })
    case 'account':
      return notFound()
  }
}

/** RTS Art. 36(5)(b) speaks of account information that is read while the customer does not ask for it. */
const isUnattendedRead = (call: Call): boolean => {
  const { operation, head } = call
  if (
    operation.method !== 'GET' ||
    (operation.priority !== 'accounts' && operation.priority !== 'bulk')
  )
    return false
  const present = head.headers['x-fapi-customer-ip-address']
  return present === undefined || isIP(present) === 0
}

const takeAccess = (call: Call, gateway: Gateway, consentId: string): void => {
  const account = call.operation.consent?.account
  const key = `${consentId} ${account === undefined ? '' : call.parameters[account]} ${call.operation.id}`
  const furtherPage =
    call.operation.parameters.pagesByCursor && /(?:^|&)cursor=/.test(call.head.query)
  const access = gateway.frequency.take(key, furtherPage, call.atMs)
  if (!access.allowed)
    throw frequencyExceeded('four accesses in 24 hours are allowed while the customer is absent', {
      gate: 'customer',
      hint: 'Ask again while the customer is present, and say so in x-fapi-customer-ip-address.',
      headers: { 'retry-after': String(access.retryAfterS) },
    })
  call.access = access
}

/** Behind `validate`: what is asked for is what was approved, member by member. */
export const linked = (call: Call): void => {
  const detail = call.coverage?.detail
  const binds = call.operation.consent?.binds
  if (!binds || !detail) return
  const errors = binds
    .filter((bind) => canonical(at(call.json, bind.body)) !== canonical(at(detail, bind.detail)))
    .map((bind) => ({
      pointer: bind.body,
      code: 'differs',
      detail: 'is not what the customer approved',
    }))
  if (errors.length > 0)
    throw differsFromConsent(`${errors.length} member(s) differ from the consent`, {
      errors,
      gate: 'customer',
    })
}

/** RFC 6901, own members only. */
const at = (value: unknown, pointer: string): unknown => {
  let found = value
  for (const part of pointer.slice(1).split('/')) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined
    found = Reflect.get(found, name)
  }
  return found
}
