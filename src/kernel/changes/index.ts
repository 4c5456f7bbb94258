/** Dated versions: what each changed, and how callers of older ones are served by the newest. Pure. */
export {
  Change,
  CHANGES,
  changesAfter,
  changesOf,
  type OperationChange,
  type ParameterStep,
  type RefusalStep,
  Step,
} from './change.ts'
export { ChangeUnfit, documentAt } from './document.ts'
export { lowerPointer, raisedQuery } from './requests.ts'
export { bringDown, bringUp, isTree, type Rewrite, type Tree } from './values.ts'
