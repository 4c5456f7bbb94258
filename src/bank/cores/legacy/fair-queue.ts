/** Who is next: one from each key in turn, so that a key with a thousand waiting does not starve a key with one. */
export interface FairQueue<T> {
  readonly size: number
  waitingOf(key: string): number
  /** `urgent` goes before all that are not. */
  push(key: string, item: T, urgent: boolean): void
  shift(): T | undefined
  remove(key: string, item: T): void
}

export const fairQueue = <T>(): FairQueue<T> => {
  const urgent = lane<T>()
  const usual = lane<T>()
  return {
    get size() {
      return urgent.size + usual.size
    },
    waitingOf: (key) => usual.waitingOf(key),
    push: (key, item, isUrgent) => (isUrgent ? urgent : usual).push(key, item),
    shift: () => urgent.shift() ?? usual.shift(),
    remove: (key, item) => {
      if (!urgent.remove(key, item)) usual.remove(key, item)
    },
  }
}

/** A map keeps its keys in the order of arrival, so the first key is whose turn it is. */
const lane = <T>() => {
  const waiting = new Map<string, Set<T>>()
  let size = 0

  const taken = (key: string, items: Set<T>, item: T) => {
    size -= 1
    items.delete(item)
    if (items.size === 0) waiting.delete(key)
  }

  return {
    get size() {
      return size
    },
    waitingOf: (key: string) => waiting.get(key)?.size ?? 0,
    push: (key: string, item: T) => {
      const items = waiting.get(key) ?? new Set()
      waiting.set(key, items.add(item))
      size += 1
    },
    shift: (): T | undefined => {
      for (const [key, items] of waiting) {
        for (const item of items) {
          // Whoever was served goes behind the others.
          waiting.delete(key)
          waiting.set(key, items)
          taken(key, items, item)
          return item
        }
      }
      return undefined
    },
    remove: (key: string, item: T): boolean => {
      const items = waiting.get(key)
      if (!items?.has(item)) return false
      taken(key, items, item)
      return true
    },
  }
}
