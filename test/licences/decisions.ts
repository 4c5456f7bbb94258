/** The house's own decisions beside the reference: facts compiled, signed, read by a gateway and asked there. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { bankDocuments } from '../documents.ts'
import { noon } from '../world.ts'
import { isClosedToNew } from '#authorization/consents/index.ts'
import { readSnapshot } from '#gateway/snapshots/reading.ts'
import { compileTable } from '#gateway/snapshots/table.ts'
import { judged } from '#gateway/snapshots/agreement.ts'
import { canonical } from '#kernel/canonical.ts'
import { newSigningJwk, publicJwk } from '#platform/jose.ts'
import { sealText } from '#platform/publication.ts'
import { operationsOf, readDocument } from '#control/catalogue/document.ts'
import type { Product } from '#control/catalogue/index.ts'
import { firstTiers } from '#control/catalogue/tier.ts'
import { ContractId, type Standing } from '#control/contracts/index.ts'
import type { Facts } from '#control/licences/index.ts'
import { Matrix } from '#control/licences/matrix.ts'
import { type Application, ApplicationId, PartnerId } from '#control/partners/index.ts'
import { compile, type Ingredients } from '#control/publication/compile.ts'
import { allLeft, type Given, mayAskConsent, mayCall, operations, policy } from './reference.ts'

const matrix = Matrix.parse(policy)
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
const productIds = products.map((p) => p.id)
const statuses = policy.statuses.map((s) => s.id)
const types = [...new Set(policy.permissions.flatMap((p) => p.authorizationDetails))]
const scopes = [...new Set(operations.map((o) => o.scope))]
const key = await newSigningJwk('EdDSA')
const issuerKey = await newSigningJwk('ES256')
const words = [
  ...new Set(
    matrix.statuses.flatMap((s) =>
      Object.values(s.permissions).flatMap((e) => Object.values(e.mustShow).flat()),
    ),
  ),
]

const onFile = fc.oneof(
  { weight: 6, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: fc.constantFrom(-20, -5, 0, 1, 13, 14, 20, 29, 30, 45) },
)
/** Mostly partners who have most of what is asked: of those who have nothing little is to be learned. */
export const partner: fc.Arbitrary<Given> = fc.record({
  cell: fc.constantFrom('production', 'production', 'production', 'sandbox'),
  declared: fc.subarray(statuses, { maxLength: 2 }),
  held: fc.subarray(statuses, { minLength: 0, maxLength: 4 }),
  suspended: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  foreign: fc.boolean(),
  frozen: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  stoppedStatus: fc.option(fc.constantFrom(...statuses), { nil: undefined, freq: 8 }),
  stoppedPermission: fc.option(fc.constantFrom(...policy.permissions.map((p) => p.id)), {
    nil: undefined,
    freq: 5,
  }),
  evidence: fc
    .tuple(
      ...Object.keys(policy.evidence)
        .filter((type) => type !== 'contract')
        .map((type) =>
          fc
            .option(onFile, { nil: undefined, freq: 12 })
            .map((end) => (end === undefined ? [] : [[type, end] as const])),
        ),
    )
    .map((pieces) => Object.fromEntries(pieces.flat())),
  contract: fc.option(fc.subarray(productIds, { minLength: 1 }), { nil: undefined, freq: 8 }),
  products: fc.subarray(productIds, { minLength: 1 }),
  scopes: fc.option(fc.subarray(scopes), { nil: undefined, freq: 3 }),
})

const days = (n: number, at = noon) => at.add({ hours: 24 * n })

const factsOf = (given: Given, at: Temporal.Instant): Facts => ({
  partner: {
    status: given.suspended ? 'suspended' : 'active',
    country: given.foreign ? 'DE' : 'UZ',
  },
  declared: given.declared,
  held: given.held.map((status) => ({ status, since: days(-400, at), until: null })),
  stopped: [
    ...(given.stoppedStatus ? [{ kind: 'status' as const, name: given.stoppedStatus }] : []),
    ...(given.stoppedPermission
      ? [{ kind: 'permission' as const, name: given.stoppedPermission }]
      : []),
  ],
  frozenSince: given.frozen ? days(-1, at) : null,
  evidence: Object.entries(given.evidence).map(([type, ago]) => ({
    type,
    state: 'accepted' as const,
    validFrom: days(-100, at),
    validTo: ago === null ? null : days(-ago, at),
    submittedAt: days(-100, at),
    shows: words,
  })),
  contract: given.contract
    ? { inForce: true, products: given.contract, until: null, waitsFor: 'bank' }
    : null,
  bankCountry: 'UZ',
  principal: null,
})

const limits = firstTiers.find((t) => t.name === 'Silver')?.limits
assert.ok(limits)

