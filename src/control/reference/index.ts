/** The reference: what partners read of the documents that are in force. Made from them, and only from them. */
import { problem } from '#kernel/problem.ts'
import type { Db } from '#platform/db.ts'
import {
  edition,
  findDocument,
  listProducts,
  type Product,
  productNotFound,
} from '#control/catalogue/index.ts'
import { type Guide, guideNotFound, readGuides } from './guides.ts'
import {
  entriesOf,
  type OperationEntry,
  operationModel,
  type OperationModel,
  type Refusal,
} from './model.ts'
import { type Findable, openSearch, type Search } from './search.ts'
import type { SchemaNode } from './schema-tree.ts'

export const operationNotFound = problem('reference/operation-not-found', 404, 'No such operation')
export const versionNotFound = problem('reference/version-not-found', 404, 'No such version')

export interface ProductEntry {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly description: string
  readonly version: string
  readonly versions: readonly string[]
  readonly cells: readonly string[]
  readonly operations: readonly OperationEntry[]
}

export interface RefusalEntry {
  readonly code: string
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly hint?: string
  readonly retryable: boolean
  /** Operations whose document names it. */
  readonly operations: readonly { readonly product: string; readonly id: string }[]
}

interface Held {
  readonly edition: string
  readonly products: readonly ProductEntry[]
  readonly refusals: readonly RefusalEntry[]
  /** Codes that most operations name: what any call may hear. */
  readonly common: ReadonlySet<string>
  readonly search: Search
}

/** Refusals say of themselves whether most operations name them. */
export interface ReadOperation extends OperationModel {
  readonly refusals: readonly (Refusal & { readonly common: boolean })[]
}

export interface Reference {
  products(): Promise<readonly ProductEntry[]>
  operation(product: string, id: string, version?: string): Promise<ReadOperation>
  refusals(): Promise<readonly RefusalEntry[]>
  search(words: string): Promise<ReturnType<Search['find']>>
  guides(): readonly Guide[]
  guide(id: string): Guide
}

const namesIn = (node: SchemaNode): string[] => [
  ...(node.name === '' ? [] : [node.name]),
  ...(node.members ?? []).flatMap(namesIn),
  ...(node.choices ?? []).flatMap((choice) => choice.members.flatMap(namesIn)),
]

const entryOf = ({ id, title, version, versions, openapi }: Product): ProductEntry => ({
  id,
  title,
  summary: textOf(openapi.info['summary']),
  description: textOf(openapi.info['description']),
  version,
  versions,
  cells: openapi['x-cells'] ?? [],
  operations: entriesOf(openapi),
})

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')

const refusalsOf = (
  found: readonly { product: string; model: OperationModel }[],
): RefusalEntry[] => {
  const byCode = new Map<string, RefusalEntry & { operations: { product: string; id: string }[] }>()
  for (const { product, model } of found)
    for (const refusal of model.refusals) {
      if (refusal.code === '') continue
      const known = byCode.get(refusal.code) ?? { ...refusal, operations: [] }
      if (!known.operations.some((o) => o.product === product && o.id === model.id))
        known.operations.push({ product, id: model.id })
      byCode.set(refusal.code, known)
    }
  return [...byCode.values()].toSorted((a, b) => a.code.localeCompare(b.code))
}

const commonOf = (refusals: readonly RefusalEntry[], operations: number): ReadonlySet<string> =>
  new Set(refusals.filter((r) => r.operations.length > operations / 2).map((r) => r.code))

const findablesOf = (
  found: readonly { product: Product; model: OperationModel }[],
  refusals: readonly RefusalEntry[],
  guides: readonly Guide[],
): Findable[] => [
  ...found.map(({ product, model }) => ({
    kind: model.method === 'EVT' ? ('event' as const) : ('operation' as const),
    title: model.summary,
    address: `/reference/${product.id}/${model.id}`,
    within: product.title,
    text: `${model.id} ${model.path} ${model.description} ${[
      ...model.parameters.map((p) => p.node.name),
      ...(model.body ? namesIn(model.body.node) : []),
      ...model.answers.flatMap((a) => a.bodies.flatMap((body) => namesIn(body.node))),
    ].join(' ')}`,
  })),
  ...refusals.map((refusal) => ({
    kind: 'refusal' as const,
    title: refusal.code,
    address: `/reference/refusals#${refusal.code.replace('/', '-')}`,
    within: refusal.title,
    text: refusal.detail,
  })),
  ...guides.map((guide) => ({
    kind: 'guide' as const,
    title: guide.title,
    address: `/guides/${guide.id}`,
    within: guide.headings.map((h) => h.title).join(' '),
    text: guide.markdown,
  })),
]

/** Reads the documents again when the catalogue's edition has changed, and once for all who ask meanwhile. */
export const openReference = (db: Db): Reference => {
  const guides = readGuides()
  let held: Promise<Held> | undefined

  const read = async (now: string): Promise<Held> => {
    const products = await listProducts(db)
    const found = products.flatMap((product) =>
      entriesOf(product.openapi).flatMap(({ id }) => {
        const model = operationModel(product.openapi, id)
        return model ? [{ product, model }] : []
      }),
    )
    const refusals = refusalsOf(found.map(({ product, model }) => ({ product: product.id, model })))
    return {
      edition: now,
      products: products.map(entryOf),
      refusals,
      common: commonOf(refusals, found.filter(({ model }) => model.method !== 'EVT').length),
      search: openSearch(findablesOf(found, refusals, guides)),
    }
  }
  const current = async (): Promise<Held> => {
    const now = await edition(db)
    const known = await held?.catch(() => undefined)
    if (known?.edition === now) return known
    held = read(now)
    return held
  }

  return {
    products: async () => (await current()).products,
    refusals: async () => (await current()).refusals,
    search: async (words) => (await current()).search.find(words),
    operation: async (product, id, version) => {
      const { products, common } = await current()
      const known = products.find((p) => p.id === product)
      if (!known) throw productNotFound(`no product is called ${product}`)
      const day = version ?? known.version
      if (!known.versions.includes(day))
        throw versionNotFound(`${product} has no version of ${day}`, {
          hint: `It has ${known.versions.join(', ')}.`,
        })
      const model = operationModel(await findDocument(db, product, day), id)
      if (!model) throw operationNotFound(`${product} has no operation ${id} in its version ${day}`)
      return {
        ...model,
        refusals: model.refusals.map((r) => ({ ...r, common: common.has(r.code) })),
      }
    },
    guides: () => guides,
    guide: (id) => {
      const guide = guides.find((g) => g.id === id)
      if (!guide) throw guideNotFound(`no guide is called ${id}`)
      return guide
    },
  }
}

export type { OperationModel } from './model.ts'

/** One operation of the version in force, or of a day that is named. */
export const readOperation = async (
  db: Db,
  product: string,
  id: string,
  version?: string,
): Promise<OperationModel> => {
  const known = (await listProducts(db)).find((p) => p.id === product)
  if (!known) throw productNotFound(`no product is called ${product}`)
  const model = operationModel(await findDocument(db, product, version ?? known.version), id)
  if (!model) throw operationNotFound(`${product} has no operation ${id}`)
  return model
}
