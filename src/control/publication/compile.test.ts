import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bankDocuments, productIds } from '#test/documents.ts'
import { noon } from '#test/world.ts'
import { Registry } from '#authorization/registry.ts'
import { policiesOf, Snapshot } from '#gateway/snapshot.ts'
import { type Budget, BudgetId } from '#control/budgets/index.ts'
import { type Product, REGULATED_TIER, SANDBOX_TIER } from '#control/catalogue/index.ts'
import { operationsOf, readDocument } from '#control/catalogue/document.ts'
import { firstTiers } from '#control/catalogue/tier.ts'
import { ContractId, type Standing } from '#control/contracts/index.ts'
import type { Facts } from '#control/licences/index.ts'
import { Matrix } from '#control/licences/matrix.ts'
import matrixJson from '#control/licences/matrix/2026-11-22.json' with { type: 'json' }
import {
  type Application,
  ApplicationId,
  type Partner,
  PartnerId,
} from '#control/partners/index.ts'
import { compile, type Ingredients } from './compile.ts'

const matrix = Matrix.parse(matrixJson)
const products: Product[] = bankDocuments().map(({ product: id, openapi }) => {
  const { document } = readDocument(id, openapi)
  const { title, version } = document.info
  return {
    id,
    title,
    version,
    versions: [version],
    servedSince: { [version]: Temporal.Instant.from(`${version}T00:00:00Z`) },
    openapi: document,
    operations: operationsOf(id, document),
  }
})

const partner: Partner = {
  id: PartnerId.next(),
  organisation: 'Bozor',
  legalName: 'Bozor LLC',
  country: 'UZ',
  declaredStatuses: ['marketplace'],
  status: 'active',
  registeredAt: noon,
}

const application = (over: Partial<Application> = {}): Application => ({
  id: ApplicationId.next(),
  partnerId: partner.id,
  cell: 'production',
  name: 'Program',
  authentication: 'private_key_jwt',
  senderConstraint: 'dpop',
  jwks: [],
  revealKey: null,
  redirectUris: [],
  grantTypes: ['client_credentials'],
  products: ['payments', 'accounts'],
  scopes: null,
  authorizationDetailsTypes: null,
  rehearsal: false,
  status: 'active',
  requestedAt: noon,
  ...over,
})

const silver = firstTiers.find((t) => t.name === 'Silver')!.limits
const contract: Standing = {
  id: ContractId.next(),
  tier: 'Silver',
  priceVersion: '2026-11',
  limits: silver,
  products: [...productIds],
  until: null,
  inForce: true,
  waitsFor: 'bank',
  withheld: {},
}

const facts = (over: Partial<Facts> = {}): Facts => ({
  partner,
  declared: partner.declaredStatuses,
  held: [{ status: 'marketplace', since: noon, until: null }],
  stopped: [],
  evidence: ['aml_policy', 'kyb_policy', 'dpa', 'pen_test'].map((type) => ({
    type,
    state: 'accepted' as const,
    validFrom: noon,
    validTo: null,
    submittedAt: noon,
    shows: [],
  })),
  contract,
  bankCountry: 'UZ',
  principal: null,
  ...over,
})

const compiled = (
  applications: Application[],
  over: Partial<Ingredients> & { facts?: Facts; standing?: Standing | undefined } = {},
) => {
  const standing = 'standing' in over ? over.standing : contract
  const documents = compile({
    cell: 'production',
    now: noon,
    policy: {
      matrix,
      partners: [partner],
      facts: () => over.facts ?? facts(),
      contract: () => standing,
    },
    products,
    upstreams: [],
    tiers: firstTiers,
    applications,
    certificates: [],
    issuer: {
      issuer: 'https://localhost:1',
      audience: 'https://localhost:2',
      keys: [{ kty: 'RSA' }],
    },
    ...over,
  })
  return {
    snapshot: Snapshot.parse(documents.gateway),
    registry: Registry.parse(documents.authorization),
  }
}

test('an application may ask for what its partner may do and its products have a use for', () => {
  const { snapshot, registry } = compiled([application(), application({ products: ['payments'] })])

  assert.deepEqual(
    snapshot.applications.map((a) => a.scopes),
    [
      ['accounts:verify', 'payments', 'payments:split'],
      ['payments', 'payments:split'],
    ],
  )
  assert.deepEqual(registry.clients[0]?.authorizationDetailsTypes, [
    'urn:bank:mandate:v1',
    'urn:bank:payment:v1',
  ])
  assert.ok(!snapshot.partners[0]?.permissions['cards.issue']?.granted)
})

test('a partner without a working application in the cell does not stand in its documents', () => {
  for (const applications of [
    [],
    [application({ status: 'requested' })],
    [application({ status: 'declined' })],
  ]) {
    const { snapshot, registry } = compiled(applications)
    assert.deepEqual([snapshot.partners, snapshot.applications, registry.clients], [[], [], []])
  }
})

