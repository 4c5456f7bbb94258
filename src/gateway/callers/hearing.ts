/** How old this gateway's knowledge of what was revoked is: by what it heard itself, and before that by what was kept on disk. */
import type { Heard } from './kept-denials.ts'

interface Stream {
  /** Whether all that lives came once in this process. */
  heardOnce(): boolean
  /** Monotonic milliseconds (performance.now). */
  heardAtMs(): number
}

export interface Hearing {
  /** Of the stream that is longer unheard. A year where nobody knows. */
  unheardMs(): number
  /** Whether both streams were read once by this very process. */
  knowsRevocations(): boolean
  /** For the disk, by the wall clock. */
  heard(): Heard
}

const YEAR_MS = 365 * 86_400_000

/** `nowMs` is the wall clock: only what another process kept is measured by it. */
export const openHearing = (
  streams: { readonly control: Stream; readonly cell: Stream },
  kept: Heard,
  nowMs: () => number,
): Hearing => {
  const beganMs = performance.now()
  const beganAtMs = nowMs()
  /** How long ago, by the monotonic clock; undefined where nobody knows. */
  const agoMs = (source: keyof Heard): number | undefined => {
    const stream = streams[source]
    if (stream.heardOnce()) return performance.now() - stream.heardAtMs()
    const atMs = kept[source]
    return atMs === null ? undefined : performance.now() - beganMs + Math.max(0, beganAtMs - atMs)
  }
  const wall = (source: keyof Heard): number | null => {
    const ago = agoMs(source)
    return ago === undefined ? null : nowMs() - ago
  }
  return {
    unheardMs: () =>
      Math.min(YEAR_MS, Math.max(agoMs('control') ?? YEAR_MS, agoMs('cell') ?? YEAR_MS)),
    knowsRevocations: () => streams.control.heardOnce() && streams.cell.heardOnce(),
    heard: () => ({ control: wall('control'), cell: wall('cell') }),
  }
}
