/** Operations: which there are, what was promised of them, and all that they take and give. */
import { eventRules, requestRules, responseRules } from './bodies.ts'
import { type Document, parts } from './document.ts'
import type { Say } from './finding.ts'
import {
  isBefore,
  isDeprecated,
  isUnpromised,
  stabilityMove,
  stabilityOf,
  sunsetOf,
} from './lifecycle.ts'
import { type Node, node, onlyIn, own, quoted, text, words } from './node.ts'
import { parameterRules, parametersOf } from './parameters.ts'
import type { Comparison } from './schema-rules.ts'
import { operationSecurityRules } from './security.ts'

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

interface Operation {
  readonly path: string
  readonly item: Node
  readonly operation: Node
}

interface Path {
  readonly path: string
  readonly operations: Map<string, Operation>
}

/** Path templates are the same when they differ only in the names of parameters (OpenAPI 3.1 §4.8.8.2). */
const pathsOf = (document: Document, keyword: 'paths' | 'webhooks'): Map<string, Path> =>
  new Map(
    [...parts(document, document.root, keyword)].map(([path, { node: item }]) => [
      keyword === 'paths' ? path.replace(/\{[^}]*\}/g, '{}') : path,
      {
        path: keyword === 'paths' ? path : `webhook:${path}`,
        operations: new Map(
          methods.flatMap((method) => {
            const operation = node(own(item, method))
            return operation ? [[method, { path, item, operation }] as const] : []
          }),
        ),
      },
    ]),
  )

interface Documents {
  readonly base: Document
  readonly revision: Document
}

interface Telling {
  readonly comparison: Comparison
  readonly sayAt: (path: string | null, operation: string | null) => Say
}

export const pathRules = ({ base, revision }: Documents, { comparison, sayAt }: Telling): void => {
  const [before, after] = [pathsOf(base, 'paths'), pathsOf(revision, 'paths')]
  for (const [template, { path, operations }] of before) {
    const other = after.get(template)
    if (other) {
      operationRules(
        { base, revision },
        { path, before: operations, after: other.operations },
        { comparison, sayAt },
      )
      continue
    }
    for (const [method, { operation }] of operations)
      removal(operation, 'api-path-removed', sayAt(path, method.toUpperCase()), comparison.today)
  }
  for (const [template, { path, operations }] of after)
    if (!before.has(template))
      for (const method of operations.keys())
        sayAt(path, method.toUpperCase())('endpoint-added', 'the operation is new')
}

export const webhookRules = ({ base, revision }: Documents, telling: Telling): void => {
  const [before, after] = [pathsOf(base, 'webhooks'), pathsOf(revision, 'webhooks')]
  const say = telling.sayAt(null, null)
  for (const name of onlyIn([...before.keys()], [...after.keys()]))
    say('webhook-added', `the webhook ${quoted(name)} is new`)
  for (const [name, { path, operations }] of before) {
    const other = after.get(name)
    if (other)
      operationRules(
        { base, revision },
        { path, before: operations, after: other.operations },
        telling,
      )
    else say('webhook-removed', `the webhook ${quoted(name)} is gone`)
  }
}

const operationRules = (
  documents: Documents,
  {
    path,
    before,
    after,
  }: { path: string; before: Map<string, Operation>; after: Map<string, Operation> },
  { comparison, sayAt }: Telling,
): void => {
  for (const [method, was] of before) {
    const say = sayAt(path, method.toUpperCase())
    const is = after.get(method)
    if (is) changed(documents, { was, is }, { comparison, say })
    else removal(was.operation, 'api-removed', say, comparison.today)
  }
  for (const method of onlyIn([...before.keys()], [...after.keys()]))
    sayAt(path, method.toUpperCase())('endpoint-added', 'the operation is new')
}

/** What was announced may go when its day has come; what was never promised may go at any time. */
const removal = (operation: Node, id: string, say: Say, today: Temporal.PlainDate): void => {
  const stability = stabilityOf(operation)
  if (stability.is === 'unknown')
    return say('api-invalid-stability-level', `${stability.words} is no stability level`)
  if (isUnpromised(operation)) return
  if (!isDeprecated(operation))
    return say(`${id}-without-deprecation`, 'the operation is gone without having been deprecated')
  const sunset = sunsetOf(operation)
  if (sunset.stated === 'nowhere')
    say(`${id}-with-deprecation`, 'the operation is gone; it was deprecated')
  else if (sunset.stated === 'unreadably')
    say('api-path-sunset-parse', `the sunset ${sunset.words} is no date`)
  else if (isBefore(today, sunset.day))
    say(`${id}-before-sunset`, `the operation is gone before its sunset ${sunset.day.toString()}`)
}

