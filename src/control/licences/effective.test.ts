import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { noon } from '#test/world.ts'
import { effective } from './effective.ts'
import type { EvidenceFact, Facts, Situation } from './facts.ts'
import { Matrix } from './matrix.ts'

const raw: unknown = JSON.parse(
  readFileSync(new URL('./matrix/2026-11-22.json', import.meta.url), 'utf8'),
)
const matrix = Matrix.parse(raw)

/** The reference reads the JSON itself, with none of the types and functions that it judges. */
interface RawEntry {
  value: string
  evidence?: string[]
  mustShow?: Record<string, string[]>
  waive?: Record<string, string>
  limit?: string
}
const policy = raw as {
  permissions: { id: string; domain: string }[]
  statuses: {
    id: string
    regulatedAccess: string[]
    baseEvidence: string[]
    permissions: Record<string, RawEntry>
  }[]
}
const permissions = policy.permissions.map((p) => p.id)
const statusIds = policy.statuses.map((s) => s.id)

interface Given {
  statuses: string[]
  /** Types on file and good; `contract` among them means a contract over everything. */
  evidence: string[]
  foreign: boolean
  suspended: boolean
}

/** In production: `granted`, or the first gate that no status passes. Short on purpose. */
const reference = (given: Given, permission: string): string => {
  if (given.suspended) return 'partners/suspended'
  const alone = given.statuses.includes('public-authority')
  const named = policy.statuses.filter(
    (s) => given.statuses.includes(s.id) && (!alone || s.id === 'public-authority'),
  )
  const has = (type: string) => given.evidence.includes(type)
  const entryOf = (s: (typeof named)[number]) => s.permissions[permission]!
  const byLaw = (s: (typeof named)[number]) => s.regulatedAccess.includes(permission)

  const licensed = named.filter(
    (s) =>
      ['allowed', 'conditional'].includes(entryOf(s).value) &&
      // No principal stands behind any provider here.
      entryOf(s).limit !== 'principal-permissions' &&
      (byLaw(s) ? ['nca_register', 'qwac'] : s.baseEvidence.filter((t) => t !== 'contract')).every(
        has,
      ),
  )
  if (licensed.length === 0) return 'licences/missing'
  const contracted = licensed.filter(
    (s) => byLaw(s) || !s.baseEvidence.includes('contract') || has('contract'),
  )
  if (contracted.length === 0) return 'contracts/inactive'
  const attested = contracted.filter((s) =>
    (entryOf(s).evidence ?? []).every((t) => has(t) || (!given.foreign && entryOf(s).waive?.[t])),
  )
  return attested.length === 0 ? 'licences/attestation-missing' : 'granted'
}

const everyWord = [
  ...new Set(
    policy.statuses.flatMap((s) =>
      Object.values(s.permissions).flatMap((e) => Object.values(e.mustShow ?? {}).flat()),
    ),
  ),
]

const document = (type: string, over: Partial<EvidenceFact> = {}): EvidenceFact => ({
  type,
  state: 'accepted',
  validFrom: noon.subtract({ hours: 24 }),
  validTo: noon.add({ hours: 24 }),
  submittedAt: noon.subtract({ hours: 24 }),
  shows: everyWord,
  ...over,
})

const factsOf = (given: Given): Facts => ({
  partner: {
    status: given.suspended ? 'suspended' : 'active',
    country: given.foreign ? 'DE' : 'UZ',
  },
  declared: [],
  held: given.statuses.map((status) => ({ status, since: noon, until: null })),
  stopped: [],
  evidence: given.evidence.filter((t) => t !== 'contract').map((type) => document(type)),
  contract: given.evidence.includes('contract')
    ? {
        inForce: true,
        products: ['accounts', 'payments', 'cards', 'lending', 'kyc', 'fx'],
        until: null,
        waitsFor: 'bank',
      }
    : null,
  bankCountry: 'UZ',
  principal: null,
})

const verdictOf = (
  facts: Facts,
  permission: string,
  situation: Situation = 'production',
  now = noon,
) => effective(facts, matrix, permission, situation, now)

const code = (facts: Facts, permission: string, situation?: Situation, now?: Temporal.Instant) => {
  const verdict = verdictOf(facts, permission, situation, now)
  return verdict.granted ? 'granted' : verdict.code
}

/** As the reference puts it: it knows no principals, so a provider without one is simply without licence. */
const answer = (given: Given, permission: string) =>
  code(factsOf(given), permission).replace('licences/exceeded', 'licences/missing')

const nobody: Given = { statuses: [], evidence: [], foreign: false, suspended: false }

