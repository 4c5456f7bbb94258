/** The lanes that meet in one system behind them, and who of those that wait goes next. */
import type { Day } from './day.ts'
import { openPrecedence, type Precedence } from './fair-queue.ts'
import { CLASSES, FLOOR, hasRoom, type InLine, type Lane, mayGo } from './lane.ts'
import type { Way } from './way.ts'

export interface Upstream {
  readonly name: string
  /** Opens connections to it; undefined when it is no longer registered. */
  open: Way | undefined
  readonly lanes: Map<string, Lane>
  readonly precedence: Precedence
  readonly day: Day
  seats: number
  waiting: number
  /** Whose turn it is among lanes of equal right. */
  turn: number
}

export const openUpstream = (name: string, day: Day, open: Way): Upstream => ({
  name,
  open,
  lanes: new Map(),
  precedence: openPrecedence(CLASSES),
  day,
  seats: 0,
  waiting: 0,
  turn: 0,
})

/** All products together take twice what one may; and each has a few places that the others cannot take from it. */
export const roomIn = (upstream: Upstream, lane: Lane): boolean =>
  hasRoom(lane) && (upstream.seats < 2 * upstream.day.ceiling || lane.seats.size < FLOOR)

/** Takes out who goes next, where there is room: the most urgent class first, lanes and partners in turn. */
export const nextInLine = (upstream: Upstream): { lane: Lane; item: InLine } | undefined => {
  if (upstream.waiting === 0) return undefined
  const lanes = [...upstream.lanes.values()]
  const open = lanes.map((lane) => lane.breaker.state() === 'closed' && roomIn(upstream, lane))
  const waits = (c: number) =>
    lanes.some((lane, i) => open[i] === true && lane.queue.waiting(c) > 0)
  for (const c of upstream.precedence.order(waits))
    for (let i = 0; i < lanes.length; i++) {
      const at = (upstream.turn + i) % lanes.length
      const lane = lanes[at]
      if (!lane || open[at] !== true) continue
      const item = lane.queue.next(c, (partnerId) => mayGo(lane, partnerId))
      if (!item) continue
      item.gone = true
      upstream.turn = (at + 1) % lanes.length
      upstream.waiting--
      upstream.precedence.granted(c, waits)
      return { lane, item }
    }
  return undefined
}
