/** The bank brings an API of its own: a system behind the gateway, and its document made a product. Both take two people. */
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { type FieldError, Problem } from '#kernel/problem.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import type { UpstreamGuard } from '#platform/registered-upstream.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import * as bringStore from './bring-store.ts'
import { documentRefused, type Operation, operationsOf, readDocument } from './document.ts'
import {
  assess,
  type Assessment,
  type Draft,
  draftNotFound,
  newsBetween,
  saidMore,
  unfoldsTo,
} from './import/draft.ts'
import type { Overlay } from './import/overlay.ts'
import type { JsonObject } from './import/source.ts'
import * as store from './store.ts'
import {
  originOf,
  readUpstream,
  Upstream,
  type UpstreamInput,
  upstreamOfOtherCell,
} from './upstream.ts'

const engineers = ['head-of-platform', 'api-product', 'api-engineering'] as const

/** Proposes to put a system behind the gateway of a cell, or another address or certificate for one that is. */
export const proposeUpstream = async (
  work: Work,
  input: UpstreamInput,
  { guard, reason }: { guard: UpstreamGuard; reason: string },
): Promise<ChangeSet> => {
  const upstream = readUpstream(input, guard, work.now)
  await checkCell(work, upstream)
  const held = (await bringStore.upstream(work, upstream.cell, upstream.id)) ?? null
  return proposeChange(work, {
    kind: 'catalogue.upstream',
    subject: subjectOf(upstream),
    before: held,
    after: upstream,
    base: baseOf(held),
    reason,
    roles: [...engineers],
  })
}

const subjectOf = ({ cell, id }: { cell: Cell; id: string }) => `${cell}/${id}`

const checkCell = async (db: Db, upstream: Upstream) => {
  const origin = originOf(upstream)
  const cell = await bringStore.cellOfOrigin(db, origin)
  if (cell !== undefined && cell !== upstream.cell)
    throw upstreamOfOtherCell(`${origin} is a system of ${cell}, and of no other cell`)
}

export const upstreamApplier: Applier = {
  base: async (work, change) => {
    const { cell, id } = Upstream.parse(change.after)
    return baseOf((await bringStore.upstream(work, cell, id)) ?? null)
  },
  apply: async (work, change) => {
    const upstream = Upstream.parse(change.after)
    await checkCell(work, upstream)
    await bringStore.saveUpstream(work, upstream, work.now)
    const { cell, id, address } = upstream
    await work.record('catalogue.upstream-changed', id, { cell, address, change: change.id })
  },
}

/** Keeps a document as it was handed in. What the bank said of the one before stays, and says itself where it fits no more. */
export const saveDraft = async (
  work: Work,
  draft: Omit<Draft, 'overlay'> & { overlay?: Overlay | undefined },
): Promise<DraftState> => {
  const held = await bringStore.draft(work, draft.productId)
  const next: Draft = { ...draft, overlay: draft.overlay ?? held?.overlay ?? [] }
  const before = held && assess(held).document
  const state = await stateOf(work, next)
  await bringStore.saveDraft(work, next, work.now)
  await work.record('catalogue.draft-saved', next.productId, { version: next.version })
  return before ? { ...state, news: newsBetween(before, state.document) } : state
}

/** Says more of a draft: classes, permissions, whatever its checks ask for. */
export const annotateDraft = async (
  work: Work,
  productId: string,
  more: Overlay,
): Promise<DraftState> => {
  const held = await draftNamed(work, productId)
  const next = { ...held, overlay: saidMore(held.overlay, more) }
  const state = await stateOf(work, next)
  await bringStore.saveDraft(work, next, work.now)
  await work.record('catalogue.draft-annotated', productId, { places: more.length })
  return state
}

export interface DraftState extends Assessment {
  readonly draft: Draft
  /** Beside the document that was handed in before. */
  readonly news?: { readonly added: string[]; readonly removed: string[] }
}

export const draftState = async (db: Db, productId: string): Promise<DraftState> =>
  stateOf(db, await draftNamed(db, productId))

const draftNamed = async (db: Db, productId: string): Promise<Draft> => {
  const draft = await bringStore.draft(db, productId)
  if (!draft) throw draftNotFound(`no draft of ${productId} was saved`)
  return draft
}

const stateOf = async (db: Db, draft: Draft): Promise<DraftState> => {
  const assessment = assess(draft)
  const findings = [...assessment.findings]
  for (const [path, item] of Object.entries(assessment.document['paths'] ?? {}))
    for (const [method, operation] of Object.entries(item ?? {})) {
      const upstream: unknown = Reflect.get(Object(operation), 'x-upstream')
      if (method !== 'parameters' && upstream !== draft.upstreamId)
        findings.push({
          pointer: `/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}/x-upstream`,
          code: 'foreign-upstream',
          detail: `the draft is of ${draft.upstreamId}, and its operations lead there`,
        })
    }
  if (findings.length === 0)
    findings.push(...(await mistakesOfWhole(db, draft.productId, assessment.document)))
  return { ...assessment, findings, draft }
}

