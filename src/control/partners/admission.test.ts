import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Problem } from '#kernel/problem.ts'
import { type JWK, newSigningJwk, publicJwk } from '#platform/jose.ts'
import { admit, ApplicationRequest } from './admission.ts'
import { noon } from '#test/world.ts'
import { ecJwk, ed25519Jwk, newKey, privateJwk, rsaJwk } from '#test/partner-keys.ts'

const offered = ['accounts', 'payments', 'cards']
const { jwk, csr } = await newKey()

const good = {
  cell: 'production',
  name: 'Shop',
  authentication: 'private_key_jwt',
  senderConstraint: 'mtls',
  jwks: { keys: [jwk] },
  redirectUris: ['https://shop.example/back'],
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
  products: ['accounts'],
} as const

/** Pointers of what is wrong, or nothing. */
const flaws = async (more: object): Promise<string[]> => {
  try {
    await admit(ApplicationRequest.parse({ ...good, ...more }), offered, noon)
    return []
  } catch (error) {
    return ((error as Problem).particulars.errors ?? []).map((e) => e.pointer)
  }
}
const admitted = (more: object = {}) =>
  admit(ApplicationRequest.parse({ ...good, ...more }), offered, noon)
const keys = (...list: JWK[]) => ({ jwks: { keys: list } })

test('FAPI 2.0: an application as it should be is admitted, its keys named by RFC 7638', async () => {
  const { application, keys: claimed } = await admitted({ csr })

  const [key] = application.jwks
  assert.deepEqual(
    { alg: key?.alg, use: key?.use, kid: key?.kid },
    { alg: 'ES256', use: 'sig', kid: claimed[0]?.sha256 },
  )
  // The CSR is for the same key, and so it has the same name.
  assert.deepEqual(
    claimed.map((k) => k.pointer),
    ['/jwks/keys/0', '/csr'],
  )
  assert.equal(claimed[0]?.sha256, claimed[1]?.sha256)
})

test('every key that FAPI 2.0 signs with is admitted: PS256, ES256, EdDSA', async () => {
  const { application } = await admitted(keys(rsaJwk(2048), ecJwk('P-256'), ed25519Jwk()))
  assert.deepEqual(
    application.jwks.map((k) => k.alg),
    ['PS256', 'ES256', 'EdDSA'],
  )
  assert.deepEqual(await flaws(keys(publicJwk(await newSigningJwk('ES256')))), [])
})

test('a key that is weak, private, off its curve or for something else is refused in its place', async () => {
  const point = ecJwk('P-256')
  const wrong: [why: string, key: JWK][] = [
    ['RSA of 1024 bits', rsaJwk(1024)],
    [
      'a short modulus behind zeros',
      {
        ...rsaJwk(1024),
        n: Buffer.concat([
          Buffer.alloc(128),
          Buffer.from(rsaJwk(1024).n ?? '', 'base64url'),
        ]).toString('base64url'),
      },
    ],
    ['a private key', privateJwk()],
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0' }],
    ['P-384 signs nothing in FAPI 2.0', ecJwk('P-384')],
    ['secp256k1', ecJwk('secp256k1')],
    ['off its curve', { ...point, x: point.y ?? '', y: point.x ?? '' }],
    ['without y', { kty: 'EC', crv: 'P-256', x: point.x ?? '' }],
    ['exponent 3', { ...rsaJwk(2048), e: 'Aw' }],
  ]
  for (const [why, key] of wrong)
    assert.deepEqual(await flaws(keys(jwk, key)), ['/jwks/keys/1'], why)
  assert.deepEqual(await flaws(keys({ ...jwk, alg: 'RS256' })), ['/jwks/keys/0/alg'])
  assert.deepEqual(await flaws(keys({ ...jwk, alg: 'none' })), ['/jwks/keys/0/alg'])
  assert.deepEqual(await flaws(keys({ ...jwk, use: 'enc' })), ['/jwks/keys/0/use'])
  assert.deepEqual(await flaws(keys({ ...jwk, kid: 'a\nb' })), ['/jwks/keys/0/kid'])
  assert.deepEqual(await flaws(keys({ ...jwk, kid: 'a' }, { ...ecJwk('P-256'), kid: 'a' })), [
    '/jwks/keys/1',
  ])
})

test('a key for card data only receives, and a key has one purpose', async () => {
  const { application } = await admitted({ revealKey: ecJwk('P-384') })
  assert.deepEqual(
    { alg: application.revealKey?.alg, use: application.revealKey?.use },
    { alg: 'ECDH-ES+A256KW', use: 'enc' },
  )
  assert.deepEqual(await flaws({ revealKey: ed25519Jwk() }), ['/revealKey'])
  assert.deepEqual(await flaws({ revealKey: jwk }), ['/jwks/keys/0', '/revealKey'])
})

