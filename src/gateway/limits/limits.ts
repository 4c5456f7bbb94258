/**
 * What a partner may ask for in a time. A call meets the few limits of its operation and partner; where this gateway
 * holds permits of all of them it is admitted at once, without a promise. Where it does not, more are leased (G24–G32).
 */
import { Admission, type Holdings, remainingOf } from './admission.ts'
import { type Caller, openBook } from './book.ts'
import type { Crowd, Holding, RateRule } from './holdings.ts'
import { type Held, heldBy } from './leases.ts'
import type { OperationPlan, Plan, Rule } from './plan.ts'
import type { Limited } from './policy.ts'
import { awayRefusal, contractInactive, refusalOf } from './refusal.ts'
import {
  type Desk,
  PATIENCE_MS,
  type RateAsk,
  type RateGrant,
  type WindowAsk,
  type WindowGrant,
  type WindowReturn,
} from './store.ts'

export interface Limits {
  /**
   * A place in all limits of the call, or the refusal, thrown or rejected: a call that is refused is charged to none.
   * A promise only where permits must be leased first.
   */
  admit(plan: Plan, caller: Caller, operation: Limited): Admission | Promise<Admission>
  /** Whether one more refusal of the partner's is worth its record: beyond a few a second they are only counted. */
  worthRecording(partnerId: string): boolean
  /** Forgets what is idle, and returns what it held of windows. */
  sweep(): Promise<void>
  /** Returns all that is held of windows. */
  close(): Promise<void>
  state(): LimitsState
  /** By the name of a limit, what this gateway holds of it. */
  held(): ReadonlyMap<string, Held>
}

export interface LimitsState {
  readonly partners: number
  readonly keys: number
  readonly waiting: number
  readonly ratesAway: boolean
  readonly windowsAway: boolean
  readonly refusalsUnrecorded: number
}

export interface LimitsOptions {
  /** Monotonic milliseconds. */
  readonly clock: () => number
  readonly crowd: () => Crowd
  readonly rates: Desk<RateAsk, RateGrant>
  /** Of rates that are asked for call by call. */
  readonly slowRates: Desk<RateAsk, RateGrant>
  readonly windows: Desk<WindowAsk, WindowGrant>
  readonly giveBack: (returns: readonly WindowReturn[]) => Promise<void>
  /** Whether what is held of windows still counts: not after a silence in which this gateway may have been fenced. */
  readonly windowsHeld: () => boolean
  /** Longest that a call waits for leases. */
  readonly patienceMs?: number
}

/** Calls that wait for a lease at once. */
const WAITING_MAX = 2_000
/** Others of this gateway may take what a call waited for; so often it asks again. */
const ROUNDS = 6
const RETURNS_AT_ONCE = 500

/** How a call stands with one limit: it fits, or it would if more were leased, or not for so many milliseconds. */
type Standing = 'fits' | 'ask' | 'away' | number

