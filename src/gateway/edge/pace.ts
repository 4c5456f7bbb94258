/**
 * Slow callers: a body that trickles in, an answer that nobody takes. One clock for all connections looks once in a
 * second; a call costs it two entries in a set and no timer.
 */
import type { Socket } from 'node:net'

export interface PaceLimits {
  /** Bytes of a body in a second, on average, once it has had its grace. */
  readonly bodyBytesPerSecond: number
  /** Some of an answer must be taken in this time. */
  readonly answerMs: number
}

/** A body on its way in. */
export interface Arriving {
  bytes: number
  readonly sinceMs: number
  readonly tooSlow: () => void
}

export interface Pace {
  bodyBegins(tooSlow: () => void): Arriving
  bodyEnds(arriving: Arriving): void
  /** An answer was written; watches that it is taken. */
  answered(socket: Socket): void
  stop(): void
}

const BODY_GRACE_MS = 5_000
const TICK_MS = 1_000
/** Beyond its first seconds an answer must be taken at this pace at least: 256 KB in a second. */
const ANSWER_BYTES_PER_MS = 256
/** What all callers together may leave with us; above it the one that left most is cut off. */
const UNSENT_BYTES_MAX = 67_108_864

export const openPace = (
  limits: PaceLimits,
  nowMs: () => number = () => performance.now(),
  tickMs = TICK_MS,
): Pace => {
  const arriving = new Set<Arriving>()
  const leaving = new Map<Socket, { readonly untilMs: number }>()
  let unsentBytes = 0

  const checkBodies = (atMs: number) => {
    for (const body of arriving) {
      const lasted = atMs - body.sinceMs
      if (lasted < BODY_GRACE_MS || body.bytes >= (lasted / 1000) * limits.bodyBytesPerSecond)
        continue
      arriving.delete(body)
      body.tooSlow()
    }
  }
  const checkAnswers = (atMs: number) => {
    unsentBytes = 0
    for (const [socket, answer] of leaving) {
      const left = socket.writableLength
      if (left === 0 || socket.destroyed) leaving.delete(socket)
      else if (atMs >= answer.untilMs) {
        leaving.delete(socket)
        socket.destroy()
      } else unsentBytes += left
    }
  }
  const cutGreediest = () => {
    let most = 0
    let greediest: Socket | undefined
    for (const socket of leaving.keys())
      if (socket.writableLength > most) {
        most = socket.writableLength
        greediest = socket
      }
    if (!greediest) return
    leaving.delete(greediest)
    unsentBytes -= most
    greediest.destroy()
  }
  const clock = setInterval(() => {
    if (arriving.size === 0 && leaving.size === 0) return
    const atMs = nowMs()
    checkBodies(atMs)
    checkAnswers(atMs)
  }, tickMs).unref()

  return {
    bodyBegins: (tooSlow) => {
      const body = { bytes: 0, sinceMs: nowMs(), tooSlow }
      arriving.add(body)
      return body
    },
    bodyEnds: (body) => void arriving.delete(body),
    answered: (socket) => {
      const left = socket.writableLength
      if (left === 0) return
      const takesMs = limits.answerMs + left / ANSWER_BYTES_PER_MS
      leaving.set(socket, { untilMs: nowMs() + takesMs })
      unsentBytes += left
      while (unsentBytes > UNSENT_BYTES_MAX && leaving.size > 0) cutGreediest()
    },
    stop: () => clearInterval(clock),
  }
}
