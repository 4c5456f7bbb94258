import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import 'reflect-metadata'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import { calculateJwkThumbprint, CompactSign, compactVerify, importJWK, type JWK } from 'jose'
import { pemOfFile } from './certificate-file.ts'
import { requestCertificate } from './certificate-request.ts'
import { makeSigningKey } from './key-set.ts'

const spkiOf = (privateKey: string) =>
  createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'der' })

test('a certificate request made in the browser is read and proven by another library', async () => {
  // Many rounds: r and s lead with a zero or a sign bit only now and then.
  for (let round = 0; round < 64; round++) {
    const { csr, privateKey } = await requestCertificate('Oʻtkazma ilovasi')
    const request = new Pkcs10CertificateRequest(csr)

    assert.equal(await request.verify(), true)
    assert.equal(request.subject, 'CN=Oʻtkazma ilovasi')
    assert.deepEqual(Buffer.from(request.publicKey.rawData), spkiOf(privateKey))
  }
})

test('a request holds nothing of the private key', async () => {
  const { csr, privateKey } = await requestCertificate('app')
  const secret = createPrivateKey(privateKey).export({ format: 'jwk' }).d
  assert.ok(secret)

  const octets = Buffer.from(new Pkcs10CertificateRequest(csr).rawData)

  assert.equal(octets.includes(Buffer.from(secret, 'base64url')), false)
})

test('a signing key’s public half proves what its file signs, and has no private member', async () => {
  const { jwks, file } = await makeSigningKey()
  const secret: JWK = JSON.parse(file)
  const [key] = jwks.keys
  assert.ok(key)
  const shared: JWK = { ...key }

  const signed = await new CompactSign(new TextEncoder().encode('hello'))
    .setProtectedHeader({ alg: 'ES256' })
    .sign(await importJWK(secret, 'ES256'))

  await compactVerify(signed, await importJWK(shared, 'ES256'))
  assert.equal('d' in shared, false)
  assert.equal(shared.kid, await calculateJwkThumbprint(shared))
})

test('a certificate goes to the bank as PEM, however its authority gave it', async () => {
  const { csr } = await requestCertificate('app')
  const der = Buffer.from(new Pkcs10CertificateRequest(csr).rawData)

  const made = await pemOfFile(new Blob([der]))

  assert.equal(await pemOfFile(new Blob([csr])), csr, 'PEM stays as it is')
  const [head, ...lines] = made.trim().split('\n')
  assert.deepEqual(
    [head, lines.pop()],
    ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'],
  )
  assert.ok(lines.every((line) => line.length <= 64))
  assert.deepEqual(Buffer.from(lines.join(''), 'base64'), der)
})
