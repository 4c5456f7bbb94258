/**
 * What a partner may do, written a second time: short, over the raw JSON of the matrix and the raw documents, with none of
 * the types and functions that it judges.
 */
import { readFileSync } from 'node:fs'
import { bankDocuments } from '../documents.ts'

interface RawEntry {
  value: string
  evidence?: string[]
  waive?: Record<string, string>
  limit?: string
}
interface RawMatrix {
  permissions: { id: string; domain: string; scopes: string[]; authorizationDetails: string[] }[]
  statuses: {
    id: string
    regulatedAccess: string[]
    baseEvidence: string[]
    permissions: Record<string, RawEntry>
  }[]
  evidence: Record<string, object>
}

export const policy: RawMatrix = JSON.parse(
  readFileSync(
    new URL('../../src/control/licences/matrix/2026-11-22.json', import.meta.url),
    'utf8',
  ),
)

export interface RawOperation {
  id: string
  product: string
  permissions: string[]
  scope: string
  high: boolean
  consentType: string | undefined
}

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** Every operation that a partner can call. */
export const operations: RawOperation[] = bankDocuments().flatMap(({ product, openapi }) => {
  const { paths } = openapi as { paths: Record<string, Record<string, Record<string, unknown>>> }
  return Object.values(paths).flatMap((item) =>
    Object.entries(item)
      .filter(([method]) => methods.includes(method))
      .map(([, o]) => ({
        id: String(o['operationId']),
        product,
        permissions: [o['x-permission']].flat() as string[],
        scope: String(o['x-scope']),
        high: o['x-risk'] === 'high',
        // `none`, or an object with its type.
        consentType: (o['x-consent'] as { type?: string }).type,
      })),
  )
})

/** A partner and one of its applications, as bare words. */
export interface Given {
  readonly cell: 'sandbox' | 'production'
  readonly declared: readonly string[]
  readonly held: readonly string[]
  readonly suspended: boolean
  readonly foreign: boolean
  readonly frozen: boolean
  readonly stoppedStatus: string | undefined
  readonly stoppedPermission: string | undefined
  /** Days since its end, by type; negative: days until it; null: it never ends. What is not here is not on file. */
  readonly evidence: Readonly<Record<string, number | null>>
  /** Products of the contract in force; undefined: none is. */
  readonly contract: readonly string[] | undefined
  readonly products: readonly string[]
  /** What the application asked to be limited to. */
  readonly scopes: readonly string[] | undefined
}

/** How much is left of something: 3 all of it, 2 no new consents, 1 read only, 0 nothing. */
const left = (given: Given, type: string, day: number): number => {
  const end = given.evidence[type]
  if (end === undefined) return 0
  if (end === null) return 3
  const ago = end + day
  if (ago < 0) return 3
  if (type === 'pci_aoc' || ago >= 30) return 0
  return ago >= 14 ? 1 : 2
}

/** How much is left of a permission, `day` days from now. */
const permissionLeft = (given: Given, permission: string, day: number): number => {
  if (given.suspended || given.stoppedPermission === permission) return 0
  const named =
    given.cell === 'production' ? given.held : [...new Set([...given.held, ...given.declared])]
  const all = named.length === 0 && given.cell === 'sandbox' ? ['unregulated'] : named
  const speaking = all.includes('public-authority') ? ['public-authority'] : all
  const domain = policy.permissions.find((p) => p.id === permission)?.domain ?? ''
  const each = policy.statuses
    .filter((s) => speaking.includes(s.id) && s.id !== given.stoppedStatus)
    .map((status) => {
      const entry = status.permissions[permission]
      if (!entry || entry.value === 'denied') return 0
      if (given.cell === 'sandbox') return 3
      if (entry.value === 'sandbox-only' || entry.limit === 'principal-permissions') return 0
      const byLaw = status.regulatedAccess.includes(permission)
      const base = byLaw ? ['nca_register', 'qwac'] : status.baseEvidence
      const asked = [...base, ...(entry.evidence ?? [])]
      if (asked.includes('contract') && !given.contract?.includes(domain)) return 0
      return asked
        .filter((t) => t !== 'contract')
        .filter((t) => base.includes(t) || given.foreign || !entry.waive?.[t])
        .reduce((least, type) => Math.min(least, left(given, type, day)), 3)
    })
  const most = Math.max(0, ...each)
  return most === 3 && given.frozen && given.cell === 'production' ? 2 : most
}

/** Everything that is left of every permission: asked once for all operations. */
export const allLeft = (given: Given, day = 0): ReadonlyMap<string, number> =>
  new Map(policy.permissions.map((p) => [p.id, permissionLeft(given, p.id, day)]))

/** Permissions of the application's products that are open at all. */
const opened = (given: Given, rests: ReadonlyMap<string, number>) =>
  policy.permissions.filter((p) => (rests.get(p.id) ?? 0) > 0 && given.products.includes(p.domain))

export const mayCall = (
  given: Given,
  operation: RawOperation,
  rests: ReadonlyMap<string, number>,
): boolean => {
  const needed = operation.high ? 2 : 1
  const isGranted = operation.permissions.some((p) => (rests.get(p) ?? 0) >= needed)
  const mayAsk =
    opened(given, rests).some((p) => p.scopes.includes(operation.scope)) &&
    operations.some((o) => given.products.includes(o.product) && o.scope === operation.scope) &&
    (given.scopes?.includes(operation.scope) ?? true)
  return isGranted && mayAsk
}

/** Whether a customer may be asked for a new consent of this type. */
export const mayAskConsent = (
  given: Given,
  type: string,
  rests: ReadonlyMap<string, number>,
): boolean =>
  operations.some((o) => given.products.includes(o.product) && o.consentType === type) &&
  opened(given, rests).some(
    (p) => p.authorizationDetails.includes(type) && (rests.get(p.id) ?? 0) === 3,
  )
