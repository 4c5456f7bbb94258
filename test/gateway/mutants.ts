/**
 * Mutated snapshots, and what must hold for each: no crash, and nothing is allowed that the signed document does not say.
 * What is judged against is a second, naive reading of the same JSON, which shares no line with the gateway's.
 */
import assert from 'node:assert/strict'
import { judged } from '#gateway/snapshots/agreement.ts'
import { readSnapshot } from '#gateway/snapshots/reading.ts'
import { compileTable, type Table } from '#gateway/snapshots/table.ts'
import { canonical } from '#kernel/canonical.ts'
import { Problem } from '#kernel/problem.ts'
import { type JWK, newSigningJwk, publicJwk } from '#platform/jose.ts'
import { sealText } from '#platform/publication.ts'

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

const at = Date.parse('2026-11-22T12:00:00Z')
const answer = {
  description: 'done',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: { status: { type: 'string', maxLength: 20, 'x-data-class': 'public' } },
      },
    },
  },
}
const operation = (operationId: string, permission: Json, scope: string): Json => ({
  operationId,
  'x-permission': permission,
  'x-scope': scope,
  'x-consent': 'none',
  'x-upstream': 'bank',
  'x-class': 'accounts',
  'x-risk': 'personal',
  responses: { '200': answer },
})
const application = (id: string, partnerId: string, more: { [name: string]: Json }): Json => ({
  id,
  partnerId,
  status: 'active',
  scopes: ['one', 'two'],
  apiVersion: '2026-11-22',
  senderConstraint: 'dpop',
  revealKey: null,
  permissions: null,
  ...more,
})
const refused = (code: string): Json => ({ granted: false, code, detail: 'no', gate: 'bank' })
const granted = (until: string | null): Json => ({ granted: true, until, limit: null })
const partner = (id: string, status: string, permissions: Json): Json => ({
  id,
  status,
  permissions,
  contract: { id: 'contract_1', tier: 'Gold', priceVersion: '2026-11', products: ['things'] },
  limits: {
    rate: { perSecond: 1, burst: 5 },
    concurrency: 3,
    dailyQuota: 10,
    budgets: { reveals: { perSecond: 1, burst: 1 } },
  },
})

const contentOf = (issuerKey: JWK): Json => ({
  cell: 'production',
  matrix: '2026-11-22',
  issuer: {
    issuer: 'https://issuer.example',
    audience: 'https://gateway.example',
    keys: [JSON.parse(JSON.stringify(issuerKey)) as Json],
  },
  products: [
    {
      id: 'things',
      version: '2026-11-22',
      versions: ['2026-11-22'],
      openapi: {
        openapi: '3.1.0',
        paths: {
          '/things/v1/ones': { get: operation('listOnes', 'things.one', 'one') },
          '/things/v1/twos': { get: operation('listTwos', ['things.two', 'things.more'], 'two') },
        },
      },
    },
  ],
  partners: [
    partner('partner_a', 'active', { 'things.one': granted(null), 'things.two': refused('x/y') }),
    partner('partner_b', 'active', {
      'things.one': granted('2026-11-22T11:00:00Z'),
      'things.two': granted('2026-11-22T13:00:00Z'),
    }),
    partner('partner_c', 'suspended', { 'things.one': granted(null) }),
  ],
  applications: [
    application('application_a', 'partner_a', {}),
    application('application_b', 'partner_b', { scopes: ['one'] }),
    application('application_r', 'partner_b', { permissions: { 'things.more': granted(null) } }),
    application('application_c', 'partner_c', {}),
    application('application_d', 'partner_a', { status: 'revoked' }),
  ],
  certificates: [
    { sha256: 'A'.repeat(43), applicationId: 'application_a', notAfter: '2027-01-01T00:00:00Z' },
  ],
})

/** mulberry32: the same seed gives the same mutants. */
const seeded = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}
type Random = ReturnType<typeof seeded>

const junk: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  '',
  'active',
  'partner_a',
  'application_a',
  'things.one',
  '__proto__',
  'constructor',
  '\u0000',
  '\ud800',
  '2026-11-22T13:00:00Z',
  '9999-99-99',
  [],
  {},
  [[[[]]]],
  { granted: true, until: null, limit: null },
  { __proto__: null },
]

/** Every place of a document: its holder and its name there. */
const placesIn = (
  value: Json,
  found: { holder: Json[] | { [n: string]: Json }; name: string }[] = [],
) => {
  if (value === null || typeof value !== 'object') return found
  for (const [name, member] of Object.entries(value)) {
    found.push({ holder: value, name })
    placesIn(member, found)
  }
  return found
}

const pick = <T>(list: readonly T[], random: Random): T => {
  const one = list[random(list.length)]
  assert(one !== undefined)
  return one
}

/** Changes one or two places: other values, values of other places, members gone, strange members. */
const bent = (content: Json, random: Random): Json => {
  const copy = structuredClone(content)
  for (let changes = 1 + random(2); changes > 0; changes--) {
    const places = placesIn(copy)
    const { holder, name } = pick(places, random)
    const other = pick(places, random)
    const value: Json = structuredClone(Reflect.get(other.holder, other.name) as Json)
    switch (random(5)) {
      case 0:
        Reflect.set(holder, name, pick(junk, random))
        break
      case 1:
        Reflect.set(holder, name, value)
        break
      case 2:
        Reflect.deleteProperty(holder, name)
        break
      case 3:
        if (Array.isArray(holder)) holder.push(value)
        else
          Object.defineProperty(holder, pick(['more', 'granted', '__proto__', name], random), {
            value,
            enumerable: true,
            configurable: true,
            writable: true,
          })
        break
      default:
        if (Array.isArray(holder)) holder.reverse()
        else Reflect.set(holder, name, [Reflect.get(holder, name) as Json])
    }
  }
  return copy
}

