/** What goes over the wire: the request body, the answers by status, their headers. */
import { type Document, parts } from './document.ts'
import type { Say } from './finding.ts'
import { matchedTypes } from './media-types.ts'
import { child, type Node, onlyIn, own, quoted } from './node.ts'
import { rootPair } from './pair.ts'
import { schemaAt } from './schema.ts'
import { type Comparison, schemaRules } from './schema-rules.ts'
import { headerTypeRules } from './type-change.ts'

/** One side of a comparison: a part of a document. */
export interface Side {
  readonly document: Document
  readonly node: Node
}

interface Telling {
  readonly comparison: Comparison
  readonly say: Say
}

export const requestRules = (base: Side, revision: Side, { comparison, say }: Telling): void => {
  const before = base.document.at(own(base.node, 'requestBody'))?.node
  const after = revision.document.at(own(revision.node, 'requestBody'))?.node
  const isRequired = (body: Node) => own(body, 'required') === true
  if (!before && !after) return
  if (!before) {
    const need = isRequired(after!) ? 'required' : 'optional'
    return say(`request-body-added-${need}`, `a request body is new and ${need}`)
  }
  if (!after) return say('request-body-removed', 'the request body is gone')
  if (isRequired(before) !== isRequired(after)) {
    if (isRequired(after)) say('request-body-became-required', 'the request body became required')
    else say('request-body-became-optional', 'the request body became optional')
  }
  const types = matchedTypes(mediaTypes(before), mediaTypes(after))
  for (const name of types.added)
    say('request-body-media-type-added', `the request body may also be ${quoted(name)}`)
  for (const name of types.removed)
    say('request-body-media-type-removed', `the request body may no longer be ${quoted(name)}`)
  for (const names of types.pairs) {
    const left = schemaIn(base.document, before, names.before)
    const right = schemaIn(revision.document, after, names.after)
    const about = `the request body as ${quoted(names.after)}`
    if (left && right)
      schemaRules(
        rootPair(left, right, {
          side: 'request',
          what: 'the request body',
          mediaType: names.after,
        }),
        { comparison, say },
      )
    else if (right) say('request-body-media-type-schema-added', `${about} got a schema`)
    else if (left) say('request-body-media-type-schema-removed', `${about} lost its schema`)
  }
}

const mediaTypes = (holder: Node): string[] => Object.keys(child(holder, 'content') ?? {})

const schemaIn = (document: Document, holder: Node, mediaType: string) =>
  schemaAt(document, own(child(child(holder, 'content'), mediaType), 'schema'))

/** A status by number; `default` and classes such as 4XX are neither success nor failure in the catalogue. */
const outcome = (status: string): string | undefined =>
  /^\d{3}$/.test(status) ? (status.startsWith('2') ? 'success' : 'non-success') : undefined

export const responseRules = (base: Side, revision: Side, { comparison, say }: Telling): void => {
  const before = parts(base.document, base.node, 'responses')
  const after = parts(revision.document, revision.node, 'responses')
  for (const status of onlyIn([...after.keys()], [...before.keys()]))
    if (outcome(status))
      say(`response-${outcome(status)}-status-removed`, `the answer ${status} is gone`)
  for (const status of onlyIn([...before.keys()], [...after.keys()]))
    if (outcome(status))
      say(`response-${outcome(status)}-status-added`, `the answer ${status} is new`)
  for (const [status, { node }] of before) {
    const other = after.get(status)
    if (!other) continue
    const [left, right] = [
      { ...base, node },
      { ...revision, node: other.node },
    ]
    content(left, right, { what: `the answer ${status}`, comparison, say })
    headers(left, right, { status, say })
  }
}

/** The payload of an event, which its receiver reads as it reads an answer. */
export const eventRules = (base: Side, revision: Side, telling: Telling): void => {
  const payload = ({ document, node }: Side): Side => ({
    document,
    node: document.at(own(node, 'requestBody'))?.node ?? {},
  })
  content(payload(base), payload(revision), { ...telling, what: 'the event' })
}

const content = (
  base: Side,
  revision: Side,
  { what, comparison, say }: Telling & { readonly what: string },
): void => {
  const types = matchedTypes(mediaTypes(base.node), mediaTypes(revision.node))
  for (const name of types.added)
    say('response-media-type-added', `${what} may also be ${quoted(name)}`)
  for (const name of types.removed)
    say('response-media-type-removed', `${what} is no longer given as ${quoted(name)}`)
  for (const { before, after, change } of types.pairs) {
    const about = `${what} as ${quoted(after)}`
    if (change !== 'none')
      say(`response-media-type-name-${change}`, `${about} was ${quoted(before)}`)
    const left = schemaIn(base.document, base.node, before)
    const right = schemaIn(revision.document, revision.node, after)
    if (left && right)
      schemaRules(
        rootPair(left, right, {
          side: 'response',
          what,
          mediaType: after,
        }),
        { comparison, say },
      )
    else if (right) say('response-body-media-type-schema-added', `${about} got a schema`)
    else if (left) say('response-body-media-type-schema-removed', `${about} lost its schema`)
  }
}

const headers = (
  base: Side,
  revision: Side,
  { status, say }: { status: string; say: Say },
): void => {
  const before = parts(base.document, base.node, 'headers')
  const after = parts(revision.document, revision.node, 'headers')
  const said = (name: string) => `the header ${quoted(name)} of the answer ${status}`
  const isRequired = (header: Node) => own(header, 'required') === true
  for (const [name, { node }] of before) {
    const other = after.get(name)?.node
    if (!other) {
      const need = isRequired(node) ? 'required' : 'optional'
      say(`${need}-response-header-removed`, `${said(name)} is gone`)
      continue
    }
    if (isRequired(node) && !isRequired(other))
      say('response-header-became-optional', `${said(name)} may be missing now`)
    const left = schemaAt(base.document, own(node, 'schema'))
    const right = schemaAt(revision.document, own(other, 'schema'))
    if (left && right) headerTypeRules({ base: left, revision: right, about: said(name) }, say)
  }
  for (const name of onlyIn([...before.keys()], [...after.keys()]))
    say('response-header-added', `${said(name)} is new`)
}
