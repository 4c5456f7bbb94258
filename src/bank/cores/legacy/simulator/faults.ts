/** What can go wrong with the next request of an operation, once somebody has armed it. */
export const faultKinds = [
  /** The session falls before the request is taken. */
  'drop-before',
  /** The request is taken and done; the session falls before the answer. */
  'drop-after',
  /** Neither done nor answered: the session just stands there. */
  'hang-before',
  /** Done, never answered. */
  'hang-after',
  /** Lies in a queue for two seconds, then is done and answered. */
  'late',
  /** The last record loses its end. */
  'truncate',
  /** The answer comes in windows-1251. */
  'code-page',
  /** The record's bytes are noise. */
  'garbage',
  /** A status that the manual does not list. */
  'status',
  /** The answer belongs to another message. */
  'number',
] as const
export type FaultKind = (typeof faultKinds)[number]

interface Armed {
  readonly kind: FaultKind
  /** Four digits, or `any`. */
  readonly operation: string
  times: number
}

export interface Faults {
  arm(kind: FaultKind, operation: string, times: number): void
  clear(): void
  /** The fault that this request meets, used up by one. */
  take(operation: string): FaultKind | undefined
}

export const openFaults = (): Faults => {
  let armed: Armed[] = []
  return {
    arm: (kind, operation, times) => void armed.push({ kind, operation, times }),
    clear: () => {
      armed = []
    },
    take: (operation) => {
      const fault = armed.find((one) => one.operation === operation || one.operation === 'any')
      if (!fault) return undefined
      fault.times -= 1
      armed = armed.filter((one) => one.times > 0)
      return fault.kind
    },
  }
}
