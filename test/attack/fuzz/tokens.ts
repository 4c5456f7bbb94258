/** Whatever bytes stand where a token should: the wrapper never throws, and takes nothing but the text that was signed. */
import assert from 'node:assert/strict'
import { openTokens } from '#gateway/callers/access-token.ts'
import {
  importSigningKey,
  importVerifyKey,
  newSigningJwk,
  proveJws,
  publicJwk,
  type SigningAlgorithm,
  signJws,
  unprovenJws,
} from '#platform/jose.ts'
import { type Chance, chanceFrom } from '../../isolation/chance.ts'

const letters = 'ABCXYZabcxyz0189-_=+/. \n\u0000é{}"'

type Mutation = (text: string, chance: Chance) => string
const at = (text: string, chance: Chance) => chance.below(text.length + 1)
const mutations: readonly Mutation[] = [
  (text, chance) => {
    const where = at(text, chance)
    return text.slice(0, where) + letters[chance.below(letters.length)] + text.slice(where)
  },
  (text, chance) => {
    const where = at(text, chance)
    return text.slice(0, where) + text.slice(where + 1 + chance.below(4))
  },
  (text, chance) => {
    const where = chance.below(text.length)
    return text.slice(0, where) + letters[chance.below(letters.length)] + text.slice(where + 1)
  },
  (text, chance) => {
    const parts = text.split('.')
    const from = chance.below(parts.length)
    parts[chance.below(parts.length)] = parts[from] ?? ''
    return parts.join('.')
  },
  // A member of the header, changed and spelled anew.
  (text, chance) => {
    const [head = '', ...rest] = text.split('.')
    const header = Buffer.from(head, 'base64url').toString('latin1')
    const swap = chance.of([
      ['"alg":"', '"alg":"none","x":"'],
      ['"alg":', '"crit":["b64"],"b64":false,"alg":'],
      ['"kid":', '"jku":"https://evil.example/","kid":'],
      ['{', `{${'"a":[['.repeat(chance.below(9))}`],
      ['"typ"', '"\\u0074yp"'],
    ] as const)
    const changed = header.replace(swap[0], swap[1])
    return [Buffer.from(changed, 'latin1').toString('base64url'), ...rest].join('.')
  },
  (text, chance) => text.repeat(1 + chance.below(3)),
  (_, chance) =>
    Array.from({ length: chance.below(200) }, () => letters[chance.below(letters.length)]).join(''),
]

const algorithms: readonly SigningAlgorithm[] = ['PS256', 'ES256', 'EdDSA']

/** Throws at the first text that breaks the rule, with the text. */
export const tryTokens = async (count: number, seed: number): Promise<{ looked: number }> => {
  const chance = chanceFrom(seed)
  const issuer = 'https://issuer.example'
  const claims = {
    iss: issuer,
    aud: 'https://api.example',
    env: 'sandbox',
    sub: 's',
    client_id: 'application_1',
    partner_id: 'partner_1',
    jti: 'one',
    iat: 1_000,
    exp: 1_300,
    cnf: { jkt: 'A'.repeat(43) },
  }
  const made = await Promise.all(
    algorithms.map(async (alg) => {
      const jwk = await newSigningJwk(alg)
      const signing = await importSigningKey(jwk)
      const verify = await importVerifyKey(publicJwk(jwk), alg)
      return { signing, verify, text: await signJws(claims, signing, { typ: 'at+jwt' }) }
    }),
  )
  const keys = new Map(made.map(({ signing, verify }) => [signing.kid, verify]))
  const table = {
    cell: 'sandbox' as const,
    issuer: { issuer, audience: claims.aud, keys, keysId: '1' },
  }
  const tokens = openTokens()
  for (const { text } of made)
    assert.ok((await tokens.read(text, table, 1_100_000)).valid, 'the genuine one is taken')
  const genuine = new Set(made.map(({ text }) => text))
  let looked = 0
  for (let n = 0; n < count; n++) {
    const { text, verify } = chance.of(made)
    let bent = text
    for (let times = 1 + chance.below(3); times > 0; times--)
      bent = bent === '' ? bent : chance.of(mutations)(bent, chance)
    if (genuine.has(bent)) continue
    looked++
    unprovenJws(bent)
    const proven = await proveJws(bent, verify)
    const reading = await tokens.read(bent, table, 1_100_000)
    if (proven !== undefined || reading.valid)
      throw new Error(`seed ${seed}, number ${n}: taken: ${JSON.stringify(bent)}`)
  }
  return { looked }
}
