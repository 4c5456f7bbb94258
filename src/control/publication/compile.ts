/** From the rooms' facts to the documents that the cells hold. Pure, and sorted: the same facts give the same bytes. */
import { z } from 'zod'
import type { Registry } from '#authorization/registry.ts'
import type { Snapshot, SnapshotPartner } from '#gateway/snapshot.ts'
import type { Cell } from '#kernel/cell.ts'
import { assert } from '#kernel/assert.ts'
import { sanUri } from '#platform/certificates.ts'
import type { RegisteredUpstream } from '#platform/registered-upstream.ts'
import { type Product, REGULATED_TIER, SANDBOX_TIER, type Tier } from '#control/catalogue/index.ts'
import { effective, type Facts, type Matrix, type Situation } from '#control/licences/index.ts'
import { capPolicy } from '#control/budgets/index.ts'
import { withheldFields } from '#control/contracts/index.ts'
import type { Application, Certificate, Partner } from '#control/partners/index.ts'
import { betasOf, type Endings, pinnedVersion } from '#control/version-lives/index.ts'
import { openedByLaw, unthrottled } from './by-law.ts'
import type { Policy } from './policy.ts'

export interface Ingredients {
  readonly cell: Cell
  readonly now: Temporal.Instant
  readonly policy: Policy
  readonly products: readonly Product[]
  /** Of the cell. A product that leads to a system which the cell does not have is not offered there. */
  readonly upstreams: readonly RegisteredUpstream[]
  readonly tiers: readonly Tier[]
  /** All of the cell. */
  readonly applications: readonly Application[]
  /** Those in force. */
  readonly certificates: readonly Certificate[]
  readonly issuer: Snapshot['issuer']
  /** Which versions end, for whom later, and where applications were moved to. */
  readonly endings?: Endings
}

type Verdicts = SnapshotPartner['permissions']

/** A verdict for every permission that the matrix knows. */
export const verdictsOf = (
  facts: Facts,
  matrix: Matrix,
  situation: Situation,
  now: Temporal.Instant,
): Verdicts =>
  Object.fromEntries(
    matrix.permissions.map(({ id }) => [id, effective(facts, matrix, id, situation, now)]),
  )

/** An application as production would judge it, where it rehearses; else as its cell does. */
export const situationOf = (application: Pick<Application, 'cell' | 'rehearsal'>): Situation =>
  application.rehearsal ? 'rehearsal' : application.cell

/**
 * What an application may ask the authorization server for: what the matrix names for its granted permissions, as far as
 * an operation of its products has a use for it, and as it asked to be limited to.
 */
export const askable = (
  application: Pick<Application, 'products' | 'scopes' | 'authorizationDetailsTypes'>,
  verdicts: Verdicts,
  { matrix, products }: { matrix: Matrix; products: readonly Product[] },
): { scopes: string[]; authorizationDetailsTypes: string[] } => {
  const granted = matrix.permissions.filter(
    (p) => verdicts[p.id]?.granted && application.products.includes(p.domain),
  )
  const operations = products
    .filter((p) => application.products.includes(p.id))
    .flatMap((p) => p.operations)
  const scopes = new Set(granted.flatMap((p) => p.scopes))
  const types = new Set(granted.flatMap((p) => p.authorizationDetails))
  const wanted = (words: readonly string[] | null, word: string) => words?.includes(word) ?? true
  return {
    scopes: sorted(
      operations
        .map((o) => o.scope)
        .filter((scope) => scopes.has(scope) && wanted(application.scopes, scope)),
    ),
    authorizationDetailsTypes: sorted(
      operations
        .flatMap((o) => o.consentType ?? [])
        .filter((type) => types.has(type) && wanted(application.authorizationDetailsTypes, type)),
    ),
  }
}

/**
 * Until when each type may begin anew, where that is known: of several permissions that open a type, the one that lets it
 * for longest.
 */
const newConsentsUntil = (
  application: Pick<Application, 'products'>,
  types: readonly string[],
  verdicts: Verdicts,
  matrix: Matrix,
): Record<string, string> => {
  const ends: Record<string, string> = {}
  for (const type of types) {
    const opening = matrix.permissions
      .filter(
        (p) => application.products.includes(p.domain) && p.authorizationDetails.includes(type),
      )
      .flatMap((p) => verdicts[p.id] ?? [])
      .filter((verdict) => verdict.granted)
    const last = opening
      .map(({ consentsUntil }) => consentsUntil)
      .reduce((a, b) =>
        a === undefined || b === undefined ? undefined : Temporal.Instant.compare(a, b) < 0 ? b : a,
      )
    if (last !== undefined) ends[type] = last
  }
  return ends
}

const sorted = (words: readonly string[]): string[] => [...new Set(words)].toSorted()

/**
 * A day on which another product changed names this one's shape of that day too: one pin holds for all products. A day
 * before this product existed names its first shape, so that an application need not be made anew for it.
 */
