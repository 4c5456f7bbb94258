/**
 * A published snapshot, from the bytes that came to what a table is made of: proven, in shape, whole, and packed. It does
 * all that takes long and touches nothing of the gateway, so it runs in a worker (reader.ts) and in a fuzzer alike.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Problem } from '#kernel/problem.ts'
import type { Cell } from '#kernel/cell.ts'
import type { JWK } from '#platform/jose.ts'
import { openText, publicationRefused } from '#platform/publication.ts'
import type { RegisteredUpstream } from '#platform/registered-upstream.ts'
import { pack, type Packed } from './directory.ts'
import { compileProduct } from '../documents/operation.ts'
import {
  Snapshot,
  SnapshotApplication,
  type SnapshotLife,
  SnapshotPartner,
  type SnapshotProduct,
} from '../snapshot.ts'

/** A verdict with its end as a number, so that a call compares and does not parse. JSON has no infinity: null never ends. */
export type ReadVerdict =
  | {
      readonly granted: true
      readonly untilMs: number | null
      /** Where it comes before `untilMs`. */
      readonly writesUntilMs?: number
    }
  | {
      readonly granted: false
      readonly code: string
      readonly detail: string
      readonly gate: 'partner' | 'bank' | 'customer'
    }

/** Records as they lie in the directories. `permissions` names a set of verdicts: most partners share a few. */
export type ReadPartner = Omit<SnapshotPartner, 'permissions'> & { readonly permissions: string }
export type ReadApplication = Omit<SnapshotApplication, 'permissions'> & {
  readonly permissions: string | null
}
export interface ReadCertificate {
  readonly applicationId: string
  readonly notAfterMs: number
}

export interface ReadProduct {
  readonly id: string
  readonly version: string
  readonly versions: readonly string[]
  /** Whether its newest version is in trial. */
  readonly isBeta: boolean
  /** base64url SHA-256 of its id and document: one that was compiled before is taken over. */
  readonly digest: string
  /** The document as JSON. */
  readonly openapi: string
}

/** Plain data: it goes from thread to thread, its buffers without a copy. */
export interface Reading {
  readonly cell: Cell
  readonly epoch: number
  readonly sha256: string
  readonly compiledAtMs: number
  readonly matrix: string
  readonly issuer: Snapshot['issuer']
  readonly products: readonly ReadProduct[]
  readonly upstreams: readonly RegisteredUpstream[]
  readonly scenarios: readonly string[]
  readonly lives: Readonly<Record<string, SnapshotLife>>
  readonly betas: readonly string[]
  readonly verdicts: Packed
  readonly partners: Packed
  readonly applications: Packed
  readonly certificates: Packed
}

/** Throws `gateway/snapshot-refused`, or what a document is refused with, for everything that must not be enforced (G42). */
export const readSnapshot = (
  bytes: Buffer,
  expected: { cell: Cell; key: JWK; above: number },
): Reading => {
  const { epoch, sha256, compiledAt, content } = openText(bytes, {
    ...expected,
    audience: 'gateway',
  })
  const snapshot = inShape(Arrived, content, '')
  if (snapshot.cell !== expected.cell)
    throw publicationRefused(`its content is of ${snapshot.cell}`)
  const upstreams = snapshot.upstreams ?? []
  const reachable = new Set(['bank', 'vault', ...upstreams.map((u) => u.id)])
  const products = snapshot.products.map((product) => readProduct(product, reachable))
  checkReferences(snapshot)
  const verdicts = verdictSets()
  return {
    cell: snapshot.cell,
    epoch,
    sha256,
    compiledAtMs: msOf(compiledAt, 'compiledAt'),
    matrix: snapshot.matrix,
    issuer: snapshot.issuer,
    products,
    upstreams,
    scenarios: snapshot.scenarios ?? [],
    lives: snapshot.lives ?? {},
    betas: snapshot.betas ?? [],
    partners: packed(snapshot.partners, (p): [string, ReadPartner] => [
      p.id,
      { ...p, permissions: verdicts.nameOf(p.permissions, p.id) },
    ]),
    applications: packed(snapshot.applications, (a): [string, ReadApplication] => [
      a.id,
      { ...a, permissions: a.permissions === null ? null : verdicts.nameOf(a.permissions, a.id) },
    ]),
    certificates: packed(snapshot.certificates, (c): [string, ReadCertificate] => [
      c.sha256,
      { applicationId: c.applicationId, notAfterMs: msOf(c.notAfter, 'notAfter') },
    ]),
    verdicts: verdicts.packed(),
  }
}

