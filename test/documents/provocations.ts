/** Calls that are wrong in one respect each: what every operation refuses, whatever it is about. */
import { z } from 'zod'
import { resolved, Schema } from '#bank/documents.ts'
import { uuidv7 } from '#kernel/id.ts'
import { type Coverage, idOf, type Operation, walked } from './heard.ts'
import type { Bent, Wire } from './wire.ts'

const Parameter = z.looseObject({
  name: z.string(),
  in: z.string(),
  required: z.boolean().default(false),
  schema: z.looseObject({
    pattern: z.string().optional(),
    format: z.string().optional(),
    enum: z.array(z.string()).default([]),
  }),
})
const Consent = z.looseObject({
  type: z.string(),
  permissions: z.array(z.string()).default([]),
  account: z.string().optional(),
  binds: z.array(z.object({ body: z.string(), detail: z.string() })).default([]),
})
const Media = z.looseObject({
  example: z.unknown().optional(),
  examples: z.record(z.string(), z.object({ value: z.unknown() })).optional(),
})

/** Well-formed, and nobody's. */
const nobodys = ({ name, schema: { pattern = '' } }: z.output<typeof Parameter>): string => {
  const word = /^\^(\w+_)\[0-9a-f\]\{32\}\$$/.exec(pattern)?.[1]
  if (word !== undefined) return `${word}${'0'.repeat(32)}`
  return name === 'day' ? '2020-02-02' : 'nobody'
}

const parametersOf = ({ raw, operation }: Operation) =>
  z
    .array(z.unknown())
    .parse(operation['parameters'] ?? [])
    .map((one) => Parameter.parse(resolved(raw, one)))

