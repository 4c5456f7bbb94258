import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  importSigningKey,
  importVerifyKey,
  newSigningJwk,
  publicJwk,
  signJws,
} from '#platform/jose.ts'
import { openTokens } from './access-token.ts'

const jwk = { ...(await newSigningJwk('ES256')), kid: 'k' }
const key = await importSigningKey(jwk)
const table = {
  cell: 'production' as const,
  issuer: {
    issuer: 'https://issuer.example',
    audience: 'https://gateway.example',
    keysId: 'first',
    keys: new Map([['k', await importVerifyKey(publicJwk(jwk), 'ES256')]]),
  },
}
const bornS = Date.UTC(2026, 10, 23) / 1000
const bornMs = bornS * 1000
const issued = (jti: string) =>
  signJws(
    {
      iss: table.issuer.issuer,
      aud: table.issuer.audience,
      sub: 'application_1',
      client_id: 'application_1',
      jti,
      iat: bornS,
      exp: bornS + 300,
      env: 'production',
      partner_id: 'partner_1',
      cnf: { 'x5t#S256': 'a' },
    },
    key,
    { typ: 'at+jwt' },
  )

test('a token is verified once, and again when its issuer’s keys have changed', async () => {
  const tokens = openTokens()
  const text = await issued('1')
  const verified = tokens.read(text, table, bornMs)
  assert.ok(verified instanceof Promise)
  const first = await verified
  const again = tokens.read(text, table, bornMs)
  const issuer = { ...table.issuer, keysId: 'second', keys: new Map() }
  const withoutKey = await tokens.read(text, { ...table, issuer }, bornMs)

  assert.deepEqual([first.valid, again], [true, first])
  assert.deepEqual(withoutKey, { valid: false, why: 'invalid' })
})

test('a token that is held ends at its end, to the millisecond', async () => {
  const tokens = openTokens()
  const text = await issued('1')
  assert.equal((await tokens.read(text, table, bornMs)).valid, true)
  assert.ok(tokens.knows(text))
  assert.ok(!(tokens.read(text, table, bornMs + 299_999) instanceof Promise))
  assert.deepEqual(await tokens.read(text, table, bornMs + 300_000), {
    valid: false,
    why: 'expired',
  })
  assert.ok(!tokens.knows(text))
})

test('tokens that have ended are forgotten, and none is kept beyond the most', async () => {
  const tokens = openTokens(3)
  const texts = await Promise.all(['1', '2', '3', '4', '5'].map(issued))
  for (const text of texts) await tokens.read(text, table, bornMs)
  assert.equal(tokens.size(), 3)

  tokens.sweep(bornMs + 299_999)
  assert.equal(tokens.size(), 3)
  tokens.sweep(bornMs + 300_000)
  assert.equal(tokens.size(), 0)
  assert.ok(!texts.some((text) => tokens.knows(text)))
})