/** Flips, cuts, doubles and moves bytes. */
const scratched = (text: Buffer, random: Random): Buffer => {
  let bytes = Buffer.from(text)
  for (let changes = 1 + random(4); changes > 0 && bytes.length > 0; changes--) {
    // The envelope's own members stand in the first and last 300 bytes: half of the scratches go there.
    const edge = random(2) === 0 ? random(150) : bytes.length - 1 - random(300)
    const from =
      random(2) === 0 ? Math.max(0, Math.min(edge, bytes.length - 1)) : random(bytes.length)
    const to = Math.min(bytes.length, from + 1 + random(12))
    switch (random(4)) {
      case 0:
        bytes[from] = random(256)
        break
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)])
        break
      default:
        bytes = bytes.subarray(0, random(20) === 0 ? from : bytes.length)
        bytes[from] = (bytes[from] ?? 0) ^ (1 << random(8))
    }
  }
  return bytes
}

/** The naive reading. */
const says = (content: Json, applicationId: string, operationId: string): boolean => {
  const list = (name: string): { [n: string]: Json }[] =>
    member(content, name) as { [n: string]: Json }[]
  const theirs = list('applications').find((a) => a['id'] === applicationId)
  const owner = list('partners').find((p) => p['id'] === theirs?.['partnerId'])
  if (theirs?.['status'] !== 'active' || owner?.['status'] !== 'active') return false
  const described = list('products')
    .flatMap((p) => Object.values(member(p['openapi'], 'paths') ?? {}))
    .flatMap((item) => Object.values(item ?? {}) as Json[])
    .find((o) => member(o, 'operationId') === operationId)
  if (described === undefined) return false
  const scopes = theirs['scopes']
  if (!Array.isArray(scopes) || !scopes.includes(member(described, 'x-scope') ?? null)) return false
  const verdicts = theirs['permissions'] ?? owner['permissions']
  return [member(described, 'x-permission') ?? []].flat().some((permission) => {
    if (typeof permission !== 'string') return false
    const verdict = member(verdicts, permission)
    const until = member(verdict, 'until')
    return (
      member(verdict, 'granted') === true &&
      (until === null || (typeof until === 'string' && Date.parse(until) > at))
    )
  })
}
const member = (value: Json | undefined, name: string): Json | undefined =>
  value !== null && typeof value === 'object' && Object.hasOwn(value, name)
    ? (Reflect.get(value, name) as Json)
    : undefined

export interface Tally {
  readonly scratched: number
  readonly resigned: number
  /** Re-signed ones that could be enforced, and were judged against the naive reading. */
  readonly taken: number
  readonly decisions: number
  readonly allowed: number
}

/** Tries so many mutants of a good snapshot. Throws at the first that breaks what must hold, and says how to have it again. */
export const tryMutants = async (count: number, seed: number): Promise<Tally> => {
  const key = await newSigningJwk('EdDSA')
  const expected = { cell: 'production' as const, key: publicJwk(key), above: 0 }
  const content = contentOf(publicJwk(await newSigningJwk('EdDSA')))
  const sealed = (said: Json) =>
    Buffer.from(
      sealText(
        {
          cell: 'production',
          audience: 'gateway',
          epoch: 7,
          compiledAt: '2026-11-22T12:00:00Z',
          content: canonical(said),
        },
        key,
      ),
    )
  const good = sealed(content)
  const whole = readSnapshot(good, expected)
  const base = await compileTable(whole)
  assert.ok(judged(base, 'application_a', 'listOnes', at), 'the good one allows something')
  const random = seeded(seed)
  const tally = { scratched: 0, resigned: 0, taken: 0, decisions: 0, allowed: 0 }

  for (let n = 0; n < count; n++) {
    const isScratch = n % 2 === 0
    const said = isScratch ? content : bent(content, random)
    const bytes = isScratch ? scratched(good, random) : sealed(said)
    tally[isScratch ? 'scratched' : 'resigned']++
    const table = await taken(bytes, expected, base)
    if (!table) continue
    // What nobody signed anew is either refused or the very same content.
    if (isScratch) assert.equal(table.sha256, whole.sha256, `seed ${seed}, mutant ${n}`)
    tally.taken++
    for (const applicationId of ['a', 'b', 'c', 'd', 'r'].map((c) => `application_${c}`))
      for (const operationId of ['listOnes', 'listTwos']) {
        tally.decisions++
        if (!judged(table, applicationId, operationId, at)) continue
        tally.allowed++
        assert.ok(
          says(said, applicationId, operationId),
          `seed ${seed}, mutant ${n}: ${applicationId} may ${operationId}, and the document does not say so`,
        )
      }
  }
  return tally
}

/** Undefined where it is refused. Anything but a named refusal is a crash. */
const taken = async (
  bytes: Buffer,
  expected: Parameters<typeof readSnapshot>[1],
  base: Table,
): Promise<Table | undefined> => {
  try {
    return await compileTable(readSnapshot(bytes, expected), base)
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}
