/** What a comparison says: which rule, how bad, where, and in words. */
import rows from './oasdiff/catalogue.json' with { type: 'json' }

export type Level = 'ERR' | 'WARN' | 'INFO'

export interface Finding {
  readonly id: string
  readonly level: Level
  /** Null where the change belongs to no operation. */
  readonly path: string | null
  readonly operation: string | null
  readonly text: string
}

export interface Rule {
  readonly id: string
  readonly level: Level
  readonly direction: string
  readonly area: string
  readonly message: string
}

const isLevel = (word: string): word is Level =>
  word === 'ERR' || word === 'WARN' || word === 'INFO'

/** Every rule of the catalogue, by id. */
export const catalogue: ReadonlyMap<string, Rule> = new Map(
  rows.flatMap(({ id, level, direction, area, message }) =>
    isLevel(level) ? [[id, { id, level, direction, area, message }] as const] : [],
  ),
)

/**
 * Harmless changes that only rules newer than the released oasdiff 1.15.0 name. Who compares its answer with ours should
 * find the same; whatever breaks or may break somebody is said by every rule that there is.
 */
const silent = new Set([
  'request-parameter-became-nullable',
  'request-parameter-property-became-nullable',
  'request-parameter-property-enum-value-added',
  'request-body-media-type-schema-removed',
  'request-property-stability-increased',
  'response-body-became-not-nullable',
  'response-body-media-type-schema-added',
  'response-header-added',
  'response-property-became-not-nullable',
  'response-property-stability-increased',
])

/** Says a finding. A change for which the catalogue has no rule is none: neither side of the API can notice it. */
export type Say = (id: string, text: string) => void

export const collector = () => {
  const findings: Finding[] = []
  const sayAt =
    (path: string | null, operation: string | null): Say =>
    (id, text) => {
      const rule = catalogue.get(id)
      if (rule && !silent.has(id)) findings.push({ id, level: rule.level, path, operation, text })
    }
  return { findings, sayAt }
}
