/**
 * What a core can do where nobody stands behind it: a partner may have banks of its own to try things in, and make
 * happen what happens outside of a bank. A real core has none of it.
 */
import type { Money } from '#kernel/money.ts'
import type { AccountRef, CoreAccount, TransferOutcome } from './core.ts'

export interface World {
  /** `world_` and 32 hexadecimal digits. */
  readonly id: string
  readonly name: string
  /** True where the partner's calls and its due work happen there. At most one is. */
  readonly inUse: boolean
  readonly createdAt: Temporal.Instant
  readonly usedAt: Temporal.Instant
}

export interface Snapshot {
  /** `snapshot_` and 32 hexadecimal digits. */
  readonly id: string
  readonly worldId: string
  readonly takenAt: Temporal.Instant
}

/** What a core is like for a while: a play of `scenario.ts`, and how long each answer takes. */
export interface Weather {
  readonly play: string
  readonly delayMs: number
  readonly until: Temporal.Instant
}

/** Worlds of one partner. Whatever names a world or a snapshot of another answers as if there were none: undefined. */
export interface CoreWorlds {
  list(): Promise<readonly World[]>
  /** A world as the bank was seeded, or as the one called `from` is. Answers why not: its name is in use, or there are too many. */
  create(name: string, from?: string): Promise<World | 'name-taken' | 'too-many' | undefined>
  /** Goes there; without an id, back to the books that all share. What is under way goes on when the partner returns. */
  use(id: string | null): Promise<World | null | undefined>
  reset(id: string): Promise<World | undefined>
  remove(id: string): Promise<World | 'in-use' | undefined>
  snapshots(id: string): Promise<readonly Snapshot[] | undefined>
  snapshot(id: string): Promise<Snapshot | 'too-many' | undefined>
  restore(id: string, snapshotId: string): Promise<World | undefined>
  /** From now on and until then; null ends it. */
  turn(weather: Weather | null): Promise<void>
}

export interface WorldKeeper {
  of(partnerId: string): CoreWorlds
  /**
   * What the books that all share would have more on an account, had partners who are in worlds of their own done there
   * what they do now, and not what they did before they went.
   */
  elsewhere(account: Pick<CoreAccount, 'number'> & { accountRef: AccountRef }): Promise<bigint>
  /** Removes worlds that nobody used for 90 days; answers how many. */
  sweep(): Promise<number>
}

/** Money that comes, or is asked for, from another bank. */
export interface OutsideOrder {
  /** As a transfer's: ours, unique for ever. */
  readonly reference: string
  readonly account: AccountRef
  readonly amount: Money
  readonly other: { readonly name: string; readonly account: string }
  readonly text: string
}

export interface CoreOutside {
  /** Credits an account. */
  pay(order: OutsideOrder): Promise<TransferOutcome>
  /** Debits an account, as a direct debit does. */
  collect(order: OutsideOrder): Promise<TransferOutcome>
}
