/** Properties that come, go, become required, or become somebody's own to write. */
import type { Say } from './finding.ts'
import { quoted, words } from './node.ts'
import { type Pair, properties, subject } from './pair.ts'
import { flag } from './schema.ts'

export const propertyRules = (pair: Pair, say: Say): void => {
  const { root } = pair
  if (root.location === 'header') ofHeader(pair, say)
  else if (root.location === undefined && root.side === 'request') ofRequest(pair, say)
  else if (root.side === 'response') ofResponse(pair, say)
  if (root.location === undefined) access(pair, say)
}

/** What the client need not send, because the server sets it, changes nothing in a request. */
const ofRequest = (pair: Pair, say: Say): void => {
  const { added, removed, kept } = properties(pair)
  for (const { name, required, readOnly, hasDefault } of added) {
    if (readOnly) continue
    const id = required
      ? `new-required-request-property${hasDefault ? '-with-default' : ''}`
      : 'new-optional-request-property'
    say(id, `${subject(pair, name)} is new and ${required ? 'required' : 'optional'}`)
  }
  for (const { name, readOnly } of removed)
    if (!readOnly) say('request-property-removed', `${subject(pair, name)} is gone`)
  for (const { name, required, readOnly, hasDefault } of kept) {
    if (readOnly || required === wasRequired(pair, name)) continue
    if (required)
      say(
        `request-property-became-required${hasDefault ? '-with-default' : ''}`,
        `${subject(pair, name)} became required`,
      )
    else say('request-property-became-optional', `${subject(pair, name)} became optional`)
  }
}

const wasRequired = ({ base }: Pair, name: string): boolean =>
  words(base.node, 'required').includes(name)

const ofResponse = (pair: Pair, say: Say): void => {
  const { added, removed, kept } = properties(pair)
  const kind = (property: { required: boolean; writeOnly: boolean }) =>
    `response-${property.required ? 'required' : 'optional'}-${property.writeOnly ? 'write-only-' : ''}property`
  for (const property of added)
    say(`${kind(property)}-added`, `${subject(pair, property.name)} is new`)
  for (const property of removed)
    say(`${kind(property)}-removed`, `${subject(pair, property.name)} is gone`)
  for (const { name, required, writeOnly } of kept) {
    if (required === wasRequired(pair, name)) continue
    say(
      `response-${writeOnly ? 'write-only-' : ''}property-became-${required ? 'required' : 'optional'}`,
      `${subject(pair, name)} ${required ? 'is always there now' : 'may be missing now'}`,
    )
  }
}

const ofHeader = (pair: Pair, say: Say): void => {
  const { added, kept } = properties(pair)
  for (const { name, required } of added)
    if (required)
      say('new-required-request-header-property', `${subject(pair, name)} is new and required`)
  for (const { name, required } of kept)
    if (required && !wasRequired(pair, name))
      say('request-header-property-became-required', `${subject(pair, name)} became required`)
}

const access = (pair: Pair, say: Say): void => {
  if (!pair.position.endsWith('-property')) return
  const need = pair.required ? 'required' : 'optional'
  for (const { keyword, word } of [
    { keyword: 'readOnly', word: 'read-only' },
    { keyword: 'writeOnly', word: 'write-only' },
  ]) {
    const [before, after] = [flag(pair.base, keyword), flag(pair.revision, keyword)]
    if (before !== after)
      say(
        `${pair.root.side}-${need}-property-became-${after ? '' : 'not-'}${word}`,
        `${subject(pair)} became ${after ? '' : 'not '}${quoted(word)}`,
      )
  }
}