/** What a finished draft would be published as; throws `catalogue/document-refused` while anything is missing. */
export const finishedDraft = async (db: Db, productId: string): Promise<JsonObject> => {
  const { findings, document } = await draftState(db, productId)
  if (findings.length > 0)
    throw documentRefused(`${productId}: ${findings.length} place(s) are wrong`, {
      errors: findings,
    })
  return document
}

/** The most that following every reference of a document may come to. */
const UNFOLDED_MAX = 200_000
const OPERATIONS_MAX = 200

/** What only shows beside the rest of the catalogue, and what the gateway would refuse. */
export const mistakesOfWhole = async (
  db: Db,
  productId: string,
  raw: unknown,
  operations?: readonly Operation[],
): Promise<FieldError[]> => {
  const document = z.record(z.string(), z.json()).parse(raw)
  if (unfoldsTo(document) > UNFOLDED_MAX)
    return [
      {
        pointer: '/components/schemas',
        code: 'too-large',
        detail: 'its references unfold too far, or lead back to where they stand',
      },
    ]
  const own = operations ?? readDocument(productId, document).operations
  const wrong = (o: Operation, member: string, code: string, detail: string): FieldError => ({
    pointer: `/paths/${o.path.replaceAll('~', '~0').replaceAll('/', '~1')}/${o.method.toLowerCase()}/${member}`,
    code,
    detail,
  })
  const taken = await operationsOfOthers(db, productId)
  const registered = new Set((await bringStore.upstreams(db)).map((u) => u.id))
  const found: FieldError[] = own.flatMap((o) => [
    ...(taken.has(o.id)
      ? [wrong(o, 'operationId', 'taken', `${o.id} is an operation of ${taken.get(o.id)}`)]
      : []),
    ...(o.upstream === 'bank' || o.upstream === 'vault' || registered.has(o.upstream)
      ? []
      : [
          wrong(
            o,
            'x-upstream',
            'unknown-upstream',
            `${o.upstream} is registered in no cell yet: its address comes first`,
          ),
        ]),
    ...ownPermissionMistakes(o, productId, wrong),
  ])
  if (own.length > OPERATIONS_MAX)
    found.push({
      pointer: '/paths',
      code: 'too-many',
      detail: `a product has ${OPERATIONS_MAX} operations at most`,
    })
  return found.length > 0 ? found : enforceable(productId, document)
}

export const ownPermissionOf = (productId: string) => `products.${productId}`

type Wrong = (o: Operation, member: string, code: string, detail: string) => FieldError

/** A permission that a contract alone opens must open nothing that the licence matrix guards. */
const ownPermissionMistakes = (o: Operation, productId: string, wrong: Wrong): FieldError[] => {
  const named = o.permissions.filter((p) => p.startsWith('products.'))
  if (named.length === 0) return []
  const own = ownPermissionOf(productId)
  const found: FieldError[] = []
  if (o.permissions.length > 1 || named[0] !== own)
    found.push(wrong(o, 'x-permission', 'not-own', `it is ${own} alone, or of the licence matrix`))
  if (o.scope !== productId && !o.scope.startsWith(`${productId}:`))
    found.push(wrong(o, 'x-scope', 'not-own', `it is ${productId}, or begins with ${productId}:`))
  if (o.consentType !== null)
    found.push(
      wrong(o, 'x-consent', 'not-own', 'a customer’s consent needs a permission of the matrix'),
    )
  return found
}

const operationsOfOthers = async (db: Db, productId: string): Promise<Map<string, string>> => {
  const products = await store.products(db)
  return new Map(
    products
      .filter((p) => p.id !== productId)
      .flatMap((p) => operationsOf(p.id, p.openapi).map((o) => [o.id, p.id] as const)),
  )
}

/** The gateway's own compiler has the last word: what it would refuse is not published. */
const enforceable = async (productId: string, document: JsonObject): Promise<FieldError[]> => {
  const { compileProduct } = await import('#gateway/documents/operation.ts')
  try {
    const openapi = z
      .looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) })
      .parse(document)
    compileProduct({ id: productId, openapi })
    return []
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const [, pointer = '', detail = error.detail] =
      /^(?:[a-z-]+#)?((?:#|\/)[^ :]*):? (.+)$/s.exec(error.detail) ?? []
    return [{ pointer: pointer.replace(/^#/, ''), code: 'not-enforceable', detail }]
  }
}

/** After a document was imported: the permission that a contract alone opens, with the scopes behind it. */
export const keepOwnPermission = async (
  work: Work,
  productId: string,
  operations: readonly Operation[],
): Promise<void> => {
  const permission = ownPermissionOf(productId)
  const behind = operations.filter((o) => o.permissions.includes(permission))
  if (behind.length === 0) return
  const scopes = [...new Set(behind.map((o) => o.scope))].toSorted()
  await bringStore.saveOwnPermission(work, { permission, productId, scopes })
}
