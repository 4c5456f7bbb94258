/** What a caller must prove: requirements of the document and of operations, and the schemes that they name. */
import { type Document, parts } from './document.ts'
import type { Say } from './finding.ts'
import { child, isNode, list, type Node, onlyIn, own, quoted, text, words } from './node.ts'

/** Requirements by the schemes that they demand together. An empty one, which demands nothing, adds no scheme. */
const requirements = (holder: Node): Map<string, Node> =>
  new Map(
    list(holder, 'security').flatMap((value) => {
      if (!isNode(value) || Object.keys(value).length === 0) return []
      return [[Object.keys(value).toSorted().join(' AND '), value] as const]
    }),
  )

interface RequirementRules {
  readonly id: string
  readonly of: string
}

const requirementRules = (before: Node, after: Node, say: Say, { id, of }: RequirementRules) => {
  const [old, now] = [requirements(before), requirements(after)]
  for (const name of onlyIn([...now.keys()], [...old.keys()]))
    say(`${id}-removed`, `${quoted(name)} no longer opens ${of}`)
  for (const name of onlyIn([...old.keys()], [...now.keys()]))
    say(`${id}-added`, `${quoted(name)} opens ${of}`)
  for (const [name, requirement] of now) {
    const was = old.get(name)
    if (!was) continue
    for (const scheme of Object.keys(requirement)) {
      const [scopes, newScopes] = [words(was, scheme), words(requirement, scheme)]
      for (const scope of onlyIn(scopes, newScopes))
        say(`${id}-scope-added`, `${of} demands the scope ${quoted(scope)} of ${quoted(scheme)}`)
      for (const scope of onlyIn(newScopes, scopes))
        say(
          `${id}-scope-removed`,
          `${of} no longer demands the scope ${quoted(scope)} of ${quoted(scheme)}`,
        )
    }
  }
}

export const operationSecurityRules = (before: Node, after: Node, say: Say): void =>
  requirementRules(before, after, say, { id: 'api-security', of: 'the operation' })

export const documentSecurityRules = (base: Document, revision: Document, say: Say): void => {
  requirementRules(base.root, revision.root, say, { id: 'api-global-security', of: 'the API' })
  const schemes = (document: Document) =>
    parts(document, child(document.root, 'components'), 'securitySchemes')
  const [old, now] = [schemes(base), schemes(revision)]
  const id = 'api-security-component'
  for (const name of onlyIn([...now.keys()], [...old.keys()]))
    say(`${id}-removed`, `the security scheme ${quoted(name)} is gone`)
  for (const name of onlyIn([...old.keys()], [...now.keys()]))
    say(`${id}-added`, `the security scheme ${quoted(name)} is new`)
  for (const [name, { node }] of now) {
    const was = old.get(name)?.node
    if (was) schemeRules(was, node, say, `the security scheme ${quoted(name)}`)
  }
}

const schemeRules = (before: Node, after: Node, say: Say, about: string): void => {
  const id = 'api-security-component'
  const [type, newType] = [text(before, 'type'), text(after, 'type')]
  if (type !== newType)
    return say(`${id}-type-changed`, `${about} is ${quoted(newType)} instead of ${quoted(type)}`)
  const [flows, newFlows] = [child(before, 'flows'), child(after, 'flows')]
  for (const name of Object.keys(newFlows ?? {})) {
    const [flow, newFlow] = [child(flows, name), child(newFlows, name)]
    if (!flow || !newFlow) continue
    const moved = (keyword: string, word: string) => {
      const [url, newUrl] = [text(flow, keyword), text(newFlow, keyword)]
      if (url !== newUrl)
        say(`${id}-oauth-${word}-changed`, `${keyword} of ${about} is ${newUrl ?? 'gone'}`)
    }
    moved('authorizationUrl', 'url')
    moved('tokenUrl', 'token-url')
    const [scopes, newScopes] = [child(flow, 'scopes') ?? {}, child(newFlow, 'scopes') ?? {}]
    for (const scope of onlyIn(Object.keys(newScopes), Object.keys(scopes)))
      say(`${id}-oauth-scope-removed`, `${about} no longer has the scope ${quoted(scope)}`)
    for (const scope of onlyIn(Object.keys(scopes), Object.keys(newScopes)))
      say(`${id}-oauth-scope-added`, `${about} has the new scope ${quoted(scope)}`)
    for (const [scope, words] of Object.entries(newScopes))
      if (own(scopes, scope) !== undefined && own(scopes, scope) !== words)
        say(`${id}-oauth-scope-changed`, `the scope ${quoted(scope)} of ${about} is explained anew`)
  }
}