const subsets = function* <T>(items: readonly T[]): Generator<T[]> {
  for (let mask = 0; mask < 1 << items.length; mask++) yield items.filter((_, i) => (mask >> i) & 1)
}

test('every permission of every status with every subset of its evidence is as the matrix says', () => {
  let cases = 0
  for (const status of policy.statuses)
    for (const permission of permissions) {
      const entry = status.permissions[permission]!
      const asked = [...new Set([...status.baseEvidence, ...(entry.evidence ?? [])])]
      for (const evidence of subsets(asked))
        for (const foreign of [false, true]) {
          const given = { ...nobody, statuses: [status.id], evidence, foreign }
          cases++
          assert.equal(
            answer(given, permission),
            reference(given, permission),
            `${status.id} ${permission} ${evidence.join(' ')} ${foreign}`,
          )
        }
    }
  assert.ok(cases > 16_000, `only ${cases} cases`)
})

test('any number of statuses with any evidence agrees with the matrix, and names the first missing gate', () => {
  const anything = fc.record({
    statuses: fc.subarray(statusIds),
    evidence: fc.subarray(Object.keys(matrix.evidence)),
    foreign: fc.boolean(),
    suspended: fc.boolean(),
  })
  const agrees = fc.property(anything, fc.constantFrom(...permissions), (given, permission) => {
    assert.equal(answer(given, permission), reference(given, permission))
  })
  fc.assert(agrees, { numRuns: 5_000 })
})

test('in the sandbox every status may do what it is not denied, without evidence and contract', () => {
  for (const status of policy.statuses)
    for (const permission of permissions) {
      const facts = { ...factsOf(nobody), declared: [status.id] }
      const denied = status.permissions[permission]!.value === 'denied'
      assert.equal(code(facts, permission, 'sandbox'), denied ? 'licences/missing' : 'granted')
      assert.equal(code(facts, permission, 'production'), 'licences/missing')
    }
  assert.equal(code(factsOf(nobody), 'cards.reveal', 'sandbox'), 'granted')
})

test('a permission or a status that the matrix does not know is denied everywhere', () => {
  const facts = { ...factsOf({ ...nobody, statuses: ['emi'] }), declared: ['emi'] }
  for (const situation of ['sandbox', 'production', 'rehearsal'] as const) {
    assert.equal(code(facts, 'cards.burn', situation), 'licences/missing')
    assert.equal(
      code({ ...facts, held: [], declared: ['wizard'] }, 'accounts.read', situation),
      'licences/missing',
    )
  }
})

const telecom: Given = {
  ...nobody,
  statuses: ['baas-partner'],
  evidence: [...policy.statuses.find((s) => s.id === 'baas-partner')!.baseEvidence, 'pci_aoc'],
}

test('the gates are named in their order: partner, licence, contract, attestation', () => {
  const all = factsOf(telecom)
  const without = (...types: string[]) =>
    factsOf({ ...telecom, evidence: telecom.evidence.filter((t) => !types.includes(t)) })

  assert.equal(code(all, 'cards.reveal'), 'granted')
  assert.equal(code(without('pci_aoc'), 'cards.reveal'), 'licences/attestation-missing')
  assert.equal(code(without('pci_aoc', 'contract'), 'cards.reveal'), 'contracts/inactive')
  assert.equal(code(without('pci_aoc', 'contract', 'dpa'), 'cards.reveal'), 'licences/missing')
  assert.equal(
    code(factsOf({ ...telecom, evidence: [], suspended: true }), 'cards.reveal'),
    'partners/suspended',
  )
})

test('an attestation that ended at midnight is refused from midnight, and everything else works', () => {
  const midnight = Temporal.Instant.from('2026-12-01T00:00:00Z')
  const all = factsOf(telecom)
  const facts = {
    ...all,
    evidence: [
      ...telecom.evidence
        .filter((t) => t !== 'contract' && t !== 'pci_aoc')
        .map((t) => document(t, { validTo: null })),
      document('pci_aoc', { validTo: midnight }),
    ],
  }
  const before = verdictOf(
    facts,
    'cards.reveal',
    'production',
    midnight.subtract({ milliseconds: 1 }),
  )

  assert.deepEqual(before, {
    granted: true,
    until: midnight.toString(),
    limit: 'programme-customers',
  })
  assert.equal(code(facts, 'cards.reveal', 'production', midnight), 'licences/expired')
  assert.equal(code(facts, 'cards.issue', 'production', midnight), 'granted')
})