test('A45: a redirect address is https, exact, and nobody else’s', async () => {
  const wrong = [
    'http://shop.example/back',
    'https://shop.example/back#part',
    'https://shop.example/back#',
    'https://*.shop.example/back',
    'https://user@shop.example/back',
    'https://user:word@shop.example/back',
    'https://192.0.2.7/back',
    'https://3221225991/back',
    'https://[2001:db8::1]/back',
    'https://localhost/back',
    'https://LOCALHOST/back',
    'https://app.localhost/back',
    'https://SHOP.example/back',
    'https://shop.example:443/back',
    'https://shop.example/a/../back',
    'https://shop.example\\@evil.example/back',
    ' https://shop.example/back',
    'https://shop.example/back\n',
    'javascript:alert(1)',
    'com.shop.app:/back',
    '//shop.example/back',
    '',
  ]
  for (const uri of wrong)
    assert.deepEqual(await flaws({ redirectUris: [uri] }), ['/redirectUris/0'], JSON.stringify(uri))
  assert.deepEqual(await flaws({ redirectUris: ['https://a.example', 'https://a.example'] }), [
    '/redirectUris/1',
  ])
  assert.deepEqual(
    await flaws({ redirectUris: ['https://a.example', 'https://a.example:8443/x?y=1'] }),
    [],
  )
  assert.deepEqual(
    await flaws({ cell: 'sandbox', redirectUris: ['https://localhost:3000/back'] }),
    [],
  )
})

test('whatever address is admitted, a browser reads it as it is written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.webUrl({ withFragments: true }), fc.string()), async (uri) => {
      if ((await flaws({ redirectUris: [uri] })).length > 0) return
      const url = new URL(uri)
      assert.equal(url.protocol, 'https:')
      assert.ok(url.href === uri || url.href === `${uri}/`)
      assert.equal(url.hash + url.username + url.password, '')
    }),
    { numRuns: 200 },
  )
})

test('grants, products and rehearsal fit together, or each wrong place is named', async () => {
  assert.deepEqual(await flaws({ redirectUris: [] }), ['/redirectUris'])
  assert.deepEqual(
    await flaws({ grantTypes: ['client_credentials', 'refresh_token'], redirectUris: [] }),
    ['/grantTypes'],
  )
  assert.deepEqual(await flaws({ grantTypes: ['client_credentials', 'client_credentials'] }), [
    '/grantTypes/1',
  ])
  assert.deepEqual(await flaws({ products: ['accounts', 'loans'] }), ['/products/1'])
  assert.deepEqual(await flaws({ rehearsal: true }), ['/rehearsal'])
  assert.deepEqual(await flaws({ rehearsal: true, cell: 'sandbox' }), [])
  assert.deepEqual(await flaws({ jwks: undefined }), ['/jwks'])
  assert.deepEqual(
    (
      await flaws({ redirectUris: ['http://a.example'], products: ['x'], rehearsal: true })
    ).toSorted(),
    ['/products/0', '/redirectUris/0', '/rehearsal'],
  )
})

test('a member that nobody knows is refused, not ignored', () => {
  for (const more of [
    { scope: 'everything' },
    { token_endpoint_auth_method: 'none' },
    { jwks: { keys: [jwk], url: 'x' } },
  ])
    assert.equal(ApplicationRequest.safeParse({ ...good, ...more }).success, false)
  for (const more of [
    { authentication: 'client_secret_basic' },
    { senderConstraint: 'none' },
    { grantTypes: ['implicit'] },
    { grantTypes: [] },
    { products: [] },
  ])
    assert.equal(
      ApplicationRequest.safeParse({ ...good, ...more }).success,
      false,
      JSON.stringify(more),
    )
})

test('a name shows as it is written: no control and no direction signs', () => {
  for (const name of ['', ' ', 'a', 'Shop\u202egnp.exe', 'Shop\u0000', 'Shop\n2', 'x'.repeat(121)])
    assert.equal(
      ApplicationRequest.safeParse({ ...good, name }).success,
      false,
      JSON.stringify(name),
    )
  assert.equal(ApplicationRequest.parse({ ...good, name: '  Anor Doʻkon ' }).name, 'Anor Doʻkon')
})

test('a CSR that is no CSR, is not signed by its key, or is for a weak key is refused', async () => {
  const der = Buffer.from(csr.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  der[der.length - 5] = (der[der.length - 5] ?? 0) ^ 1
  const altered = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
  for (const wrong of ['', 'hello', altered, csr.slice(0, 200)])
    await assert.rejects(
      admitted({ csr: wrong }),
      { code: 'partners/csr-refused', status: 400 },
      wrong,
    )
})
