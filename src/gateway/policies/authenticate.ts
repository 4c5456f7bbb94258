/** Who calls: a token that proves itself, sent by whoever holds the key that it is bound to (FAPI 2.0 §5.3.4; A28–A32). */
import { Problem, problem } from '#kernel/problem.ts'
import type { AccessToken, Reading } from '../callers/access-token.ts'
import type { Call, Gateway } from '../call.ts'
import { proofAlgorithms } from '../callers/proof.ts'
import type { Application } from '../snapshots/table.ts'

export const tokenInvalid = problem('gateway/token-invalid', 401, 'The access token is not valid')
export const senderUnproven = problem(
  'gateway/sender-unproven',
  401,
  'The sender did not prove to hold the token’s key',
)
export const wrongEnvironment = problem(
  'gateway/wrong-environment',
  401,
  'The credential belongs to another environment',
)

const algs = `algs="${proofAlgorithms.join(' ')}"`

/** RFC 9110 §11.6.1: every 401 says how to do better. A door with certificates offers certificate-bound Bearer too. */
const challenged = (call: Call, error?: string, description?: string) => {
  const said =
    error === undefined
      ? ''
      : `error="${error}"${description ? `, error_description="${description}"` : ''}, `
  const dpop = `DPoP ${said}${algs}`
  return {
    'www-authenticate': call.door.mutual
      ? `${dpop}, Bearer ${said.replace(/, $/, '') || 'error="invalid_token"'}`
      : dpop,
  }
}

/** Whoever fails to prove itself pays for it: its address may fail so often, and no partner's budget is touched (G19). */
export const authenticate = (call: Call, gateway: Gateway): void | Promise<void> => {
  const failed = (error: unknown): never => {
    if (error instanceof Problem && error.status === 401) gateway.strangers.failed(call.address)
    throw error
  }
  try {
    return proveCaller(call, gateway)?.catch(failed)
  } catch (error) {
    return failed(error)
  }
}

/** At once, without a promise, where the token is held and bound to the connection's certificate. */
const proveCaller = (call: Call, gateway: Gateway): Promise<void> | undefined => {
  const { scheme, text } = credentials(call, gateway)
  const reading = gateway.tokens.read(text, call.table, call.atMs, (verification) =>
    verified(call, gateway, verification),
  )
  return reading instanceof Promise
    ? reading.then((read) => proveSender(call, gateway, scheme, read))
    : proveSender(call, gateway, scheme, reading)
}

const proveSender = (
  call: Call,
  gateway: Gateway,
  scheme: 'bearer' | 'dpop',
  reading: Reading,
): Promise<void> | undefined => {
  if (!reading.valid) throw tokenRefusal(call, reading.why)
  const { token } = reading
  const prove = (): Promise<void> | undefined => {
    const application = applicationOf(call, token)
    refuseDenied(call, gateway, token)
    const accept = () => {
      if (application.senderConstraint !== token.binding.by)
        throw senderUnproven('the application is registered for another way to bind its tokens', {
          gate: 'partner',
          headers: challenged(call, 'invalid_token'),
        })
      call.identity = { token, application }
    }
    if (token.binding.by === 'dpop')
      return proveByProof(call, gateway, scheme, token, token.binding.jkt).then(accept)
    proveByCertificate(call, gateway, scheme, token, token.binding.sha256)
    accept()
  }
  if (call.table.applications.has(token.applicationId)) return prove()
  // Our issuer knows the application, so control has published it: a token may be quicker than the snapshot.
  return gateway.tableWith(token.applicationId).then((table) => {
    call.table = table ?? call.table
    return prove()
  })
}

/** A signature of somebody unknown is verified: so many at a time, and not for whoever has failed too often. */
const verified = async <T>(
  call: Call,
  gateway: Gateway,
  verification: () => Promise<T>,
): Promise<T> => {
  gateway.strangers.begin(call.address)
  try {
    return await verification()
  } finally {
    gateway.strangers.end()
  }
}

/** RFC 9110 §11.2. */
const token68 = /^[A-Za-z0-9._~+/-]+=*$/

/** RFC 9110 §11.4: the scheme in any case, one space, the token. Nowhere but in this header (FAPI 2.0 §5.3.4). */
const credentials = (
  call: Call,
  { tokens }: Gateway,
): { scheme: 'bearer' | 'dpop'; text: string } => {
  const { authorization } = call.head.headers
  if (authorization === undefined)
    throw tokenInvalid('no access token was sent', { gate: 'partner', headers: challenged(call) })
  const space = authorization.indexOf(' ')
  const scheme = authorization.slice(0, Math.max(0, space)).toLowerCase()
  const text = authorization.slice(space + 1)
  if ((scheme !== 'bearer' && scheme !== 'dpop') || !(tokens.knows(text) || token68.test(text)))
    throw tokenInvalid('Authorization is not a scheme and a token', {
      gate: 'partner',
      headers: challenged(call, 'invalid_request'),
    })
  return { scheme, text }
}

