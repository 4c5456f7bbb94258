/** What the sandbox answers about a partner's own worlds (src/bank/sandbox/sandbox.ts). */
export interface World {
  readonly worldId: string
  readonly name: string
  readonly inUse: boolean
  readonly createdAt: string
  readonly usedAt: string
}

export interface Snapshot {
  readonly snapshotId: string
  readonly worldId: string
  readonly takenAt: string
}

export interface Clock {
  readonly worldId: string | null
  readonly now: string
  readonly realTime: string
  readonly aheadSeconds: number
  /** Where the clock goes by itself; null once it has arrived. */
  readonly turningTo: string | null
}

export interface List<Item> {
  readonly data: readonly Item[]
}

/** So many of each there may be (docs/partners/sandbox.md). */
export const WORLDS_MAX = 5
export const SNAPSHOTS_MAX = 5
