/** One operation of a product, compiled: what the pipeline must know to admit a call, check it and release its answer. */
import { z } from 'zod'
import { UpstreamId } from '#platform/registered-upstream.ts'
import type { BodyCheck, ParameterCheck } from './check.ts'
import { type CompileCheck, compileBody, compileParameters, openCompiler } from './check.ts'
import { compileForm, type Form } from '../facts/form.ts'
import { compileFiles, type DeclaredFiles } from '../release/file-answer.ts'
import { compileProjection, type Projection } from '../release/projection.ts'
import {
  type AnyObject,
  below,
  documentRefused,
  followed,
  memberAt,
  objectAt,
  type Pointer,
} from './schema.ts'
import { compileOlder, type Older, type OlderForms, type OlderShape } from './older.ts'
import type { Snapshot } from '../snapshot.ts'

const Words = z.union([
  z
    .string()
    .min(1)
    .transform((word) => [word]),
  z.array(z.string().min(1)).min(1),
])
const BodyPointer = z.string().regex(/^(\/[^/]+)+$/, 'not a JSON pointer')

const ConsentRule = z.strictObject({
  type: z.string().min(1),
  permissions: z.array(z.string()).min(1).optional(),
  account: z.string().optional(),
  binds: z
    .array(z.strictObject({ body: BodyPointer, detail: BodyPointer }))
    .min(1)
    .optional(),
})
export type ConsentRule = z.output<typeof ConsentRule>

/**
 * Of a GET: a validator over the projected bytes, and for how long an answer that is about nobody may be kept: by a partner
 * (`maxAgeS`), or by the gateway for all of them and by each of them (`seconds`).
 */
const Cache = z
  .strictObject({
    maxAgeS: z.int().min(0).max(86_400).optional(),
    seconds: z.int().min(1).max(86_400).optional(),
    /** By what about the caller the upstream's answer differs. */
    vary: z.array(z.enum(['partner', 'application'])).default([]),
  })
  .refine(({ maxAgeS, seconds }) => maxAgeS === undefined || seconds === undefined, {
    error:
      'says seconds or maxAgeS: an answer that is kept here for so long may be kept by partners too',
  })
  .refine(({ seconds, vary }) => seconds !== undefined || vary.length === 0, {
    error: 'says vary without seconds',
  })
  .transform(({ maxAgeS, seconds, vary }) => ({
    maxAgeS: maxAgeS ?? seconds ?? 0,
    seconds: seconds ?? 0,
    vary,
  }))

/** docs/reference/openapi-extensions.md: deny by default means that what is missing here does not compile (G18). */
const Extensions = z.object({
  operationId: z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/),
  'x-permission': Words,
  'x-scope': z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/),
  'x-consent': z.union([z.literal('none').transform(() => null), ConsentRule]),
  'x-upstream': UpstreamId,
  'x-upstream-prefix': z
    .string()
    .regex(/^(?:\/[A-Za-z0-9._-]+)+$/)
    .optional(),
  'x-class': z.enum(['payment-status', 'payment', 'accounts', 'bulk']),
  'x-risk': z.enum(['high', 'personal', 'reference']),
  'x-idempotency': z.enum(['required', 'accepted']).optional(),
  'x-units': z.int().min(1).max(1000).default(1),
  'x-budget': z
    .string()
    .regex(/^[a-z][a-z-]*$/)
    .optional(),
  /** How long ago the customer's strong authentication may be, in seconds. */
  'x-sca-max-age': z.int().min(1).max(15_552_000).optional(),
  'x-card-data': z.literal(true).optional(),
  'x-cache': Cache.optional(),
  'x-signature': z.enum(['required', 'answer']).optional(),
  'x-sandbox-scenarios': z
    .array(z.string().regex(/^[a-z][a-z_]*$/))
    .min(1)
    .optional(),
})

