/**
 * What one gateway holds of one limit: permits that a store granted it, and what it may admit by itself. All of it is
 * decided here without waiting; asking for more is somebody else's turn (limits.ts).
 */
import { MICRO, type Flow, type Rule } from './plan.ts'
import {
  type RateAsk,
  type RateGrant,
  type WindowAsk,
  type WindowGrant,
  type WindowReturn,
} from './store.ts'

export type RateRule = Extract<Rule, { kind: 'rate' }>
export type WindowRule = Extract<Rule, { kind: 'window' }>
export type SeatRule = Extract<Rule, { kind: 'concurrent' }>

/** How many gateways share, as far as this one knows. */
export interface Crowd {
  /** As many as the cell may have, or as are there: whichever is more. */
  readonly most: number
  readonly live: number
}

/** Clocks of two machines drift apart: a lease counts as over a little before the store thinks so. */
const MARGIN_MS = 2
/** Longest that a permit which was asked for one call may be on its way. */
const ONE_CALL_MS = 1_000
/** What was used lately is what is asked for next, and a little more. */
const FORESIGHT = 1.25
/** An empty bucket is asked again when so much of a lease has come together, not for every single permit. */
const TRICKLE = 0.25
/** An idle key is forgotten after this, or when it has filled up again. */
const KEPT_MS = 60_000
/** A window that is used up is asked again after so long: another gateway may have returned some of it. */
const EMPTY_WINDOW_MS = 5_000
/** The first chunk of a window: a thousandth of it, and no more than this. */
const FIRST_CHUNK_MAX = 100

/** A token bucket of this gateway alone. */
class LocalBucket {
  tokens: number
  atMs: number

  constructor(nowMs: number) {
    this.tokens = 0
    this.atMs = nowMs
  }

  /** Its level now, when it fills with `part` of a flow. */
  level({ perSecond, burst }: Flow, part: number, nowMs: number): number {
    const gained = ((nowMs - this.atMs) / 1_000) * perSecond * part
    if (gained > 0) {
      this.tokens = Math.min(burst * part, this.tokens + gained)
      this.atMs = nowMs
    }
    return this.tokens
  }
}

/** How fast permits were spent lately, a second. */
class Pace {
  #perSecond = 0
  #spent = 0
  #sinceMs: number

  constructor(nowMs: number) {
    this.#sinceMs = nowMs
  }

  spend(permits: number): void {
    this.#spent += permits
  }

  measure(nowMs: number): number {
    const elapsed = nowMs - this.#sinceMs
    if (elapsed >= 10) {
      const now = (1_000 * this.#spent) / elapsed
      // Up at once, down by half: too few permits cost a wait, too many a little of the burst.
      this.#perSecond = Math.max(now, (this.#perSecond + now) / 2)
      this.#spent = 0
      this.#sinceMs = nowMs
    }
    return this.#perSecond
  }
}

export class RateHolding {
  readonly kind = 'rate'
  readonly key: string
  touchedMs: number
  /** For how long it matters, after it was last used: until what it took has filled up again. */
  readonly keptMs: number
  /** Set while the store is asked. */
  asking: Promise<void> | undefined
  /** Permits that calls wait for. */
  waiting = 0
  /** Before this the bucket is known to be empty. */
  emptyUntilMs = 0
  /** Micro-permits that were admitted without the store, and that it does not know of. */
  owed = 0
  readonly pace: Pace
  /** Micro-permits of calls that never reached the bank. Told once; a lost reply loses them. */
  #credit = 0
  #asked = { sentMs: 0, want: 0, owed: 0 }
  #permits = 0
  #untilMs = 0
  #laterPermits = 0
  #laterUntilMs = 0
  /** Of leases that lapsed: at most this gateway's part of what may be kept (`RateTerms.kept`). */
  #kept = 0
  #part = 0
  #size = 0
  #level = 0
  /** Made when first needed: very many keys never are. */
  #standing: LocalBucket | undefined
  #share: LocalBucket | undefined
  readonly #bornMs: number

  /** `bornMs`: since when this gateway has its part of what is kept back. It begins empty, so that a restart gives none. */
  constructor(key: string, rule: RateRule, nowMs: number, bornMs: number) {
    this.key = key
    this.keptMs = KEPT_MS + (1_000 * rule.burst) / rule.perSecond
    this.touchedMs = nowMs
    this.pace = new Pace(nowMs)
    this.#bornMs = bornMs
  }

  /** Permits of leases that have not lapsed. */
  held(nowMs: number): number {
    if (this.#permits === 0 || this.#untilMs <= nowMs) {
      this.#kept += this.#permits
      this.#permits = this.#laterPermits
      this.#untilMs = this.#laterUntilMs
      this.#laterPermits = 0
      if (this.#untilMs <= nowMs) {
        this.#kept += this.#permits
        this.#permits = 0
      }
    }
    return this.#permits + this.#laterPermits
  }

