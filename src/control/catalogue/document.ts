import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { Change } from '#kernel/changes/index.ts'
import { type FieldError, problem } from '#kernel/problem.ts'
import { fieldErrors, pointerOf } from '#platform/http.ts'
import { UpstreamId } from '#platform/registered-upstream.ts'
import { followed, member, type Place, schemaWalker } from './schema-walk.ts'

export const documentRefused = problem(
  'catalogue/document-refused',
  422,
  'The product’s document cannot be published',
)

export const productNotFound = problem('catalogue/product-not-found', 404, 'No such product')

const Consent = z.union([
  z.literal('none'),
  z.strictObject({
    type: z.string().startsWith('urn:'),
    permissions: z.array(z.string()).min(1).optional(),
    account: z.string().optional(),
    binds: z.array(z.strictObject({ body: z.string(), detail: z.string() })).optional(),
  }),
])

/** What the gateway compiles an operation from: docs/reference/openapi-extensions.md. */
const OperationMembers = z.looseObject({
  operationId: z.string().regex(/^[a-z][A-Za-z0-9]+$/, 'must be a word in camelCase'),
  'x-permission': z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  'x-scope': z.string().min(1),
  'x-consent': Consent,
  'x-upstream': UpstreamId,
  'x-class': z.enum(['payment-status', 'payment', 'accounts', 'bulk']),
  'x-risk': z.enum(['high', 'personal', 'reference']),
  'x-idempotency': z.enum(['required', 'accepted']).optional(),
  'x-units': z.int().positive().optional(),
  'x-budget': z.string().min(1).optional(),
  'x-card-data': z.literal(true).optional(),
  'x-sca-max-age': z.int().positive().optional(),
  'x-signature': z.enum(['required', 'answer']).optional(),
  'x-cache': z
    .strictObject({
      maxAgeS: z.int().min(0).max(86_400).optional(),
      seconds: z.int().min(1).max(86_400).optional(),
      vary: z.array(z.enum(['partner', 'application'])).optional(),
    })
    .optional(),
  summary: z.string().optional(),
  responses: z.record(z.string(), z.unknown()),
})

export const Document = z.looseObject({
  openapi: z.string().regex(/^3\.1\./, 'must be OpenAPI 3.1'),
  info: z.looseObject({
    title: z.string().min(1),
    version: z.iso.date('must be the day of the version, such as 2026-11-22'),
  }),
  /** What changed from version to version: how callers of older ones are served. */
  'x-changes': z.array(Change).max(200).optional(),
  /** Days of older versions that a document which is new here brings with it. */
  'x-versions': z.array(z.iso.date()).max(50).optional(),
  /** Where it is offered; everywhere without it. */
  'x-cells': z.array(Cell).min(1).optional(),
  paths: z.record(z.string().startsWith('/'), z.record(z.string(), z.unknown())),
})
export type Document = z.output<typeof Document>

/** An operation as its document describes it. */
export interface Operation {
  readonly id: string
  readonly product: string
  readonly method: string
  readonly path: string
  readonly summary: string
  /** Any of these permissions of the licence matrix is enough. */
  readonly permissions: readonly string[]
  readonly scope: string
  /** authorization_details type (RFC 9396) of the consent that it needs. */
  readonly consentType: string | null
  readonly budget: string | null
  /** The cell's `bank` or `vault`, or a system that the bank registered. */
  readonly upstream: string
  /** What limits ask of it: its class, its risk, what it costs. */
  readonly priority: z.output<typeof OperationMembers>['x-class']
  readonly risk: z.output<typeof OperationMembers>['x-risk']
  readonly units: number
}

/** Reads a product's document; throws `catalogue/document-refused` with a pointer for every place that is wrong. */
export const readDocument = (
  product: string,
  raw: unknown,
): { document: Document; operations: readonly Operation[] } => {
  const parsed = Document.safeParse(raw)
  const errors: FieldError[] = []
  const operations = parsed.success ? readOperations(product, parsed.data, errors) : []
  if (parsed.success) errors.push(...mistakesOfVersions(parsed.data))
  if (!parsed.success) errors.push(...fieldErrorsUnder('', parsed.error))
  if (!parsed.success || errors.length > 0)
    throw documentRefused(`${product}: ${errors.length} place(s) are wrong`, { errors })
  return { document: parsed.data, operations }
}

