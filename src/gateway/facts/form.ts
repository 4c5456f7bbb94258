/** One form of an operation, as callers of a version know it: all that can be seen of their calls and of their answers. */
import { z } from 'zod'
import { factOf, madeFact } from '../field-facts.ts'
import { decoded } from '../documents/check.ts'
import {
  type AnyObject,
  followed,
  memberAt,
  objectAt,
  type Pointer,
  below,
} from '../documents/schema.ts'
import type { Field } from '../release/shape.ts'
import { compileProbe, type Marks, type Probe, Vocabulary } from './probe.ts'

export interface Form {
  /** How many facts there are, and each in words. */
  readonly size: number
  textOf(fact: number): string
  /** A request that fits its description, as it was sent. */
  asked(request: Asked, marks: Marks): void
  /** The status that left, declared or not. */
  answered(status: number, marks: Marks): void
  /** An answer as its caller reads it. */
  got(status: number, body: unknown, marks: Marks): void
  /** Numbers of the leaves of an answer, by their places among its released fields; -1 where it has none. */
  leaves(status: number, fields: readonly Field[]): Int32Array
}

export interface Asked {
  readonly query: string
  readonly header: (name: string) => string | undefined
  /** Undefined where none was sent. */
  readonly json: unknown
}

/** What an operation of a document says, with its references not yet followed. */
export interface Source {
  readonly parameters: readonly unknown[]
  readonly requestBody: unknown
  readonly responses: unknown
}

const Parameter = z.object({ name: z.string(), in: z.string(), schema: z.unknown() })

/** Where they call it at all. */
const MADE = 0

export const compileForm = (document: AnyObject, source: Source, at: Pointer): Form => {
  const vocabulary = new Vocabulary()
  vocabulary.add(factOf(madeFact))
  const { query, headers } = parametersOf(vocabulary, document, source.parameters, at)
  const body = bodyOf(vocabulary, document, source.requestBody, at)
  const { statuses, answers } = answersOf(vocabulary, document, source.responses, at)
  return {
    size: vocabulary.size,
    textOf: (fact) => vocabulary.textOf(fact),
    asked: (request, marks) => {
      if (query.size > 0) lookAtQuery(query, request.query, marks)
      for (const { name, probe, read } of headers) probe.look(read(request.header(name)), marks)
      body?.look(request.json, marks)
    },
    answered: (status, marks) => {
      marks.mark(MADE)
      const fact = statuses.get(status)
      if (fact !== undefined) marks.mark(fact)
    },
    got: (status, value, marks) => answers.get(status)?.look(value, marks),
    leaves: (status, fields) => leavesOf(answers.get(status), fields),
  }
}

interface OneParameter {
  readonly name: string
  readonly probe: Probe
  readonly read: (text: string | undefined) => unknown
}

/** The value that the schema speaks of; whether it is one was asked before. */
const readerOf = (document: AnyObject, schema: unknown, at: Pointer): OneParameter['read'] => {
  const { type } = followed(document, schema, at)
  return type === 'integer'
    ? (text) => (text === undefined ? undefined : Number(text))
    : (text) => text
}

const parametersOf = (
  vocabulary: Vocabulary,
  document: AnyObject,
  values: readonly unknown[],
  at: Pointer,
) => {
  const all = values.map((value) => memberAt(Parameter, followed(document, value, at), at))
  const compile = ({ name, in: place, schema }: z.output<typeof Parameter>): OneParameter => ({
    name: place === 'header' ? name.toLowerCase() : name,
    probe: compileProbe(vocabulary, document, schema, {
      place,
      path: `#/${name}`,
      depth: 0,
      asked: true,
    }),
    read: readerOf(document, schema, at),
  })
  const inQuery = all.filter((one) => one.in === 'query').map(compile)
  const headers = all.filter((one) => one.in === 'header').map(compile)
  return { query: new Map(inQuery.map((one) => [one.name, one])), headers }
}

const lookAtQuery = (
  declared: ReadonlyMap<string, OneParameter>,
  query: string,
  marks: Marks,
): void => {
  const given = new Map<string, string>()
  for (const pair of query === '' ? [] : query.split('&')) {
    const equals = pair.indexOf('=')
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals))
    const value = decoded(equals < 0 ? '' : pair.slice(equals + 1))
    if (name !== undefined && value !== undefined) given.set(name, value)
  }
  for (const { name, probe, read } of declared.values()) probe.look(read(given.get(name)), marks)
}

const root = { path: '#', depth: 0 }

const schemaOf = (document: AnyObject, holder: unknown, at: Pointer): unknown => {
  const { content } = followed(document, holder, at)
  if (content === undefined) return undefined
  const json = objectAt(content, at)['application/json']
  return json === undefined ? undefined : objectAt(json, at)['schema']
}

const bodyOf = (
  vocabulary: Vocabulary,
  document: AnyObject,
  value: unknown,
  at: Pointer,
): Probe | null => {
  if (value === undefined) return null
  const schema = schemaOf(document, value, below(at, 'requestBody'))
  return schema === undefined
    ? null
    : compileProbe(vocabulary, document, schema, { ...root, place: 'body', asked: true })
}

const answersOf = (vocabulary: Vocabulary, document: AnyObject, value: unknown, at: Pointer) => {
  const statuses = new Map<number, number>()
  const answers = new Map<number, Probe>()
  for (const [word, holder] of Object.entries(objectAt(value ?? {}, at))) {
    if (!/^[2-5]\d\d$/.test(word)) continue
    const status = Number(word)
    statuses.set(status, vocabulary.add({ place: word, path: '#', kind: 'received' }))
    const schema = status < 400 ? schemaOf(document, holder, below(at, 'responses', word)) : null
    if (schema)
      answers.set(
        status,
        compileProbe(vocabulary, document, schema, { ...root, place: word, asked: false }),
      )
  }
  return { statuses, answers }
}

const leavesOf = (probe: Probe | undefined, fields: readonly Field[]): Int32Array =>
  Int32Array.from(fields, ({ pointer }) => {
    const steps = pointer.split('/').slice(1)
    const found = steps.reduce<Probe | null | undefined>((at, step) => {
      if (step === '*' && at?.items) return at.items
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
      return at?.members.find(([known]) => known === name)?.[1]
    }, probe)
    return found?.sent ?? -1
  })
