import { inspect } from 'node:util'

/** A value that must not reach a log, a dump or an error: every way of printing it says `[redacted]`. */
export class Secret<T> {
  readonly #value: T
  constructor(value: T) {
    this.#value = value
  }
  /** The value itself: called where it is used, never where it is passed on. */
  reveal(): T {
    return this.#value
  }
  toString() {
    return '[redacted]'
  }
  toJSON() {
    return '[redacted]'
  }
  [inspect.custom]() {
    return '[redacted]'
  }
}
