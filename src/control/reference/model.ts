/** One operation of a product as people read it: what it takes, what it returns, when the answer is no. */
import { followed, member } from '#control/catalogue/index.ts'
import { type SchemaNode, schemaReader, told } from './schema-tree.ts'

export interface Parameter {
  readonly in: string
  readonly node: SchemaNode
  readonly example?: string
}

export interface Body {
  readonly media: string
  readonly required: boolean
  readonly node: SchemaNode
  /** The document's own example, as it travels. */
  readonly example?: string
}

export interface GoodAnswer {
  readonly status: string
  readonly about: string
  readonly bodies: readonly Body[]
  readonly headers: readonly Parameter[]
}

/** A refusal that the document names, by its example (RFC 9457). */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly hint?: string
  readonly retryable: boolean
}

export interface Needs {
  /** Any of them is enough. */
  readonly permissions: readonly string[]
  readonly scope: string
  readonly consent?: { readonly type: string; readonly permissions: readonly string[] }
  /** The attestation that card data asks for (PCI DSS). */
  readonly cardData: boolean
  /** Seconds since the customer's strong authentication. */
  readonly scaMaxAge?: number
  readonly twoFactors: boolean
  readonly signature?: 'required' | 'answer'
  readonly idempotency?: 'required' | 'accepted'
}

export interface OperationEntry {
  readonly id: string
  /** `GET`, or `EVT` for what is told without being asked. */
  readonly method: string
  /** The path, or the event's name. */
  readonly path: string
  readonly summary: string
  readonly tag: string
  readonly deprecated: boolean
  /** What the sandbox plays of it by `Sandbox-Scenario`. */
  readonly scenarios: readonly string[]
}

export interface OperationModel extends OperationEntry {
  readonly description: string
  readonly needs?: Needs
  readonly cells: readonly string[]
  readonly parameters: readonly Parameter[]
  readonly body?: Body
  readonly answers: readonly GoodAnswer[]
  readonly refusals: readonly Refusal[]
}

type Node = Readonly<Record<string, unknown>>
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown) => (typeof value === 'string' ? value : '')
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(told) : typeof value === 'string' ? [value] : []

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const

interface Found {
  readonly entry: OperationEntry
  readonly operation: Node
  readonly path: Node
}

/** Operations and events of a document, in its order. */
const foundIn = (document: unknown): Found[] => {
  const chapter = (name: 'paths' | 'webhooks') => {
    const value = member(document, name)
    return Object.entries(isNode(value) ? value : {})
  }
  const found = (path: string, item: unknown, isEvent: boolean): Found[] =>
    methods.flatMap((method) => {
      const operation = member(item, method)
      if (!isNode(operation)) return []
      return [
        {
          entry: {
            id: text(operation['operationId']) || path.replaceAll(/[^A-Za-z0-9]+/g, '-'),
            method: isEvent ? 'EVT' : method.toUpperCase(),
            path,
            summary: text(operation['summary']) || path,
            tag: texts(operation['tags'])[0] ?? '',
            deprecated: operation['deprecated'] === true,
            scenarios: texts(operation['x-sandbox-scenarios']),
          },
          operation,
          path: isNode(item) ? item : {},
        },
      ]
    })
  return [
    ...chapter('paths').flatMap(([path, item]) => found(path, item, false)),
    ...chapter('webhooks').flatMap(([name, item]) => found(name, item, true)),
  ]
}

export const entriesOf = (document: unknown): OperationEntry[] =>
  foundIn(document).map(({ entry }) => entry)

