/**
 * What callers may cost before they have proven who they are: so many failures from one address, so many proofs being
 * verified at a time (G17, step 5). Whoever is known already, by a token that was verified and a certificate, pays nothing.
 */
import { problem } from '#kernel/problem.ts'

export const tooManyUnproven = problem(
  'gateway/too-many-unproven',
  429,
  'Too many calls from this address prove nothing',
)
export const verifyingTooMany = problem(
  'gateway/verifying-too-many',
  503,
  'Too many callers are being verified',
)

export interface StrangerLimits {
  /** Failures of one address: so many in a second, ten times as many at once. */
  readonly failuresPerAddress: number
  readonly verifications: number
}

export interface Strangers {
  /** Before a signature is verified. Throws where this address, or everybody together, asked for too many. */
  begin(address: string): void
  /** Behind it, however it ended. */
  end(): void
  /** Somebody at this address proved nothing. */
  failed(address: string): void
  state(): { readonly addresses: number; readonly verifying: number }
}

const BURST = 10
const ADDRESSES_MAX = 100_000
/** Where too many addresses fail to keep them apart, those that are new share one budget (G36). */
const TOGETHER = '*'

export const openStrangers = (
  limits: StrangerLimits,
  nowMs: () => number = () => performance.now(),
): Strangers => {
  const perMs = limits.failuresPerAddress / 1000
  const burst = limits.failuresPerAddress * BURST
  /** Addresses that failed, each with the moment at which all its failures are forgotten. */
  const forgivenAtMs = new Map<string, number>()
  let verifying = 0
  let sweptMs = nowMs()

  const sweep = (atMs: number) => {
    if (atMs - sweptMs < BURST * 1000) return
    sweptMs = atMs
    for (const [address, at] of forgivenAtMs) if (at <= atMs) forgivenAtMs.delete(address)
  }
  const keyOf = (address: string) =>
    forgivenAtMs.has(address) || forgivenAtMs.size < ADDRESSES_MAX ? address : TOGETHER

  return {
    begin: (address) => {
      // The one look-up that an honest caller costs.
      const owed = forgivenAtMs.size === 0 ? undefined : forgivenAtMs.get(keyOf(address))
      if (owed !== undefined && (owed - nowMs()) * perMs > burst - 1)
        throw tooManyUnproven('calls that fail to prove their caller are counted by address', {
          gate: 'partner',
          headers: { 'retry-after': '2' },
        })
      if (verifying >= limits.verifications)
        throw verifyingTooMany('too many tokens and proofs are being verified', {
          headers: { 'retry-after': '1' },
        })
      verifying++
    },
    end: () => {
      verifying--
    },
    failed: (address) => {
      const atMs = nowMs()
      sweep(atMs)
      const key = keyOf(address)
      const from = Math.max(atMs, forgivenAtMs.get(key) ?? 0)
      // Never beyond the burst: who stops is heard again as soon as one failure is forgiven.
      forgivenAtMs.set(key, Math.min(from + 1 / perMs, atMs + burst / perMs))
    },
    state: () => ({ addresses: forgivenAtMs.size, verifying }),
  }
}
