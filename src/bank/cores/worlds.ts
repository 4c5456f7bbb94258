/**
 * What a core can do where nobody stands behind it: a partner may have banks of its own to try things in, and make
 * happen what happens outside of a bank. A real core has none of it.
 */
import type { Money } from '#kernel/money.ts'
import type { Sql } from '#platform/sql.ts'
import type { AccountRef, CoreAccount, TransferOrder, TransferOutcome } from './core.ts'
import type { Examination } from './identity.ts'

export interface World {
  /** `world_` and 32 hexadecimal digits. */
  readonly id: string
  readonly name: string
  /** True where the partner's calls and its due work happen there. At most one is. */
  readonly inUse: boolean
  readonly createdAt: Temporal.Instant
  readonly usedAt: Temporal.Instant
  /** How far its clock is ahead of real time. */
  readonly aheadMs: number
  /** Where its clock goes by itself, in its own time; null where it stands as it was turned. */
  readonly turningTo: Temporal.Instant | null
}

/** Where a partner is: how far ahead of real time, and what is played to it. */
export interface Place {
  readonly aheadMs: number
  readonly play: string | null
  /** By how many millionths rates were moved there, by their pair. */
  readonly rates: Readonly<Record<string, number>>
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
  place(): Promise<Place>
  /**
   * Lets the clock of the world in use go on to a moment of its own time, as `keepClocks` lets it. Undefined where the
   * partner is in no world of its own; `past` where it is that late already.
   */
  turnClock(to: Temporal.Instant): Promise<World | 'past' | undefined>
}

/** A partner in a world of its own, for whoever does its due work there. */
export interface Turned {
  readonly partnerId: string
  readonly worldId: string
}

export interface WorldKeeper {
  of(partnerId: string): CoreWorlds
  /**
   * What the books that all share would have more on an account, had partners who are in worlds of their own done there
   * what they do now, and not what they did before they went.
   */
  elsewhere(account: Pick<CoreAccount, 'number'> & { accountRef: AccountRef }): Promise<bigint>
  /** That a partner’s work falls due by real time, as a condition on `partner_id`. */
  readonly inRealTime: Sql
  /** Partners for whom something may be to do now by the clock of the world that they are in. */
  waiting(): Promise<readonly Turned[]>
  /**
   * Does what fell due in the books, then lets `work` do what fell due in the rooms; where the clock is being turned,
   * stop after stop until it has arrived or `until` aborts. Nobody changes worlds meanwhile.
   */
  keep(turned: Turned, work: () => Promise<void>, until?: AbortSignal): Promise<void>
  /** Does what fell due in the books that all share, and says what was wished of the courier. */
  keepShared(): Promise<void>
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

/**
 * How a transfer ends that is not ordinary. `reviewed`: a list of sanctions stops it until people have looked.
 * `returned`: the other bank sends it back the next day. `too-late`: the scheme takes it the next day.
 */
export type PlayedEnding = 'reviewed' | 'returned' | 'too-late'

export interface CoreOutside {
  /** Credits an account. */
  pay(order: OutsideOrder): Promise<TransferOutcome>
  /** Debits an account, as a direct debit does. */
  collect(order: OutsideOrder): Promise<TransferOutcome>
  /** A transfer that ends so. */
  send(order: TransferOrder, ending: PlayedEnding): Promise<TransferOutcome>
  /** What registers and lists say from now on of whoever has this number. */
  find(nationalId: string, finding: Examination): Promise<void>
  /** Moves a rate by so many millionths of what the market says; 0 puts it back. */
  moveRate(pair: string, ppm: number): Promise<void>
}
