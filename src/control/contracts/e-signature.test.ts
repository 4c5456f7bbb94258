import 'reflect-metadata'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import * as x509 from '@peculiar/x509'
import { director, issue, pkcs7, rootsFileOf, rsa } from '#test/state-authority.ts'
import { noon } from '#test/world.ts'
import { eSignaturesBy, isOfOrganisation } from './e-signature.ts'

const root = await issue('CN=Root of the state', { ca: true })
const centre = await issue('CN=Centre', { by: root, ca: true })
const signer = await issue(director, { by: centre })
const rootsFile = rootsFileOf(root)
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
