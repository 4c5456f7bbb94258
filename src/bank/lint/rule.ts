/** A rule of ours for the documents, and the parts of a document that rules look at. */
import { z } from 'zod'
import { isLeaf, resolved, Schema, walk } from '../documents.ts'
import type { Asked } from './refusals.ts'

export interface Ruled {
  readonly product: string
  readonly raw: unknown
}

export interface Rule {
  /** A sentence that is true of every document. */
  readonly name: string
  /** Places where it is not, with what is there. */
  readonly broken: (document: Ruled) => Iterable<string>
}

const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string().optional(),
  description: z.string().optional(),
  tags: z.array(z.string()).default([]),
  parameters: z.array(z.unknown()).default([]),
  responses: z.record(z.string(), z.unknown()),
})
export type Operation = z.output<typeof Operation>

const Document = z.looseObject({
  tags: z.array(z.looseObject({ name: z.string() })).default([]),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  webhooks: z.record(z.string(), z.object({ post: Operation })).default({}),
  components: z.looseObject({ schemas: z.record(z.string(), Schema) }),
  'x-transitions': z.record(z.string(), z.record(z.string(), z.array(z.string()))).default({}),
})
export const documentOf = ({ raw }: Ruled) => Document.parse(raw)

export interface Placed {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}
export const operationsOf = (ruled: Ruled): Placed[] =>
  Object.entries(documentOf(ruled).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      operation,
    })),
  )

const Facts = z.looseObject({
  'x-consent': z.union([
    z.literal('none'),
    z.looseObject({ binds: z.array(z.unknown()).default([]) }),
  ]),
  'x-idempotency': z.enum(['required', 'accepted']).optional(),
  'x-risk': z.string(),
  'x-class': z.string(),
  'x-upstream': z.string(),
  'x-card-data': z.boolean().default(false),
  'x-sca-max-age': z.number().optional(),
})

/** What decides what may be refused of an operation. */
export const askedOf = ({ method, operation }: Placed): Asked => {
  const facts = Facts.parse(operation)
  const consent = facts['x-consent']
  return {
    method,
    takesBody: operation['requestBody'] !== undefined,
    consented: consent !== 'none',
    bound: consent !== 'none' && consent.binds.length > 0,
    idempotency: facts['x-idempotency'],
    risk: facts['x-risk'],
    priority: facts['x-class'],
    ofCore: facts['x-upstream'] === 'bank',
    holdsCardData: facts['x-card-data'],
    strongSince: facts['x-sca-max-age'] !== undefined,
  }
}

const Parameter = z.looseObject({
  name: z.string(),
  in: z.string(),
  required: z.boolean().optional(),
  schema: Schema,
})
export const parametersOf = (raw: unknown, { parameters }: Operation) =>
  parameters.map((one) => Parameter.parse(resolved(raw, one)))

interface Media {
  readonly type: string
  readonly schema: unknown
  readonly shown: readonly (readonly [name: string, value: unknown])[]
}
const medias = new WeakMap<object, readonly Media[]>()

/** What a body may be, by media type, with what is shown of it: the same objects for the same body. */
export const mediaOf = (raw: unknown, node: unknown): readonly Media[] => {
  const body = resolved(raw, node)
  const known = medias.get(body)
  if (known) return known
  const found = Object.entries(Schema.parse(body['content'] ?? {})).map(([type, media]) => {
    const { schema, example, examples } = Schema.parse(media)
    const shown = Object.entries(Schema.parse(examples ?? {})).map(
      ([name, one]) => [name, resolved(raw, one)['value']] as const,
    )
    return {
      type,
      schema,
      shown: example === undefined ? shown : [['', example] as const, ...shown],
    }
  })
  medias.set(body, found)
  return found
}

/** Every schema of a document by its place: those of its components, wherever they are used. */
export const schemasOf = function* (ruled: Ruled) {
  const { components } = documentOf(ruled)
  for (const [name, schema] of Object.entries(components.schemas))
    for (const found of walk(ruled.raw, schema, name)) yield found
}

/** Every named member of an object, wherever one is. */
export const membersOf = function* (ruled: Ruled) {
  for (const { place, schema } of schemasOf(ruled)) {
    const properties = Schema.parse(schema['properties'] ?? {})
    for (const [name, node] of Object.entries(properties))
      yield { place: `${place}.${name}`, name, of: place, schema: resolved(ruled.raw, node) }
  }
}
export { isLeaf }