export const openLimits = (options: LimitsOptions): Limits => {
  const { clock, crowd, windows, windowsHeld, patienceMs = PATIENCE_MS } = options
  const ratesOf = (rule: RateRule) => (rule.terms.leaseMs === 0 ? options.slowRates : options.rates)
  const book = openBook(clock())
  let waiting = 0
  let refusalsUnrecorded = 0

  const standing = (holding: Holding, rule: Rule, now: Crowd, nowMs: number): Standing => {
    if (rule.kind === 'concurrent')
      return holding.kind === 'concurrent' && holding.fits(rule, now) ? 'fits' : 1_000
    if (rule.kind === 'rate' && holding.kind === 'rate') {
      if (holding.fits(rule, now, nowMs)) return 'fits'
      if (ratesOf(rule).away()) return 'away'
      return nowMs < holding.emptyUntilMs ? holding.emptyUntilMs - nowMs : 'ask'
    }
    if (rule.kind === 'window' && holding.kind === 'window') {
      if (holding.permits > 0 && !windowsHeld()) holding.permits = 0
      if (holding.fits(rule, nowMs)) return 'fits'
      if (windows.away()) return 'away'
      return nowMs < holding.emptyUntilMs ? holding.endsMs - nowMs : 'ask'
    }
    return 'ask'
  }

  /** One lease at a time for each key; what is wanted is said when the ask leaves, so that all who wait are counted. */
  const ask = (holding: Holding, rule: Rule): Promise<void> | undefined => {
    if (holding.kind === 'rate' && rule.kind === 'rate')
      return (holding.asking ??= ratesOf(rule)
        .ask(() => holding.ask(rule, clock()))
        .then((grant) => holding.granted(rule, grant, clock()))
        .finally(() => (holding.asking = undefined)))
    if (holding.kind === 'window' && rule.kind === 'window')
      return (holding.asking ??= windows
        .ask(() => holding.ask(rule, crowd(), clock()))
        .then((grant) => holding.granted(grant, clock()))
        .finally(() => (holding.asking = undefined)))
    return undefined
  }

  const goesOn = (holding: Holding, rule: Rule, now: Crowd, nowMs: number): boolean =>
    rule.kind === 'rate' &&
    holding.kind === 'rate' &&
    holding.fitsAway(rule, now, ratesOf(rule).heardAtMs(), nowMs)

  /** All were asked and fit; only now any is charged. */
  const take = (
    plan: OperationPlan,
    holdings: Holdings,
    now: Crowd,
    nowMs: number,
    alone = false,
  ): Admission => {
    const { rules } = plan
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i]
      const holding = holdings[i]
      if (rule === undefined || holding === undefined) continue
      if (rule.kind === 'rate' && holding.kind === 'rate') {
        if (alone && !holding.fits(rule, now, nowMs)) holding.takeAway(rule, nowMs)
        else {
          holding.take(rule, nowMs)
          if (holding.runsLow(rule, nowMs)) ask(holding, rule)?.catch(nothing)
        }
      } else if (holding.kind === 'window') {
        holding.take(rule.takes, nowMs)
        if (holding.runsLow(nowMs)) ask(holding, rule)?.catch(nothing)
      } else if (holding.kind === 'concurrent') holding.enter(nowMs)
    }
    return new Admission(plan, holdings, now, nowMs)
  }

  const told = (plan: OperationPlan, holdings: Holdings, nowMs: number) => ({
    'ratelimit-policy': plan.header,
    ratelimit: remainingOf(plan.rules, holdings, crowd(), nowMs),
  })

  /**
   * Asks for what is missing, and decides again. A store that is slow is waited for: to go on by share while it still
   * grants to others would admit more than the bound. Once it counts as away, each limit's stance decides (G32).
   */
  const admitLater = async (plan: OperationPlan, holdings: Holdings): Promise<Admission> => {
    const beganMs = clock()
    let cause: unknown
    for (let round = 0; ; round++) {
      const nowMs = clock()
      const now = crowd()
      const lacking: { rule: Rule; holding: Holding }[] = []
      for (let i = 0; i < holdings.length; i++) {
        const rule = plan.rules[i]
        const holding = holdings[i]
        if (rule === undefined || holding === undefined) continue
        const stands = standing(holding, rule, now, nowMs)
        if (typeof stands === 'number') throw refusalOf(rule, stands, told(plan, holdings, nowMs))
        if (stands === 'ask') lacking.push({ rule, holding })
        else if (stands === 'away' && !goesOn(holding, rule, now, nowMs))
          throw awayRefusal(rule, told(plan, holdings, nowMs), cause)
      }
      const [first] = lacking
      if (first === undefined) return take(plan, holdings, now, nowMs, true)
      if (round >= ROUNDS || nowMs - beganMs >= patienceMs)
        throw awayRefusal(first.rule, told(plan, holdings, nowMs), cause)
      for (const { rule, holding } of lacking) holding.waiting += rule.takes
      cause = await settled(
        lacking.flatMap(({ rule, holding }) => ask(holding, rule) ?? []),
        patienceMs,
      )
      for (const { rule, holding } of lacking) holding.waiting -= rule.takes
    }
  }

  return {
    admit: (plan, caller, operation) => {
      const nowMs = clock()
      const now = crowd()
      const own = plan.get(operation.id)
      if (own === undefined || own.missingBudget !== null)
        throw contractInactive(`it has no budget ${own?.missingBudget ?? ''}`, { gate: 'bank' })
      const { rules } = own
      const page = book.pageOf(caller.partnerId, nowMs)
      const holdings: (Holding | undefined)[] = []
      let lacks = false
      for (let i = 0; i < rules.length; i++) {
        const rule = rules[i]
        if (rule === undefined) continue
        const holding = book.find(page, rule, caller, operation, nowMs)
        holdings.push(holding)
        if (holding === undefined) continue
        const stands = standing(holding, rule, now, nowMs)
        if (typeof stands === 'number') throw refusalOf(rule, stands, told(own, holdings, nowMs))
        if (stands !== 'fits') lacks = true
      }
      if (!lacks) return take(own, holdings, now, nowMs)
      if (waiting >= WAITING_MAX) throw awayRefusal(rules[0], told(own, holdings, nowMs))
      waiting++
      return admitLater(own, holdings).finally(() => waiting--)
    },
    worthRecording: (partnerId) => {
      const worth = book.worthRecording(partnerId, clock())
      if (!worth) refusalsUnrecorded++
      return worth
    },
    sweep: () => giveBackAll(book.sweep(clock()), options.giveBack),
    close: () => giveBackAll(book.close(clock()), options.giveBack),
    held: () => heldBy(book.pages(), clock()),
    state: () => ({
      ...book.size(),
      waiting,
      ratesAway: options.rates.away() || options.slowRates.away(),
      windowsAway: windows.away(),
      refusalsUnrecorded,
    }),
  }
}

const nothing = () => {}

const giveBackAll = async (
  returns: readonly WindowReturn[],
  giveBack: LimitsOptions['giveBack'],
): Promise<void> => {
  for (let i = 0; i < returns.length; i += RETURNS_AT_ONCE)
    await giveBack(returns.slice(i, i + RETURNS_AT_ONCE))
}

/** Until all asks are answered, or the time is over. Answers why the first that failed did. */
const settled = async (asks: readonly Promise<void>[], patienceMs: number): Promise<unknown> => {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  // An answer that came while this process was busy is read before it is given up.
  const timer = setTimeout(() => setImmediate(resolve, undefined), patienceMs)
  try {
    const outcomes = await Promise.race([Promise.allSettled(asks), late])
    return outcomes?.find((o) => o.status === 'rejected')?.reason
  } finally {
    clearTimeout(timer)
  }
}
