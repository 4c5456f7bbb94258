/** What was heard of each operation, held against its document. */
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { misfit, operations, resolved, Schema } from '#bank/documents.ts'

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
  return codesShown(operation, status).includes(problem.code)
    ? undefined
    : `${status} ${problem.code} has no example`
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
    /** Promised, and not heard. */
    missing: (cells: readonly Cell[]) => documented(cells).filter(({ key }) => !seen.has(key)),
    /** Of each status: how often it is promised, and of how many operations it was heard. */
    table: (cells: readonly Cell[]) => {
      const rows = new Map<string, { documented: number; seen: number }>()
      for (const { status, key } of documented(cells)) {
        const row = rows.get(status) ?? { documented: 0, seen: 0 }
        rows.set(status, {
          documented: row.documented + 1,
          seen: row.seen + (seen.has(key) ? 1 : 0),
        })
      }
      return [...rows].toSorted(([a], [b]) => a.localeCompare(b))
    },
    /** The codes that were heard of an operation, with their statuses. */
    codesOf: (cell: Cell, operation: Operation): string[] =>
      [...seen].flatMap(([key, codes]) =>
        key.startsWith(keyOf(cell, operation, ''))
          ? [...codes].map((code) => `${key.slice(keyOf(cell, operation, '').length)} ${code}`)
          : [],
      ),
  }
}
export type Coverage = ReturnType<typeof openCoverage>
