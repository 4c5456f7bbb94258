/** All that this gateway holds, by partner: found by the names of limits and consumers, forgotten when idle, bounded. */
import { problem } from '#kernel/problem.ts'
import { type Holding, RateHolding, SeatHolding, WindowHolding } from './holdings.ts'
import type { Rule } from './plan.ts'
import type { Limited, Per } from './policy.ts'
import type { WindowReturn } from './store.ts'

/** Who calls, as far as a limit can tell them apart. */
export interface Caller {
  readonly partnerId: string
  readonly applicationId: string
  /** Null without a customer's consent. */
  readonly consentId: string | null
  readonly subject: string
}

export const tooManyKeys = problem(
  'gateway/limits-full',
  503,
  'The platform counts for too many callers right now',
)

/** Live keys at once. Full means that a new one is refused, never that a live one is forgotten (G36). */
const KEYS_MAX = 400_000
/** Refusals of a partner that are recorded: so many at once, and so many a second (G30). */
const RECORDED = { burst: 200, perSecond: 20 }

export interface Page {
  /** Of the partner as a whole, by the name of the limit. */
  readonly whole: Map<string, Holding>
  /** Apart for an application, a customer …: by the name of the limit, then by the value. */
  readonly parts: Map<string, Map<string, Holding>>
  recordable: number
  recordableAtMs: number
}

export interface Book {
  pageOf(partnerId: string, nowMs: number): Page
  /** Undefined where the rule is about something that the call does not have, such as a customer. */
  find(
    page: Page,
    rule: Rule,
    caller: Caller,
    operation: Limited,
    nowMs: number,
  ): Holding | undefined
  /** Whether one more refusal of the partner's is worth its record. */
  worthRecording(partnerId: string, nowMs: number): boolean
  /** Forgets what is idle. Answers what is to be returned of windows. */
  sweep(nowMs: number): WindowReturn[]
  /** Empties all windows. */
  close(nowMs: number): WindowReturn[]
  size(): { partners: number; keys: number }
  pages(): Iterable<Page>
}

/** `bornMs`: when this gateway began. */
export const openBook = (bornMs: number): Book => {
  const pages = new Map<string, Page>()
  let keys = 0

  /** The plan's word and the consumer; never a version, a route or a node (G29). */
  const made = (rule: Rule, key: string, nowMs: number): Holding => {
    if (keys >= KEYS_MAX)
      throw tooManyKeys('come back in a minute', { headers: { 'retry-after': '60' } })
    keys++
    switch (rule.kind) {
      case 'rate':
        return new RateHolding(key, rule, nowMs, bornMs)
      case 'window':
        return new WindowHolding(key, nowMs)
      case 'concurrent':
        return new SeatHolding(nowMs)
    }
  }
  const foundIn = (held: Map<string, Holding>, name: string, rule: Rule) => {
    const found = held.get(name)
    if (found === undefined || found.kind === rule.kind) return found
    // The limit of this name is of another shape now.
    held.delete(name)
    keys--
    return undefined
  }
  const pageOf = (partnerId: string, nowMs: number): Page => {
    const found = pages.get(partnerId)
    if (found) return found
    const page = {
      whole: new Map(),
      parts: new Map(),
      recordable: RECORDED.burst,
      recordableAtMs: nowMs,
    }
    pages.set(partnerId, page)
    return page
  }

  return {
    pageOf,
    find: (page, rule, caller, operation, nowMs) => {
      if (rule.application !== undefined && rule.application !== caller.applicationId)
        return undefined
      if (rule.per.length === 0) {
        const found = foundIn(page.whole, rule.name, rule)
        if (found) return found
        const fresh = made(rule, `${caller.partnerId}/${rule.name}`, nowMs)
        page.whole.set(rule.name, fresh)
        return fresh
      }
      const value = partOf(rule.per, caller, operation)
      if (value === null) return undefined
      let held = page.parts.get(rule.name)
      if (held === undefined) page.parts.set(rule.name, (held = new Map()))
      const found = foundIn(held, value, rule)
      if (found) return found
      const fresh = made(rule, `${caller.partnerId}/${rule.name}/${value}`, nowMs)
      held.set(value, fresh)
      return fresh
    },
    worthRecording: (partnerId, nowMs) => {
      const page = pageOf(partnerId, nowMs)
      const gained = ((nowMs - page.recordableAtMs) / 1_000) * RECORDED.perSecond
      page.recordable = Math.min(RECORDED.burst, page.recordable + gained)
      page.recordableAtMs = nowMs
      if (page.recordable < 1) return false
      page.recordable--
      return true
    },
    sweep: (nowMs) => {
      const returns: WindowReturn[] = []
      for (const [id, page] of pages) {
        for (const held of [page.whole, ...page.parts.values()])
          for (const [name, holding] of held) {
            if (!holding.idle(nowMs)) continue
            if (holding.kind === 'window') returns.push(...holding.emptied(nowMs))
            held.delete(name)
            keys--
          }
        for (const [name, held] of page.parts) if (held.size === 0) page.parts.delete(name)
        if (page.whole.size === 0 && page.parts.size === 0) pages.delete(id)
      }
      return returns
    },
    close: (nowMs) =>
      [...pages.values()].flatMap(({ whole, parts }) =>
        [whole, ...parts.values()].flatMap((held) =>
          [...held.values()].flatMap((holding) =>
            holding.kind === 'window' ? holding.emptied(nowMs) : [],
          ),
        ),
      ),
    size: () => ({ partners: pages.size, keys }),
    pages: () => pages.values(),
  }
}

/** One value as it is, so that a call builds no text; several joined. */
const partOf = (all: readonly Per[], caller: Caller, operation: Limited): string | null => {
  let part: string | null = null
  for (const per of all) {
    const value = valueOf(per, caller, operation)
    if (value === null) return null
    part = part === null ? value : `${part}/${value}`
  }
  return part
}

const valueOf = (per: Per, caller: Caller, operation: Limited): string | null => {
  switch (per) {
    case 'application':
      return caller.applicationId
    case 'product':
      return operation.product
    case 'operation':
      return operation.id
    case 'customer':
      return caller.consentId === null ? null : caller.subject
    case 'consent':
      return caller.consentId
  }
}