export interface Operation {
  readonly id: string
  readonly product: string
  readonly method: string
  /** As in the document: `/accounts/v1/accounts/{accountId}`. */
  readonly template: string
  readonly parameterNames: readonly string[]
  /** Of which one must be granted. */
  readonly permissions: readonly string[]
  readonly scope: string
  readonly consent: ConsentRule | null
  readonly upstream: string
  /** Whether that is a system that the bank registered: it learns who calls by a signed assertion. */
  readonly registered: boolean
  /** How many characters of the path the upstream does not see: it has its own paths. */
  readonly prefixLength: number
  readonly priority: 'payment-status' | 'payment' | 'accounts' | 'bulk'
  readonly risk: 'high' | 'personal' | 'reference'
  readonly idempotency: 'required' | 'accepted' | null
  readonly units: number
  readonly budget: string | null
  /** What is read of its product: `accounts.list`, `accounts.balances` … Unattended accesses are counted by it. */
  readonly family: string
  readonly scaMaxAgeMs: number | null
  /** Whether its answers carry an ETag, and may be kept; by whom, for how long, and for whom it is the same answer. */
  readonly cache: z.output<typeof Cache> | null
  /** Whether requests must be signed, and answers are then; or answers are, whoever asks. Contracts may ask for more. */
  readonly signature: 'required' | 'answer' | null
  /** What a sandbox plays when it is asked to. */
  readonly scenarios: ReadonlySet<string>
  readonly parameters: ParameterCheck
  readonly body: BodyCheck | null
  /** How the answer of a status is released; null: it has no body. A status that is not here is not released. */
  readonly answers: ReadonlyMap<number, Projection | null>
  /** Statuses whose answer is a file. In `answers` they have no body: whoever knows nothing of files lets none out. */
  readonly files: ReadonlyMap<number, DeclaredFiles>
  /** Refusals of the bank that the document declares. */
  readonly refusals: ReadonlySet<number>
  /** What can be seen of its calls and answers as the newest version writes them. */
  readonly form: Form
  /** How callers of older versions know it, the oldest form first; mostly empty. */
  readonly older: readonly Older[]
}

type CompiledProduct = Pick<Snapshot['products'][number], 'id' | 'openapi'>

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const
const pathMembers = new Set<string>([...methods, 'parameters', 'summary', 'description', 'servers'])

/** All operations of a product. Throws `gateway/document-refused` with the place of the first thing that is incomplete. */
export const compileProduct = (product: CompiledProduct): Operation[] => {
  const operations = [...compilingProduct(product)]
  checkNames(product.id, operations)
  return operations
}

/** As `compileProduct`, one operation in a turn of the event loop: calls go on in between. */
export const compileProductInTurns = async (product: CompiledProduct): Promise<Operation[]> => {
  const operations: Operation[] = []
  for (const operation of compilingProduct(product)) {
    operations.push(operation)
    await new Promise(setImmediate)
  }
  checkNames(product.id, operations)
  return operations
}

const checkNames = (productId: string, operations: readonly Operation[]) => {
  if (new Set(operations.map((o) => o.id)).size !== operations.length)
    throw documentRefused(`${productId} names two operations alike`)
}

const compilingProduct = function* (product: CompiledProduct): Generator<Operation> {
  const document: AnyObject = product.openapi
  const compile = openCompiler()
  const older = compileOlder(
    document,
    shapeCompiler(compile, product.id),
    `${product.id}#/x-changes`,
  )
  for (const [template, value] of Object.entries(product.openapi.paths)) {
    const at = below(`${product.id}#/paths`, template)
    const item = followed(document, value, at)
    const stranger = Object.keys(item).find(
      (name) => !pathMembers.has(name) && !name.startsWith('x-'),
    )
    if (stranger) throw documentRefused(`${below(at, stranger)} is not understood`)
    checkTemplate(template, product.id, at)
    for (const method of methods.filter((m) => item[m] !== undefined))
      yield compileOperation(compile, product, { template, method, item, older }, below(at, method))
  }
}

const checkTemplate = (template: string, productId: string, at: Pointer) => {
  if (!/^(?:\/(?:[A-Za-z0-9._-]+|\{[A-Za-z][A-Za-z0-9]*\}))+$/.test(template))
    throw documentRefused(`${at} is no path of plain segments and whole-segment parameters`)
  if (!template.startsWith(`/${productId}/`))
    throw documentRefused(`${at} does not begin with /${productId}/`)
}

