/** An authority of the state as e-signatures have it: certificates that name people, and PKCS#7 as a signing program makes it. */
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { expect, nodeOf, tags } from '#control/contracts/der.ts'
import { noon } from './world.ts'

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
export const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
} as const

export interface Identity {
  readonly certificate: X509Certificate
  readonly pem: string
  readonly keys: CryptoKeyPair
}

let serials = 0
/** A certificate with its key; without `by` it signs itself. */
export const issue = async (
  subject: string | x509.JsonName,
  {
    by,
    ca = false,
    days = [-1, 365],
    usage = ca
      ? x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign
      : x509.KeyUsageFlags.nonRepudiation,
    algorithm = ecdsa,
    pathLength,
    extensions = [],
  }: {
    by?: Identity
    ca?: boolean
    days?: readonly [number, number]
    usage?: number
    algorithm?: typeof ecdsa | (Omit<typeof rsa, 'modulusLength'> & { modulusLength: number })
    /** How many authorities may stand below it. */
    pathLength?: number
    extensions?: readonly x509.Extension[]
  } = {},
): Promise<Identity> => {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const day = (n: number) => new Date(noon.add({ hours: 24 * n }).epochMilliseconds)
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: (++serials).toString(16).padStart(4, '0'),
    subject,
    issuer: by ? new x509.X509Certificate(new Uint8Array(by.certificate.raw)).subject : subject,
    notBefore: day(days[0]),
    notAfter: day(days[1]),
    publicKey: keys.publicKey,
    signingKey: by ? by.keys.privateKey : keys.privateKey,
    signingAlgorithm: by ? { name: by.keys.privateKey.algorithm.name, hash: 'SHA-256' } : algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(ca, pathLength, true),
      new x509.KeyUsagesExtension(usage, true),
      ...extensions,
    ],
  })
  return { certificate: new X509Certificate(made.toString('pem')), pem: made.toString('pem'), keys }
}

/** DER (X.690 §10), as little of it as a signature needs. */
const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const value = Buffer.concat(parts)
  const size = value.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), value])
}
const oid = (text: string): Buffer => {
  const [a = 0, b = 0, ...rest] = text.split('.').map(Number)
  const base128 = (n: number): number[] =>
    n < 128 ? [n] : [...base128(Math.floor(n / 128)).map((x) => x | 0x80), n % 128]
  return der(tags.oid, Buffer.from([a * 40 + b, ...rest.flatMap(base128)]))
}
const sequence = (...parts: readonly Uint8Array[]) => der(tags.sequence, ...parts)
const octets = (bytes: Uint8Array) => der(tags.octets, bytes)
const integer = (n: number) => der(tags.integer, Buffer.from([n]))
const DATA = oid('1.2.840.113549.1.7.1')
const SHA256 = sequence(oid('2.16.840.1.101.3.4.2.1'))
const attribute = (name: string, value: Buffer) => sequence(oid(name), der(tags.set, value))

/** PKCS#7 as a signing program makes it. */
export const pkcs7 = async (
  content: Buffer,
  by: Identity,
  {
    along = [],
    detached = false,
    algorithm = '1.2.840.10045.4.3.2',
    claims = content,
    bare = false,
  }: {
    along?: readonly Identity[]
    detached?: boolean
    algorithm?: string
    /** What its digest is of. */
    claims?: Buffer
    /** Without signed attributes. */
    bare?: boolean
  } = {},
): Promise<Buffer> => {
  const key = createPrivateKey({
    key: Buffer.from(await crypto.subtle.exportKey('pkcs8', by.keys.privateKey)),
    format: 'der',
    type: 'pkcs8',
  })
  const attributes = Buffer.concat([
    attribute('1.2.840.113549.1.9.3', DATA),
    attribute('1.2.840.113549.1.9.4', octets(createHash('sha256').update(claims).digest())),
  ])
  const value = sign('sha256', bare ? content : der(tags.set, attributes), key)
  const [tbs] = nodeOf(by.certificate.raw).children
  const [, serial, , issuer] = expect(tbs, tags.sequence, 'a certificate').children
  assert.ok(serial && issuer)
  const info = sequence(
    integer(1),
    sequence(issuer.whole, serial.whole),
    SHA256,
    ...(bare ? [] : [der(tags.zero, attributes)]),
    sequence(oid(algorithm)),
    octets(value),
  )
  const signedData = sequence(
    integer(1),
    der(tags.set, SHA256),
    sequence(DATA, ...(detached ? [] : [der(tags.zero, octets(content))])),
    der(tags.zero, ...[by, ...along].map(({ certificate }) => certificate.raw)),
    der(tags.set, info),
  )
  return sequence(oid('1.2.840.113549.1.7.2'), der(tags.zero, signedData))
}

/** What an authority has revoked, as PEM: by default nothing, and good for a week. */
export const revocationList = async (
  by: Identity,
  {
    revoked = [],
    days = [-1, 6],
    signer = by,
    extensions = [],
  }: {
    revoked?: readonly Identity[]
    days?: readonly [number, number | null]
    /** Whose key signs it, in the name of `by`. */
    signer?: Identity
    extensions?: x509.Extension[]
  } = {},
): Promise<string> => {
  const day = (n: number) => new Date(noon.add({ hours: 24 * n }).epochMilliseconds)
  const list = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(new Uint8Array(by.certificate.raw)).subject,
    thisUpdate: day(days[0]),
    ...(days[1] !== null && { nextUpdate: day(days[1]) }),
    entries: revoked.map(({ certificate }) => ({
      serialNumber: certificate.serialNumber,
      revocationDate: day(-1),
      reason: x509.X509CrlReason.keyCompromise,
    })),
    extensions,
    signingKey: signer.keys.privateKey,
    signingAlgorithm: { name: signer.keys.privateKey.algorithm.name, hash: 'SHA-256' },
  })
  const base64 = Buffer.from(list.rawData).toString('base64')
  return `-----BEGIN X509 CRL-----\n${base64}\n-----END X509 CRL-----\n`
}

/** Lists of authorities, as the file that a bank keeps them in. */
export const revocationsFileOf = (...lists: readonly string[]): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'portico-revocations-')), 'lists.pem')
  writeFileSync(file, lists.join('\n'))
  return file
}

/** The roots that a bank accepts, as the file that it names. */
export const rootsFileOf = ({ pem }: Pick<Identity, 'pem'>): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'portico-roots-')), 'roots.pem')
  writeFileSync(file, `a comment\n${pem}\n`)
  return file
}

/** The head of an organisation, as a certificate names her. */
export const director: x509.JsonName = [
  { CN: ['VALIYEVA MALIKA'] },
  { C: ['UZ'] },
  { '1.2.860.3.16.1.1': ['301234567'] },
  { '1.2.860.3.16.1.2': ['31502870000011'] },
]