const standingOf = (given: Given): Standing | undefined =>
  given.contract && {
    id: ContractId.next(),
    tier: 'Silver',
    priceVersion: '2026-11',
    limits,
    products: given.contract,
    until: null,
    inForce: true,
    waitsFor: 'bank',
    withheld: {},
  }

const applicationOf = (given: Given, partnerId: PartnerId): Application => ({
  id: ApplicationId.next(),
  partnerId,
  cell: given.cell,
  name: 'Program',
  authentication: 'private_key_jwt',
  senderConstraint: 'dpop',
  jwks: [],
  revealKey: null,
  redirectUris: [],
  grantTypes: ['client_credentials'],
  products: [...given.products],
  scopes: given.scopes ? [...given.scopes] : null,
  authorizationDetailsTypes: null,
  rehearsal: false,
  status: 'active',
  requestedAt: noon,
})

const AT_ONCE = 150
/** A snapshot that nobody renews is asked again so many days later. */
const LATER = [6, 20, 31]

/** Decisions that were compared; throws at the first that differs. */
export const compareDecisions = async (atLeast: number, seed: number): Promise<number> => {
  let compared = 0
  for (let round = 0; compared < atLeast; round++) {
    const all = fc.sample(partner, { seed: seed + round, numRuns: AT_ONCE })
    for (const cell of ['sandbox', 'production'] as const)
      compared += await compareCell(
        cell,
        all.filter((given) => given.cell === cell),
      )
  }
  return compared
}

/** A partner as the rooms know it, with its one application. */
export const knownAs = (one: Given) => {
  const id = PartnerId.next()
  return { one, id, application: applicationOf(one, id), standing: standingOf(one) }
}
export type Known = ReturnType<typeof knownAs>

/** What control publishes of these partners at a moment. */
export const documentsOf = (
  cell: Given['cell'],
  known: readonly Known[],
  { at, ...rest }: { at: Temporal.Instant } & Pick<Ingredients, 'issuer' | 'certificates'>,
) => {
  const byId = new Map<string, Known>(known.map((k) => [k.id, k]))
  return compile({
    cell,
    now: at,
    policy: {
      matrix,
      partners: known.map(({ id, one }) => ({
        id,
        organisation: 'Anor',
        legalName: 'Anor LLC',
        country: one.foreign ? 'DE' : 'UZ',
        declaredStatuses: [...one.declared],
        status: one.suspended ? ('suspended' as const) : ('active' as const),
        registeredAt: at,
      })),
      facts: (id) => {
        const found = byId.get(id)
        return found && factsOf(found.one, at)
      },
      contract: (id) => byId.get(id)?.standing,
    },
    products,
    upstreams: [],
    tiers: firstTiers,
    applications: known.map((k) => k.application),
    ...rest,
  })
}

const compareCell = async (cell: Given['cell'], given: readonly Given[]): Promise<number> => {
  const known = given.map(knownAs)
  const documents = documentsOf(cell, known, {
    at: noon,
    certificates: [],
    issuer: {
      issuer: 'https://localhost:1',
      audience: 'https://localhost:2',
      keys: [{ kty: 'EC', ...publicJwk(issuerKey) }],
    },
  })
  const sealed = sealText(
    {
      cell,
      audience: 'gateway',
      epoch: 1,
      compiledAt: noon.toString(),
      content: canonical(documents.gateway),
    },
    key,
  )
  const reading = readSnapshot(Buffer.from(sealed), { cell, key: publicJwk(key), above: 0 })
  const table = await compileTable(reading)
  const clients = new Map(documents.authorization.clients.map((c) => [c.applicationId, c]))
  let compared = 0
  for (const { one, application } of known) {
    const rests = allLeft(one)
    for (const operation of operations) {
      const is = judged(table, application.id, operation.id, noon.epochMilliseconds)
      compared++
      if (is !== mayCall(one, operation, rests))
        assert.fail(`${operation.id} is ${is ? 'allowed' : 'refused'}: ${JSON.stringify(one)}`)
    }
    const client = clients.get(application.id)
    for (const type of types) {
      const is =
        (client?.authorizationDetailsTypes.includes(type) ?? false) &&
        !isClosedToNew(client, type, noon)
      compared++
      if (is !== mayAskConsent(one, type, rests))
        assert.fail(`${type} ${is ? 'may' : 'may not'} be asked for: ${JSON.stringify(one)}`)
    }
    for (const day of LATER) {
      const then = allLeft(one, day)
      const atMs = days(day).epochMilliseconds
      for (const operation of operations) {
        compared++
        if (judged(table, application.id, operation.id, atMs) && !mayCall(one, operation, then))
          assert.fail(`${operation.id} is still allowed after ${day} days: ${JSON.stringify(one)}`)
      }
    }
  }
  return compared
}
