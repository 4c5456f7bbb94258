/**
 * The few sessions that the core gives us, shared fairly: who waits too long is told that the core is busy,
 * a session that died is replaced, and while the core is away nobody waits for it in vain.
 */
import { coreBusy, coreUnavailable } from '../core.ts'
import { fairQueue } from './fair-queue.ts'
import { type Answer, type Asked, NoSession, type Session } from './session.ts'

/** What pino is, as far as this folder needs it. */
export interface Log {
  warn(about: object, message: string): void
}

export interface Waiting {
  /** Whose turn it is: a partner's id, say. Turns go round the keys. */
  readonly key: string
  /** Before all others: to find out what became of an order. */
  readonly urgent?: boolean
}

export interface Sessions {
  readonly exchange: (asked: Asked, waiting: Waiting) => Promise<Answer>
  readonly close: () => void
}

export interface Pool {
  readonly sessionsMax: number
  /** How long one waits for a session. */
  readonly waitMs: number
  /** How many of one key may wait at once. */
  readonly waitingMax: number
  /** How long the core may be away before waiting for it is given up at once. */
  readonly graceMs: number
  /** A session unused for so long is asked whether it still lives. */
  readonly idleMs: number
  readonly open: (onEnd: () => void) => Promise<Session>
  readonly probe: Asked
  readonly log: Log
}

interface Waiter {
  readonly give: (session: Session) => void
  readonly refuse: (error: Error) => void
}

/** A core that is full has others to serve and may have room any moment; one that is away needs peace. */
const backoffMs = { first: 50, full: 250, away: 5000 }

const isFull = (cause: Error | undefined) => cause instanceof NoSession && cause.full

export const openSessions = (pool: Pool): Sessions => {
  const waiting = fairQueue<Waiter>()
  const idle = new Map<Session, number>()
  const live = new Set<Session>()
  /** Why there is no session and since when; undefined while there is one, or nobody tried. */
  let away: { cause: Error; since: number; failures: number; retryAt: number } | undefined
  let connecting = 0
  let closed = false
  let retry: NodeJS.Timeout | undefined

  const exchange = async (asked: Asked, how: Waiting): Promise<Answer> => {
    const session = await acquire(how)
    try {
      return await session.exchange(asked)
    } finally {
      release(session)
    }
  }

  const acquire = ({ key, urgent = false }: Waiting): Promise<Session> => {
    const [free] = idle.keys()
    if (free && waiting.size === 0) {
      idle.delete(free)
      return Promise.resolve(free)
    }
    const refusal = refusedAtOnce(key)
    if (refusal) return Promise.reject(refusal)

    const { promise, resolve, reject } = Promise.withResolvers<Session>()
    const settled = () => {
      clearTimeout(timer)
      waiting.remove(key, waiter)
    }
    const waiter: Waiter = {
      give: (session) => {
        settled()
        resolve(session)
      },
      refuse: (error) => {
        settled()
        reject(error)
      },
    }
    const timer = setTimeout(() => waiter.refuse(tooLong()), pool.waitMs)
    waiting.push(key, waiter, urgent)
    grow()
    return promise
  }

  const refusedAtOnce = (key: string) => {
    if (closed) return coreUnavailable('The connection to it is closed')
    if (waiting.waitingOf(key) >= pool.waitingMax)
      return coreBusy('Too many requests already wait for it', retryAfter(1))
    if (away && givenUp() && performance.now() < away.retryAt) return unreachable(away.cause)
    return undefined
  }

  const tooLong = () =>
    live.size > 0 || isFull(away?.cause)
      ? coreBusy('All its sessions stayed busy for too long', retryAfter(1))
      : unreachable(away?.cause)

  /** Opens as many sessions as there are waiters, but only one at a time while opening fails. */
  const grow = () => {
    if (closed || (away && connecting > 0)) return
    if (away && performance.now() < away.retryAt) return retryLater()
    const wanted = away ? Math.min(1, waiting.size) : waiting.size - connecting
    for (let n = 0; n < wanted && live.size + connecting < pool.sessionsMax; n += 1) void open()
  }

  const open = async () => {
    connecting += 1
    let ended = false
    let session: Session | undefined
    try {
      session = await pool.open(() => {
        ended = true
        if (session) forget(session)
      })
      connecting -= 1
      away = undefined
    } catch (error) {
      connecting -= 1
      return missed(error instanceof Error ? error : new Error(String(error)))
    }
    if (closed) return session.end()
    if (ended) return grow()
    live.add(session)
    release(session)
    // While opening failed only one was tried; the others who wait need theirs.
    if (waiting.size > 0) grow()
  }

  const missed = (cause: Error) => {
    const now = performance.now()
    // Sessions opened side by side fail side by side: that is one failure.
    const alike = away && now < away.retryAt ? away : undefined
    const failures = alike?.failures ?? (away?.failures ?? 0) + 1
    const longest = isFull(cause) ? backoffMs.full : backoffMs.away
    const delay =
      Math.min(backoffMs.first * 2 ** (failures - 1), longest) * (0.5 + Math.random() / 2)
    const retryAt = alike?.retryAt ?? now + delay
    if (!away) pool.log.warn({ cause, live: live.size }, 'no session with the core')
    away = { cause, failures, since: away?.since ?? now, retryAt }
    // A sign-on that is refused will not get better by waiting.
    const hopeless = !(cause instanceof NoSession)
    if (live.size === 0 && (hopeless || givenUp())) refuseAll(hopeless ? cause : unreachable(cause))
    retryLater()
  }

  /** Full is not away: somebody else's session will end. */
  const givenUp = () =>
    away !== undefined &&
    live.size === 0 &&
    !isFull(away.cause) &&
    performance.now() - away.since > pool.graceMs

  const refuseAll = (error: Error) => {
    for (let waiter = waiting.shift(); waiter; waiter = waiting.shift()) waiter.refuse(error)
  }

  /** While somebody waits, the door is tried again; otherwise the next caller tries it. */
  const retryLater = () => {
    if (closed || !away || waiting.size === 0) return
    clearTimeout(retry)
    retry = setTimeout(grow, Math.max(1, away.retryAt - performance.now()))
  }

  const release = (session: Session) => {
    if (!session.alive) return forget(session)
    const waiter = waiting.shift()
    if (waiter) waiter.give(session)
    else idle.set(session, performance.now())
  }

  const forget = (session: Session) => {
    idle.delete(session)
    if (live.delete(session) && !closed) {
      pool.log.warn({ live: live.size }, 'a session with the core ended')
      grow()
    }
  }

  const heartbeat = setInterval(() => {
    const now = performance.now()
    for (const [session, since] of idle) {
      if (now - since < pool.idleMs) continue
      idle.delete(session)
      session
        .exchange(pool.probe)
        .catch((cause: unknown) =>
          pool.log.warn({ cause }, 'an idle session with the core was dead'),
        )
        .finally(() => release(session))
    }
  }, pool.idleMs / 2)
  heartbeat.unref()

  return {
    exchange,
    close: () => {
      closed = true
      clearInterval(heartbeat)
      clearTimeout(retry)
      refuseAll(coreUnavailable('The connection to it is closed'))
      for (const session of live) session.end()
    },
  }
}

const unreachable = (cause: Error | undefined) =>
  coreUnavailable('It cannot be reached', { ...retryAfter(2), ...(cause && { cause }) })

const retryAfter = (seconds: number) => ({ headers: { 'Retry-After': String(seconds) } })