test('a revoked application is refused by name at the gateway and unknown at the authorization server', () => {
  const { snapshot, registry } = compiled([application({ status: 'revoked' })])

  assert.equal(snapshot.applications[0]?.status, 'revoked')
  assert.deepEqual(registry.clients, [])
})

test('limits are those of the signed contract; without one those of the sandbox, or of access by law', () => {
  const limitsIn = (over: Parameters<typeof compiled>[1]) =>
    compiled([application({ cell: over?.cell ?? 'production' })], over).snapshot.partners[0]?.limits
  const tier = (name: string) => firstTiers.find((t) => t.name === name)?.limits
  const frugal = { ...silver, concurrency: 3 }

  assert.deepEqual(limitsIn({ standing: { ...contract, limits: frugal } }), frugal)
  assert.deepEqual(limitsIn({ standing: { ...contract, inForce: false } }), tier(REGULATED_TIER))
  assert.deepEqual(limitsIn({ cell: 'sandbox' }), tier(SANDBOX_TIER))
})

test('what the law opens is throttled and capped by no plan; what a contract sells still is', () => {
  const opening = matrix.statuses.find((s) => s.regulatedAccess.length > 0)
  assert.ok(opening)
  const held = [{ status: opening.id, since: noon, until: null }]
  const { snapshot } = compiled([application()], { facts: facts({ held }) })
  const limits = snapshot.partners[0]?.limits
  assert.ok(limits)
  const operations = products.flatMap((p) => p.operations)
  const opened = operations.filter((o) =>
    o.permissions.some((p) => opening.regulatedAccess.includes(p)),
  )
  const sold = operations.filter((o) => !opened.includes(o))
  assert.ok(opened.length > 0 && sold.length > 0)
  const regulated = firstTiers.find((t) => t.name === REGULATED_TIER)!.limits
  const met = (operation: (typeof operations)[number]) =>
    new Map(policiesOf(limits, operation).map((p) => [p.name, p.shape]))

  for (const operation of opened) {
    const policies = met(operation)
    assert.deepEqual(policies.get('rate'), { kind: 'rate', ...regulated.rate })
    assert.equal([...policies.values()].filter((s) => s.kind === 'window').length, 0)
    assert.equal(policies.has('application'), false)
    assert.ok(policies.has('customer'), 'what protects a person stays')
  }
  for (const operation of sold) {
    const policies = met(operation)
    assert.deepEqual(policies.get('contract-rate'), { kind: 'rate', ...silver.rate })
    assert.deepEqual(policies.get('contract-concurrency'), {
      kind: 'concurrent',
      limit: silver.concurrency,
    })
    assert.ok(policies.has('contract-day') && policies.has('month'))
  }
  const lapsed = facts({ held: [{ status: opening.id, since: noon, until: noon }] })
  assert.deepEqual(
    compiled([application()], { facts: lapsed }).snapshot.partners[0]?.limits,
    silver,
  )
})

test('a cap stands among the limits of its partner, in production and under a contract', () => {
  const budget: Budget = {
    id: BudgetId.next(),
    partnerId: partner.id,
    applicationId: null,
    currency: 'UZS',
    limitMinor: 1_000_00n,
    thresholds: [100],
    setAt: noon,
    cap: { usedMinor: 0n, usedUntil: noon, zone: 'Asia/Tashkent' },
  }
  const policy = {
    matrix,
    partners: [partner],
    facts: () => facts(),
    contract: () => contract,
    caps: () => ({ budgets: [budget], unitPrices: { createPayment: '500' } }),
  }
  const capsIn = (cell: 'production' | 'sandbox') =>
    compiled([application({ cell })], { cell, policy })
      .snapshot.partners[0]?.limits.policies?.filter((p) => p.counts === 'spend')
      .map((p) => p.costs)
  assert.deepEqual(capsIn('production'), [{ createPayment: 500_000_000 }])
  assert.deepEqual(capsIn('sandbox'), [])

  // As many policies as a tier may have, and as many caps as a partner may set, each of a single tiyin.
  const policies = Array.from({ length: 128 }, (_, n) => ({
    name: `policy-${n}`,
    per: [],
    counts: 'calls' as const,
    shape: { kind: 'concurrent' as const, limit: 5 },
    appliesTo: {},
    whenAway: 'share' as const,
  }))
  const budgets = Array.from({ length: 20 }, () => ({
    ...budget,
    id: BudgetId.next(),
    limitMinor: 1n,
  }))
  const full = {
    ...policy,
    contract: () => ({ ...contract, limits: { ...contract.limits, policies } }),
    caps: () => ({ budgets, unitPrices: { createPayment: '500' } }),
  }
  const { snapshot } = compiled([application()], { policy: full })
  assert.equal(snapshot.partners[0]?.limits.policies?.length, 148)
})

