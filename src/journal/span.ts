/** A journal is verified in spans, each by whichever thread is free; what they came to is put together in order. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { HASH_BYTES, TILE_WIDTH, tileRoot } from './tree.ts'

/** Lines are counted from 1, as in the chain. */
export interface BrokenLine {
  readonly line: number
  readonly why: string
}

/** Lines `from` (a multiple of the width of a tile) to `to`, counted from 0. */
export const Span = z.object({
  from: z.number(),
  to: z.number(),
  /** Tiles whose every hash is wanted, because something was signed inside them. */
  open: z.array(z.number()),
})
export type Span = z.output<typeof Span>

/** Where the lines are, and what they are compared with on the way. */
export const Source = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('bundles'), folder: z.string() }),
  z.object({
    kind: z.literal('rows'),
    url: z.string(),
    /** The tiles of the first `signed` lines. */
    tiles: z.object({ folder: z.string(), signed: z.number() }).nullable(),
  }),
])
export type Source = z.output<typeof Source>

const Bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array)
/** The root of a whole tile, or the hashes in one that is open. */
const SpanTile = z.object({ whole: z.boolean(), hashes: Bytes })
export const SpanResult = z.object({
  tiles: z.array(SpanTile),
  /** Of the chain: the link that its first line says is before it, and the one of its last line. */
  links: z.object({ before: Bytes, last: Bytes }).optional(),
  broken: z.object({ line: z.number(), why: z.string() }).optional(),
})
export type SpanResult = z.output<typeof SpanResult>

export const asTile = (hashes: Buffer, isOpen: boolean): z.output<typeof SpanTile> =>
  isOpen || hashes.length < TILE_WIDTH * HASH_BYTES
    ? { whole: false, hashes: Buffer.from(hashes) }
    : { whole: true, hashes: tileRoot(hashes) }

/** Lines that one thread takes at a time. */
const SPAN = 64 * TILE_WIDTH

/** The spans of `lines` lines in order, with the tiles open in which one of `sizes` lies. */
export const spansOf = (lines: number, sizes: readonly number[]): Span[] => {
  const inside = [...new Set(sizes.map((size) => Math.floor(size / TILE_WIDTH)))]
  return Array.from({ length: Math.ceil(lines / SPAN) }, (_, i) => {
    const [from, to] = [i * SPAN, Math.min((i + 1) * SPAN, lines)]
    const open = inside.filter((tile) => tile * TILE_WIDTH >= from && tile * TILE_WIDTH < to)
    return { from, to, open }
  })
}

/** Every span of the source in order, made by as many threads as there are cores. */
export const checkedSpans = async function* (
  source: Source,
  { lines, sizes }: { lines: number; sizes: readonly number[] },
): AsyncGenerator<SpanResult> {
  const spans = spansOf(lines, sizes)
  const threads = Array.from(
    { length: Math.min(availableParallelism(), spans.length) },
    () => new Worker(new URL('./verify.worker.ts', import.meta.url), { workerData: source }),
  )
  const ask = (thread: Worker, span: Span) =>
    new Promise<SpanResult>((resolve, reject) => {
      const onMessage = (message: unknown) => {
        thread.off('error', reject)
        resolve(SpanResult.parse(message))
      }
      thread.once('message', onMessage)
      thread.once('error', reject)
      thread.postMessage(span)
    })
  try {
    // Each thread has one span ahead of the reader, so none waits for another's, and memory stays small.
    const underWay: Promise<SpanResult>[] = []
    for (let turn = 0; turn < spans.length + threads.length; turn++) {
      if (turn >= threads.length) {
        const done = await underWay.shift()
        if (done) yield done
      }
      const thread = threads[turn % threads.length]
      const span = spans[turn]
      if (thread && span) {
        const result = ask(thread, span)
        // Whoever stops reading earlier leaves no rejection that nobody hears.
        result.catch(() => {})
        underWay.push(result)
      }
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
}
