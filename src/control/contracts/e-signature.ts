/**
 * The port for a national e-signature: PKCS#7 over the hash of the text, by a certificate that the state's authority gave,
 * as E-IMZO makes it in Uzbekistan. A country with another scheme brings another `ESignatures`.
 */
import 'reflect-metadata'
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as x509 from '@peculiar/x509'
import { z } from 'zod'
import { Problem, problem } from '#kernel/problem.ts'
import { type CmsSignature, digestOf, readCms, UnknownAlgorithm } from './cms.ts'
import { readRevocationLists, type RevocationLists } from './revocation-list.ts'

export const eSignatureUnavailable = problem(
  'contracts/e-signature-unavailable',
  501,
  'E-signatures are not set up here',
)
export const eSignatureRefused = problem(
  'contracts/e-signature-refused',
  422,
  'The e-signature was not accepted',
)
export const signerIsAnother = problem(
  'contracts/signer-is-another',
  403,
  'The e-signature is not the organisation’s',
)

/** Who signed, as the authority's certificate says. */
export const ESigner = z.object({
  name: z.string(),
  /** Tax number of the organisation that the certificate is for. */
  inn: z.string().nullable(),
  /** Personal number of the person. */
  pinfl: z.string().nullable(),
  serialNumber: z.string(),
  certificateSha256: z.string(),
})
export type ESigner = z.output<typeof ESigner>

export interface ESignatures {
  /** Who signed exactly this content; throws `contracts/e-signature-refused`. */
  verify(pkcs7: Buffer, content: Buffer, now: Temporal.Instant): ESigner
}

/** Attributes of the subject by which Uzbekistan's authorities name organisation and person. */
const INN = '1.2.860.3.16.1.1'
const PINFL = '1.2.860.3.16.1.2'
const COMMON_NAME = '2.5.4.3'

/** The signer and whoever vouches for them, without the root. */
const CHAIN_MAX = 4
const RSA_BITS = { min: 2048, max: 8192 } as const
const CURVES: readonly unknown[] = ['prime256v1', 'secp384r1', 'secp521r1']

const certificatesOf = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  )

/** PEM files of the bank's: the authorities that it accepts, and what these have revoked. */
export interface Trusted {
  readonly roots: string | undefined
  readonly revocations: string | undefined
}

/** Whether an e-signature can be accepted at all: without the lists of what was revoked none is. */
export const takesESignatures = ({ roots, revocations }: Trusted): boolean =>
  roots !== undefined && revocations !== undefined

/** By these files; they are read each time, so that a renewed root and a newer list count at once. */
export const eSignaturesBy = ({ roots: rootsFile, revocations }: Trusted): ESignatures => ({
  verify: (pkcs7, content, now) => {
    if (rootsFile === undefined)
      throw eSignatureUnavailable('this bank has named no authority whose signatures it accepts', {
        hint: 'Sign by passkey.',
      })
    if (revocations === undefined)
      throw eSignatureUnavailable('this bank holds no list of the certificates that were revoked', {
        hint: 'Sign by passkey.',
      })
    const roots = certificatesOf(readFileSync(rootsFile, 'utf8'))
    const lists = listsIn(revocations)
    try {
      return verified(pkcs7, content, { roots, lists, now })
    } catch (cause) {
      // A certificate in it that no reader takes: whatever is wrong with what was sent is the sender's.
      throw cause instanceof Problem
        ? cause
        : eSignatureRefused('a certificate in it cannot be read', { cause })
    }
  },
})

