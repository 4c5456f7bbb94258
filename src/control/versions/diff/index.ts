/** The comparison of two OpenAPI documents: what changed between them, and whom each change breaks. Pure; runs in a browser too. */
import { type Document, parts } from './document.ts'
import { collector, type Finding } from './finding.ts'
import { child, onlyIn, quoted } from './node.ts'
import { pathRules, webhookRules } from './operations.ts'
import { newComparison } from './schema-rules.ts'
import { documentSecurityRules } from './security.ts'

export { type Document, openDocument, readDocument } from './document.ts'
export { type Excuse, publicationLevel, raisedLevels, severityLevels } from './gate.ts'
export { catalogue, type Finding, type Level, ours, type Rule, unsaid } from './finding.ts'

export interface Terms {
  /** Sunsets are judged by the day that it is. */
  readonly today: Temporal.PlainDate
  /** Payloads of webhooks as requests, which is oasdiff's reading, or as answers, which is what their receiver needs. */
  readonly payloads?: 'sent' | 'received'
  readonly pairsMax?: number
  /** With the rules that oasdiff has not. */
  readonly ours?: boolean
}

/** Every change from the base to the revision that has a rule. */
export const compareDocuments = (
  base: Document,
  revision: Document,
  { today, payloads = 'sent', pairsMax = 100_000, ours = false }: Terms,
): Finding[] => {
  const { findings, sayAt } = collector(ours)
  const comparison = newComparison(today, pairsMax)
  pathRules({ base, revision }, { comparison, sayAt })
  const received = payloads === 'received'
  webhookRules({ base, revision }, { comparison: { ...comparison, received }, sayAt })
  const say = sayAt(null, null)
  documentSecurityRules(base, revision, say)
  const schemas = (document: Document) => [
    ...parts(document, child(document.root, 'components'), 'schemas').keys(),
  ]
  for (const name of onlyIn(schemas(revision), schemas(base)))
    say('api-schema-removed', `the schema ${quoted(name)} is gone`)
  return findings
}