test('a contract that is not in force is not in the snapshot, and in the sandbox none is', () => {
  const contractIn = (over: Parameters<typeof compiled>[1]) =>
    compiled([application({ cell: over?.cell ?? 'production' })], over).snapshot.partners[0]
      ?.contract

  assert.equal(contractIn({})?.id, contract.id)
  assert.equal(contractIn({ standing: { ...contract, inForce: false } }), null)
  assert.equal(contractIn({ cell: 'sandbox' }), null)
})

test('the contract in force stands beside each client, so that consents are kept with their terms', () => {
  const termsIn = (over: Parameters<typeof compiled>[1]) =>
    compiled([application({ cell: over?.cell ?? 'production' })], over).registry.clients[0]
      ?.contract

  assert.equal(termsIn({}), contract.id)
  assert.equal(termsIn({ standing: { ...contract, inForce: false } }), undefined)
  assert.equal(termsIn({ cell: 'sandbox' }), undefined)
})

test('an application stays on the day’s version that it was made on, and every product takes that day', () => {
  const newer = products.map((p) =>
    p.id === 'cards'
      ? {
          ...p,
          version: '2027-06-01',
          versions: ['2026-11-22', '2027-06-01'],
          servedSince: {
            ...p.servedSince,
            '2027-06-01': Temporal.Instant.from('2027-06-01T00:00:00Z'),
          },
        }
      : p,
  )
  const later = application({ requestedAt: Temporal.Instant.from('2027-07-01T00:00:00Z') })
  const early = application({ requestedAt: Temporal.Instant.from('2020-01-01T00:00:00Z') })
  const { snapshot } = compiled([application(), later, early], { products: newer })

  assert.deepEqual(
    snapshot.applications.map((a) => a.apiVersion),
    ['2026-11-22', '2027-06-01', '2026-11-22'],
  )
  for (const { versions } of snapshot.products)
    assert.deepEqual(versions, ['2026-11-22', '2027-06-01'])
})

test('the end of evidence stands in the verdict that it carries', () => {
  const end = noon.add({ hours: 5 })
  const evidence = facts().evidence.map((e) => (e.type === 'dpa' ? { ...e, validTo: end } : e))
  const { snapshot } = compiled([application()], { facts: facts({ evidence }) })

  assert.deepEqual(snapshot.partners[0]?.permissions['payments.split'], {
    granted: true,
    until: end.add({ hours: 30 * 24 }).toString(),
    limit: 'own-orders',
    writesUntil: end.add({ hours: 14 * 24 }).toString(),
    consentsUntil: end.toString(),
  })
})

test('from when no new consent may begin stands beside each client, by type', () => {
  const end = noon.add({ hours: 5 })
  const evidence = facts().evidence.map((e) => (e.type === 'dpa' ? { ...e, validTo: end } : e))
  const { registry } = compiled([application()], { facts: facts({ evidence }) })

  assert.deepEqual(registry.clients[0]?.newConsentsUntil, {
    'urn:bank:mandate:v1': end.toString(),
    'urn:bank:payment:v1': end.toString(),
  })
})

test('what the contract leaves out stands in both cells by its fields, and a frozen contract opens none of them', () => {
  const withheld = { listAccounts: ['/data/*/account', '/data/*/nickname'], gone: ['/x'] }
  const of = (over: Partial<Ingredients>, standing: Standing) => {
    const { cell = 'production' } = over
    const { snapshot } = compiled([application({ cell })], { ...over, standing })
    return snapshot.partners[0]?.withheld
  }
  const fields = of({}, { ...contract, withheld })
  assert.deepEqual(Object.keys(fields ?? {}), ['listAccounts'])
  const { listAccounts = [] } = fields ?? {}
  assert.ok(listAccounts.includes('/data/*/nickname'))
  assert.ok(listAccounts.includes('/data/*/account/*/identification'))
  for (const field of listAccounts) assert.match(field, /^\/data\/\*\/(?:nickname$|account\/)/)
  assert.deepEqual(of({ cell: 'sandbox' }, { ...contract, withheld }), fields)
  assert.deepEqual(of({}, { ...contract, withheld, inForce: false }), fields)
  assert.equal(of({}, contract), undefined)
})

test('a product is offered in the cells that its document names', () => {
  const here = products.map((p) =>
    p.id === 'cards' ? { ...p, openapi: { ...p.openapi, 'x-cells': ['sandbox' as const] } } : p,
  )
  const offered = (cell: 'sandbox' | 'production') =>
    compiled([application({ cell })], { cell, products: here }).snapshot.products.map((p) => p.id)
  assert.ok(offered('sandbox').includes('cards'))
  assert.ok(!offered('production').includes('cards'))
  assert.ok(offered('production').includes('accounts'))
})
