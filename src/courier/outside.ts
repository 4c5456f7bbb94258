/** The way out: which addresses of partners may be asked, and a connection that keeps to the address that was judged. */
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import { buildConnector } from 'undici'
import {
  addressRefused,
  type AddressGuard,
  guardedLookup,
  type Resolve,
} from '#platform/address-guard.ts'

export interface Outside {
  readonly guard: AddressGuard
  /** Trusts one authority more than the machine does, for the addresses that are allowed by name: development only. */
  readonly development: SecureContext | null
  /** The machine's own, unless told otherwise. */
  readonly resolve?: Resolve
}

/** What trusts this authority too. Made once: each connection that made it anew would read all roots again. */
export const trustingToo = (ca: string): SecureContext =>
  createSecureContext({ ca: [...rootCertificates, ca], minVersion: 'TLSv1.2' })

/** The address as it may be asked; throws `platform/address-refused`. A name that resolves inwards is refused at the call. */
export const outsideAddress = (guard: AddressGuard, given: string): URL => {
  const refuse = (why: string) => addressRefused(why, { gate: 'partner' })
  if (!URL.canParse(given)) throw refuse('it is not an address')
  const url = new URL(given)
  const port = portOf(url)
  if (url.protocol !== 'https:') throw refuse('it does not begin with https')
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw refuse('it carries a user, a password or a fragment')
  const refusal = guardedLookup(guard, port).refusalOf(url.hostname)
  if (refusal) throw refusal
  if (guard.allowed.has(`${url.hostname}:${port}`)) return url
  if (port !== 443 && port !== 8443) throw refuse('its port is neither 443 nor 8443')
  const name = url.hostname.replace(/\.$/, '')
  if (
    !/^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*$/.test(name) ||
    /\.(local|internal)$/.test(name)
  )
    throw refuse('its host is no public name')
  return url
}

export const portOf = (url: URL): number => Number(url.port || 443)

/**
 * Connects to one outside address. Its name is resolved, judged and dialled as one, at every connection: an answer that
 * turns inwards between two questions is refused like one that always did.
 */
export const outsideConnector = (
  { guard, development, resolve }: Outside,
  url: URL,
  timeoutMs: number,
): buildConnector.connector => {
  const port = portOf(url)
  const trusted = guard.allowed.has(`${url.hostname}:${port}`) && development !== null
  return buildConnector({
    timeout: timeoutMs,
    lookup: guardedLookup(guard, port, resolve),
    minVersion: 'TLSv1.2',
    maxCachedSessions: 0,
    ...(trusted && { secureContext: development }),
  })
}
