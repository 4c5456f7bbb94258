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
 * Rules that oasdiff has not, for changes that break somebody all the same: it bounds the items of parameters alone. They
 * are said where a publication is judged, and not where an answer is compared with oasdiff's.
 */
export const ours: ReadonlyMap<string, Rule> = new Map(
  ['body', 'property'].flatMap((place) =>
    (
      [
        ['request', 'decreased', 'ERR'],
        ['request', 'set', 'WARN'],
        ['response', 'increased', 'ERR'],
        ['response', 'unset', 'ERR'],
      ] as const
    ).map(([direction, change, level]) => {
      const id = `${direction}-${place}-max-items-${change}`
      const message = `maxItems of a ${direction}'s ${place} was ${change}`
      return [id, { id, level, direction, area: 'Schema', message }] as const
    }),
  ),
)

/**
 * Rules that are never said, and why. Who compares this answer with that of the released oasdiff 1.15.0 should find the
 * same; yet whatever breaks or may break somebody is said, also by rules that are newer than that release.
 */
export const unsaid: ReadonlyMap<string, string> = new Map(
  [
    {
      why: 'harmless, and newer than oasdiff 1.15.0',
      ids: [
        'api-stability-increased',
        'request-body-media-type-schema-removed',
        'request-parameter-became-nullable',
        'request-parameter-property-became-nullable',
        'request-parameter-property-enum-value-added',
        'request-property-stability-increased',
        'response-body-became-not-nullable',
        'response-body-media-type-schema-added',
        'response-header-added',
        'response-header-became-not-nullable',
        'response-header-type-specialized',
        'response-header-type-compatible',
        'response-property-became-not-nullable',
        'response-property-stability-increased',
      ],
    },
    {
      why: 'newer than oasdiff 1.15.0, which says the same change as `…-type-changed` or not at all',
      ids: ['body', 'property'].flatMap((place) => [
        `request-${place}-type-compatible`,
        `response-${place}-type-compatible`,
        `response-${place}-type-generalized`,
        `response-${place}-type-specialized`,
      ]),
    },
    {
      why: 'newer than oasdiff 1.15.0, which says the same change as `…-all-of-added` or `…-removed`',
      ids: ['request-body', 'request-property', 'response-body', 'response-property'].flatMap(
        (place) => [
          `${place}-all-of-added-annotation-only`,
          `${place}-all-of-removed-annotation-only`,
        ],
      ),
    },
    {
      why: 'newer than oasdiff 1.15.0, which says the same change as `…-one-of-added` and `…-type-changed`',
      ids: ['request-body-wrapped-in-one-of', 'response-body-wrapped-in-one-of'],
    },
    {
      why: 'an absent `minItems` is 0: such a change is said as `…-increased` or `…-decreased`',
      ids: [
        'request-body-min-items-set',
        'request-parameter-min-items-set',
        'request-property-min-items-set',
        'response-body-min-items-unset',
        'response-property-min-items-unset',
      ],
    },
    {
      why: 'what is deprecated may be so without a sunset; the publication demands one, by the notice of each contract',
      ids: [
        'api-deprecated-sunset-missing',
        'request-parameter-deprecated-sunset-missing',
        'request-property-deprecated-sunset-missing',
        'response-property-deprecated-sunset-missing',
      ],
    },
    {
      why: 'versions are days here, and not numbers with parts',
      ids: ['api-version-not-bumped', 'api-version-decreased', 'api-major-version-not-bumped'],
    },
  ].flatMap(({ why, ids }) => ids.map((id) => [id, why] as const)),
)

/** Says a finding. A change for which there is no rule is none: neither side of the API can notice it. */
export type Say = (id: string, text: string) => void

export const collector = (withOurs: boolean) => {
  const findings: Finding[] = []
  const sayAt =
    (path: string | null, operation: string | null): Say =>
    (id, text) => {
      const rule = catalogue.get(id) ?? (withOurs ? ours.get(id) : undefined)
      if (rule && !unsaid.has(id)) findings.push({ id, level: rule.level, path, operation, text })
    }
  return { findings, sayAt }
}