/** Days that it brings with it are of older versions, each once: another would be everybody's newest, for ever. */
const mistakesOfVersions = ({ info, 'x-versions': days = [] }: Document): FieldError[] =>
  days.flatMap((day, i) => {
    const pointer = pointerOf(['x-versions', String(i)])
    if (day >= info.version)
      return [{ pointer, code: 'not-older', detail: `it is not before ${info.version}` }]
    return days.indexOf(day) < i ? [{ pointer, code: 'duplicate', detail: 'it stands twice' }] : []
  })

/** The operations of a document that was read when it was imported. */
export const operationsOf = (product: string, document: Document): readonly Operation[] =>
  readOperations(product, document, [])

const fieldErrorsUnder = (under: string, error: z.ZodError): FieldError[] =>
  fieldErrors(error).map((wrong) => ({ ...wrong, pointer: under + wrong.pointer }))

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const

const readOperations = (product: string, document: Document, errors: FieldError[]): Operation[] => {
  const operations: Operation[] = []
  const walk = schemaWalker(document, errors)
  for (const [path, item] of Object.entries(document.paths)) {
    const under = pointerOf(['paths', path])
    if (!path.startsWith(`/${product}/`))
      errors.push({
        pointer: under,
        code: 'foreign-path',
        detail: `a path of ${product} begins with /${product}/`,
      })
    for (const method of methods.filter((m) => m in item)) {
      const at = `${under}/${method}`
      for (const { place, use } of bodiesOf(document, item[method], at)) walk(place, use)
      const parsed = OperationMembers.safeParse(item[method])
      if (!parsed.success) {
        errors.push(...fieldErrorsUnder(at, parsed.error))
        continue
      }
      const { operationId, ...members } = parsed.data
      if (method === 'post' && !members['x-idempotency'])
        errors.push({
          pointer: `${at}/x-idempotency`,
          code: 'missing',
          detail: 'a POST says whether an Idempotency-Key is required or accepted',
        })
      if (operations.some((o) => o.id === operationId))
        errors.push({
          pointer: `${at}/operationId`,
          code: 'duplicate',
          detail: `${operationId} names another operation too`,
        })
      const permission = members['x-permission']
      const consent = members['x-consent']
      operations.push({
        id: operationId,
        product,
        method: method.toUpperCase(),
        path,
        summary: members.summary ?? operationId,
        permissions: typeof permission === 'string' ? [permission] : permission,
        scope: members['x-scope'],
        consentType: consent === 'none' ? null : consent.type,
        budget: members['x-budget'] ?? null,
        upstream: members['x-upstream'],
        priority: members['x-class'],
        risk: members['x-risk'],
        units: members['x-units'] ?? 1,
      })
    }
  }
  return operations
}

/** The JSON schemas of an operation's request and answers. Problems (RFC 9457) have one shape everywhere and are not walked. */
const bodiesOf = function* (
  document: Document,
  operation: unknown,
  at: string,
): Generator<{ place: Place; use: 'answer' | 'request' }> {
  const jsonOf = (value: unknown, pointer: string): Place | undefined => {
    const holder = followed(document, { value, pointer })
    const schema = member(member(member(holder?.value, 'content'), 'application/json'), 'schema')
    if (!holder || schema === undefined) return undefined
    return { value: schema, pointer: `${holder.pointer}/content/application~1json/schema` }
  }
  const request = jsonOf(member(operation, 'requestBody'), `${at}/requestBody`)
  if (request) yield { place: request, use: 'request' }
  for (const [status, response] of Object.entries(member(operation, 'responses') ?? {})) {
    const answer = jsonOf(response, `${at}/responses/${status}`)
    if (answer) yield { place: answer, use: 'answer' }
  }
}
