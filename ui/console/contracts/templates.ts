import { useQuery } from '@tanstack/react-query'
import type { Clause as ClauseNoun, Template } from '#control/contracts/clauses.ts'
import { read } from '../../kit/api.ts'
import type { Wire } from '../../kit/wire.ts'

export type Clause = Wire<ClauseNoun>
export interface Templates {
  readonly data: readonly Wire<Template>[]
  readonly newest: { readonly id: string; readonly clauses: readonly Clause[] }
  /** What a clause's text may name in braces. */
  readonly words: readonly string[]
}

export const useTemplates = () =>
  useQuery({
    queryKey: ['contract-templates'],
    queryFn: () => read<Templates>('/api/contract-templates'),
  })