const changed = (
  { base, revision }: Documents,
  { was, is }: { was: Operation; is: Operation },
  { comparison, say }: { comparison: Comparison; say: Say },
): void => {
  const [before, after] = [was.operation, is.operation]
  const unknown = [before, after].map(stabilityOf).find((stability) => stability.is === 'unknown')
  const decreased = stabilityMove(before, after) === 'decreased' && !unknown
  if (isUnpromised(after) && !decreased && !unknown) return
  if (unknown) say('api-invalid-stability-level', `${unknown.words} is no stability level`)
  if (decreased)
    say(
      'api-stability-decreased',
      `the stability of the operation fell from ${quoted(text(before, 'x-stability-level'))} to ${quoted(text(after, 'x-stability-level') ?? 'none')}`,
    )
  deprecation(before, after, say, comparison.today)
  names(before, after, say)
  operationSecurityRules(before, after, say)
  parameterRules([base, parametersOf(base, was)], [revision, parametersOf(revision, is)], {
    comparison,
    say,
  })
  const sides = [
    { document: base, node: before },
    { document: revision, node: after },
  ] as const
  if (comparison.received) eventRules(...sides, { comparison, say })
  else requestRules(...sides, { comparison, say })
  responseRules(...sides, { comparison, say })
}

const names = (before: Node, after: Node, say: Say): void => {
  const [name, newName] = [text(before, 'operationId'), text(after, 'operationId')]
  if (name !== newName) {
    if (name === undefined)
      say('api-operation-id-added', `the operation is called ${quoted(newName)}`)
    else
      say(
        'api-operation-id-removed',
        `the operation is no longer called ${quoted(name)}${newName === undefined ? '' : ` but ${quoted(newName)}`}`,
      )
  }
  const [tags, newTags] = [words(before, 'tags'), words(after, 'tags')]
  for (const tag of onlyIn(newTags, tags)) say('api-tag-removed', `the tag ${quoted(tag)} is gone`)
  for (const tag of onlyIn(tags, newTags)) say('api-tag-added', `the tag ${quoted(tag)} is new`)
}

const deprecation = (before: Node, after: Node, say: Say, today: Temporal.PlainDate): void => {
  const [was, is] = [isDeprecated(before), isDeprecated(after)]
  if (was && !is) return say('endpoint-reactivated', 'the operation is no longer deprecated')
  if (!is) return
  const [earlier, sunset] = [sunsetOf(before), sunsetOf(after)]
  if (was) return sunsetMove(earlier, sunset, say, today)
  if (sunset.stated === 'nowhere') say('endpoint-deprecated', 'the operation is deprecated')
  else if (sunset.stated === 'unreadably')
    say('api-deprecated-sunset-parse', `the sunset ${sunset.words} is no date`)
  else if (isBefore(sunset.day, today))
    say(
      'api-sunset-date-too-small',
      `the operation is deprecated, and its sunset ${sunset.day.toString()} has passed`,
    )
  else
    say(
      'endpoint-deprecated-with-sunset',
      `the operation is deprecated until ${sunset.day.toString()}`,
    )
}

type Sunset = ReturnType<typeof sunsetOf>

const sunsetMove = (before: Sunset, after: Sunset, say: Say, today: Temporal.PlainDate): void => {
  if (before.stated === 'nowhere') return
  if (after.stated === 'nowhere')
    return say('sunset-deleted', 'the sunset is gone; the operation is still deprecated')
  for (const sunset of [before, after])
    if (sunset.stated === 'unreadably')
      return say('api-path-sunset-parse', `the sunset ${sunset.words} is no date`)
  if (
    before.stated === 'on' &&
    after.stated === 'on' &&
    isBefore(after.day, before.day) &&
    isBefore(after.day, today)
  )
    say(
      'api-sunset-date-changed-too-small',
      `the sunset moved from ${before.day.toString()} to ${after.day.toString()}, which has passed`,
    )
}
