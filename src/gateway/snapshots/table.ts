/** The snapshot as lookup tables: what a call is decided by. Immutable; a new snapshot is a new table, swapped whole (G41). */
import { createHash } from 'node:crypto'
import { assert } from '#kernel/assert.ts'
import { canonical } from '#kernel/canonical.ts'
import type { Cell } from '#kernel/cell.ts'
import { importVerifyKey, type JWK, type VerifyKey } from '#platform/jose.ts'
import type { RegisteredUpstream } from '#platform/registered-upstream.ts'
import { type Lookup, openDirectory } from './directory.ts'
import { openPlans, type Plan } from '../limits/plan.ts'
import { compileProductInTurns, type Operation } from '../documents/operation.ts'
import type {
  ReadApplication,
  ReadCertificate,
  Reading,
  ReadPartner,
  ReadProduct,
  ReadVerdict,
} from './reading.ts'
import { type Life, lifeOf } from './life.ts'
import { compileRoutes, type Routes } from '../documents/routes.ts'
import { documentRefused } from '../documents/schema.ts'
import { type SigningKeys, signingKeysOf } from '../signatures.ts'
import {
  type Snapshot,
  type SnapshotApplication,
  type SnapshotPartner,
  SnapshotProduct,
} from '../snapshot.ts'

/** A verdict with its end as a number, so that a call compares and does not parse. */
export type Verdict =
  | {
      readonly granted: true
      readonly untilMs: number
      /** Until when calls of risk `high` are. */
      readonly writesUntilMs: number
    }
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
  readonly plan: Plan
  /** Leaves that its contract leaves out of answers, by operation. */
  readonly withheld: ReadonlyMap<string, ReadonlySet<string>>
  /** Until when versions that end are served to it, where that is longer than to others. */
  readonly extensions: ReadonlyMap<string, number>
}

export interface Application {
  readonly id: string
  readonly partner: Partner
  readonly active: boolean
  readonly scopes: ReadonlySet<string>
  readonly apiVersion: string
  /** Versions in trial that it asked for. */
  readonly betas: readonly string[]
  readonly senderConstraint: 'mtls' | 'dpop'
  readonly revealKey: SnapshotApplication['revealKey']
  /** Origins of its own pages. */
  readonly origins: readonly string[]
  /** What it may sign requests with. */
  readonly signingKeys: SigningKeys
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
  /** Its own version in trial, and the last before it; the bank's calendar may have later days, of other products. */
  readonly beta: { readonly day: string; readonly before: string | undefined } | null
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
  readonly upstreams: ReadonlyMap<string, RegisteredUpstream>
  /** What callers may ask to be played; empty outside of a sandbox. */
  readonly scenarios: ReadonlySet<string>
  /** Of the versions that end, by their days. */
  readonly lives: ReadonlyMap<string, Life>
  /** Versions in trial. */
  readonly betas: ReadonlySet<string>
  readonly partners: Lookup<Partner>
  readonly applications: Lookup<Application>
  readonly certificates: Lookup<Certificate>
  /** Version of the licence matrix that its verdicts come from. */
  readonly matrix: string
  /** Compiled products by the digest of their document: the next table takes over what did not change. */
  readonly compiled: ReadonlyMap<string, readonly Operation[]>
}

const betaOf = ({ version: day, versions }: ReadProduct): Product['beta'] => ({
  day,
  before: versions
    .filter((one) => one < day)
    .toSorted()
    .at(-1),
})

/** Makes a table of what was read. Throws, and nothing changes, when any part of it cannot be enforced (G42). */
export const compileTable = async (reading: Reading, before?: Table): Promise<Table> => {
  const compiled = new Map<string, readonly Operation[]>()
  const operations: Operation[] = []
  for (const product of reading.products) {
    const found = before?.compiled.get(product.digest) ?? (await compiledOf(product))
    compiled.set(product.digest, found)
    operations.push(...found)
  }
  const verdicts = openDirectory(reading.verdicts, verdictsOf)
  const planOf = openPlans(operations)
  const withheldSets = new Map<string, ReadonlySet<string>>()
  const partners = openDirectory(reading.partners, (text) =>
    partnerOf(recordIn<ReadPartner>(text), verdicts, planOf, withheldSets),
  )
  return {
    cell: reading.cell,
    epoch: reading.epoch,
    sha256: reading.sha256,
    compiledAtMs: reading.compiledAtMs,
    matrix: reading.matrix,
    issuer: await issuerOf(reading.issuer),
    routes: compileRoutes(operations),
    operations: byId(operations),
    upstreams: new Map(reading.upstreams.map((u) => [u.id, u])),
    scenarios: new Set(reading.scenarios),
    lives: new Map(Object.entries(reading.lives).map(([day, life]) => [day, lifeOf(life)])),
    betas: new Set(reading.betas),
    products: new Map(
      reading.products.map((p) => [
        p.id,
        { id: p.id, versions: new Set(p.versions), beta: p.isBeta ? betaOf(p) : null },
      ]),
    ),
    partners,
    applications: openDirectory(reading.applications, (text) =>
      applicationOf(recordIn<ReadApplication>(text), partners, verdicts),
    ),
    certificates: openDirectory(reading.certificates, recordIn<ReadCertificate>),
    compiled,
  }
}

