/** What a list of calls is narrowed to; it stands in the page's address. */
const outcomes = ['answered', 'refused', 'failed'] as const
export type Outcome = (typeof outcomes)[number]

export interface CallFilter {
  readonly application?: string
  readonly operation?: string
  readonly outcome?: Outcome
  readonly code?: string
  readonly consent?: string
}

export const outcomeOf = (word: unknown): Outcome | undefined =>
  outcomes.find((outcome) => outcome === word)

/** Whatever somebody wrote into the address, only what a list can be narrowed to. */
export const callFilter = (search: Record<string, unknown>): CallFilter => {
  const text = (name: string) => {
    const value = search[name]
    return typeof value === 'string' && value !== '' ? { [name]: value } : {}
  }
  const outcome = outcomeOf(search['outcome'])
  return {
    ...text('application'),
    ...text('operation'),
    ...text('code'),
    ...text('consent'),
    ...(outcome && { outcome }),
  }
}
