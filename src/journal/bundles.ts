/** Lines against the lowest hashes of the tree: work that needs nothing else, so that every core can take a part of it. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { Problem } from '#kernel/problem.ts'
import { readBundle, readTile } from './tiles.ts'
import { leafHash, rootOver, TILE_WIDTH } from './tree.ts'

/** Lines are counted from 1, as in the chain. */
export interface BrokenLine {
  readonly line: number
  readonly why: string
}

/** What a span of whole tiles came to: their roots, up to the first line that is not what was hashed. */
export interface SpanResult {
  readonly roots: readonly Uint8Array[]
  readonly broken?: BrokenLine | undefined
}
const SpanResult = z.object({
  roots: z.array(z.instanceof(Uint8Array)),
  broken: z.object({ line: z.number(), why: z.string() }).optional(),
})

/** The first line of a tile that does not hash to what the tile says. */
export const checkBundle = (
  folder: string,
  index: number,
  width: number,
): { hashes: Buffer[]; broken?: BrokenLine } => {
  const first = index * TILE_WIDTH + 1
  try {
    const hashes = readTile(folder)(0, index, width)
    const wrong = readBundle(folder, index, width).findIndex(
      (body, i) => !hashes[i]?.equals(leafHash(body)),
    )
    if (wrong < 0) return { hashes }
    return {
      hashes,
      broken: { line: first + wrong, why: 'its text is not the text that was hashed' },
    }
  } catch (error) {
    if (error instanceof Problem) return { hashes: [], broken: { line: first, why: error.detail } }
    throw error
  }
}

/** Whole tiles `from` to `to` (not included). */
export const checkBundles = (folder: string, from: number, to: number): SpanResult => {
  const roots: Buffer[] = []
  for (let index = from; index < to; index++) {
    const { hashes, broken } = checkBundle(folder, index, TILE_WIDTH)
    if (broken) return { roots, broken }
    roots.push(rootOver(hashes))
  }
  return { roots }
}

/** Tiles that one thread takes at a time; fewer than two spans are not worth a thread. */
const SPAN = 64

/** The spans of the first `tiles` whole tiles in order, made by as many threads as there are cores. */
export const checkedSpans = async function* (
  folder: string,
  tiles: number,
): AsyncGenerator<SpanResult> {
  if (tiles < 2 * SPAN) {
    yield checkBundles(folder, 0, tiles)
    return
  }
  const threads = Array.from(
    { length: availableParallelism() },
    () => new Worker(new URL('./verify.worker.ts', import.meta.url)),
  )
  try {
    const ask = (thread: Worker, from: number) =>
      new Promise<SpanResult>((resolve, reject) => {
        const onMessage = (message: unknown) => {
          thread.off('error', reject)
          resolve(SpanResult.parse(message))
        }
        thread.once('message', onMessage)
        thread.once('error', reject)
        thread.postMessage({ folder, from, to: Math.min(from + SPAN, tiles) })
      })
    // Each thread has one span ahead of the reader, so none waits for another's, and memory stays small.
    const underWay: Promise<SpanResult>[] = []
    for (let next = 0, turn = 0; next < tiles || underWay.length > 0; turn++) {
      const thread = threads[turn % threads.length]
      if (turn >= threads.length) {
        const done = await underWay.shift()
        if (done) yield done
      }
      if (thread && next < tiles) {
        underWay.push(ask(thread, next))
        next += SPAN
      }
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
}
