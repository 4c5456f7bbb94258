/** A discrete-event simulation's ground: a clock that jumps from event to event, and servers that a queue stands before. */

export interface Clock {
  now(): number
  /** Does something so many seconds from now. */
  after(seconds: number, due: () => void): void
  run(until: number): void
}

interface Event {
  readonly at: number
  readonly order: number
  readonly due: () => void
}

const before = (a: Event, b: Event) => a.at < b.at || (a.at === b.at && a.order < b.order)

/** A binary heap: at 100,000 calls a second a sorted list would be the bottleneck of the model. */
export const openClock = (): Clock => {
  const heap: Event[] = []
  let now = 0
  let order = 0
  const swap = (i: number, j: number) => {
    const held = heap[i]!
    heap[i] = heap[j]!
    heap[j] = held
  }
  const push = (event: Event) => {
    heap.push(event)
    for (let i = heap.length - 1; i > 0;) {
      const parent = (i - 1) >> 1
      if (!before(heap[i]!, heap[parent]!)) return
      swap(i, parent)
      i = parent
    }
  }
  const pop = (): Event | undefined => {
    const [first] = heap
    const last = heap.pop()
    if (!first || !last || heap.length === 0) return first
    heap[0] = last
    for (let i = 0; ;) {
      const left = 2 * i + 1
      const right = left + 1
      let least = i
      if (left < heap.length && before(heap[left]!, heap[least]!)) least = left
      if (right < heap.length && before(heap[right]!, heap[least]!)) least = right
      if (least === i) return first
      swap(i, least)
      i = least
    }
  }
  return {
    now: () => now,
    after: (seconds, due) => push({ at: now + seconds, order: order++, due }),
    run: (until) => {
      for (let next = pop(); next && next.at <= until; next = pop()) {
        now = next.at
        next.due()
      }
      now = until
    },
  }
}

export interface Server {
  /** Work of so many seconds; `done` hears how long it took with the wait before it. */
  ask(seconds: number, done?: (tookSeconds: number) => void): void
  /** Share of the time in which a hand was busy. */
  busy(): number
}

/** First come, first served, by so many hands. What waits is kept as the times at which hands become free. */
export const openServer = (clock: Clock, hands: number): Server => {
  const freeAt = new Float64Array(hands)
  let worked = 0
  return {
    ask: (seconds, done) => {
      let hand = 0
      for (let i = 1; i < hands; i++) if (freeAt[i]! < freeAt[hand]!) hand = i
      const from = Math.max(clock.now(), freeAt[hand]!)
      freeAt[hand] = from + seconds
      worked += seconds
      const took = freeAt[hand]! - clock.now()
      if (done) clock.after(took, () => done(took))
    },
    busy: () => worked / hands / Math.max(clock.now(), 1e-9),
  }
}

/** Numbers from a seed: two runs of one seed are one run. mulberry32. */
export const openChance = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const quantile = (values: number[], q: number): number => {
  const sorted = Float64Array.from(values).toSorted()
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
}
