import { baseOf } from '#control/approvals/index.ts'
import type { Contract } from './contract.ts'

/** What a change of a partner's agreements stands on: if any of them moves meanwhile, it is decided anew. */
export const baseOfThose = (contracts: readonly Contract[]): string =>
  baseOf(contracts.map(({ id, status, endsAt }) => [id, status, endsAt?.toString() ?? null]))