/** What cannot be read is the bank's fault, and nobody's signature passes meanwhile. */
const listsIn = (file: string): RevocationLists => {
  try {
    return readRevocationLists(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw eSignatureUnavailable('the lists of revoked certificates cannot be read', {
      cause,
      hint: 'Sign by passkey, or try again later.',
    })
  }
}

interface Means {
  readonly roots: readonly X509Certificate[]
  readonly lists: RevocationLists
  readonly now: Temporal.Instant
}

const verified = (pkcs7: Buffer, content: Buffer, means: Means): ESigner => {
  const signature = read(pkcs7)
  if (signature.content !== null && !signature.content.equals(content))
    throw eSignatureRefused('it is about another text')
  if (!signature.holdsFor(content)) throw eSignatureRefused('it does not fit the text')
  vouchedFor(signature, means)
  return signerOf(signature.signer)
}

const read = (pkcs7: Buffer): CmsSignature => {
  try {
    return readCms(pkcs7)
  } catch (cause) {
    if (cause instanceof UnknownAlgorithm)
      throw eSignatureRefused(`it was made by ${algorithmInWords(cause.oid)}`, {
        cause,
        hint: 'RSA and ECDSA with SHA-256 or longer are accepted; or sign by passkey.',
      })
    throw eSignatureRefused('it is no PKCS#7 signature of one signer', { cause })
  }
}

/** Algorithms of the state standards of Uzbekistan: O‘z DSt 1092 signs, O‘z DSt 1106 hashes. */
const STATE_STANDARD = '1.2.860.3.15.'

const algorithmInWords = (oid: string): string =>
  oid.startsWith(STATE_STANDARD)
    ? `an algorithm of O‘z DSt (${oid}), which this runtime does not support`
    : `algorithm ${oid}, which is not known here`

const isInTime = ({ validFromDate, validToDate }: X509Certificate, now: Temporal.Instant) =>
  validFromDate.getTime() <= now.epochMilliseconds && now.epochMilliseconds < validToDate.getTime()

/** RFC 5280 §6, as far as it concerns a chain of names, keys, times, lengths and authorities. */
const vouchedFor = ({ signer, certificates }: CmsSignature, { roots, lists, now }: Means): void => {
  if (!maySign(signer)) throw eSignatureRefused('the certificate is not for signatures')
  let at = signer
  for (let below = 0; below < CHAIN_MAX; below++) {
    checkSound(at, now)
    const issued = (by: X509Certificate) => by.ca && at.checkIssued(by) && at.verify(by.publicKey)
    const root = roots.find(issued)
    const above = root ?? certificates.find((c) => c !== at && hasStrongKey(c) && issued(c))
    if (!above) break
    if (below > lengthBelow(above))
      throw eSignatureRefused(`${nameOf(above)} vouches for no chain of this length`)
    const revoked = lists.refusal(at, above, now)
    if (revoked) throw eSignatureRefused(`the certificate of ${nameOf(at)}: ${revoked}`)
    if (root) {
      if (!isInTime(root, now)) throw eSignatureRefused('the root is out of time')
      return
    }
    at = above
  }
  throw eSignatureRefused('no authority that the bank accepts vouches for the signer')
}

/** In time, with a key and by a signature that nobody breaks, and asking nothing that is not understood here. */
const checkSound = (certificate: X509Certificate, now: Temporal.Instant): void => {
  const whose = `the certificate of ${nameOf(certificate)}`
  if (!isInTime(certificate, now)) throw eSignatureRefused(`${whose} is out of time`)
  if (!hasStrongKey(certificate)) throw eSignatureRefused(`the key in ${whose} is too weak`)
  if (digestOf(certificate) === undefined)
    throw eSignatureRefused(`${whose} is signed by an algorithm that is not known here`)
  const strange = readable(certificate).extensions.find(
    (e) => e.critical && !understood.has(e.type),
  )
  if (strange) throw eSignatureRefused(`${whose} asks for ${strange.type}, which is not known here`)
}

/** Key usage, basic constraints, policies, extended key usage: RFC 5280 §4.2 refuses what is critical and unknown. */
const understood: ReadonlySet<string> = new Set([
  '2.5.29.15',
  '2.5.29.19',
  '2.5.29.32',
  '2.5.29.37',
])

const hasStrongKey = ({ publicKey }: X509Certificate): boolean => {
  const { modulusLength = 0, namedCurve } = publicKey.asymmetricKeyDetails ?? {}
  return publicKey.asymmetricKeyType === 'rsa'
    ? modulusLength >= RSA_BITS.min && modulusLength <= RSA_BITS.max
    : CURVES.includes(namedCurve)
}

/** How many authorities may stand between this one and a signer (RFC 5280 §4.2.1.9). */
const lengthBelow = (certificate: X509Certificate): number =>
  readable(certificate).getExtension(x509.BasicConstraintsExtension)?.pathLength ?? CHAIN_MAX

const maySign = (certificate: X509Certificate): boolean => {
  const usage = readable(certificate).getExtension(x509.KeyUsagesExtension)
  const signs = x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation
  return !certificate.ca && (usage === null || (usage.usages & signs) !== 0)
}

const readable = (certificate: X509Certificate) =>
  new x509.X509Certificate(new Uint8Array(certificate.raw))

const subjectOf = (certificate: X509Certificate) => readable(certificate).subjectName

const nameOf = (certificate: X509Certificate): string =>
  subjectOf(certificate).getField(COMMON_NAME)[0] ?? certificate.serialNumber

const signerOf = (certificate: X509Certificate): ESigner => {
  const subject = subjectOf(certificate)
  return {
    name: nameOf(certificate),
    inn: subject.getField(INN)[0] ?? null,
    pinfl: subject.getField(PINFL)[0] ?? null,
    serialNumber: certificate.serialNumber,
    certificateSha256: createHash('sha256').update(certificate.raw).digest('hex'),
  }
}

/** Numbers under which two people of the bank have verified the organisation, by documents that hold now. */
export interface OrganisationNumbers {
  readonly inn: ReadonlySet<string>
  readonly pinfl: ReadonlySet<string>
  /** No document ever showed a tax number of an organisation: it is a person who trades alone. */
  readonly isAlone: boolean
}

/** A certificate of an organisation must be this organisation's; one of a person alone, of its entrepreneur. */
export const isOfOrganisation = (
  { inn, pinfl }: Pick<ESigner, 'inn' | 'pinfl'>,
  numbers: OrganisationNumbers,
): boolean =>
  inn === null
    ? numbers.isAlone && pinfl !== null && numbers.pinfl.has(pinfl)
    : numbers.inn.has(inn)
