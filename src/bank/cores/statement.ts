/**
 * What a core says of a whole day when the day is over, in a file that it puts down by itself: the part of the core
 * port that the bank's books are reconciled with. A file is believed whole or not at all.
 */
import type { Currency } from '#kernel/money.ts'
import type { AccountRef } from './core.ts'

interface Line {
  /** From 1: where in the file it stands. */
  readonly line: number
  readonly account: AccountRef
  readonly currency: Currency
}

/** What stood on an account when the day began and ended. Both may be negative. */
export interface StatedBalance extends Line {
  readonly is: 'balance'
  readonly openingMinor: bigint
  readonly closingMinor: bigint
}

/** A booked line of an account: negative where money left. `reference` where an order of ours made it. */
export interface StatedEntry extends Line {
  readonly is: 'entry'
  readonly entry: string
  readonly minor: bigint
  readonly reference?: string
}

/** What of a hold of ours stood when the day ended. */
export interface StatedHold extends Line {
  readonly is: 'hold'
  readonly reference: string
  readonly minor: bigint
}

export type StatementLine = StatedBalance | StatedEntry | StatedHold

/** What is known of a file once every line of it was read: it is sound, or it is refused with the line that is wrong. */
export type StatementCheck =
  | {
      readonly sound: true
      readonly day: Temporal.PlainDate
      /** Of all its bytes: the same file has the same. */
      readonly sha256: string
      /** The last line. */
      readonly lines: number
    }
  | {
      readonly sound: false
      readonly sha256: string
      readonly line: number
      readonly because: string
    }

export interface StatementName {
  readonly name: string
  readonly version: string
}

export interface CoreStatements {
  /** The files that lie there, the oldest day first. `version` changes when a file does. */
  list(): Promise<readonly StatementName[]>
  /** Reads all of a file; believes nothing of it before its end. */
  check(name: string): Promise<StatementCheck>
  /** The lines of a sound file, from the first or behind one. */
  read(name: string, after?: number): AsyncGenerator<StatementLine>
}
