/** What was heard of each operation, held against its document. */
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { misfit, operations, resolved, Schema } from '#bank/documents.ts'
import { whyUnheard } from './unheard.ts'

export type Operation = (typeof operations)[number]
/** The six domains. What only arranges the sandbox has a document too, and no production to be walked in. */
export const walked = operations.filter(({ product }) => product !== 'sandbox')
export const idOf = ({ operation }: Operation): string => operation.operationId

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Empty where it is a file, or nothing. */
  readonly json: Record<string, unknown>
}

const codeOf = ({ code }: Record<string, unknown>): string => (typeof code === 'string' ? code : '')

const problemType = 'application/problem+json'
const Problem = z.looseObject({ code: z.string(), status: z.number() })
const Shown = z.looseObject({ value: z.looseObject({ code: z.string().optional() }) })

/** The documented answer of a status: what it may hold, by media type. */
const declared = ({ raw, operation }: Operation, status: number) => {
  const response = operation.responses[String(status)]
  return response === undefined ? undefined : Schema.parse(resolved(raw, response)['content'] ?? {})
}

/** The codes of the problems that are shown for a status. */
export const codesShown = (operation: Operation, status: number): string[] => {
  const media = Schema.parse(declared(operation, status)?.[problemType] ?? {})
  const examples = Object.values(Schema.parse(media['examples'] ?? {}))
  return examples.flatMap((one) => Shown.parse(resolved(operation.raw, one)).value.code ?? [])
}

/** What an answer is that its document does not say; undefined where it says it. */
export const untold = (operation: Operation, answer: Answer): string | undefined => {
  const { status, json } = answer
  const content = declared(operation, status)
  if (!content) return `${status} ${codeOf(json)} is not documented`
  const type = answer.contentType.split(';')[0] ?? ''
  if (Object.keys(content).length === 0) return undefined
  const media = Schema.parse(content[type] ?? { missing: true })
  if (media['missing']) return `${status} came as ${type || 'nothing'}`
  if (!type.endsWith('json')) return undefined
  const wrong = misfit(operation.product, media['schema'], json)
  if (wrong !== undefined) return `${status} ${wrong}`
  if (status < 400) return undefined
  const problem = Problem.parse(json)
  if (problem.status !== status)
    return `${problem.code} says ${problem.status}, and came as ${status}`
  if (!codesShown(operation, status).includes(problem.code))
    return `${status} ${problem.code} has no example`
  const timely = answer.headers['retry-after'] !== undefined
  return (status === 429 || status === 503) && !timely
    ? `${status} ${problem.code} does not say when to come back`
    : undefined
}

/** A promise, and what became of it. */
export interface Row {
  readonly cell: Cell
  readonly operation: string
  readonly status: string
  /** The codes that came, none for what is no refusal; undefined where the status was never heard. */
  readonly heard: readonly string[] | undefined
  /** Why it could not be heard. */
  readonly why: string | undefined
}

/** Every status that the documents promise, by operation and cell, and whether it was heard. */
export const openCoverage = () => {
  const seen = new Map<string, Set<string>>()
  const findings = new Set<string>()
  const keyOf = (cell: Cell, operation: Operation, status: number | string) =>
    `${cell} ${idOf(operation)} ${status}`
  const documented = (cells: readonly Cell[]) =>
    cells.flatMap((cell) =>
      walked.flatMap((operation) =>
        Object.keys(operation.operation.responses).map((status) => ({
          cell,
          operation,
          status,
          key: keyOf(cell, operation, status),
        })),
      ),
    )
  return {
    findings,
    /** Takes an answer note of, and says whether this status of the operation was new. */
    hear: (cell: Cell, operation: Operation, answer: Answer): boolean => {
      const key = keyOf(cell, operation, answer.status)
      const codes = seen.get(key)
      seen.set(key, (codes ?? new Set()).add(codeOf(answer.json)))
      const wrong = untold(operation, answer)
      if (wrong !== undefined) findings.add(`${idOf(operation)} in ${cell}: ${wrong}`)
      return codes === undefined
    },
    heard: (cell: Cell, operation: Operation, status: number | string) =>
      seen.has(keyOf(cell, operation, status)),
    /** Every operation and status that is promised, with what was heard of it, or why nothing was. */
    table: (cells: readonly Cell[]): Row[] =>
      documented(cells).map(({ cell, operation, status, key }) => {
        const codes = seen.get(key)
        return {
          cell,
          operation: idOf(operation),
          status,
          heard: codes === undefined ? undefined : [...codes].filter((code) => code !== ''),
          why: codes === undefined ? whyUnheard(cell, idOf(operation), status) : undefined,
        }
      }),
  }
}
export type Coverage = ReturnType<typeof openCoverage>
