/** What a fault is: it breaks something in a house, waits, mends it, and says what it saw. */
import type { Street } from './street.ts'

export interface Length {
  readonly short: boolean
}

/** What a fault found out while it lasted; `wrong` says what must not be. */
export interface Course {
  readonly figures: readonly string[]
  readonly wrong?: readonly string[]
  /** It cannot be done here, and why. */
  readonly skipped?: string
}

export interface Fault {
  readonly breaks: string
  /** What goes on all the while, in the words of the promise. */
  readonly keeps: string
  run(street: Street, length: Length): Promise<Course>
}
