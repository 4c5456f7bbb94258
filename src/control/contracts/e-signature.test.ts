import 'reflect-metadata'
import assert from 'node:assert/strict'
import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as x509 from '@peculiar/x509'
import { noon } from '#test/world.ts'
import { expect, nodeOf, tags } from './der.ts'
import { eSignaturesBy, isOfOrganisation } from './e-signature.ts'

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
} as const

interface Identity {
  readonly certificate: X509Certificate
  readonly pem: string
  readonly keys: CryptoKeyPair
}

let serials = 0
const issue = async (
  subject: string | x509.JsonName,
  {
    by,
    ca = false,
    days = [-1, 365],
    usage = ca ? x509.KeyUsageFlags.keyCertSign : x509.KeyUsageFlags.nonRepudiation,
    algorithm = ecdsa,
  }: {
    by?: Identity
    ca?: boolean
    days?: readonly [number, number]
    usage?: number
    algorithm?: typeof ecdsa | typeof rsa
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
      new x509.BasicConstraintsExtension(ca, undefined, true),
      new x509.KeyUsagesExtension(usage, true),
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
const pkcs7 = async (
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

const root = await issue('CN=Root of the state', { ca: true })
const centre = await issue('CN=Centre', { by: root, ca: true })
const director: x509.JsonName = [
  { CN: ['VALIYEVA MALIKA'] },
  { C: ['UZ'] },
  { '1.2.860.3.16.1.1': ['301234567'] },
  { '1.2.860.3.16.1.2': ['31502870000011'] },
]
const signer = await issue(director, { by: centre })
const rootsFile = join(mkdtempSync(join(tmpdir(), 'portico-roots-')), 'roots.pem')
writeFileSync(rootsFile, `a comment\n${root.pem}\n`)
const eSignatures = eSignaturesBy(rootsFile)
const content = Buffer.from('a'.repeat(64), 'ascii')
const refused = { code: 'contracts/e-signature-refused' }

test('a signature over the hash, by a certificate of the state’s authority, says who signed', async () => {
  for (const detached of [false, true]) {
    const made = await pkcs7(content, signer, { along: [centre], detached })

    const who = eSignatures.verify(made, content, noon)

    assert.deepEqual(
      [who.name, who.inn, who.pinfl],
      ['VALIYEVA MALIKA', '301234567', '31502870000011'],
    )
    const der256 = createHash('sha256').update(signer.certificate.raw).digest('hex')
    assert.equal(who.certificateSha256, der256)
  }
})

test('RSA signs as well, and a signature without attributes is over the text itself (RFC 5652 §5.4)', async () => {
  const other = await issue(director, { by: centre, algorithm: rsa })
  const byRsa = { along: [centre], algorithm: '1.2.840.113549.1.1.1' }

  assert.ok(eSignatures.verify(await pkcs7(content, other, byRsa), content, noon))
  assert.ok(
    eSignatures.verify(await pkcs7(content, other, { ...byRsa, bare: true }), content, noon),
  )
})

test('a signature over another text is refused, attached or not', async () => {
  const other = Buffer.from('b'.repeat(64), 'ascii')
  for (const made of [
    await pkcs7(other, signer, { along: [centre] }),
    await pkcs7(other, signer, { along: [centre], detached: true }),
    // The text is ours, and the digest that was signed is of another.
    await pkcs7(content, signer, { along: [centre], claims: other }),
  ])
    assert.throws(() => eSignatures.verify(made, content, noon), refused)
})

test('no flipped bit of a signature is accepted as another signer’s', async () => {
  const made = await pkcs7(content, signer, { along: [centre] })
  const honest = eSignatures.verify(made, content, noon)
  for (let at = 0; at < made.length; at += 3) {
    const bent = Buffer.from(made)
    bent.writeUInt8(bent.readUInt8(at) ^ 0x10, at)
    try {
      // What is not signed, such as a second certificate, may change without anybody else having signed.
      assert.deepEqual(eSignatures.verify(bent, content, noon), honest)
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error
      assert.equal(Object(error).code, refused.code, String(error))
    }
  }
})

test('who is vouched for by nobody, out of time, or not for signatures, signs nothing', async () => {
  const strangers = await issue('CN=Root of the state', { ca: true })
  const late = await issue(director, { by: centre, days: [-30, -1] })
  const early = await issue(director, { by: centre, days: [1, 30] })
  const forTls = await issue(director, { by: centre, usage: x509.KeyUsageFlags.keyAgreement })
  const noCa = await issue('CN=A customer', { by: centre })
  const byCustomer = await issue(director, { by: noCa })
  for (const [by, along] of [
    [signer, []],
    [await issue(director, { by: strangers }), [strangers]],
    [late, [centre]],
    [early, [centre]],
    [forTls, [centre]],
    [byCustomer, [noCa, centre]],
    [await issue(director), []],
  ] as const) {
    const made = await pkcs7(content, by, { along })
    assert.throws(() => eSignatures.verify(made, content, noon), refused)
  }
})

test('an algorithm that is not known here is named, and what is no signature is refused', async () => {
  const national = await pkcs7(content, signer, { along: [centre], algorithm: '1.2.860.3.15.1.1' })
  assert.throws(
    () => eSignatures.verify(national, content, noon),
    (error: unknown) => {
      assert.match(String(Object(error).message), /1\.2\.860\.3\.15\.1\.1/)
      return Object(error).code === refused.code
    },
  )
  for (const nothing of ['', '30', '3080', '3003020100', 'ff'.repeat(40)])
    assert.throws(() => eSignatures.verify(Buffer.from(nothing, 'hex'), content, noon), refused)
})

test('where the bank has named no authority, an e-signature is refused clearly', async () => {
  const made = await pkcs7(content, signer, { along: [centre] })

  assert.throws(() => eSignaturesBy(undefined).verify(made, content, noon), {
    code: 'contracts/e-signature-unavailable',
    status: 501,
  })
})

test('a certificate of an organisation is only this organisation’s; one of a person alone only its entrepreneur’s', () => {
  const numbers = { inn: new Set(['301234567']), pinfl: new Set(['31502870000011']) }

  assert.equal(isOfOrganisation({ inn: '301234567', pinfl: null }, numbers), true)
  assert.equal(isOfOrganisation({ inn: '309999999', pinfl: '31502870000011' }, numbers), false)
  assert.equal(isOfOrganisation({ inn: null, pinfl: '31502870000011' }, numbers), true)
  assert.equal(isOfOrganisation({ inn: null, pinfl: null }, numbers), false)
})