/** The body that the document shows. */
const exampleOf = ({ raw, operation }: Operation): unknown => {
  if (operation['requestBody'] === undefined) return undefined
  const content = Schema.parse(resolved(raw, operation['requestBody'])['content'])
  const { example, examples } = Media.parse(content['application/json'])
  return example ?? Object.values(examples ?? {})[0]?.value
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** RFC 6901, as `x-consent` points into bodies and details. */
const taken = (value: unknown, pointer: string): unknown =>
  pointer
    .slice(1)
    .split('/')
    .reduce<unknown>((at, name) => (isObject(at) ? Reflect.get(at, name) : undefined), value)

const put = (target: object, pointer: string, value: unknown): void => {
  const [name = '', ...rest] = pointer.slice(1).split('/')
  if (rest.length === 0) Reflect.set(target, name, value)
  else {
    const inner: unknown = Reflect.get(target, name)
    const object = isObject(inner) ? inner : {}
    Reflect.set(target, name, object)
    put(object, `/${rest.join('/')}`, value)
  }
}

const CLAIMS = 'urn:bank:kyc-claims:v1'

/** What the customer must have approved for this very body; undefined where nothing is asked of them. */
export const consentFor = (
  operation: Operation,
  { body, accounts }: { body: unknown; accounts: readonly string[] },
): object | undefined => {
  const asked = operation.operation['x-consent']
  if (asked === 'none') return undefined
  const { type, permissions, binds } = Consent.parse(asked)
  // What of a person may be told stands in the consent by name (src/bank/kyc/claims.ts), and is bound to nothing.
  const told = {
    predicates: taken(body, '/predicates') ?? [],
    claims: taken(body, '/claims') ?? [],
  }
  const detail = { type, permissions, accounts, ...(type === CLAIMS && told) }
  for (const bind of binds) {
    const value = taken(body, bind.body)
    if (value !== undefined) put(detail, bind.detail, value)
  }
  return detail
}

/** A call that every gate lets through, of things that are nobody's: its body is the one that the document shows. */
export const properCall = (operation: Operation, accounts: readonly string[]): Bent => {
  const parameters = parametersOf(operation)
  const path = parameters
    .filter((one) => one.in === 'path')
    .reduce((at, one) => at.replace(`{${one.name}}`, nobodys(one)), operation.path)
  const queried = parameters
    .filter((one) => one.in === 'query' && one.required)
    .map((one) => `${one.name}=${one.schema.enum[0] ?? nobodys(one)}`)
  const body = exampleOf(operation)
  const asked = operation.operation['x-consent']
  const named = parameters.find(
    ({ name }) => asked !== 'none' && name === Consent.parse(asked).account,
  )
  const details = consentFor(operation, {
    body,
    accounts: named ? [nobodys(named)] : accounts.slice(0, 1),
  })
  return {
    path,
    ...(queried.length > 0 && { query: `?${queried.join('&')}` }),
    ...(isObject(body) && { body }),
    ...(details && { details: [details] }),
  }
}

/** Whatever it names by an id is nobody's: in the address, the body, or what the customer consented to. */
const ofNobodysThings = (
  operation: Operation,
  proper: Bent,
  consented: readonly string[] = [`acc_${'0'.repeat(32)}`],
): Bent => {
  const { raw } = operation
  const queried = parametersOf(operation).filter((one) => one.in === 'query' && isId(one.name))
  const details = proper.details?.map((one) => ({ ...one, accounts: consented }))
  const query = queried.map((one) => `${one.name}=${nobodys(one)}`).join('&')
  const elsewhere = {
    ...proper,
    ...(query !== '' && { query: `?${query}` }),
    ...(details && { details }),
  }
  if (proper.body === undefined) return elsewhere
  const content = Schema.parse(resolved(raw, operation.operation['requestBody'])['content'])
  const { schema } = Schema.parse(content['application/json'])
  const members = Object.entries(Schema.parse(resolved(raw, schema)['properties'] ?? {}))
  const named = members
    .filter(([name]) => isId(name))
    .map(([name, one]) => [
      name,
      nobodys(Parameter.parse({ name, in: 'body', schema: resolved(raw, one) })),
    ])
  const body = { ...proper.body, ...Object.fromEntries(named) }
  const asked = consentFor(operation, { body, accounts: consented })
  return { ...elsewhere, body, ...(asked && { details: [asked] }) }
}
const isId = (name: string) => name.endsWith('Id')

const BYTES_MAX = 1_048_576

/** With its quotation marks a text of so many letters is too long. */
const bytesMax = ({ raw, operation }: Operation): number =>
  z.int().catch(BYTES_MAX).parse(resolved(raw, operation['requestBody'])['x-bytes-max'])

/** Another request under the same key: to JSON a space is nothing, to who compares bytes it is another body. */
const sameKeyTwice = async (wire: Wire, operation: Operation, proper: Bent) => {
  const key = uuidv7()
  await wire.call(operation, { ...proper, key })
  if (proper.body !== undefined)
    return wire.call(operation, { ...proper, key, text: `${JSON.stringify(proper.body)} ` })
  const path = proper.path?.replace(/0{32}/, '1'.repeat(32))
  return wire.call(operation, { ...proper, key, ...(path !== undefined && { path }) })
}

/** A customer whom the bank has never met by this partner. */
const STRANGER = '0'.repeat(32)

/** What one operation refuses of anybody. */
const provoke = async (
  { wire, accounts, coverage }: Provoked,
  operation: Operation,
): Promise<void> => {
  const proper = properCall(operation, accounts)
  const scope = operation.operation['x-scope'] === 'accounts' ? 'payments' : 'accounts'
  await wire.call(operation, { ...proper, token: null })
  await wire.call(operation, { ...proper, scope })
  await wire.call(operation, { ...proper, query: '?walked=1' })
  await wire.call(operation, { ...proper, headers: { 'content-type': 'text/plain' } })
  await overfill(wire, operation, proper.path ?? operation.path)
  if (operation.operation['requestBody'] !== undefined)
    await wire.call(operation, {
      ...proper,
      text: JSON.stringify('x'.repeat(bytesMax(operation))),
    })
  const heard = (status: number) => coverage.heard(wire.cell, operation, status)
  if (!heard(404)) await wire.call(operation, proper)
  if (!heard(404)) await wire.call(operation, ofNobodysThings(operation, proper))
  if (!heard(404))
    await wire.call(operation, ofNobodysThings(operation, proper, accounts.slice(0, 1)))
  if (!heard(404)) await wire.call(operation, { ...proper, subject: STRANGER })
  if (operation.method === 'POST' && !heard(422)) await sameKeyTwice(wire, operation, proper)
}

/** Its address and its head are larger than anybody's need be. */
const overfill = async (wire: Wire, operation: Operation, path: string): Promise<void> => {
  await wire.call(operation, { path, query: `?walked=${'a'.repeat(2_100)}` })
  const headers = Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`x-walked-${at}`, 'a']))
  await wire.call(operation, { path, headers })
}

export interface Provoked {
  readonly wire: Wire
  readonly accounts: readonly string[]
  readonly coverage: Coverage
}

const WORKERS = 4

export const provokeAll = async (provoked: Provoked): Promise<void> => {
  const waiting = walked.toSorted((a, b) => idOf(a).localeCompare(idOf(b)))
  const worker = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await provoke(provoked, next)
  }
  await Promise.all(Array.from({ length: WORKERS }, worker))
}