/** What an operation of an older document takes. Its answers are the newest ones, brought down. */
const shapeCompiler =
  (compile: CompileCheck, productId: string) =>
  (document: AnyObject, operationId: string): OlderShape => {
    for (const [template, value] of Object.entries(objectAt(document['paths'], '#/paths'))) {
      const at = below(`${productId} of before#/paths`, template)
      const item = followed(document, value, at)
      const method = methods.find(
        (name) => Reflect.get(Object(item[name]), 'operationId') === operationId,
      )
      if (!method) continue
      const here = below(at, method)
      const source = objectAt(item[method], here)
      return {
        parameters: compileParameters(
          compile,
          document,
          parametersIn(item, source, here),
          template,
          below(here, 'parameters'),
        ),
        body: compileBody(compile, document, source['requestBody'], below(here, 'requestBody')),
        form: formOf(document, item, source, here),
      }
    }
    throw documentRefused(`${productId}#/x-changes names no operation ${operationId}`)
  }

const formOf = (document: AnyObject, item: AnyObject, source: AnyObject, at: Pointer): Form => {
  const { requestBody, responses } = source
  return compileForm(
    document,
    { parameters: parametersIn(item, source, at), requestBody, responses },
    at,
  )
}

const parametersIn = (item: AnyObject, source: AnyObject, at: Pointer): unknown[] => [
  ...memberAt(z.array(z.unknown()).default([]), item['parameters'], at),
  ...memberAt(z.array(z.unknown()).default([]), source['parameters'], at),
]

const compileOperation = (
  compile: CompileCheck,
  product: CompiledProduct,
  place: { template: string; method: string; item: AnyObject; older: OlderForms },
  at: Pointer,
): Operation => {
  const { template, method, item } = place
  const document: AnyObject = product.openapi
  const source = objectAt(item[method], at)
  const said = memberAt(Extensions, source, at)
  const parameters = compileParameters(
    compile,
    document,
    parametersIn(item, source, at),
    template,
    below(at, 'parameters'),
  )
  const consent = said['x-consent']
  if (consent?.account !== undefined && !template.includes(`{${consent.account}}`))
    throw documentRefused(`${at}/x-consent/account names no parameter of the path`)
  if (method === 'post' && said['x-idempotency'] === undefined)
    throw documentRefused(`${at} is a POST without x-idempotency`)
  if (method !== 'post' && said['x-idempotency'] !== undefined)
    throw documentRefused(`${at} is no POST and has x-idempotency`)
  if (method !== 'post' && said['x-signature'] === 'required')
    throw documentRefused(`${at}/x-signature: only a POST is signed by who sends it`)
  const body = compileBody(compile, document, source['requestBody'], below(at, 'requestBody'))
  if (body !== null && (method === 'get' || method === 'delete'))
    throw documentRefused(`${at} is a ${method} with a body`)
  if (consent?.binds && !body?.required)
    throw documentRefused(`${at}/x-consent/binds needs a required body`)
  const { answers, files, refusals } = compileAnswers(
    document,
    source['responses'],
    below(at, 'responses'),
  )
  checkRelease(said, method, answers, at)
  const older = place.older.get(said.operationId) ?? []
  if (older.length > 0 && said['x-card-data'])
    throw documentRefused(`${at} releases card data, which is rewritten for nobody`)
  if (files.size > 0 && (method !== 'get' || said['x-upstream'] !== 'bank' || said['x-cache']))
    throw documentRefused(`${at} lets a file out that is no plain GET of the bank`)
  if (said['x-sandbox-scenarios'] && said['x-upstream'] !== 'bank')
    throw documentRefused(`${at}/x-sandbox-scenarios: only the bank plays`)
  const prefix = said['x-upstream-prefix']
  if (prefix !== undefined && !template.startsWith(`${prefix}/`))
    throw documentRefused(`${at}/x-upstream-prefix is not how the path begins`)
  return {
    id: said.operationId,
    product: product.id,
    method: method.toUpperCase(),
    template,
    parameterNames: [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''),
    permissions: said['x-permission'],
    scope: said['x-scope'],
    consent,
    upstream: said['x-upstream'],
    registered: said['x-upstream'] !== 'bank' && said['x-upstream'] !== 'vault',
    prefixLength: said['x-upstream-prefix']?.length ?? 0,
    priority: said['x-class'],
    risk: said['x-risk'],
    idempotency: said['x-idempotency'] ?? null,
    units: said['x-units'],
    budget: said['x-budget'] ?? null,
    family: familyOf(product.id, template),
    scaMaxAgeMs: said['x-sca-max-age'] === undefined ? null : said['x-sca-max-age'] * 1000,
    cache: said['x-cache'] ?? null,
    signature: said['x-signature'] ?? null,
    scenarios: new Set(said['x-sandbox-scenarios']),
    parameters,
    body,
    answers,
    files,
    refusals,
    form: formOf(document, item, source, at),
    older,
  }
}

