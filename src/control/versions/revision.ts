/**
 * Whether a product's next document may be published. Callers of every version that is alive must find what they were
 * promised: what the document, brought back to their version by its own changes, says is compared with what was published
 * to them. What breaks somebody all the same needs to have been announced, and its day to have come.
 */
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { type Change, changesOf, ChangeUnfit, documentAt } from '#kernel/changes/index.ts'
import { type FieldError, problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import { isBeta } from './beta.ts'
import { compareCommercially } from './commercial.ts'
import {
  compareDocuments,
  type Excuse,
  type Finding,
  openDocument,
  publicationLevel,
} from './diff/index.ts'

export const revisionBreaks = problem(
  'versions/revision-breaks',
  422,
  'The document breaks callers who were promised otherwise',
)

export interface Published {
  /** The day of the version. */
  readonly version: string
  readonly document: Readonly<Record<string, unknown>>
  /** When it was promised; absent: before everything that was announced. */
  readonly publishedAt?: Temporal.Instant
}

/** A finding, and for callers of which version it is one. */
export interface Judged extends Finding {
  readonly callersOf: string
  /** Announced, and its day has come. */
  readonly due: boolean
}

export interface Verdict {
  readonly findings: readonly Judged[]
  /** Why it cannot be published; empty: it can. */
  readonly faults: readonly FieldError[]
}

export interface Proposed {
  readonly version: string
  readonly document: Readonly<Record<string, unknown>>
}

export interface Terms {
  readonly today: Temporal.PlainDate
  /** What was announced and takes effect by today, as `keyOf` writes it, and when that was carried out; null: not yet. */
  readonly due?: ReadonlyMap<string, Temporal.Instant | null>
  /** Days on which other products have a version in trial. */
  readonly trials?: readonly string[]
  /** Days in trial that applications asked for: they may change with the notice of a trial, and not without. */
  readonly joined?: ReadonlySet<string>
}

/**
 * What an announcement is about: `rule METHOD /path` and the finding's own words, which name the field and its values. Who
 * was told of one field was told of no other of the same operation.
 */
export const keyOf = (one: Pick<Finding, 'id' | 'path' | 'operation' | 'text'>): string =>
  [one.id, one.operation ?? '', one.path ?? '', one.text].join(' ')

/** Who asked for a trial is told ninety days ahead; so that this excuses nothing for callers of what is stable, it says so. */
const ofTrial = (day: string) => ` in the beta of ${day}`
const trialWords = / in the beta of (\d{4}-\d{2}-\d{2})$/

/** Of which trial a finding is, and its own words; undefined: of what is stable. */
export const trialIn = (text: string): { day: string; text: string } | undefined => {
  const [words, day] = trialWords.exec(text) ?? []
  return day === undefined ? undefined : { day, text: text.slice(0, -(words?.length ?? 0)) }
}

/**
 * `published` are the days that callers may still speak, oldest first, each with what they were promised (`promisesOn`).
 * Of one in trial something was promised to those who asked for it, and to nobody else.
 */
export const judgeRevision = (
  published: readonly Published[],
  proposed: Proposed,
  { today, due = new Map(), trials = [], joined = new Set() }: Terms,
): Verdict => {
  const alive = published.filter(({ document }) => !isBeta(document))
  const newest = alive.at(-1)
  const beta = published.find(({ document }) => isBeta(document))
  const trial = trialFault(published, newest, proposed, trials)
  if (trial) return { findings: [], faults: [trial] }
  const inTrial = beta && joined.has(beta.version) ? [beta] : []
  if (!newest) {
    const chain = chainFaults([], proposed)
    return chain.length > 0
      ? { findings: [], faults: chain }
      : judged(inTrial, proposed, { today, due })
  }
  const own = dayOf(newest)
  if (proposed.version < own)
    return {
      findings: [],
      faults: [fault('/info/version', 'older', `${own} is published already`)],
    }
  const faults = chainFaults(alive, proposed)
  if (faults.length > 0) return { findings: [], faults }
  return judged([...alive, ...inTrial], proposed, { today, due })
}

const judged = (
  promised: readonly Published[],
  proposed: Proposed,
  { today, due = new Map() }: Terms,
): Verdict => {
  const newest = promised.findLast(({ document }) => !isBeta(document))
  try {
    const findings = promised
      .flatMap(({ version, document }) =>
        isBeta(document)
          ? differencesOfTrial({ version, document }, proposed, today)
          : differences(version, document, proposed, today),
      )
      .concat(newest ? commercialOf(newest, proposed) : [])
      .map((one) => ({ ...one, due: isExcused(one, promised, due) }))
    return { findings, faults: findings.filter(breaks).map(faultOf) }
  } catch (error) {
    if (!(error instanceof ChangeUnfit)) throw error
    return { findings: [], faults: [fault('/x-changes', 'unfit', error.message)] }
  }
}

/** What was published in trial, beside what is proposed in its place. */
const differencesOfTrial = (trial: Published, proposed: Proposed, today: Temporal.PlainDate) =>
  [
    ...differences(trial.version, trial.document, { ...proposed, version: trial.version }, today),
    ...commercialOf(trial, proposed),
  ].map((one) => ({ ...one, text: one.text + ofTrial(trial.version) }))

/** The day of the product's own document, which callers of later days are served by as well. */
const dayOf = ({ version, document }: Published): string => {
  const { info } = Dated.safeParse(document).data ?? {}
  return info?.version ?? version
}
const Dated = z.object({ info: z.object({ version: z.string() }) })

/** One announcement excuses one break: what was promised after it had been carried out is another promise. */
const isExcused = (
  one: Finding & Pick<Judged, 'callersOf'>,
  alive: readonly Published[],
  due: NonNullable<Terms['due']>,
): boolean => {
  const carriedOutAt = due.get(keyOf(one))
  if (carriedOutAt === undefined || carriedOutAt === null) return carriedOutAt === null
  const promisedAt = alive.find(({ version }) => version === one.callersOf)?.publishedAt
  return promisedAt === undefined || !isBefore(carriedOutAt, promisedAt)
}

/** A version in trial keeps its day until it is stable, and what is stable stays so. */
const trialFault = (
  published: readonly Published[],
  stable: Published | undefined,
  proposed: Proposed,
  trials: readonly string[],
): FieldError | undefined => {
  const elsewhere = trials.find((day) => !isBeta(proposed.document) && proposed.version >= day)
  // Whoever speaks the newest day would be served by what another product only tries.
  if (elsewhere !== undefined)
    return fault(
      '/info/version',
      'beta-open',
      `${elsewhere} is a beta of another product; publish on a day before it, or end that first`,
    )
  const beta = published.find(({ document }) => isBeta(document))
  if (beta && beta.version !== proposed.version)
    return fault('/info/version', 'beta-open', `${beta.version} is a beta; end that first`)
  if (stable && isBeta(proposed.document) && proposed.version <= stable.version)
    return fault('/x-stage', 'stable', `${stable.version} is stable, and stays so`)
  return undefined
}

const breaks = ({ level, due }: Judged) => level === 'ERR' && !due

const noExcuse: readonly Excuse[] = []

/** Fields that only appear are no difference to callers who follow what they were told. */
const differences = (
  version: string,
  promised: Published['document'],
  proposed: Proposed,
  today: Temporal.PlainDate,
) => {
  const served =
    version < proposed.version ? documentAt(proposed.document, version) : proposed.document
  return compareDocuments(openDocument(promised), openDocument(served), {
    today,
    payloads: 'received',
    ours: true,
  }).map((one) => ({
    ...one,
    level: publicationLevel(one.id, noExcuse) ?? one.level,
    callersOf: version,
  }))
}

/** Terms do not depend on the version that is spoken, so they are compared once. */
const commercialOf = (newest: Published, proposed: Proposed) =>
  compareCommercially(openDocument(newest.document), openDocument(proposed.document)).map(
    (one) => ({ ...one, callersOf: newest.version }),
  )

const fault = (pointer: string, code: string, detail: string): FieldError => ({
  pointer,
  code,
  detail,
})

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

const faultOf = ({ id, path, operation, text, callersOf }: Judged): FieldError =>
  fault(
    path === null
      ? ''
      : `/paths/${escaped(path)}${operation === null ? '' : `/${operation.toLowerCase()}`}`,
    id,
    `${text}; callers of ${callersOf} were promised otherwise`,
  )

/** A change that was published stays as it is, and a new one is of the new version. */
const chainFaults = (alive: readonly Published[], proposed: Proposed): FieldError[] => {
  const newest = alive.at(-1)
  const oldest = alive[0]
  let changes: readonly Change[]
  let before: readonly Change[]
  try {
    changes = changesOf(proposed.document)
    before = newest ? changesOf(newest.document) : []
  } catch (cause) {
    return [fault('/x-changes', 'unreadable', cause instanceof Error ? cause.message : 'unread')]
  }
  const known = new Map(before.map((one) => [one.id, one]))
  const faults: FieldError[] = []
  for (const change of changes) {
    const published = known.get(change.id)
    if (published && canonical(published) !== canonical(change))
      faults.push(fault('/x-changes', 'rewritten', `${change.id} is published and stays as it is`))
    if (!published && newest && change.since <= newest.version)
      faults.push(
        fault('/x-changes', 'backdated', `${change.id} is new, so it is since ${proposed.version}`),
      )
    if (change.since > proposed.version)
      faults.push(fault('/x-changes', 'ahead', `${change.id} is since a later version`))
  }
  if (new Set(changes.map(({ id }) => id)).size !== changes.length)
    faults.push(fault('/x-changes', 'duplicate', 'two changes have one name'))
  const names = new Set(changes.map(({ id }) => id))
  for (const { id, since } of before)
    if (oldest && since > oldest.version && !names.has(id))
      faults.push(
        fault('/x-changes', 'missing', `${id} is gone, and callers of ${oldest.version} need it`),
      )
  return faults
}

/** Throws `versions/revision-breaks` with a place for everything that somebody was promised otherwise. */
export const checkRevision = (
  alive: readonly Published[],
  proposed: Proposed,
  terms: Terms,
): readonly Judged[] => {
  const { faults, findings } = judgeRevision(alive, proposed, terms)
  if (faults.length > 0)
    throw revisionBreaks(`${faults.length} place(s) break a promise`, {
      errors: faults.slice(0, 50),
      hint: 'Say in x-changes how older versions are served, or announce the change and wait for its day.',
    })
  return findings
}