/** Records were in shape when they were packed, by this house's own reading.ts. */
const recordIn = <T>(text: string): T => JSON.parse(text) as T

const compiledOf = ({ id, openapi }: ReadProduct): Promise<Operation[]> =>
  compileProductInTurns({ id, openapi: SnapshotProduct.shape.openapi.parse(JSON.parse(openapi)) })

const byId = (operations: readonly Operation[]): Map<string, Operation> => {
  const found = new Map(operations.map((o) => [o.id, o]))
  if (found.size !== operations.length)
    throw documentRefused('two products name an operation alike')
  return found
}

const noExtensions: ReadonlyMap<string, number> = new Map()

const extensionsOf = ({ extensions }: ReadPartner): ReadonlyMap<string, number> =>
  extensions === undefined
    ? noExtensions
    : new Map(Object.entries(extensions).map(([day, until]) => [day, Date.parse(until)]))

type Verdicts = ReadonlyMap<string, Verdict>

const verdictsOf = (text: string): Verdicts =>
  new Map(
    recordIn<[string, ReadVerdict][]>(text).map(([id, verdict]) => [
      id,
      verdict.granted
        ? {
            granted: true,
            untilMs: verdict.untilMs ?? Number.POSITIVE_INFINITY,
            writesUntilMs: verdict.writesUntilMs ?? Number.POSITIVE_INFINITY,
          }
        : verdict,
    ]),
  )

const nothing: Verdicts = new Map()

const partnerOf = (
  partner: ReadPartner,
  verdicts: Lookup<Verdicts>,
  planOf: (limits: SnapshotPartner['limits']) => Plan,
  withheldSets: Map<string, ReadonlySet<string>>,
): Partner => ({
  id: partner.id,
  active: partner.status === 'active',
  verdicts: verdicts.get(partner.permissions) ?? nothing,
  contract: partner.contract,
  extensions: extensionsOf(partner),
  plan: planOf(partner.limits),
  withheld: new Map(
    Object.entries(partner.withheld ?? {}).map(([operation, pointers]) => {
      // One set for all contracts that withhold the same, for plans of release are kept by it.
      const name = JSON.stringify(pointers)
      const set = withheldSets.get(name) ?? new Set(pointers)
      withheldSets.set(name, set)
      return [operation, set]
    }),
  ),
})

const applicationOf = (
  application: ReadApplication,
  partners: Lookup<Partner>,
  verdicts: Lookup<Verdicts>,
): Application => {
  const partner = partners.get(application.partnerId)
  assert(partner, 'a snapshot with an application without its partner was not read')
  return {
    id: application.id,
    partner,
    active: application.status === 'active',
    scopes: new Set(application.scopes),
    apiVersion: application.apiVersion,
    betas: application.betas ?? [],
    senderConstraint: application.senderConstraint,
    revealKey: application.revealKey,
    origins: application.origins ?? [],
    signingKeys: signingKeysOf((application.signingKeys ?? []) as JWK[]),
    verdicts:
      application.permissions === null
        ? partner.verdicts
        : (verdicts.get(application.permissions) ?? nothing),
  }
}

/** Algorithms come from our record of the key (S19): one that names none, or another, is no key of ours. */
const issuerOf = async ({ issuer, audience, keys }: Snapshot['issuer']): Promise<Issuer> => {
  const imported = await Promise.all(
    keys.map(async (jwk): Promise<[string, VerifyKey]> => {
      const { kid, alg } = jwk
      if (typeof kid !== 'string' || (alg !== 'PS256' && alg !== 'ES256' && alg !== 'EdDSA'))
        throw documentRefused('an issuer key lacks kid, or its alg is none of PS256, ES256, EdDSA')
      try {
        return [kid, await importVerifyKey(jwk as JWK, alg)]
      } catch (cause) {
        throw documentRefused(`the issuer key ${kid} cannot be read`, { cause })
      }
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
