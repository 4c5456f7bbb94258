/**
 * Calls that wait for room in front of one upstream product. Between classes the higher one goes first, but nobody
 * waits for ever (G34); within a class partners take turns by deficit round robin, so that who waits with a thousand
 * calls gets no more than who waits with one (G35; Shreedhar and Varghese, 1995).
 */
export interface Waiting {
  readonly partnerId: string
  /** 0 is the most urgent. */
  readonly priority: number
  /** What it costs of its partner's turn. */
  readonly units: number
  /** It left: whoever comes upon it passes it by. */
  gone: boolean
}

export interface FairQueue<T extends Waiting> {
  readonly size: number
  /** How many wait in a class. */
  waiting(priority: number): number
  /** How many of a partner wait, in all classes. */
  ofPartner(partnerId: string): number
  /** Whether the partner has turns in a class, and how many partners have. */
  partnersIn(priority: number): number
  push(item: T): void
  /** Takes out the next of a class whose partner may go. */
  next(priority: number, mayGo: (partnerId: string) => boolean): T | undefined
  /** Takes it out where it stands. */
  leave(item: T): void
  /** Takes out all; they are gone, and leave no more. */
  drain(): T[]
}

interface Turns<T> {
  readonly partnerId: string
  readonly items: T[]
  /** Waiting ones in `items`, without those that left. */
  size: number
  deficit: number
}

interface Class<T> {
  readonly ring: Turns<T>[]
  cursor: number
  size: number
}

/** One unit a turn: where calls cost one, partners alternate call by call. */
const QUANTUM = 1

export const openFairQueue = <T extends Waiting>(classes: number): FairQueue<T> => {
  const all: Class<T>[] = Array.from({ length: classes }, () => ({ ring: [], cursor: 0, size: 0 }))
  const perPartner = new Map<string, number>()
  let size = 0

  const classOf = (priority: number): Class<T> => {
    const found = all[priority]
    if (!found) throw new RangeError(`there is no class ${priority}`)
    return found
  }
  const count = (partnerId: string, by: number) => {
    const now = (perPartner.get(partnerId) ?? 0) + by
    if (now === 0) perPartner.delete(partnerId)
    else perPartner.set(partnerId, now)
  }
  const taken = (of: Class<T>, turns: Turns<T>) => {
    of.size--
    size--
    turns.size--
    count(turns.partnerId, -1)
  }
  /** The partner's turn is over for good: an empty queue keeps no deficit. */
  const dismiss = (of: Class<T>, at: number) => {
    of.ring.splice(at, 1)
    if (of.cursor > at) of.cursor--
    if (of.cursor >= of.ring.length) of.cursor = 0
  }
  const headOf = (turns: Turns<T>): T | undefined => {
    while (turns.items[0]?.gone) turns.items.shift()
    return turns.items[0]
  }
  const give = (of: Class<T>, at: number, turns: Turns<T>, head: T): T => {
    turns.items.shift()
    turns.deficit -= head.units
    taken(of, turns)
    if (turns.size === 0) dismiss(of, at)
    return head
  }
  /** One walk around the ring. Answers the item, or how many more walks the nearest one needs: undefined if nobody may. */
  const walk = (of: Class<T>, mayGo: (partnerId: string) => boolean) => {
    let short: number | undefined
    for (let visits = of.ring.length; visits > 0; visits--) {
      const at = of.cursor
      const turns = of.ring[at]
      const head = turns && headOf(turns)
      if (!turns || !head) {
        dismiss(of, at)
        continue
      }
      of.cursor = (at + 1) % of.ring.length
      if (!mayGo(turns.partnerId)) continue
      turns.deficit += QUANTUM
      if (turns.deficit >= head.units) return { item: give(of, at, turns, head), short }
      const walks = Math.ceil((head.units - turns.deficit) / QUANTUM)
      if (short === undefined || walks < short) short = walks
    }
    return { item: undefined, short }
  }

  return {
    get size() {
      return size
    },
    waiting: (priority) => classOf(priority).size,
    ofPartner: (partnerId) => perPartner.get(partnerId) ?? 0,
    partnersIn: (priority) => classOf(priority).ring.length,
    push: (item) => {
      const of = classOf(item.priority)
      let turns = of.ring.find((t) => t.partnerId === item.partnerId)
      if (!turns)
        of.ring.push((turns = { partnerId: item.partnerId, items: [], size: 0, deficit: 0 }))
      turns.items.push(item)
      turns.size++
      of.size++
      size++
      count(item.partnerId, 1)
    },
    next: (priority, mayGo) => {
      const of = classOf(priority)
      for (;;) {
        const { item, short } = walk(of, mayGo)
        if (item || short === undefined) return item
        // Walks in which nobody would get anything are walked at once.
        for (const turns of of.ring)
          if (mayGo(turns.partnerId)) turns.deficit += (short - 1) * QUANTUM
      }
    },
    leave: (item) => {
      if (item.gone) return
      item.gone = true
      const of = classOf(item.priority)
      const at = of.ring.findIndex((t) => t.partnerId === item.partnerId)
      const turns = of.ring[at]
      if (!turns) return
      taken(of, turns)
      if (turns.size === 0) dismiss(of, at)
    },
    drain: () => {
      const items = all.flatMap(({ ring }) => ring.flatMap((t) => t.items.filter((i) => !i.gone)))
      for (const item of items) item.gone = true
      for (const of of all) {
        of.ring.length = 0
        of.cursor = 0
        of.size = 0
      }
      perPartner.clear()
      size = 0
      return items
    },
  }
}

/** Grants that a class may be passed over by higher ones before it goes first, once. */
export const PATIENCE = 16

export interface Precedence {
  /** Classes in the order in which they are asked now. */
  order(waits: (priority: number) => boolean): Iterable<number>
  /** A class was given room. */
  granted(priority: number, waits: (priority: number) => boolean): void
}

/** Strict, but for patience: under any flood from above, each class gets at least one grant of every PATIENCE + classes. */
export const openPrecedence = (classes: number): Precedence => {
  const passed = Array.from({ length: classes }, () => 0)
  return {
    *order(waits) {
      let starved = -1
      for (let c = classes - 1; c > 0; c--)
        if (waits(c) && (passed[c] ?? 0) >= PATIENCE)
          if (starved < 0 || (passed[c] ?? 0) > (passed[starved] ?? 0)) starved = c
      if (starved >= 0) yield starved
      for (let c = 0; c < classes; c++) if (c !== starved && waits(c)) yield c
    },
    granted: (priority, waits) => {
      passed[priority] = 0
      for (let c = 0; c < classes; c++)
        if (c !== priority) passed[c] = waits(c) ? (passed[c] ?? 0) + 1 : 0
    },
  }
}
