import 'reflect-metadata'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import * as x509 from '@peculiar/x509'
import {
  director,
  type Identity,
  issue,
  pkcs7,
  revocationList,
  revocationsFileOf,
  rootsFileOf,
  rsa,
} from '#test/state-authority.ts'
import { flipper } from '#test/licences/flipped-bits.ts'
import { noon } from '#test/world.ts'
import { Malformed, oidOf, tags } from './der.ts'
import { eSignaturesBy, isOfOrganisation } from './e-signature.ts'

const root = await issue('CN=Root of the state', { ca: true })
const centre = await issue('CN=Centre', { by: root, ca: true })
const signer = await issue(director, { by: centre })
const rootsFile = rootsFileOf(root)
const nothingRevoked = (...by: readonly Identity[]) =>
  Promise.all(by.map((one) => revocationList(one)))
const trusting = (...lists: readonly string[]) =>
  eSignaturesBy({ roots: rootsFile, revocations: revocationsFileOf(...lists) })
const eSignatures = trusting(...(await nothingRevoked(root, centre)))
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
  const bit = fc.integer({ min: 0, max: made.length * 8 - 1 })

  // Some of them, others each time; a failure names its seed. The drill turns every one.
  const turned = flipper(made, (bent) => eSignatures.verify(bent, content, noon))
  fc.assert(fc.property(bit, turned), { numRuns: 40 })
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
      assert.match(String(Object(error).message), /O‘z DSt \(1\.2\.860\.3\.15\.1\.1\).*not support/)
      return Object(error).code === refused.code
    },
  )
  for (const nothing of ['', '30', '3080', '3003020100', 'ff'.repeat(40)])
    assert.throws(() => eSignatures.verify(Buffer.from(nothing, 'hex'), content, noon), refused)
})

const BROKEN_LIST = '-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n'

test('where the bank has named no authority, an e-signature is refused clearly', async () => {
  const made = await pkcs7(content, signer, { along: [centre] })

  for (const trusted of [
    { roots: undefined, revocations: undefined },
    // Without the lists nobody can tell what was revoked.
    { roots: rootsFile, revocations: undefined },
    { roots: rootsFile, revocations: revocationsFileOf(BROKEN_LIST) },
  ])
    assert.throws(() => eSignaturesBy(trusted).verify(made, content, noon), {
      code: 'contracts/e-signature-unavailable',
      status: 501,
    })
})

test('RFC 5280 §6.3: who was revoked signs nothing, and neither does who cannot be looked up', async () => {
  const made = await pkcs7(content, signer, { along: [centre] })
  const [ofRoot = '', ofCentre = ''] = await nothingRevoked(root, centre)
  const stranger = await issue('CN=Centre', { by: root, ca: true })
  const noLists = await issue('CN=Quiet', {
    by: root,
    ca: true,
    usage: x509.KeyUsageFlags.keyCertSign,
  })
  const byQuiet = await pkcs7(content, await issue(director, { by: noLists }), { along: [noLists] })
  const delta = new x509.Extension('2.5.29.27', true, Uint8Array.of(0x02, 0x01, 0x01))
  const revoked = [signer]
  const cases: readonly (readonly [readonly string[], RegExp, Buffer?])[] = [
    [[ofRoot, await revocationList(centre, { revoked })], /revoked \(keyCompromise\)/],
    [[ofCentre, await revocationList(root, { revoked: [centre] })], /Centre: it was revoked/],
    // One list that does not know it takes nothing back from one that does.
    [[ofRoot, ofCentre, await revocationList(centre, { revoked })], /revoked \(keyCompromise\)/],
    [[ofRoot], /holds none of that authority/],
    [[ofRoot, await revocationList(centre, { days: [-9, -2] })], /good until/],
    [[ofRoot, await revocationList(centre, { days: [1, 8] })], /begins later/],
    [[ofRoot, await revocationList(centre, { days: [-1, null] })], /how long it holds/],
    [[ofRoot, await revocationList(centre, { signer: stranger })], /not signed by that authority/],
    [[ofRoot, await revocationList(centre, { extensions: [delta] })], /2\.5\.29\.27/],
    [[ofRoot, await revocationList(noLists)], /not for signing lists/, byQuiet],
  ]
  for (const [lists, why, bytes = made] of cases)
    assert.throws(
      () => trusting(...lists).verify(bytes, content, noon),
      (error: unknown) => {
        assert.match(String(Object(error).message), why)
        return Object(error).code === refused.code
      },
    )
  assert.ok(trusting(ofRoot, ofCentre).verify(made, content, noon))
})