/** Card data where the operation says so, of the vault, and to whoever holds the one permission that asks for an attestation. */
const checkRelease = (
  said: z.output<typeof Extensions>,
  method: string,
  answers: ReadonlyMap<number, Projection | null>,
  at: Pointer,
) => {
  const projections = [...answers.values()].filter((p) => p !== null)
  const cardData = projections.some((p) => p.holdsCardData)
  if (cardData && said['x-upstream'] !== 'vault')
    throw documentRefused(`${at} releases card data, and only the vault holds any`)
  if (cardData !== (said['x-card-data'] ?? false))
    throw documentRefused(`${at}/x-card-data does not say whether card data is released`)
  if (cardData && said['x-permission'].length !== 1)
    throw documentRefused(`${at} releases card data by more than one permission`)
  const cache = said['x-cache']
  if (cache && method !== 'get') throw documentRefused(`${at}/x-cache stands on a ${method}`)
  const aboutSomebody = projections.some((p) => p.fields.some((f) => f.dataClass !== 'public'))
  if (cache && cache.maxAgeS > 0 && aboutSomebody)
    throw documentRefused(`${at}/x-cache: only what is public altogether may be kept`)
  if (cache && cache.seconds > 0 && said['x-consent'] !== null)
    throw documentRefused(`${at}/x-cache: what a customer consents to is kept for nobody else`)
}

/** `/accounts/v1/accounts` is a list, `…/{accountId}` a detail, `…/{accountId}/balances` has a name of its own. */
const familyOf = (product: string, template: string): string => {
  const segments = template.slice(1).split('/')
  const last = segments.at(-1) ?? ''
  if (last.startsWith('{')) return `${product}.detail`
  return segments.some((s) => s.startsWith('{')) ? `${product}.${last}` : `${product}.list`
}

const compileAnswers = (document: AnyObject, value: unknown, at: Pointer) => {
  const answers = new Map<number, Projection | null>()
  const files = new Map<number, DeclaredFiles>()
  const refusals = new Set<number>()
  for (const [status, raw] of Object.entries(objectAt(value, at))) {
    const here = below(at, status)
    if (!/^[2-5]\d\d$/.test(status)) throw documentRefused(`${here} is not one status`)
    if (status.startsWith('4') || status.startsWith('5')) {
      refusals.add(Number(status))
      continue
    }
    if (!status.startsWith('2')) throw documentRefused(`${here}: redirects are not passed on`)
    const { content } = followed(document, raw, here)
    if (content === undefined) {
      answers.set(Number(status), null)
      continue
    }
    const media = objectAt(content, below(here, 'content'))
    const file = compileFiles(media, below(here, 'content'))
    if (file) {
      files.set(Number(status), file)
      answers.set(Number(status), null)
      continue
    }
    const only = Object.keys(media)
    if (only.length !== 1 || only[0] !== 'application/json')
      throw documentRefused(`${here} must be application/json and nothing else`)
    const place = below(here, 'content', 'application/json')
    const { schema } = objectAt(media['application/json'], place)
    answers.set(Number(status), compileProjection(document, schema, below(place, 'schema')))
  }
  if (answers.size === 0) throw documentRefused(`${at} declares no answer`)
  return { answers, files, refusals }
}
