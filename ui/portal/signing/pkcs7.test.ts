import assert from 'node:assert/strict'
import { test } from 'node:test'
import { issue, pkcs7, rsa } from '#test/state-authority.ts'
import { pkcs7In } from './pkcs7.ts'

const signer = await issue('CN=VALIYEVA MALIKA', { algorithm: rsa })
const made = await pkcs7(Buffer.from('a'.repeat(64), 'ascii'), signer, {
  algorithm: '1.2.840.113549.1.1.1',
})
const base64 = made.toString('base64')

test('a signature is read as the programs write it: DER, PEM, or base64 with or without lines', () => {
  const lines = base64.replaceAll(/(.{64})/g, '$1\r\n')
  assert.equal(pkcs7In(made), base64)
  for (const text of [base64, lines, `-----BEGIN PKCS7-----\n${lines}\n-----END PKCS7-----\n`])
    assert.equal(pkcs7In(Buffer.from(text)), base64)
})

test('a file that can be no signature is not sent', () => {
  const others = ['', '%PDF-1.7', '{"pkcs7":"MII"}', 'AAAA', `${base64}%`]
  for (const other of others) assert.equal(pkcs7In(Buffer.from(other)), undefined, other)
  assert.equal(pkcs7In(Buffer.concat([made, Buffer.alloc(70_000)])), undefined, 'it is too long')
})