/** The whole of one operation; undefined where the document has none of that name. */
export const operationModel = (document: unknown, id: string): OperationModel | undefined => {
  const found = foundIn(document).find(({ entry }) => entry.id === id)
  if (!found) return undefined
  const { entry, operation } = found
  const read = schemaReader(document)
  const at = (value: unknown): unknown => followed(document, { value, pointer: '' })?.value

  const parameter = (value: unknown, name?: string): Parameter => {
    const node = read(member(value, 'schema'))
    const example = member(value, 'example') ?? member(member(value, 'schema'), 'example')
    return {
      in: text(member(value, 'in')) || 'header',
      node: {
        ...node,
        name: name ?? text(member(value, 'name')),
        required: member(value, 'required') === true,
        ...(typeof member(value, 'description') === 'string' && {
          about: text(member(value, 'description')),
        }),
      },
      ...(example !== undefined && { example: told(example) }),
    }
  }
  const exampleOf = (content: unknown): string | undefined => {
    const examples = member(content, 'examples')
    const first = isNode(examples) ? at(Object.values(examples)[0]) : undefined
    const value = member(content, 'example') ?? member(first, 'value')
    if (value === undefined) return undefined
    return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  }
  const bodies = (holder: unknown): Body[] => {
    const content = member(holder, 'content')
    return Object.entries(isNode(content) ? content : {}).map(([media, value]) => {
      const example = exampleOf(value)
      return {
        media,
        required: member(holder, 'required') === true,
        node: read(member(value, 'schema')),
        ...(example !== undefined && { example }),
      }
    })
  }
  const responses = Object.entries(isNode(operation['responses']) ? operation['responses'] : {})
  const good = responses.filter(([status]) => Number(status) < 400)
  const [body] = bodies(at(operation['requestBody']))
  const parameters = [...list(found.path['parameters']), ...list(operation['parameters'])]
  return {
    ...entry,
    description: text(operation['description']),
    ...(entry.method !== 'EVT' && { needs: needsOf(operation) }),
    cells: texts(member(document, 'x-cells')),
    parameters: parameters.map((value) => parameter(at(value))),
    ...(body && { body }),
    answers: good.map(([status, value]) => {
      const answer = at(value)
      const headers = member(answer, 'headers')
      return {
        status,
        about: text(member(answer, 'description')),
        bodies: bodies(answer),
        headers: Object.entries(isNode(headers) ? headers : {}).map(([name, header]) =>
          parameter(at(header), name),
        ),
      }
    }),
    refusals: responses
      .filter(([status]) => Number(status) >= 400)
      .flatMap(([status, value]) => refusalsOf(Number(status), at(value), at)),
  }
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

const needsOf = (operation: Node): Needs => {
  const consent = operation['x-consent']
  const maxAge = operation['x-sca-max-age']
  const signature = operation['x-signature']
  const idempotency = operation['x-idempotency']
  return {
    permissions: texts(operation['x-permission']),
    scope: text(operation['x-scope']),
    ...(isNode(consent) && {
      consent: { type: text(consent['type']), permissions: texts(consent['permissions']) },
    }),
    cardData: operation['x-card-data'] === true,
    ...(typeof maxAge === 'number' && { scaMaxAge: maxAge }),
    twoFactors: operation['x-risk'] === 'high',
    ...((signature === 'required' || signature === 'answer') && { signature }),
    ...((idempotency === 'required' || idempotency === 'accepted') && { idempotency }),
  }
}

const refusalsOf = (
  status: number,
  response: unknown,
  at: (value: unknown) => unknown,
): Refusal[] => {
  const content = member(member(response, 'content'), 'application/problem+json')
  const examples = member(content, 'examples')
  const single = member(content, 'example')
  const values = isNode(examples)
    ? Object.values(examples).map((example) => member(at(example), 'value'))
    : single === undefined
      ? []
      : [single]
  if (values.length === 0)
    return [
      {
        status,
        code: '',
        title: text(member(response, 'description')),
        detail: '',
        retryable: false,
      },
    ]
  return values.map((value) => ({
    status,
    code: text(member(value, 'code')),
    title: text(member(value, 'title')),
    detail: text(member(value, 'detail')),
    ...(typeof member(value, 'hint') === 'string' && { hint: text(member(value, 'hint')) }),
    retryable: member(value, 'retryable') === true,
  }))
}
