/**
 * Levels by which a publication is judged. oasdiff asks whether a tolerant client goes on working; a bank's partner also
 * holds tokens, decodes strictly and generates its client. The table only raises, and what it raises may be excused.
 */
import { catalogue, type Level, ours } from './finding.ts'

/** What makes a raised finding as harmless as the catalogue says. */
export type Excuse = 'notice-has-passed' | 'nobody-uses-it' | 'declared-extensible'

export interface Raised {
  readonly level: Level
  readonly unless?: Excuse
}

const each = (raised: Raised, ids: readonly string[]) => ids.map((id) => [id, raised] as const)

export const raisedLevels: ReadonlyMap<string, Raised> = new Map([
  // Tokens that sufficed no longer do.
  ...each({ level: 'ERR' }, [
    'api-security-added',
    'api-security-scope-added',
    'api-global-security-added',
    'api-global-security-scope-added',
    'api-security-component-type-changed',
    'api-security-component-oauth-url-changed',
    'api-security-component-oauth-token-url-changed',
    'api-security-component-oauth-scope-removed',
  ]),
  // To have been deprecated is no promise about a day.
  ...each({ level: 'ERR', unless: 'notice-has-passed' }, [
    'api-removed-with-deprecation',
    'api-path-removed-with-deprecation',
    'request-parameter-removed-with-deprecation',
  ]),
  // Unknown input is refused here, so who still sends it is refused.
  ...each({ level: 'ERR' }, ['request-property-removed', 'request-parameter-removed']),
  ...each({ level: 'ERR', unless: 'nobody-uses-it' }, [
    'response-optional-property-removed',
    'optional-response-header-removed',
  ]),
  // Strict decoders fail at a value that they do not know.
  ...each({ level: 'ERR', unless: 'declared-extensible' }, ['response-property-enum-value-added']),
  // The same request has another effect.
  ...each(
    { level: 'ERR' },
    ['body', 'property'].flatMap((place) =>
      ['added', 'removed', 'changed'].map((what) => `request-${place}-default-value-${what}`),
    ),
  ),
  // Methods of generated clients are called so.
  ...each({ level: 'ERR' }, ['api-operation-id-removed']),
  // Handling of errors and generated types may stand on it.
  ...each({ level: 'WARN' }, [
    'response-non-success-status-removed',
    ...['request-body', 'request-property', 'response-body', 'response-property'].flatMap((place) =>
      ['removed', 'property-name-changed', 'mapping-deleted', 'mapping-changed'].map(
        (what) => `${place}-discriminator-${what}`,
      ),
    ),
  ]),
])

/** The level by which a publication is judged, with the excuses that its case has. */
export const publicationLevel = (
  id: string,
  excuses: readonly Excuse[] = [],
): Level | undefined => {
  const raised = raisedLevels.get(id)
  return raised && !(raised.unless && excuses.includes(raised.unless))
    ? raised.level
    : (catalogue.get(id) ?? ours.get(id))?.level
}

/** The table as oasdiff reads it (`--severity-levels`), so that an outside judge applies the same. */
export const severityLevels = (): string =>
  [...raisedLevels].map(([id, { level }]) => `${id} ${level.toLowerCase()}\n`).join('')