/** The snapshot as it arrived: sets of verdicts, the bulk of it, are judged where each is first met. */
const Permissions = SnapshotPartner.shape.permissions
const Arrived = Snapshot.extend({
  partners: z.array(SnapshotPartner.extend({ permissions: z.unknown() })),
  applications: z.array(SnapshotApplication.extend({ permissions: z.unknown() })),
})

const inShape = <T extends z.ZodType>(shape: T, content: unknown, at: string): z.output<T> => {
  const parsed = shape.safeParse(content)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw publicationRefused(
    `its content is not in shape at ${at}/${issue?.path.join('/')}: ${issue?.message}`,
  )
}

const msOf = (instant: string, what: string): number => {
  try {
    return Temporal.Instant.from(instant).epochMilliseconds
  } catch {
    throw publicationRefused(`${what} is no instant`)
  }
}

const packed = <S, R>(list: readonly S[], record: (one: S) => readonly [string, R]): Packed =>
  pack(
    list.map((one) => {
      const [key, value] = record(one)
      return [key, JSON.stringify(value)] as const
    }),
  )

/** Every set of verdicts once, by a number, judged when it is first met. */
const verdictSets = () => {
  const names = new Map<string, string>()
  const sets: [name: string, text: string][] = []
  return {
    nameOf: (permissions: unknown, owner: string): string => {
      const text = JSON.stringify(permissions)
      const known = names.get(text)
      if (known !== undefined) return known
      const name = String(sets.length)
      const set = inShape(Permissions, permissions, `permissions of ${owner}`)
      sets.push([name, JSON.stringify(readVerdicts(set))])
      names.set(text, name)
      return name
    },
    packed: (): Packed => pack(sets),
  }
}

const readVerdicts = (permissions: z.output<typeof Permissions>): [string, ReadVerdict][] =>
  Object.entries(permissions).map(([id, verdict]) => [
    id,
    verdict.granted
      ? {
          granted: true,
          untilMs: verdict.until === null ? null : msOf(verdict.until, id),
          ...(verdict.writesUntil !== undefined && {
            writesUntilMs: msOf(verdict.writesUntil, id),
          }),
        }
      : verdict,
  ])

/** Documents that were found enforceable, by digest, with the upstreams that they name: each is compiled once. */
const enforceable = new Map<string, ReadonlySet<string>>()
const ENFORCEABLE_MAX = 1_000

const readProduct = (
  product: z.output<typeof SnapshotProduct>,
  reachable: ReadonlySet<string>,
): ReadProduct => {
  const { id, version, versions } = product
  const openapi = JSON.stringify(product.openapi)
  const digest = createHash('sha256').update(`${id} ${openapi}`).digest('base64url')
  const named = enforceable.get(digest) ?? compiles(product)
  if (enforceable.size >= ENFORCEABLE_MAX) enforceable.clear()
  enforceable.set(digest, named)
  const stranger = [...named].find((upstream) => !reachable.has(upstream))
  if (stranger !== undefined)
    throw publicationRefused(`${id} leads to ${stranger}, of which no address is known`)
  const isBeta = product.openapi['x-stage'] === 'beta'
  return { id, version, versions, isBeta, digest, openapi }
}

/** A bug in the compiler of documents refuses the document too. */
const compiles = (product: z.output<typeof SnapshotProduct>): ReadonlySet<string> => {
  try {
    return new Set(compileProduct(product).map((operation) => operation.upstream))
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    throw publicationRefused(`the document of ${product.id} cannot be compiled`, { cause })
  }
}

/** What names another thing of the snapshot names one that is there. */
const checkReferences = (snapshot: z.output<typeof Arrived>): void => {
  if (new Set(snapshot.products.map((p) => p.id)).size !== snapshot.products.length)
    throw publicationRefused('a product stands in it twice')
  const partners = new Set(snapshot.partners.map((p) => p.id))
  const applications = new Set(snapshot.applications.map((a) => a.id))
  const versions = new Set(snapshot.products.flatMap((p) => p.versions))
  for (const { id, partnerId, apiVersion } of snapshot.applications) {
    if (!partners.has(partnerId))
      throw publicationRefused(`${id} belongs to ${partnerId}, which is not in it`)
    if (!versions.has(apiVersion))
      throw publicationRefused(`${id} is pinned to ${apiVersion}, which no product has`)
  }
  for (const { sha256, applicationId } of snapshot.certificates)
    if (!applications.has(applicationId))
      throw publicationRefused(`${sha256} belongs to ${applicationId}, which is not in it`)
}