  fits(rule: RateRule, crowd: Crowd, nowMs: number): boolean {
    const { terms, takes } = rule
    const held = this.held(nowMs)
    // Before anything is taken: a permit that is older than its lease is one of these, or none.
    this.#part = Math.floor(terms.kept / crowd.most)
    if (this.#kept > this.#part) this.#kept = this.#part
    return (
      held + this.#kept >= takes ||
      (terms.standing.burst > 0 && this.#standingLevel(rule, crowd, nowMs) >= takes)
    )
  }

  #standingLevel({ terms }: RateRule, { most }: Crowd, nowMs: number): number {
    return (this.#standing ??= new LocalBucket(this.#bornMs)).level(terms.standing, 1 / most, nowMs)
  }

  /** Behind `fits`. */
  take(rule: RateRule, nowMs: number): void {
    const { takes } = rule
    this.touchedMs = nowMs
    if (this.#permits + this.#laterPermits + this.#kept < takes) {
      if (this.#standing) this.#standing.tokens -= takes
      return
    }
    this.pace.spend(takes)
    const first = Math.min(takes, this.#permits)
    this.#permits -= first
    const second = Math.min(takes - first, this.#laterPermits)
    this.#laterPermits -= second
    this.#kept -= takes - first - second
  }

  /**
   * Whether more should be asked for, ahead of need: half is gone, and the rest will not last as long as its lease; or
   * what is kept for seldom calls runs out.
   */
  runsLow(rule: RateRule, nowMs: number): boolean {
    const { leaseMs } = rule.terms
    if (leaseMs === 0 || this.asking !== undefined || nowMs < this.emptyUntilMs) return false
    const held = this.#permits + this.#laterPermits
    if (held > 0 && held * 2 > this.#size) return false
    if (held === 0 && this.#kept * 4 < this.#part) return true
    return (this.pace.measure(nowMs) * leaseMs) / 1_000 > held + this.#kept
  }

  /** Without the store: its part of the rate, since the store was last heard of. What it takes is owed (G32). */
  fitsAway(rule: RateRule, crowd: Crowd, heardAtMs: number, nowMs: number): boolean {
    if (rule.whenAway === 'refuse') return false
    const part = rule.whenAway === 'share' ? 1 / crowd.most : 1
    // A key that was unknown has its part of the time that the store has been away, like all others.
    const share = (this.#share ??= new LocalBucket(heardAtMs))
    if (share.atMs < heardAtMs) {
      share.tokens = 0
      share.atMs = heardAtMs
    }
    return share.level(rule, part, nowMs) >= rule.takes
  }

  /** Behind `fitsAway`. */
  takeAway(rule: RateRule, nowMs: number): void {
    this.touchedMs = nowMs
    if (this.#share) this.#share.tokens -= rule.takes
    this.owed += rule.takes * MICRO
  }

  /** What it wants of the store now: what is waited for, and what recent use says will be. */
  ask(rule: RateRule, nowMs: number): RateAsk {
    const { leaseMs, capacity } = rule.terms
    const soon = Math.ceil((this.pace.measure(nowMs) * leaseMs * FORESIGHT) / 1_000)
    const most = Math.max(rule.takes, Math.floor(capacity / MICRO))
    const refill = Math.max(0, this.#part - this.#kept)
    const want = Math.min(most, Math.max(rule.takes, this.waiting, soon) + refill)
    this.#asked = { sentMs: nowMs, want, owed: this.owed }
    const owed = this.owed - this.#credit
    this.#credit = 0
    return { key: this.key, terms: rule.terms, least: rule.takes, want, owed }
  }

  /** A lease lapses τ after it was asked for, and is never returned (G25). */
  granted(rule: RateRule, grant: RateGrant, nowMs: number): void {
    const { leaseMs, microPerSecond } = rule.terms
    const asked = this.#asked
    this.owed = Math.max(0, this.owed - asked.owed)
    this.#level = grant.level
    this.#share = undefined
    // Asked for one call, and used when the answer comes: at most one permit more than the bucket's own bound (1 / r).
    const oneCallMs = Math.min(ONE_CALL_MS, (1_000 * MICRO) / microPerSecond)
    const untilMs = asked.sentMs + (leaseMs === 0 ? oneCallMs : leaseMs - MARGIN_MS)
    if (grant.granted > 0 && untilMs > nowMs) {
      if (this.held(nowMs) === 0) {
        this.#permits = grant.granted
        this.#untilMs = untilMs
      } else {
        this.#laterUntilMs =
          this.#laterPermits === 0 ? untilMs : Math.min(untilMs, this.#laterUntilMs)
        this.#laterPermits += grant.granted
      }
      this.#size = this.#permits + this.#laterPermits
    }
    if (grant.granted < asked.want) {
      const trickle = (TRICKLE * leaseMs * microPerSecond) / 1_000
      const enough = Math.max(rule.takes * MICRO, Math.min(asked.want * MICRO, trickle))
      this.emptyUntilMs = nowMs + Math.max(1, ((enough - grant.level) * 1_000) / microPerSecond)
    }
  }

  giveBack(permits: number): void {
    this.#credit += permits * MICRO
    this.emptyUntilMs = 0
  }

  /** What can be said of it without promising what another gateway may take. */
  remaining(rule: RateRule, crowd: Crowd, nowMs: number): number {
    const standing = rule.terms.standing.burst > 0 ? this.#standingLevel(rule, crowd, nowMs) : 0
    const stored = Math.max(0, this.#level) / MICRO / crowd.live
    return Math.floor(this.#permits + this.#laterPermits + this.#kept + standing + stored)
  }

  /** Whether it may be forgotten: by now the store's bucket and its own part are as full as if it had never been. */
  idle(nowMs: number): boolean {
    return nowMs - this.touchedMs > this.keptMs && this.asking === undefined
  }
}

export class WindowHolding {
  readonly kind = 'window'
  readonly key: string
  touchedMs: number
  asking: Promise<void> | undefined
  waiting = 0
  emptyUntilMs = 0
  readonly pace: Pace
  permits = 0
  /** By the store's calendar. */
  starts = ''
  /** By our clock. */
  endsMs = 0
  returns = 0
  #sentMs = 0
  #size = 0
  #left = 0

  constructor(key: string, nowMs: number) {
    this.key = key
    this.touchedMs = nowMs
    this.pace = new Pace(nowMs)
  }

  fits(rule: WindowRule, nowMs: number): boolean {
    if (nowMs >= this.endsMs) this.permits = 0
    return this.permits >= rule.takes
  }

  take(permits: number, nowMs: number): void {
    this.touchedMs = nowMs
    this.permits -= permits
    this.pace.spend(permits)
  }

  runsLow(nowMs: number): boolean {
    return this.asking === undefined && this.permits * 2 <= this.#size && nowMs >= this.emptyUntilMs
  }

  /** A minute at the speed of late, so that a store that is away for less is not missed. */
  ask(rule: WindowRule, { live }: Crowd, nowMs: number): WindowAsk {
    const { period, zone, takes: least } = rule
    const limit = limitIn(rule, this.starts)
    const minute = Math.ceil(this.pace.measure(nowMs) * 60)
    const first = Math.min(FIRST_CHUNK_MAX, Math.ceil(limit / 1_000))
    const want = Math.max(least, this.waiting, minute, first)
    this.#sentMs = nowMs
    return { key: this.key, period, zone, limit, least, want, live }
  }

  granted(grant: WindowGrant, nowMs: number): void {
    if (grant.starts !== this.starts) this.permits = 0
    this.starts = grant.starts
    this.endsMs = this.#sentMs + grant.endsInMs - MARGIN_MS
    this.returns = grant.returns
    this.permits += grant.granted
    this.#size = this.permits
    this.#left = grant.left
    // Others may return what they hold, so it is asked again before the window ends.
    if (grant.granted === 0)
      this.emptyUntilMs = Math.min(this.endsMs + MARGIN_MS, nowMs + EMPTY_WINDOW_MS)
  }

  /** Of the window that it was taken from, and of no other. */
  giveBack(permits: number, starts: string): void {
    if (starts === this.starts) this.permits += permits
    this.emptyUntilMs = 0
  }

  /** What is returned is first no longer ours (G26). */
  emptied(nowMs: number): WindowReturn[] {
    const { key, starts, returns, permits, endsMs } = this
    this.permits = 0
    this.returns++
    return permits > 0 && endsMs > nowMs ? [{ key, starts, returns, permits }] : []
  }

  remaining({ live }: Crowd): number {
    return this.permits + Math.floor(this.#left / live)
  }

  idle(nowMs: number): boolean {
    return nowMs - this.touchedMs > KEPT_MS && this.asking === undefined
  }
}

/**
 * What is left of a limit that began to count in the middle of a window. Only the store's calendar says that this window is
 * over: until it names a later one, the smaller limit is the one that is sure.
 */
export const limitIn = (
  { limit, used }: Pick<WindowRule, 'limit' | 'used'>,
  starts: string,
): number =>
  used === undefined || starts > used.starts ? limit : Math.max(0, limit - used.permits)

export class SeatHolding {
  readonly kind = 'concurrent'
  touchedMs: number
  waiting = 0
  inFlight = 0

  constructor(nowMs: number) {
    this.touchedMs = nowMs
  }

  /** A part of the whole for each gateway that lives; one at least, so that a small limit still lets all of them serve. */
  fits(rule: SeatRule, { live }: Crowd): boolean {
    return this.inFlight < Math.max(1, Math.floor(rule.limit / live))
  }

  enter(nowMs: number): void {
    this.inFlight++
    this.touchedMs = nowMs
  }

  idle(nowMs: number): boolean {
    return this.inFlight === 0 && nowMs - this.touchedMs > KEPT_MS
  }
}

export type Holding = RateHolding | WindowHolding | SeatHolding
