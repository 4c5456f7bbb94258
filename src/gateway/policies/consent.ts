/**
 * Whether the customer agreed: to this kind of thing, this permission, this account, now, this often (O43, O57), and,
 * once the body is read, to exactly this amount and payee (dynamic linking, O20).
 */
import { isIP } from 'node:net'
import { canonical } from '#kernel/canonical.ts'
import { problem, type Problem } from '#kernel/problem.ts'
import type { AccessToken, Detail } from '../callers/access-token.ts'
import { type Call, type Gateway, identityOf } from '../call.ts'
import { type Access, UNATTENDED_MIN } from '../limits/frequency.ts'
import { retryAfter } from '../limits/refusal.ts'
import type { ConsentRule } from '../documents/operation.ts'

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
export const authenticationInsufficient = problem(
  'consents/authentication-insufficient',
  401,
  'The customer must prove who they are more strongly, or again',
)
export const differsFromConsent = problem(
  'payments/differs-from-consent',
  400,
  'The payment is not the one that the customer approved',
)
/** Missing, foreign and not in the consent look the same (G57): this is the one text that they have. */
const noSuchResource = problem('gateway/not-found', 404, 'No such resource')
export const notFound = (): Problem => noSuchResource('there is nothing here for you')

/** Two factors, as the authorization server says it in tokens. */
export const STRONG = 'urn:bank:sca'

export const consent = (call: Call, gateway: Gateway): void | Promise<void> => {
  const { token } = identityOf(call)
  const { consentId } = token
  if (consentId !== null && isRevoked(call, gateway, consentId))
    throw consentRevoked('it was ended', { gate: 'customer' })
  const rule = call.operation.consent
  if (rule === null) return
  if (consentId === null)
    throw consentMissing(`the token carries none of type ${rule.type}`, { gate: 'customer' })
  checkAuthentication(call, token)

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
  const present = isPresent(call)
  gateway.frequency.used(consentId, call.atMs, present)
  if (!present && isRead(call)) return takeAccess(call, gateway, consentId, covering.detail)
}

/** RFC 9470: what moves money or issues cards needs two factors, and where the document says so, fresh ones. */
const checkAuthentication = (call: Call, { acr, authenticatedAtMs }: AccessToken): void => {
  const { risk, scaMaxAgeMs } = call.operation
  const weak = risk === 'high' && acr !== STRONG
  const old =
    scaMaxAgeMs !== null &&
    (authenticatedAtMs === null || call.atMs - authenticatedAtMs > scaMaxAgeMs)
  if (!weak && !old) return
  const wanted = [
    'error="insufficient_user_authentication"',
    `error_description="${weak ? 'two factors are needed' : 'too much time has passed'}"`,
    `acr_values="${STRONG}"`,
    ...(scaMaxAgeMs === null ? [] : [`max_age=${scaMaxAgeMs / 1_000}`]),
  ].join(', ')
  throw authenticationInsufficient(
    weak
      ? 'the token was not issued upon strong customer authentication'
      : 'the customer authenticated too long ago',
    {
      gate: 'customer',
      hint: 'Send the customer through authorization again, with acr_values and max_age of WWW-Authenticate.',
      headers: { 'www-authenticate': `${call.door.mutual ? 'Bearer' : 'DPoP'} ${wanted}` },
    },
  )
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

/** The partner says that the customer asked for it, and from which address (O58). */
const isPresent = ({ head }: Call): boolean => {
  const address = head.headers['x-fapi-customer-ip-address']
  return address !== undefined && isIP(address) !== 0
}

/** RTS Art. 36(5)(b) speaks of account information that is read while the customer does not ask for it. */
const isRead = ({ operation }: Call): boolean =>
  operation.method === 'GET' && (operation.priority === 'accounts' || operation.priority === 'bulk')

const takeAccess = async (
  call: Call,
  gateway: Gateway,
  consentId: string,
  detail: Detail,
): Promise<void> => {
  const { operation, parameters, head } = call
  const named = operation.consent?.account
  const account = (named === undefined ? undefined : parameters[named]) ?? ''
  const furtherPage = operation.parameters.pagesByCursor && /(?:^|&)cursor=/.test(head.query)
  const allowed = Math.max(UNATTENDED_MIN, detail.frequencyPerDay ?? UNATTENDED_MIN)
  const key = { consentId, account, family: operation.family }
  const access = await gateway.frequency.take(key, allowed, furtherPage)
  tellAccess(call, access)
  if (!access.granted)
    throw frequencyExceeded(
      `${allowed} accesses in 24 hours are allowed while the customer is absent`,
      {
        gate: 'customer',
        hint: 'Ask again while the customer is present, and say so in x-fapi-customer-ip-address.',
        type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
        members: {
          'violated-policies': ['unattended'],
          allowed,
          remaining: 0,
          resetAt: new Date(call.atMs + access.resetS * 1_000).toISOString(),
        },
        headers: { 'retry-after': retryAfter(access.resetS) },
      },
    )
  call.access = access
}

/** Its items behind those of the contract's limits. */
const tellAccess = ({ headers }: Call, { allowed, remaining, resetS }: Access): void => {
  const append = (name: string, item: string) => {
    const at = headers.indexOf(name)
    if (at < 0) headers.push(name, item)
    else headers[at + 1] = `${headers[at + 1]}, ${item}`
  }
  append('ratelimit-policy', `"unattended";q=${allowed};w=86400`)
  append('ratelimit', `"unattended";r=${remaining};t=${Math.ceil(resetS)}`)
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
