/**
 * An operation as callers of older versions know it: what they may send, and how requests and answers pass between their
 * version and the newest. Compiled with the operation; where nothing changed there is nothing, and it costs nothing.
 */
import { Problem, type FieldError } from '#kernel/problem.ts'
import {
  bringDown,
  bringUp,
  type Change,
  changesOf,
  ChangeUnfit,
  documentAt,
  lowerPointer,
  raisedQuery,
  type Rewrite,
} from '#kernel/changes/index.ts'
import type { BodyCheck, ParameterCheck } from './check.ts'
import type { Form } from '../facts/form.ts'
import { type AnyObject, documentRefused, type Pointer } from './schema.ts'

/** What a caller of an older version may send. */
export interface OlderShape {
  readonly parameters: ParameterCheck
  readonly body: BodyCheck | null
  /** What can be seen of its calls and answers. */
  readonly form: Form
}

export interface Older extends OlderShape {
  /** Callers of versions before this day know the operation so. */
  readonly before: string
  readonly raiseQuery: (query: string) => string
  /** Null: bodies are the same. */
  readonly raiseBody: Rewrite | null
  readonly lowerAnswer: Rewrite | null
  /** A refusal as callers of the older version know it. */
  readonly lowerRefusal: (refusal: Problem) => Problem
}

/** Compiles one operation of an older document. */
export type CompileShape = (document: AnyObject, operationId: string) => OlderShape

/** All older forms of an operation, the oldest first. */
export type OlderForms = ReadonlyMap<string, readonly Older[]>

/** Forms of all operations of a document that changed, by operation. */
export const compileOlder = (
  document: AnyObject,
  compile: CompileShape,
  at: Pointer,
): OlderForms => {
  const changes = changesIn(document, at)
  const forms = new Map<string, Older[]>()
  for (const before of new Set(changes.map(({ since }) => since))) {
    const known = changes.filter(({ since }) => since >= before)
    const older = documentBefore(document, changes, before, at)
    for (const id of new Set(known.flatMap((change) => Object.keys(change.operations)))) {
      const own = forms.get(id) ?? []
      own.push({ before, ...compile(older, id), ...passage(known, id) })
      forms.set(id, own)
    }
  }
  return forms
}

/** The form that a caller of a version knows; undefined: the newest. */
export const formOf = (forms: readonly Older[], version: string): Older | undefined =>
  forms.find(({ before }) => version < before)

const changesIn = (document: AnyObject, at: Pointer): readonly Change[] => {
  try {
    return changesOf(document)
  } catch (cause) {
    throw documentRefused(`${at}: a change is not understood`, { cause })
  }
}

/** Any day between the version that brought the change and the one before it names the same document. */
const documentBefore = (
  document: AnyObject,
  changes: readonly Change[],
  before: string,
  at: Pointer,
): AnyObject => {
  const version = changes.findLast(({ since }) => since < before)?.since ?? '0000-00-00'
  try {
    return documentAt(document, version)
  } catch (cause) {
    if (cause instanceof ChangeUnfit) throw documentRefused(`${at}: ${cause.message}`, { cause })
    throw cause
  }
}

const passage = (
  changes: readonly Change[],
  id: string,
): Omit<Older, keyof OlderShape | 'before'> => {
  const own = changes.flatMap((change) => change.operations[id] ?? [])
  const parameters = own.flatMap((one) => one.parameters)
  const request = own.flatMap((one) => one.request)
  const answer = own.flatMap((one) => one.answer)
  const refusals = own.flatMap((one) => one.refusals)
  const lower = lowerPointer(request, parameters)
  const lowered = (error: FieldError) => ({ ...error, pointer: lower(error.pointer) })
  return {
    raiseQuery: parameters.length === 0 ? (query) => query : raisedQuery(parameters),
    raiseBody: request.length === 0 ? null : bringUp(request),
    lowerAnswer: answer.length === 0 ? null : bringDown(answer),
    lowerRefusal: (refusal) => {
      const { code, status } = refusals.reduceRight(
        (known, step) => (step.code === known.code ? step.older : known),
        { code: refusal.code, status: refusal.status },
      )
      const { errors } = refusal.particulars
      return new Problem({ code, status, title: refusal.title }, refusal.detail, {
        ...refusal.particulars,
        ...(errors && { errors: errors.map(lowered) }),
      })
    },
  }
}
