/**
 * A signature in the form of CMS (RFC 5652), which PKCS#7 is the older name of: one signer, by RSA or ECDSA. What its
 * mathematics says; who the signer is, and whether anybody vouches for them, is the certificates' question.
 */
import { createHash, verify, X509Certificate } from 'node:crypto'
import { expect, is, Malformed, type Node, nodeOf, octetsOf, oidOf, tags } from './der.ts'

export interface CmsSignature {
  /** What was signed; null where the signature came without it. */
  readonly content: Buffer | null
  readonly signer: X509Certificate
  /** All that came along, the signer's own included. */
  readonly certificates: readonly X509Certificate[]
  /** Whether it is the signer's signature over this content. */
  holdsFor(content: Buffer): boolean
}

/** An algorithm that this house has no means to check, such as O‘z DSt 1092. */
export class UnknownAlgorithm extends Error {
  readonly oid: string
  constructor(oid: string) {
    super(`no algorithm ${oid} is known here`)
    this.oid = oid
  }
}

const DATA = '1.2.840.113549.1.7.1'
const SIGNED_DATA = '1.2.840.113549.1.7.2'
const CONTENT_TYPE = '1.2.840.113549.1.9.3'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'

const digests: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/** The kind of key that signs, and the digest where the name says it. */
const signings: Readonly<Record<string, { key: 'rsa' | 'ec'; digest?: string }>> = {
  '1.2.840.113549.1.1.1': { key: 'rsa' },
  '1.2.840.113549.1.1.11': { key: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { key: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', digest: 'sha512' },
  '1.2.840.10045.4.3.2': { key: 'ec', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { key: 'ec', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ec', digest: 'sha512' },
}

/** Reads one; throws `Malformed` or `UnknownAlgorithm`. */
export const readCms = (bytes: Buffer): CmsSignature => {
  const [type, wrapped] = expect(nodeOf(bytes), tags.sequence, 'a signature').children
  if (oidOf(type) !== SIGNED_DATA) throw new Malformed('it is no signed data')
  const signedData = expect(
    expect(wrapped, tags.zero, 'signed data').children[0],
    tags.sequence,
    'signed data',
  )
  const [, , encapsulated, ...rest] = signedData.children
  const [contentType, inside] = expect(encapsulated, tags.sequence, 'content').children
  if (oidOf(contentType) !== DATA) throw new Malformed('what it signs is no data')
  const held = is(inside, tags.zero) ? inside.children[0] : undefined
  const certificates = certificatesIn(rest.find((n) => n.tag === tags.zero)?.children ?? [])
  const infos = expect(rest.at(-1), tags.set, 'signers').children
  const [info] = infos
  if (!info || infos.length !== 1) throw new Malformed('exactly one signer is expected')
  return { content: held ? octetsOf(held) : null, certificates, ...signerOf(info, certificates) }
}

/** A signer, whoever vouches for them, and a few more: beyond that somebody wants to see us work. */
const CERTIFICATES_MAX = 8
const CERTIFICATE_BYTES_MAX = 8_192

const certificatesIn = (nodes: readonly Node[]): X509Certificate[] => {
  const found = nodes.filter((n) => n.tag === tags.sequence)
  if (found.length > CERTIFICATES_MAX) throw new Malformed('it brings too many certificates')
  if (found.some((n) => n.whole.length > CERTIFICATE_BYTES_MAX))
    throw new Malformed('a certificate in it is too long')
  return found.map((n) => new X509Certificate(n.whole))
}

/** The digest that a certificate was signed with; undefined where it is none that this house takes. */
export const digestOf = (certificate: X509Certificate): string | undefined =>
  digestNamed(nodeOf(certificate.raw).children[1])

/** The digest that the name of a signature's algorithm says. */
export const digestNamed = (algorithm: Node | undefined): string | undefined =>
  signings[algorithmOf(algorithm)]?.digest

const signerOf = (
  info: Node,
  certificates: readonly X509Certificate[],
): Pick<CmsSignature, 'signer' | 'holdsFor'> => {
  const [, sid, digestAlgorithm, ...tail] = expect(info, tags.sequence, 'a signer').children
  const attributes = is(tail[0], tags.zero) ? tail[0] : undefined
  const [signing, signature] = attributes ? tail.slice(1) : tail
  const digest = known(digests, algorithmOf(digestAlgorithm))
  const by = known(signings, algorithmOf(signing))
  if (by.digest !== undefined && by.digest !== digest)
    throw new Malformed('two digests are named for one signature')
  const signer = certificates.find((c) => isNamedBy(c, sid))
  if (!signer) throw new Malformed('the signer’s certificate is not in it')
  const key = signer.publicKey
  if (key.asymmetricKeyType !== by.key) throw new Malformed('the key is of another kind')
  const value = octetsOf(expect(signature, tags.octets, 'a signature'))
  const made = (content: Buffer) => verify(digest, content, key, value)
  return {
    signer,
    holdsFor: (content) => {
      if (!attributes) return made(content)
      const own = createHash(digest).update(content).digest()
      return (
        oidOf(attributeOf(attributes, CONTENT_TYPE)) === DATA &&
        octetsOf(attributeOf(attributes, MESSAGE_DIGEST)).equals(own) &&
        // RFC 5652 §5.4: what is signed is the attributes as a SET, not as they are tagged here.
        made(Buffer.concat([Buffer.from([tags.set]), attributes.whole.subarray(1)]))
      )
    },
  }
}

const known = <T>(all: Readonly<Record<string, T>>, oid: string): T => {
  const found = all[oid]
  if (found === undefined) throw new UnknownAlgorithm(oid)
  return found
}

const algorithmOf = (node: Node | undefined) =>
  oidOf(expect(node, tags.sequence, 'an algorithm').children[0])

/** RFC 5652 §11: each of the two stands once, with one value. */
const attributeOf = (attributes: Node, oid: string): Node => {
  const found = attributes.children.filter((a) => oidOf(a.children[0]) === oid)
  const [value, ...more] = found[0]?.children[1]?.children ?? []
  if (found.length !== 1 || !value || more.length > 0)
    throw new Malformed('a signed attribute is missing or stands twice')
  return value
}

/** By issuer and number, or by the identifier of its key (RFC 5652 §5.3). */
const isNamedBy = (certificate: X509Certificate, sid: Node | undefined): boolean => {
  if (!sid) return false
  const [tbs] = nodeOf(certificate.raw).children
  const parts = expect(tbs, tags.sequence, 'a certificate').children
  // [0] is its version, where it says one.
  const [serial, , issuer] = is(parts[0], tags.zero) ? parts.slice(1) : parts
  if (sid.tag === tags.sequence) {
    const [namedIssuer, namedSerial] = sid.children
    return (
      issuer !== undefined &&
      serial !== undefined &&
      namedIssuer?.whole.equals(issuer.whole) === true &&
      namedSerial?.whole.equals(serial.whole) === true
    )
  }
  const identifier = sid.tag === KEY_NAMED ? sid.value : undefined
  return identifier !== undefined && keyIdentifierOf(parts)?.equals(identifier) === true
}

/** [0], primitive. */
const KEY_NAMED = 0x80
const KEY_IDENTIFIER = '2.5.29.14'

const keyIdentifierOf = (parts: readonly Node[]): Buffer | undefined => {
  const extensions = parts.find((n) => n.tag === 0xa3)?.children[0]?.children ?? []
  const found = extensions.find((e) => oidOf(e.children[0]) === KEY_IDENTIFIER)?.children.at(-1)
  return found && octetsOf(nodeOf(octetsOf(found)))
}
