/** Parameters of an operation: those of its path count for it too, unless it has its own of the same name and place. */
import type { Document } from './document.ts'
import type { Say } from './finding.ts'
import { isBefore, isDeprecated, sunsetOf } from './lifecycle.ts'
import { child, list, type Node, own, quoted, text } from './node.ts'
import { rootPair } from './pair.ts'
import { schemaAt } from './schema.ts'
import { type Comparison, schemaRules } from './schema-rules.ts'

interface Parameter {
  readonly node: Node
  readonly name: string
  readonly location: string
  /** Declared for the whole path. */
  readonly shared: boolean
}

/** A path template with its parameters by position, for their names may change. */
export const parametersOf = (
  document: Document,
  { path, item, operation }: { path: string; item: Node; operation: Node },
): Map<string, Parameter> => {
  const places = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name)
  const read = (holder: Node, shared: boolean) =>
    list(holder, 'parameters').flatMap((value) => {
      const node = document.at(value)?.node
      const [name, location] = [text(node, 'name'), text(node, 'in')]
      if (!node || name === undefined || location === undefined) return []
      const place = location === 'path' ? places.indexOf(name) : -1
      const key = place < 0 ? `${location} ${name}` : `path {${place}}`
      return [[key, { node, name, location, shared }] as const]
    })
  return new Map([...read(item, true), ...read(operation, false)])
}

const said = ({ location, name }: Parameter): string => `the ${location} parameter ${quoted(name)}`

const isRequired = ({ node }: Parameter): boolean => own(node, 'required') === true

export const parameterRules = (
  [base, base2]: readonly [Document, Map<string, Parameter>],
  [revision, revision2]: readonly [Document, Map<string, Parameter>],
  { comparison, say }: { comparison: Comparison; say: Say },
): void => {
  for (const [key, parameter] of base2)
    if (!revision2.has(key)) removed(parameter, say, comparison.today)
  for (const [key, after] of revision2) {
    const before = base2.get(key)
    if (!before) {
      added(after, say)
      continue
    }
    requiredness(before, after, say)
    deprecation(before, after, say, comparison.today)
    const [left, right] = [declared(base, before), declared(revision, after)]
    if (left && right)
      schemaRules(
        rootPair(left, right, {
          side: 'request',
          what: said(after),
          mediaType: '',
          location: after.location,
        }),
        { comparison, say, demanded: isRequired(after) },
      )
  }
}

/** A parameter has a schema, or a content of one media type that has one. */
const declared = (document: Document, { node }: Parameter) => {
  const [content] = Object.keys(child(node, 'content') ?? {})
  return content === undefined
    ? schemaAt(document, own(node, 'schema'))
    : schemaAt(document, own(child(child(node, 'content'), content), 'schema'))
}

const added = (parameter: Parameter, say: Say): void => {
  const need = isRequired(parameter) ? 'required' : 'optional'
  const words = `${said(parameter)} is new and ${need}`
  if (parameter.location === 'path') {
    if (!parameter.shared) say('new-request-path-parameter', words)
  } else if (parameter.shared) say(`new-${need}-request-default-parameter-to-existing-path`, words)
  else say(`new-${need}-request-parameter`, words)
}

const removed = (parameter: Parameter, say: Say, today: Temporal.PlainDate): void => {
  const { node, location } = parameter
  // A path without it is another path, and says so.
  if (location === 'path') return
  const about = said(parameter)
  if (!isDeprecated(node)) return say('request-parameter-removed', `${about} is gone`)
  const sunset = sunsetOf(node)
  if (sunset.stated === 'nowhere')
    say('request-parameter-removed-with-deprecation', `${about} is gone; it was deprecated`)
  else if (sunset.stated === 'unreadably')
    say('request-parameter-sunset-parse', `the sunset ${sunset.words} of ${about} is no date`)
  else if (isBefore(today, sunset.day))
    say(
      'request-parameter-removed-before-sunset',
      `${about} is gone before its sunset ${sunset.day.toString()}`,
    )
}

const requiredness = (before: Parameter, after: Parameter, say: Say): void => {
  if (isRequired(before) === isRequired(after)) return
  if (isRequired(after)) say('request-parameter-became-required', `${said(after)} became required`)
  else say('request-parameter-became-optional', `${said(after)} became optional`)
}

const deprecation = (
  before: Parameter,
  after: Parameter,
  say: Say,
  today: Temporal.PlainDate,
): void => {
  const about = said(after)
  const [was, is] = [isDeprecated(before.node), isDeprecated(after.node)]
  if (was && !is) return say('request-parameter-reactivated', `${about} is no longer deprecated`)
  if (!is) return
  const sunset = sunsetOf(after.node)
  if (sunset.stated === 'unreadably')
    return say(
      'request-parameter-sunset-parse',
      `the sunset ${sunset.words} of ${about} is no date`,
    )
  if (!was) {
    if (sunset.stated === 'nowhere' || !isBefore(sunset.day, today))
      say('request-parameter-deprecated', `${about} is deprecated`)
    else
      say(
        'request-parameter-sunset-date-too-small',
        `${about} is deprecated, and its sunset ${sunset.day.toString()} has passed`,
      )
    return
  }
  const earlier = sunsetOf(before.node)
  if (earlier.stated === 'nowhere') return
  if (sunset.stated === 'nowhere')
    say('request-parameter-sunset-deleted', `the sunset of ${about} is gone`)
  else if (
    earlier.stated === 'on' &&
    isBefore(sunset.day, earlier.day) &&
    isBefore(sunset.day, today)
  )
    say(
      'request-parameter-sunset-date-changed-too-small',
      `the sunset of ${about} moved from ${earlier.day.toString()} to ${sunset.day.toString()}, which has passed`,
    )
}
