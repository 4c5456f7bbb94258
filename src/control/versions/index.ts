/** Dated versions: what a document's next revision breaks, and which promises end on which day. */
export { isBeta } from './beta.ts'
export {
  commercialFinding,
  type CommercialRuleId,
  commercialRules,
  compareLimits,
  comparePrices,
  compareSandboxValues,
  isPriceRule,
} from './commercial.ts'
export type { Finding } from './diff/index.ts'
export { type Notices, noticesOf, subjectIn, valueIn } from './hit.ts'
export {
  checkRevision,
  type Judged,
  judgeRevision,
  keyOf,
  type Published,
  revisionBreaks,
  type Terms,
  trialIn,
  type Verdict,
} from './revision.ts'
export { promisesOn } from './promises.ts'
export { dueBy, joinedTrials, markCarriedOut, retiredVersions } from './store.ts'
