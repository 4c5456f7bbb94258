/** Project Wycheproof's vectors (wycheproof/README.md) before the token wrapper and the primitives that it verifies with. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import {
  algorithmOf,
  importVerifyKey,
  type JWK,
  proveJws,
  type SigningAlgorithm,
} from '#platform/jose.ts'

const Result = z.enum(['valid', 'invalid', 'acceptable'])
const Key = z
  .looseObject({ kty: z.string(), alg: z.string().optional() })
  .transform(({ alg, ...key }): JWK => ({ ...key, ...(alg !== undefined && { alg }) }))
const JwsGroup = z.object({
  key: Key,
  comment: z.string(),
  tests: z.array(z.object({ id: z.int(), about: z.string(), jws: z.string(), result: Result })),
})
const RawGroup = z.object({
  key: Key,
  tests: z.array(
    z.object({
      id: z.int(),
      about: z.string(),
      msg: z.string(),
      sig: z.string(),
      result: Result,
    }),
  ),
})

const groupsOf = <T extends z.ZodType>(name: string, schema: T): z.output<T>[] =>
  readFileSync(join(import.meta.dirname, 'wycheproof', `${name}.ndjson`), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => schema.parse(JSON.parse(line)))

const ours: readonly SigningAlgorithm[] = ['PS256', 'ES256', 'EdDSA']
const isOurs = (alg: string | undefined): alg is SigningAlgorithm => ours.some((one) => one === alg)

/** The key as the wrapper holds it for an algorithm; nothing where it may not be used with it. */
const heldAs = async (key: JWK, alg: SigningAlgorithm) => {
  try {
    return await importVerifyKey(key, alg)
  } catch {
    return undefined
  }
}

const unprovenHeader = (jws: string): unknown => {
  const [head = ''] = jws.split('.')
  return z.object({ alg: z.unknown() }).parse(JSON.parse(Buffer.from(head, 'base64url').toString()))
    .alg
}

/**
 * Two forms that are valid elsewhere are refused: a token without a payload claims nothing, and a token that says another
 * algorithm than its key's record (as the figures of RFC 7520 do here) is none of that key's.
 */
test('S21: no invalid JWS is accepted under any of our algorithms, and all valid ones of our algorithms are', async () => {
  const counted = { refused: 0, accepted: 0 }
  for (const { key, comment, tests } of groupsOf('jws', JwsGroup))
    for (const alg of ours) {
      const held = await heldAs(key, alg)
      for (const { id, about, jws, result } of tests) {
        const proven = held !== undefined && (await proveJws(jws, held)) !== undefined
        const which = `${comment} ${id} (${about}) as ${alg}`
        if (algorithmOf(key) === alg)
          assert.equal(
            proven,
            result === 'valid' && !jws.includes('..') && unprovenHeader(jws) === alg,
            which,
          )
        // No key of ours; were it one, what it takes would be what it is for.
        else if (proven) assert.equal(unprovenHeader(jws), alg, which)
        counted[proven ? 'accepted' : 'refused'] += 1
      }
    }
  assert.ok(counted.refused > 1_000 && counted.accepted >= 9, JSON.stringify(counted))
})

/** RFC 7518 §3.4 and §3.5, RFC 8037 §3.1, as WebCrypto names them. */
const parameters = {
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', saltLength: 32 },
  EdDSA: { name: 'Ed25519' },
} as const

for (const alg of ours)
  test(`the primitive behind ${alg} accepts what is valid and nothing else`, async () => {
    let valid = 0
    for (const { key, tests } of groupsOf(alg.toLowerCase(), RawGroup)) {
      const { kid: _, ...jwk } = key
      const held = await importVerifyKey(jwk, alg)
      assert.ok(isOurs(held.alg) && held.key instanceof CryptoKey)
      for (const { id, about, msg, sig, result } of tests) {
        const holds: boolean = await crypto.subtle
          .verify(parameters[alg], held.key, Buffer.from(sig, 'hex'), Buffer.from(msg, 'hex'))
          .catch(() => false)
        if (result !== 'acceptable')
          assert.equal(holds, result === 'valid', `${alg} ${id} (${about})`)
        valid += Number(holds)
      }
    }
    assert.ok(valid > 30, `${valid} of ${alg} hold`)
  })
