import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holdsSecret } from './secret-guard.ts'

const part = 'QUJDREVGR0hJSktMTU5PUA'
const token = `eyJ${part}.${part}.${part}`

test('private keys, their members and tokens are found, also inside of strings of JSON', () => {
  for (const text of [
    `-----BEGIN PRIVATE KEY-----\nMIIE`,
    `{"note":"-----BEGIN RSA PRIVATE KEY-----\\nMIIE"}`,
    `{"kty":"EC","crv":"P-256","d":"${part}"}`,
    JSON.stringify({ note: JSON.stringify({ kty: 'RSA', p: part, q: part }) }),
    `Bearer ${token}`,
    JSON.stringify({ note: `see ${token}` }),
    `eyJ${part}..${part}.${part}.${part}`,
  ])
    assert.ok(holdsSecret(text), text)
})

test('public keys, certificates and ordinary words are none', () => {
  for (const text of [
    '-----BEGIN CERTIFICATE-----',
    '-----BEGIN PUBLIC KEY-----',
    `{"kty":"EC","x":"${part}","y":"${part}"}`,
    `{"d":"${part}"}`,
    'eyJust. a. word.',
    `\\"kty\\" of "d": 4`,
  ])
    assert.equal(holdsSecret(text), false, text)
})

test('a token in its own place is permitted, and none besides', () => {
  const text = `{"jwe":"${token}"}`
  assert.equal(holdsSecret(text, [7, 7 + token.length + 2]), false)
  assert.ok(holdsSecret(`${text} ${token}`, [7, 7 + token.length + 2]))
})
