/** The snapshot as lookup tables: what a call is decided by. Immutable; a new snapshot is a new table, swapped whole (G41). */
import { createHash } from 'node:crypto'
import { canonical } from '#kernel/canonical.ts'
import type { Cell } from '#kernel/cell.ts'
import { importVerifyKey, type JWK, type VerifyKey } from '#platform/jose.ts'
import { compileProduct, type Operation } from './operation.ts'
import { compileRoutes, type Routes } from './routes.ts'
import { documentRefused } from './schema.ts'
import type {
  Bucket,
  PermissionVerdict,
  Snapshot,
  SnapshotApplication,
  SnapshotPartner,
} from './snapshot.ts'

/** A verdict with its end as a number, so that a call compares and does not parse. */
export type Verdict =
  | { readonly granted: true; readonly untilMs: number }
  | {
      readonly granted: false
      readonly code: string
      readonly detail: string
      readonly gate: 'partner' | 'bank' | 'customer'
    }

export interface Partner {
  readonly id: string
  readonly active: boolean
  readonly verdicts: ReadonlyMap<string, Verdict>
  readonly contract: SnapshotPartner['contract']
  readonly rate: Bucket
  readonly concurrency: number
  readonly dailyQuota: number | null
  readonly budgets: ReadonlyMap<string, Bucket>
}

export interface Application {
  readonly id: string
  readonly partner: Partner
  readonly active: boolean
  readonly scopes: ReadonlySet<string>
  readonly apiVersion: string
  readonly senderConstraint: 'mtls' | 'dpop'
  readonly revealKey: SnapshotApplication['revealKey']
  /** Its own where it rehearses, else the partner's. */
  readonly verdicts: ReadonlyMap<string, Verdict>
}

export interface Certificate {
  readonly applicationId: string
  readonly notAfterMs: number
}

export interface Issuer {
  readonly issuer: string
  readonly audience: string
  readonly keys: ReadonlyMap<string, VerifyKey>
  /** Changes when any key does: what was verified by another set of keys is verified again. */
  readonly keysId: string
}

export interface Product {
  readonly id: string
  readonly versions: ReadonlySet<string>
}

export interface Table {
  readonly cell: Cell
  readonly epoch: number
  readonly compiledAtMs: number
  readonly sha256: string
  readonly issuer: Issuer
  readonly routes: Routes
  readonly operations: ReadonlyMap<string, Operation>
  readonly products: ReadonlyMap<string, Product>
  readonly partners: ReadonlyMap<string, Partner>
  readonly applications: ReadonlyMap<string, Application>
  readonly certificates: ReadonlyMap<string, Certificate>
  /** Compiled products by the digest of their document: the next table takes over what did not change. */
  readonly compiled: ReadonlyMap<string, readonly Operation[]>
}

/** Compiles a snapshot. Throws, and nothing changes, when any part of it cannot be enforced (G42). */
export const compileTable = async (
  snapshot: Snapshot,
  published: { epoch: number; compiledAtMs: number; sha256: string },
  before?: Table,
): Promise<Table> => {
  const compiled = new Map<string, readonly Operation[]>()
  const operations = snapshot.products.flatMap((product) => {
    const digest = createHash('sha256')
      .update(`${product.id} ${JSON.stringify(product.openapi)}`)
      .digest('base64url')
    const found = before?.compiled.get(digest) ?? compileProduct(product)
    compiled.set(digest, found)
    return found
  })
  const partners = new Map(snapshot.partners.map((p) => [p.id, partnerOf(p)]))
  return {
    cell: snapshot.cell,
    ...published,
    issuer: await issuerOf(snapshot.issuer),
    routes: compileRoutes(operations),
    operations: byId(operations),
    products: new Map(
      snapshot.products.map((p) => [p.id, { id: p.id, versions: new Set(p.versions) }]),
    ),
    partners,
    applications: new Map(snapshot.applications.map((a) => [a.id, applicationOf(a, partners)])),
    certificates: new Map(
      snapshot.certificates.map((c) => [
        c.sha256,
        { applicationId: c.applicationId, notAfterMs: msOf(c.notAfter) },
      ]),
    ),
    compiled,
  }
}

const byId = (operations: readonly Operation[]): Map<string, Operation> => {
  const found = new Map(operations.map((o) => [o.id, o]))
  if (found.size !== operations.length)
    throw documentRefused('two products name an operation alike')
  return found
}

const msOf = (instant: string) => Temporal.Instant.from(instant).epochMilliseconds

const verdictOf = (verdict: PermissionVerdict): Verdict =>
  verdict.granted
    ? {
        granted: true,
        untilMs: verdict.until === null ? Number.POSITIVE_INFINITY : msOf(verdict.until),
      }
    : verdict

const verdictsOf = (permissions: Readonly<Record<string, PermissionVerdict>>) =>
  new Map(Object.entries(permissions).map(([id, verdict]) => [id, verdictOf(verdict)]))

const partnerOf = (partner: SnapshotPartner): Partner => ({
  id: partner.id,
  active: partner.status === 'active',
  verdicts: verdictsOf(partner.permissions),
  contract: partner.contract,
  rate: partner.limits.rate,
  concurrency: partner.limits.concurrency,
  dailyQuota: partner.limits.dailyQuota,
  budgets: new Map(Object.entries(partner.limits.budgets)),
})

const applicationOf = (
  application: SnapshotApplication,
  partners: ReadonlyMap<string, Partner>,
): Application => {
  const partner = partners.get(application.partnerId)
  if (!partner)
    throw documentRefused(
      `${application.id} belongs to ${application.partnerId}, which is not there`,
    )
  return {
    id: application.id,
    partner,
    active: application.status === 'active',
    scopes: new Set(application.scopes),
    apiVersion: application.apiVersion,
    senderConstraint: application.senderConstraint,
    revealKey: application.revealKey,
    verdicts: application.permissions ? verdictsOf(application.permissions) : partner.verdicts,
  }
}

/** Algorithms come from our record of the key (S19): one that names none, or another, is no key of ours. */
const issuerOf = async ({ issuer, audience, keys }: Snapshot['issuer']): Promise<Issuer> => {
  const imported = await Promise.all(
    keys.map(async (jwk): Promise<[string, VerifyKey]> => {
      const { kid, alg } = jwk
      if (typeof kid !== 'string' || (alg !== 'PS256' && alg !== 'ES256' && alg !== 'EdDSA'))
        throw documentRefused('an issuer key lacks kid, or its alg is none of PS256, ES256, EdDSA')
      return [kid, await importVerifyKey(jwk as JWK, alg)]
    }),
  )
  if (new Set(imported.map(([kid]) => kid)).size !== imported.length)
    throw documentRefused('two issuer keys have one kid')
  return {
    issuer,
    audience,
    keys: new Map(imported),
    keysId: createHash('sha256').update(canonical(keys)).digest('base64url'),
  }
}