test('an attestation counts for twelve months, whatever the document says of itself', () => {
  const issued = Temporal.Instant.from('2026-02-28T00:00:00Z')
  const facts = {
    ...factsOf(telecom),
    evidence: [
      ...telecom.evidence
        .filter((t) => t !== 'contract' && t !== 'pci_aoc')
        .map((t) => document(t, { validTo: null, validFrom: null })),
      document('pci_aoc', {
        validFrom: issued,
        validTo: Temporal.Instant.from('2030-01-01T00:00:00Z'),
      }),
    ],
  }
  const verdict = verdictOf(facts, 'cards.reveal')
  assert.ok(verdict.granted)
  assert.equal(verdict.until, '2027-02-28T00:00:00Z')
})

test('an attestation that does not show what is asked is none, and neither is one that nobody accepted', () => {
  const facts = factsOf(telecom)
  const withAoc = (over: Partial<EvidenceFact>): Facts => ({
    ...facts,
    evidence: [...facts.evidence.filter((e) => e.type !== 'pci_aoc'), document('pci_aoc', over)],
  })
  const worthless: Partial<EvidenceFact>[] = [
    { shows: ['level 2'] },
    { state: 'submitted' },
    { state: 'rejected' },
    { validFrom: noon.add({ hours: 1 }) },
  ]
  for (const over of worthless)
    assert.equal(code(withAoc(over), 'cards.reveal'), 'licences/attestation-missing')
})

test('a rehearsal asks for attestations on file and takes the rest as given', () => {
  const facts = { ...factsOf(nobody), declared: ['baas-partner'] }
  const rehearsed = (evidence: EvidenceFact[], permission = 'cards.reveal') =>
    code({ ...facts, evidence }, permission, 'rehearsal')

  assert.equal(rehearsed([]), 'licences/attestation-missing')
  assert.equal(rehearsed([document('pci_aoc', { state: 'submitted' })]), 'granted')
  assert.equal(
    rehearsed([document('pci_aoc', { state: 'rejected' })]),
    'licences/attestation-missing',
  )
  assert.equal(rehearsed([document('pci_aoc', { validTo: noon })]), 'licences/expired')
  assert.equal(rehearsed([], 'cards.issue'), 'granted')
  assert.equal(rehearsed([], 'accounts.read'), 'licences/missing')
})

test('what the bank stopped is refused in both cells, and nothing else falls back to more', () => {
  const facts = { ...factsOf(telecom), declared: ['baas-partner'] }
  const stop = (kind: 'status' | 'permission', name: string) => ({
    ...facts,
    stopped: [{ kind, name }],
  })

  for (const situation of ['sandbox', 'production', 'rehearsal'] as const) {
    assert.equal(
      code(stop('permission', 'cards.issue'), 'cards.issue', situation),
      'licences/suspended',
    )
    assert.equal(code(stop('permission', 'cards.issue'), 'cards.reveal', situation), 'granted')
    assert.equal(
      code(stop('status', 'baas-partner'), 'cards.issue', situation),
      'licences/suspended',
    )
  }
})

test('regulated access needs register and certificate, no contract', () => {
  const aisp = factsOf({ ...nobody, statuses: ['aisp'], evidence: ['nca_register', 'qwac'] })

  assert.equal(code(aisp, 'accounts.read'), 'granted')
  assert.equal(code(aisp, 'fx.indicative'), 'contracts/inactive')
})

test('of several statuses the widest grant is shown', () => {
  const evidence = [
    ...new Set(
      ['marketplace', 'emi'].flatMap(
        (id) => policy.statuses.find((s) => s.id === id)!.baseEvidence,
      ),
    ),
  ]
  const verdict = verdictOf(
    factsOf({ ...nobody, statuses: ['marketplace', 'emi'], evidence }),
    'payments.split',
  )

  assert.ok(verdict.granted)
  assert.equal(verdict.limit, null, 'the marketplace alone would be bound to its own orders')
})

test('a provider may do what its principal may do, and never more', () => {
  const provider: Given = {
    ...nobody,
    statuses: ['technical-service-provider'],
    evidence: policy.statuses.find((s) => s.id === 'technical-service-provider')!.baseEvidence,
  }
  const principal = factsOf({
    ...nobody,
    statuses: ['aisp'],
    evidence: ['nca_register', 'qwac', 'contract'],
  })
  const under = (facts: Facts): Facts => ({ ...factsOf(provider), principal: facts })

  assert.equal(code(under(principal), 'accounts.read'), 'granted')
  assert.equal(code(under(principal), 'payments.initiate'), 'licences/exceeded')
  assert.equal(
    code(under({ ...principal, partner: { status: 'suspended', country: 'UZ' } }), 'accounts.read'),
    'licences/exceeded',
  )
  assert.equal(code(factsOf(provider), 'accounts.read'), 'licences/exceeded')
})
