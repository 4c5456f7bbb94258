/**
 * Lists of certificates that an authority has taken back (RFC 5280 §5, §6.3), from files that the bank fetches. Whole lists
 * of the authority itself: of a delta, or of a list about another authority's certificates, nobody can tell what is missing.
 */
import 'reflect-metadata'
import { verify, type X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { assert } from '#kernel/assert.ts'
import { digestNamed } from './cms.ts'
import { expect, nodeOf, tags } from './der.ts'

export interface RevocationLists {
  /** Why the certificate may not be relied on; undefined where its issuer's list of now does not hold it. */
  refusal(
    certificate: X509Certificate,
    issuer: X509Certificate,
    now: Temporal.Instant,
  ): string | undefined
}

/** RFC 7468 §6. */
const BLOCK = /-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/g

/** Throws where a block is no list: who cannot read what was taken back must not go on without it. */
export const readRevocationLists = (pem: string): RevocationLists => {
  const lists = [...pem.matchAll(BLOCK)].map(
    ([, base64 = '']) => new x509.X509Crl(Buffer.from(base64, 'base64')),
  )
  return {
    refusal: (certificate, issuer, now) => {
      const own = readable(certificate)
      const named = lists.filter((list) => list.issuerName.toString() === own.issuerName.toString())
      const usable = named.filter((list) => unusableBecause(list, issuer, now) === undefined)
      if (usable.length === 0) {
        const [first] = named
        const why = first
          ? unusableBecause(first, issuer, now)
          : 'the bank holds none of that authority'
        return `whether it was revoked is not known: ${why}`
      }
      // Of several lists of one authority each says what it knows.
      for (const list of usable) {
        const entry = list.findRevoked(own)
        if (entry) return `it was revoked${reasonOf(entry)} on ${dayOf(entry.revocationDate)}`
      }
      return undefined
    },
  }
}

/** RFC 5280 §6.3.3: of now, by the authority that issued the certificate, and about all that it issued. */
const unusableBecause = (
  list: x509.X509Crl,
  issuer: X509Certificate,
  now: Temporal.Instant,
): string | undefined => {
  const { thisUpdate, nextUpdate } = list
  const nowMs = now.epochMilliseconds
  if (thisUpdate.getTime() > nowMs) return 'the list begins later'
  // §5.1.2.5: conforming authorities say when the next one comes; of what never ends nobody knows how old it is.
  if (!nextUpdate) return 'the list does not say how long it holds'
  if (nextUpdate.getTime() <= nowMs) return `the list was good until ${nextUpdate.toISOString()}`
  const strange = list.extensions.find((extension) => extension.critical)
  if (strange) return `the list asks for ${strange.type}, which is not known here`
  if (!maySignLists(issuer)) return 'the authority’s certificate is not for signing lists'
  return isSignedBy(list, issuer) ? undefined : 'the list is not signed by that authority'
}

/** §6.3.3 (f): a key usage, where there is one, names the signing of lists. */
const maySignLists = (issuer: X509Certificate): boolean => {
  const usage = readable(issuer).getExtension(x509.KeyUsagesExtension)
  return usage === null || (usage.usages & x509.KeyUsageFlags.cRLSign) !== 0
}

const isSignedBy = (list: x509.X509Crl, issuer: X509Certificate): boolean => {
  const [signed, algorithm, signature] = nodeOf(Buffer.from(list.rawData)).children
  const digest = digestNamed(algorithm)
  if (digest === undefined || !signed) return false
  // The first byte of a BIT STRING says how many bits of its last one do not count: of a signature all do.
  const value = expect(signature, tags.bits, 'a signature').value.subarray(1)
  return verify(digest, signed.whole, issuer.publicKey, value)
}

const readable = (certificate: X509Certificate) =>
  new x509.X509Certificate(new Uint8Array(certificate.raw))

const dayOf = (date: Date): string => date.toISOString().slice(0, 10)

const reasonOf = ({ reason }: x509.X509CrlEntry): string => {
  if (reason === undefined) return ''
  const name = x509.X509CrlReason[reason]
  assert(name !== undefined, 'a reason was read by its list of names')
  return ` (${name})`
}