test('weak keys, chains beyond their length, and what a certificate asks for and nobody here understands, are refused', async () => {
  const narrow = await issue('CN=Narrow', { by: root, ca: true, pathLength: 0 })
  const below = await issue('CN=Below', { by: narrow, ca: true })
  const weak = { ...rsa, modulusLength: 1024 }
  const constrained = new x509.Extension('2.5.29.30', true, Uint8Array.of(0x30, 0x00))
  const deep = [centre]
  for (const name of ['One', 'Two', 'Three', 'Four'])
    deep.push(await issue(`CN=${name}`, { by: deep.at(-1) ?? centre, ca: true }))
  const last = deep.at(-1)
  assert.ok(last)
  const [byRsa, byEc] = ['1.2.840.113549.1.1.1', '1.2.840.10045.4.3.2']
  const all = trusting(...(await nothingRevoked(root, narrow, below, ...deep)))
  for (const [by, along, algorithm, why] of [
    [await issue(director, { by: centre, algorithm: weak }), [centre], byRsa, /too weak/],
    [await issue(director, { by: below }), [below, narrow], byEc, /of this length/],
    [await issue(director, { by: last }), deep, byEc, /no authority/],
    [await issue(director, { by: centre, extensions: [constrained] }), [centre], byEc, /2\.5\.29/],
  ] as const) {
    const made = await pkcs7(content, by, { along, algorithm })
    assert.throws(
      () => all.verify(made, content, noon),
      (error: unknown) => {
        assert.match(String(Object(error).message), why)
        return Object(error).code === refused.code
      },
    )
  }
  const within = await issue(director, { by: narrow })
  const fits = await pkcs7(content, within, { along: [narrow] })
  const knowing = trusting(...(await nothingRevoked(root, narrow)))
  assert.ok(knowing.verify(fits, content, noon), 'one authority below the root is what it says')
})

test('what is written to be slow is refused before it is counted', async () => {
  const oidOfBytes = (bytes: Buffer) =>
    oidOf({ tag: tags.oid, whole: bytes, value: bytes, children: [] })
  assert.equal(oidOfBytes(Buffer.from('2a864886f70d01', 'hex')), '1.2.840.113549.1')
  for (const hostile of [
    Buffer.alloc(49_000, 0x81),
    Buffer.alloc(65, 1),
    Buffer.of(),
    Buffer.of(0x2a, 0x86),
  ])
    assert.throws(() => oidOfBytes(hostile), Malformed)
  const many = Array.from({ length: 9 }, () => centre)
  const crowded = await pkcs7(content, signer, { along: many })
  assert.throws(() => eSignatures.verify(crowded, content, noon), refused)
})

test('a certificate of an organisation is only this organisation’s; one of a person alone only of who trades alone', () => {
  const [inn, pinfl] = ['301234567', '31502870000011']
  const none = new Set<string>()
  const organisation = { inn: new Set([inn]), pinfl: new Set([pinfl]), isAlone: false }
  const person = { inn: none, pinfl: new Set([pinfl]), isAlone: true }

  assert.equal(isOfOrganisation({ inn, pinfl: null }, organisation), true)
  assert.equal(isOfOrganisation({ inn: '309999999', pinfl }, organisation), false)
  assert.equal(isOfOrganisation({ inn: null, pinfl }, organisation), false)
  assert.equal(isOfOrganisation({ inn: null, pinfl }, { ...organisation, inn: none }), false)
  assert.equal(isOfOrganisation({ inn: null, pinfl }, person), true)
  assert.equal(isOfOrganisation({ inn: null, pinfl: null }, person), false)
})
