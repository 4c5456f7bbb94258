/** The comparison of two OpenAPI documents: what changed between them, and whom each change breaks. Pure; runs in a browser too. */
import { type Document, parts } from './document.ts'
import { collector, type Finding } from './finding.ts'
import { child, onlyIn, quoted } from './node.ts'
import { pathRules, webhookRules } from './operations.ts'
import { newComparison } from './schema-rules.ts'
import { documentSecurityRules } from './security.ts'

export { type Document, openDocument, readDocument } from './document.ts'
export { catalogue, type Finding, type Level, type Rule, unsaid } from './finding.ts'

/** Every change from the base to the revision that has a rule. Sunsets are judged by the day that it is. */
export const compareDocuments = (
  base: Document,
  revision: Document,
  { today, pairsMax = 100_000 }: { today: Temporal.PlainDate; pairsMax?: number },
): Finding[] => {
  const { findings, sayAt } = collector()
  const comparison = newComparison(today, pairsMax)
  pathRules({ base, revision }, { comparison, sayAt })
  webhookRules({ base, revision }, { comparison, sayAt })
  const say = sayAt(null, null)
  documentSecurityRules(base, revision, say)
  const schemas = (document: Document) => [
    ...parts(document, child(document.root, 'components'), 'schemas').keys(),
  ]
  for (const name of onlyIn(schemas(revision), schemas(base)))
    say('api-schema-removed', `the schema ${quoted(name)} is gone`)
  return findings
}