const tokenRefusal = (call: Call, why: Extract<Reading, { valid: false }>['why']): Problem => {
  const particulars = { gate: 'partner', headers: challenged(call, 'invalid_token') } as const
  switch (why) {
    case 'other-environment':
      return wrongEnvironment('the token says that it was issued for another environment', {
        ...particulars,
        hint: 'Use a token of this environment’s issuer.',
      })
    case 'expired':
      return tokenInvalid('it has expired', particulars)
    case 'unbound':
      return senderUnproven('the token is bound to no key', particulars)
    case 'invalid':
      return tokenInvalid('it is not one of this issuer’s tokens for this address', particulars)
  }
}

const applicationOf = (call: Call, token: AccessToken): Application => {
  const application = call.table.applications.get(token.applicationId)
  if (application?.active && application.partner.id === token.partnerId) return application
  throw tokenInvalid('its application is not active here', {
    gate: 'partner',
    headers: challenged(call, 'invalid_token'),
  })
}

/** S18: a token is valid only if it is also absent from the deny-set. Consents and partners have gates of their own. */
const refuseDenied = (call: Call, gateway: Gateway, token: AccessToken): void => {
  const { binding } = token
  const denied = (kind: 'token' | 'client' | 'key', id: string) =>
    gateway.denials.denies(kind, id, call.atMs, call.table.compiledAtMs)
  if (
    denied('token', token.jti) ||
    denied('client', token.applicationId) ||
    denied('key', token.kid) ||
    // A key of the application was revoked: whoever held it may have got this token with it.
    token.issuedAtMs <= gateway.denials.since('key', token.applicationId, call.atMs) ||
    (binding.by === 'dpop' && denied('key', binding.jkt))
  )
    throw tokenInvalid('it was revoked', {
      gate: 'partner',
      headers: challenged(call, 'invalid_token'),
    })
}

const unproven = (call: Call, detail: string): Problem =>
  senderUnproven(detail, { gate: 'partner', headers: challenged(call, 'invalid_token', detail) })

/** RFC 8705 §3: the certificate of this connection is the token's, and the registry still vouches for it (S9). */
const proveByCertificate = (
  call: Call,
  gateway: Gateway,
  scheme: 'bearer' | 'dpop',
  token: AccessToken,
  sha256: string,
): void => {
  if (scheme !== 'bearer')
    throw unproven(call, 'a certificate-bound token goes with the Bearer scheme')
  if (call.certificate === null)
    throw unproven(call, 'the token is bound to a certificate, and none was shown')
  if (call.certificate !== sha256) throw unproven(call, 'the token is bound to another certificate')
  checkCertificate(call, gateway, token, call.certificate)
}

const checkCertificate = (
  call: Call,
  gateway: Gateway,
  token: AccessToken,
  sha256: string,
): void => {
  const registered = call.table.certificates.get(sha256)
  if (registered?.applicationId !== token.applicationId)
    throw unproven(call, 'the certificate is not registered for this application')
  if (registered.notAfterMs <= call.atMs) throw unproven(call, 'the certificate has expired')
  if (gateway.denials.denies('certificate', sha256, call.atMs, call.table.compiledAtMs))
    throw unproven(call, 'the certificate was revoked')
}

/** RFC 9449 §7: a bound token as Bearer is refused, and so is a proof that does not hold. */
const proveByProof = async (
  call: Call,
  gateway: Gateway,
  scheme: 'bearer' | 'dpop',
  token: AccessToken,
  jkt: string,
): Promise<void> => {
  if (scheme !== 'dpop') throw unproven(call, 'a DPoP-bound token goes with the DPoP scheme')
  if (call.certificate !== null) checkCertificate(call, gateway, token, call.certificate)
  const nonce = { 'dpop-nonce': gateway.proofs.nonce() }
  const { dpop } = call.head.headers
  if (dpop === undefined)
    throw senderUnproven('no DPoP proof was sent', {
      gate: 'partner',
      headers: { ...challenged(call, 'invalid_dpop_proof'), ...nonce },
    })
  const verdict = await verified(call, gateway, () =>
    gateway.proofs.prove(
      dpop,
      { method: call.head.method, uri: call.door.origin + call.head.path, ath: token.ath, jkt },
      call.atMs,
    ),
  )
  if (!verdict.proven)
    throw senderUnproven(verdict.why, {
      gate: 'partner',
      headers: { ...challenged(call, verdict.error, verdict.why), ...nonce },
    })
  // A fresh nonce on every answer, so that a client is challenged once and then no more (RFC 9449 §8.2).
  call.headers.push('dpop-nonce', nonce['dpop-nonce'])
}