const acceptedVersions = (products: readonly Product[]): string[] =>
  sorted(products.flatMap((p) => p.versions))

/** An application with all that is said of it. */
export interface Admitted {
  readonly application: Application
  readonly partner: Partner
  readonly verdicts: Verdicts
}

/** Both documents of a cell. A partner stands in them when it has, or had, a working application there. */
export const compile = (whole: Ingredients): { gateway: Snapshot; authorization: Registry } => {
  const ingredients = { ...whole, products: reachable(whole) }
  const { cell, now, policy, applications } = ingredients
  const letIn = applications.filter((a) => a.status === 'active' || a.status === 'revoked')
  const byPartner = Map.groupBy(letIn, (a) => a.partnerId)
  const present: SnapshotPartner[] = []
  const admitted: Admitted[] = []
  for (const partner of policy.partners) {
    const theirs = byPartner.get(partner.id)
    const facts = policy.facts(partner.id)
    if (!theirs || !facts) continue
    const verdicts = verdictsOf(facts, policy.matrix, cell, now)
    present.push(partnerOf(partner, verdicts, ingredients))
    for (const application of theirs) {
      const situation = situationOf(application)
      const own = situation === cell ? verdicts : verdictsOf(facts, policy.matrix, situation, now)
      admitted.push({ application, partner, verdicts: own })
    }
  }
  return {
    gateway: snapshotOf(present, admitted, ingredients),
    authorization: registryOf(admitted, ingredients),
  }
}

const ownUpstreams = ['bank', 'vault']

/** What is offered in the cell, by its own document's word, and leads to where the cell can go. */
const reachable = ({ cell, products, upstreams }: Ingredients): Product[] => {
  const here = new Set([...ownUpstreams, ...upstreams.map((u) => u.id)])
  return products.filter(
    ({ openapi, operations }) =>
      (openapi['x-cells']?.includes(cell) ?? true) && operations.every((o) => here.has(o.upstream)),
  )
}

const partnerOf = (
  { id, status }: Partner,
  permissions: Verdicts,
  ingredients: Ingredients,
): SnapshotPartner => {
  const contract = ingredients.policy.contract(id)
  const rules = ingredients.cell === 'production' && contract?.inForce ? contract : undefined
  const withheld = withheldFields(contract?.withheld ?? {}, ingredients.products)
  return {
    id,
    status,
    permissions,
    contract: rules
      ? {
          id: rules.id,
          tier: rules.tier,
          priceVersion: rules.priceVersion,
          products: sorted(rules.products),
          ...(rules.signatures === 'required' && { signatures: rules.signatures }),
        }
      : null,
    limits: rules ? limitsUnder(rules.limits, id, ingredients) : limitsWithoutContract(ingredients),
    ...(Object.keys(withheld).length > 0 && { withheld }),
    ...extensionsFor(id, ingredients),
  }
}

const extensionsFor = (
  partnerId: string,
  { endings }: Ingredients,
): Pick<SnapshotPartner, 'extensions'> => {
  const extensions = endings?.extensionsOf(partnerId) ?? {}
  return Object.keys(extensions).length > 0 ? { extensions } : {}
}

/** What a contract limits is what it sells: what the law opens beside it is as wide as without a contract. */
const limitsUnder = (
  contract: SnapshotPartner['limits'],
  partnerId: string,
  ingredients: Ingredients,
): SnapshotPartner['limits'] => {
  const { policy, products, now } = ingredients
  const facts = policy.facts(partnerId)
  const operations = products.flatMap((p) => p.operations)
  const opened = openedByLaw(facts ?? { held: [] }, policy.matrix, operations, now)
  const limits = unthrottled(contract, limitsWithoutContract(ingredients), opened, operations)
  const caps = policy.caps?.(partnerId)
  if (!caps) return limits
  const { budgets, unitPrices } = caps
  const capped = budgets.flatMap((b) => capPolicy(b, { unitPrices, operations, opened }) ?? [])
  return { ...limits, policies: [...(limits.policies ?? []), ...capped] }
}

/** Of the sandbox for everybody; in production for access by law, and for who is refused anyhow. */
const limitsWithoutContract = ({ cell, tiers }: Ingredients): SnapshotPartner['limits'] => {
  const name = cell === 'sandbox' ? SANDBOX_TIER : REGULATED_TIER
  const tier = tiers.find((t) => t.name === name)
  assert(tier, `the catalogue has tier ${name}`)
  return tier.limits
}

