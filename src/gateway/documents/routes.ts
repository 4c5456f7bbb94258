/** The routes of all products as one tree of segments: a canonical path names at most one operation template. */
import { decoded } from './check.ts'
import type { Operation } from './operation.ts'
import { documentRefused } from './schema.ts'

interface Place {
  readonly literals: Map<string, Place>
  parameter: Place | undefined
  /** By method. */
  readonly operations: Map<string, Operation>
}

export interface Route {
  readonly operations: ReadonlyMap<string, Operation>
  /** Decoded parameter segments, in the order of the template. */
  readonly values: readonly string[]
}

export interface Routes {
  find(path: string): Route | undefined
}

const place = (): Place => ({ literals: new Map(), parameter: undefined, operations: new Map() })

const isParameter = (segment: string) => segment.startsWith('{')

export const compileRoutes = (operations: readonly Operation[]): Routes => {
  const root = place()
  for (const operation of operations) {
    let at = root
    for (const segment of operation.template.slice(1).split('/')) {
      if (isParameter(segment)) at = at.parameter ??= place()
      else {
        const next = at.literals.get(segment) ?? place()
        at.literals.set(segment, next)
        at = next
      }
    }
    if (at.operations.has(operation.method))
      throw documentRefused(`${operation.method} ${operation.template} is offered twice`)
    at.operations.set(operation.method, operation)
  }
  return {
    find: (path) => {
      const values: string[] = []
      let at: Place | undefined = root
      let from = 1
      while (at !== undefined && from <= path.length) {
        const slash = path.indexOf('/', from)
        const to = slash < 0 ? path.length : slash
        const segment = path.slice(from, to)
        const literal = at.literals.get(segment)
        if (literal) at = literal
        else {
          const value = decoded(segment)
          at = value === undefined ? undefined : at.parameter
          if (value !== undefined) values.push(value)
        }
        from = to + 1
      }
      return at === undefined || at.operations.size === 0
        ? undefined
        : { operations: at.operations, values }
    },
  }
}

/** The values of a route by the names that an operation's template gives them. */
export const parametersOf = (
  operation: Operation,
  values: readonly string[],
): Record<string, string> => {
  const named: Record<string, string> = {}
  operation.parameterNames.forEach((name, i) => (named[name] = values[i] ?? ''))
  return named
}
