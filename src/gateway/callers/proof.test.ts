import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importSigningKey, newSigningJwk, publicJwk, signJws, thumbprint } from '#platform/jose.ts'
import { openProofs, type Proofs } from './proof.ts'

const jwk = await newSigningJwk('ES256')
const key = await importSigningKey(jwk)
const jkt = await thumbprint(publicJwk(jwk))
const nowMs = 1_700_000_000_000
const expected = { method: 'GET', uri: 'https://api.bank.example/a', ath: 'ath', jkt }

const proofWith = (nonce: string, jti: string) =>
  signJws({ htm: 'GET', htu: expected.uri, ath: 'ath', iat: nowMs / 1000, jti, nonce }, key, {
    typ: 'dpop+jwt',
    jwk: publicJwk(jwk),
  })
const outcome = async (proofs: Proofs, proof: string) => {
  const verdict = await proofs.prove(proof, expected, nowMs)
  return verdict.proven ? 'proven' : verdict.error
}

test('S34: a nonce is accepted in its own minute and the next, then challenged', async () => {
  let monotonic = 0
  const proofs = openProofs({ monotonicMs: () => monotonic })
  const nonce = proofs.nonce()
  assert.equal(await outcome(proofs, await proofWith(nonce, 'a')), 'proven')
  monotonic = 119_000
  assert.notEqual(proofs.nonce(), nonce)
  assert.equal(await outcome(proofs, await proofWith(nonce, 'b')), 'proven')
  monotonic = 120_000
  assert.equal(await outcome(proofs, await proofWith(nonce, 'c')), 'use_dpop_nonce')
})

test('a proof that was used is refused for as long as its nonce lives, and afterwards for its nonce', async () => {
  let monotonic = 30_000
  const proofs = openProofs({ monotonicMs: () => monotonic })
  const proof = await proofWith(proofs.nonce(), 'a')
  assert.equal(await outcome(proofs, proof), 'proven')
  for (const at of [30_001, 60_000, 90_000, 119_999]) {
    monotonic = at
    proofs.nonce()
    assert.equal(await outcome(proofs, proof), 'invalid_dpop_proof', String(at))
  }
  monotonic = 120_000
  assert.equal(await outcome(proofs, proof), 'use_dpop_nonce')
})

test('S35: another process, and this one after a restart, does not know the nonce', async () => {
  const before = openProofs()
  const proof = await proofWith(before.nonce(), 'a')
  assert.equal(await outcome(openProofs(), proof), 'use_dpop_nonce')
  assert.equal(await outcome(before, proof), 'proven')
})

test('S37: when the memory of a key is full further proofs are refused, and none is forgotten', async () => {
  const proofs = openProofs({ proofsPerKeyMax: 2 })
  const nonce = proofs.nonce()
  const used = await proofWith(nonce, 'a')
  assert.equal(await outcome(proofs, used), 'proven')
  assert.equal(await outcome(proofs, await proofWith(nonce, 'b')), 'proven')
  assert.equal(await outcome(proofs, await proofWith(nonce, 'c')), 'invalid_dpop_proof')
  assert.equal(await outcome(proofs, used), 'invalid_dpop_proof')
})
