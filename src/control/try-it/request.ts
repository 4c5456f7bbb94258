/** From what a reader filled in to the call that is made: only what the published document of the operation names. */
import { type FieldError, problem } from '#kernel/problem.ts'
import type { OperationModel } from '#control/reference/index.ts'
import type { Call, ConsentType } from './sandbox.ts'

export const tryRefused = problem('try-it/refused', 400, 'This cannot be tried as it is')

export interface Filled {
  readonly path: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly scenario?: string | undefined
  readonly body?: string | undefined
}

/** Headers that are ours to set, whatever a document says of them. */
const own = new Set(['authorization', 'dpop', 'content-type', 'host', 'cookie', 'idempotency-key'])
const named = /\{(\w+)\}/g

/** The call, or a refusal that points at every wrong place. */
export const callOf = (model: OperationModel, filled: Filled, idempotencyKey: string): Call => {
  const errors: FieldError[] = []
  const wrong = (pointer: string, code: string, detail: string) =>
    errors.push({ pointer, code, detail })
  const known = (place: string) => model.parameters.filter((p) => p.in === place)
  const check = (place: 'path' | 'query' | 'headers') => {
    const names = known(place === 'headers' ? 'header' : place).map((p) =>
      p.node.name.toLowerCase(),
    )
    for (const name of Object.keys(filled[place]))
      if (
        !names.includes(name.toLowerCase()) ||
        (place === 'headers' && own.has(name.toLowerCase()))
      )
        wrong(`/${place}/${name}`, 'unknown', `${model.id} takes no ${name} there`)
  }
  check('path')
  check('query')
  check('headers')
  for (const { node } of known('query'))
    if (node.required && !filled.query[node.name])
      wrong(`/query/${node.name}`, 'required', `${node.name} is needed`)
  if (filled.scenario !== undefined && !model.scenarios.includes(scenarioIn(filled.scenario)))
    wrong('/scenario', 'unknown', `${model.id} plays ${model.scenarios.join(', ') || 'none'}`)
  if (model.body?.required && !filled.body) wrong('/body', 'required', 'a body is needed')
  const path = model.path.replaceAll(named, (_, name: string) => {
    const value = filled.path[name]
    // A dot alone would be another path once somebody has made it normal (RFC 3986 §5.2.4).
    if (!value || value === '.' || value === '..')
      wrong(`/path/${name}`, 'required', `${name} is needed`)
    return encodeURIComponent(value ?? '')
  })
  if (errors.length > 0) throw tryRefused(`${errors.length} place(s) are wrong`, { errors })
  const search = new URLSearchParams(Object.entries(filled.query).filter(([, value]) => value))
  const hasBody = model.body !== undefined && Boolean(filled.body)
  return {
    method: model.method,
    path: `${path}${search.size > 0 ? `?${search.toString()}` : ''}`,
    headers: {
      accept: 'application/json',
      ...Object.fromEntries(Object.entries(filled.headers).filter(([, value]) => value)),
      ...(hasBody && model.body && { 'content-type': model.body.media }),
      ...(model.needs?.idempotency && { 'idempotency-key': idempotencyKey }),
      ...(filled.scenario !== undefined && { 'sandbox-scenario': filled.scenario }),
    },
    ...(hasBody && filled.body !== undefined && { body: filled.body }),
  }
}

const scenarioIn = (text: string) => text.split(';')[0]?.trim() ?? ''

const objectIn = (text: string | undefined): Readonly<Record<string, unknown>> => {
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value))
      : {}
  } catch {
    return {}
  }
}

/**
 * What the customer is asked, where the reader does not say it themselves: all permissions that the type knows, and each
 * of its members that the body of the call repeats (RFC 9396 §2).
 */
export const detailOf = (type: ConsentType, body: string | undefined): Record<string, unknown> => {
  const { properties } = type.schema
  const given = objectIn(body)
  const listed = (name: string): unknown => {
    const items = properties[name]?.['items']
    return typeof items === 'object' && items !== null && 'enum' in items ? items.enum : undefined
  }
  const permissions = listed('permissions')
  const purpose = { code: 'TRYIT', text: 'A call tried on the portal' }
  return {
    ...(permissions !== undefined && { permissions }),
    ...(type.schema.required.includes('purpose') && { purpose }),
    ...Object.fromEntries(
      Object.entries(given).filter(([name]) => name in properties && name !== 'consentId'),
    ),
    type: type.type,
  }
}
