/** Looking ahead: what other prices would have cost, what this month will come to, what an operation earns after its cost. */
export { margins, MarginView, outlookOf, setUnitCosts, unitCosts } from './outlook.ts'
export {
  findReplay,
  guardedPrices,
  keepReplay,
  newestReplay,
  ReplayId,
  replayPrices,
  ReplayReport,
} from './replay.ts'
export { type Cliff, cliffsOf, type Cost, costAsAgreed, costUnder, type Plan } from './what-if.ts'