const snapshotOf = (
  partners: SnapshotPartner[],
  admitted: readonly Admitted[],
  { cell, policy, products, upstreams, certificates, issuer, endings }: Ingredients,
): Snapshot => ({
  cell,
  matrix: policy.matrix.version,
  issuer,
  products: products.map(({ id, version, openapi }) => ({
    id,
    version,
    versions: acceptedVersions(products),
    openapi,
  })),
  ...(upstreams.length > 0 && { upstreams: [...upstreams] }),
  // Only customers who do not exist are played with.
  ...(cell === 'sandbox' && { scenarios: scenariosOf(products) }),
  ...(endings && Object.keys(endings.livesIn(cell)).length > 0 && { lives: endings.livesIn(cell) }),
  ...betasIn(products),
  partners,
  applications: admitted.map(({ application, verdicts }) => ({
    id: application.id,
    partnerId: application.partnerId,
    status: application.status === 'active' ? 'active' : 'revoked',
    scopes: askable(application, verdicts, { matrix: policy.matrix, products }).scopes,
    ...joinedBetas(products, endings?.betasOf(application.id)),
    apiVersion: pinnedVersion(application, products, endings?.pinOf(application.id)),
    senderConstraint: application.senderConstraint,
    revealKey: application.revealKey,
    ...originsOf(application.redirectUris),
    // The keys that it proves itself with are those that it may sign requests with.
    ...(application.jwks.length > 0 && { signingKeys: application.jwks }),
    permissions: application.rehearsal ? verdicts : null,
  })),
  certificates: certificatesOf(admitted, certificates),
})

/** Versions in trial; those that were and are stable now need no asking. */
const betasIn = (products: readonly Product[]): Pick<Snapshot, 'betas'> => {
  const betas = [...betasOf(products)].toSorted()
  return betas.length > 0 ? { betas } : {}
}

const joinedBetas = (
  products: readonly Product[],
  joined: readonly string[] = [],
): { betas?: string[] } => {
  const betas = betasOf(products)
  const own = joined.filter((version) => betas.has(version))
  return own.length > 0 ? { betas: own.toSorted() } : {}
}

/** Whose pages are the application's own, as far as a browser can tell: those that it gets customers back at. */
const originsOf = (redirectUris: readonly string[]): { origins?: string[] } => {
  const origins = redirectUris.map((uri) => new URL(uri)).filter((url) => url.protocol === 'https:')
  return origins.length === 0 ? {} : { origins: sorted(origins.map((url) => url.origin)) }
}

const Playing = z.object({ 'x-sandbox-scenarios': z.array(z.string()).default([]) })

/** Every scenario that an operation of these documents names. */
const scenariosOf = (products: readonly Product[]): string[] =>
  sorted(
    products
      .flatMap(({ openapi }) => Object.values(openapi.paths))
      .flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
      .flatMap((operation) => Playing.safeParse(operation).data?.['x-sandbox-scenarios'] ?? []),
  )

/** Those of applications that stand in the document: one that names nobody would have it refused. */
const certificatesOf = (admitted: readonly Admitted[], certificates: readonly Certificate[]) => {
  const known = new Set<string>(admitted.map((a) => a.application.id))
  return certificates
    .filter((c) => known.has(c.applicationId))
    .map(({ sha256, applicationId, notAfter }) => ({
      sha256,
      applicationId,
      notAfter: notAfter.toString(),
    }))
}

const registryOf = (
  admitted: readonly Admitted[],
  { cell, policy, products, certificates, issuer }: Ingredients,
): Registry => {
  const live = Map.groupBy(certificates, (c) => c.applicationId)
  return {
    cell,
    matrix: policy.matrix.version,
    issuerKeys: issuer.keys.flatMap(({ kid }) => (typeof kid === 'string' ? [kid] : [])),
    clients: admitted
      .filter(({ application }) => application.status === 'active')
      .map((one) => {
        const contract = cell === 'production' ? policy.contract(one.partner.id) : undefined
        return {
          ...clientOf(one, live.get(one.application.id) ?? [], { matrix: policy.matrix, products }),
          ...(contract?.inForce && { contract: contract.id }),
        }
      }),
  }
}

/** An application as the authorization server serves it. */
export const clientOf = (
  { application, partner, verdicts }: Admitted,
  certificates: readonly Certificate[],
  catalogue: { matrix: Matrix; products: readonly Product[] },
): Registry['clients'][number] => {
  const { id, partnerId, cell, name, authentication, senderConstraint, jwks } = application
  const asked = askable(application, verdicts, catalogue)
  const closing = newConsentsUntil(
    application,
    asked.authorizationDetailsTypes,
    verdicts,
    catalogue.matrix,
  )
  return {
    applicationId: id,
    partnerId,
    partnerName: partner.organisation,
    partnerStatus: partner.status,
    applicationName: name,
    authentication,
    senderConstraint,
    jwks,
    sanUri: sanUri({ cell, partnerId, applicationId: id }),
    redirectUris: application.redirectUris,
    grantTypes: application.grantTypes,
    ...asked,
    ...(Object.keys(closing).length > 0 && { newConsentsUntil: closing }),
    certificates: sorted(certificates.map((c) => c.sha256)),
  }
}
