/**
 * A proxy in front that ends the callers' TLS: from where it may come, how it proves itself, and what is believed of
 * what it says (RFC 9440, RFC 7239). The certificate that it passes on is verified here again, as if it had been shown.
 */
import { hash, X509Certificate } from 'node:crypto'
import { BlockList, isIP, isIPv6 } from 'node:net'
import type { Problem } from '#kernel/problem.ts'
import { malformed } from './edge.ts'

export interface TrustedProxy {
  /** Whether a connection may come from here. */
  isFrom(address: string | undefined): boolean
  /** Whether this is a client certificate of a proxy of ours. */
  isShownBy(certificate: X509Certificate): boolean
}

/** Reads PORTICO_TRUSTED_PROXY: addresses and networks, a space, SHA-256 fingerprints of client certificates. */
export const readTrustedProxy = (setting: string): TrustedProxy => {
  const [places = '', prints = ''] = setting.split(' ')
  const allowed = new BlockList()
  for (const place of places.split(',')) {
    const [address = '', bits] = place.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) allowed.addAddress(address, family)
    else allowed.addSubnet(address, Number(bits), family)
  }
  const fingerprints = new Set(prints.split(',').map(bare))
  return {
    isFrom: (address) =>
      address !== undefined && allowed.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'),
    isShownBy: (certificate) => fingerprints.has(bare(certificate.fingerprint256)),
  }
}

const bare = (fingerprint: string) => fingerprint.replaceAll(':', '').toLowerCase()

/** RFC 8941 §3.3.5, without parameters: RFC 9440 §2 defines none. */
const byteSequence = /^:([A-Za-z0-9+/]+={0,2}):$/
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
const INTERMEDIATES_MAX = 2
const HELD_MAX = 10_000

interface Presented {
  /** base64url SHA-256, the value of `cnf.x5t#S256` (RFC 8705 §3.1). */
  readonly sha256: string
  readonly fromMs: number
  readonly untilMs: number
}

export interface Presenting {
  /** The certificate of `Client-Cert`, or why it is not believed. */
  read(clientCert: string, chain: string | undefined, nowMs: number): string | Problem
  /** Another authority, from now on. */
  trust(partnerCa: string): void
}

/** Certificates that proxies pass on. What was verified once is not verified again until it ends. */
export const openPresenting = (partnerCa: string): Presenting => {
  let authorities = certificatesIn(partnerCa)
  const held = new Map<string, Presented>()
  return {
    read: (clientCert, chain, nowMs) => {
      const key = hash('sha256', `${clientCert}\n${chain ?? ''}`, 'base64url')
      let found = held.get(key)
      if (!found) {
        const leaf = certificateIn(clientCert)
        const between = chain === undefined ? [] : chain.split(/ *, */).map(certificateIn)
        if (!leaf || between.length > INTERMEDIATES_MAX || !between.every((c) => c !== undefined))
          return malformed('Client-Cert is not a certificate as RFC 9440 writes it')
        const path = pathOf(leaf, between, authorities)
        const usages: readonly string[] | undefined = leaf.keyUsage
        if (!path || leaf.ca || (usages && !usages.includes(CLIENT_AUTH)))
          return malformed('the certificate that the proxy passes on is of no partner')
        found = {
          sha256: hash('sha256', leaf.raw, 'base64url'),
          fromMs: Math.max(...path.map((c) => c.validFromDate.getTime())),
          untilMs: Math.min(...path.map((c) => c.validToDate.getTime())),
        }
        if (held.size >= HELD_MAX) held.clear()
        held.set(key, found)
      }
      return found.fromMs <= nowMs && nowMs < found.untilMs
        ? found.sha256
        : malformed('the certificate that the proxy passes on is not valid now')
    },
    trust: (fresh) => {
      authorities = certificatesIn(fresh)
      held.clear()
    },
  }
}

const certificatesIn = (pem: string): X509Certificate[] =>
  [...pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(
    ([one]) => new X509Certificate(one),
  )

/** Only the one spelling of a certificate, with nothing behind it: what follows its end has other readers. */
const certificateIn = (written: string): X509Certificate | undefined => {
  const [, base64 = ''] = byteSequence.exec(written) ?? []
  const der = Buffer.from(base64, 'base64')
  if (der.length === 0 || der.toString('base64') !== base64) return undefined
  try {
    const certificate = new X509Certificate(der)
    return certificate.raw.length === der.length ? certificate : undefined
  } catch {
    return undefined
  }
}

/** The way from a certificate to one of our authorities, each signed by the next. */
const pathOf = (
  leaf: X509Certificate,
  between: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): readonly X509Certificate[] | undefined => {
  const path = [leaf]
  let last = leaf
  for (;;) {
    const authority = authorities.find((one) => issued(one, last))
    if (authority) return [...path, authority]
    const next = between.find((one) => !path.includes(one) && issued(one, last))
    if (!next) return undefined
    path.push(next)
    last = next
  }
}

const issued = (issuer: X509Certificate, subject: X509Certificate): boolean =>
  issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey)

/** The address that the nearest proxy names (RFC 7239 §5.2): of several elements the last, where it is an address. */
export const forwardedFor = (forwarded: string | undefined): string | undefined => {
  const last = forwarded?.split(',').at(-1) ?? ''
  const node = /(?:^|;) *for=(?:"([^"]*)"|([^;" ]+)) *(?:;|$)/i.exec(last.trim())
  const written = node?.[1] ?? node?.[2] ?? ''
  const address =
    /^\[([0-9A-Fa-f:.]+)\](?::\d+)?$/.exec(written)?.[1] ?? written.replace(/:\d+$/, '')
  return isIP(address) > 0 ? address : undefined
}
