/**
 * Unattended account access: so many in 24 hours for each consent, account and endpoint (RTS Art. 36(5)(b); O57).
 * Counted exactly, in this process: a restart forgets, and a second gateway counts apart, until PostgreSQL counts (G, §5).
 */

const WINDOW_MS = 86_400_000
export const UNATTENDED_MAX = 4
const KEYS_MAX = 200_000
/** Further pages of a list that was begun are the same access. */
const PAGES_WITHIN_MS = 900_000

export type Access =
  | { readonly allowed: true; giveBack(): void }
  | { readonly allowed: false; readonly retryAfterS: number }

export interface Frequency {
  /** Takes one access. `furtherPage`: the call continues a list. `nowMs` is the wall's. */
  take(key: string, furtherPage: boolean, nowMs: number): Access
  sweep(nowMs: number): void
  size(): number
}

const nothing = () => {}

export const openFrequency = (): Frequency => {
  const taken = new Map<string, number[]>()
  const live = (times: readonly number[], nowMs: number) =>
    times.filter((t) => nowMs - t < WINDOW_MS)
  return {
    size: () => taken.size,
    take: (key, furtherPage, nowMs) => {
      const times = live(taken.get(key) ?? [], nowMs)
      const last = times.at(-1)
      if (furtherPage && last !== undefined && nowMs - last < PAGES_WITHIN_MS)
        return { allowed: true, giveBack: nothing }
      const first = times[0]
      if (times.length >= UNATTENDED_MAX && first !== undefined)
        return { allowed: false, retryAfterS: Math.ceil((first + WINDOW_MS - nowMs) / 1000) }
      // Full means refuse the new key, never forget a live one (G36).
      if (!taken.has(key) && taken.size >= KEYS_MAX) return { allowed: false, retryAfterS: 60 }
      times.push(nowMs)
      taken.set(key, times)
      return {
        allowed: true,
        giveBack: () => {
          const held = taken.get(key)
          const at = held?.indexOf(nowMs) ?? -1
          if (held && at >= 0) held.splice(at, 1)
        },
      }
    },
    sweep: (nowMs) => {
      for (const [key, times] of taken) if (live(times, nowMs).length === 0) taken.delete(key)
    },
  }
}
