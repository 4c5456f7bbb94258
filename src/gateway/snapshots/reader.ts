/** Reads snapshots beside the calls: a worker proves, parses and packs, the thread of the calls only takes over. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Cell } from '#kernel/cell.ts'
import type { JWK } from '#platform/jose.ts'
import { publicationRefused } from '#platform/publication.ts'
import type { Reading } from './reading.ts'

export interface ReaderOptions {
  readonly cell: Cell
  /** Control's public key. */
  readonly key: JWK
}

/** Bytes go to the worker and come back: without a copy they are on one side at a time. */
export interface Asked {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly above: number
}
export type Answered = { readonly bytes: Uint8Array<ArrayBuffer> } & (
  | { readonly reading: Reading }
  | { readonly refused: string }
)

export interface SnapshotReader {
  /** Throws `gateway/snapshot-refused` for what must not be enforced. `bytes` are empty until it answers. */
  read(
    bytes: Uint8Array<ArrayBuffer>,
    above: number,
  ): Promise<{ reading: Reading; bytes: Uint8Array<ArrayBuffer> }>
  close(): Promise<void>
}

/** A worker that has had nothing to do for so long is ended, with all that it holds. */
const IDLE_MS = 20_000
/** Ten times what 50,000 applications need: a document that takes more is refused, and takes nobody with it. */
const HEAP_MB_MAX = 2_048
/** Most of what is parsed is dropped as soon as it is packed: with room for it, it is never moved. */
const YOUNG_MB_MAX = 192

export const openReader = (options: ReaderOptions): SnapshotReader => {
  let worker: Worker | undefined
  let ending: NodeJS.Timeout | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const end = async () => {
    clearTimeout(ending)
    const ended = worker
    worker = undefined
    await ended?.terminate()
  }
  const ask = async (asked: Asked): Promise<Answered> => {
    clearTimeout(ending)
    worker ??= new Worker(new URL('reading.worker.ts', import.meta.url), {
      workerData: options,
      resourceLimits: {
        maxOldGenerationSizeMb: HEAP_MB_MAX,
        maxYoungGenerationSizeMb: YOUNG_MB_MAX,
      },
    })
    const asking = worker
    const ended = new AbortController()
    const onExit = () => ended.abort()
    asking.once('exit', onExit)
    try {
      asking.postMessage(asked, [asked.bytes.buffer])
      const [answered] = await once(asking, 'message', { signal: ended.signal })
      return answered as Answered
    } catch (cause) {
      if (worker === asking) worker = undefined
      throw publicationRefused('the worker that reads it broke', { cause })
    } finally {
      asking.off('exit', onExit)
      ending = setTimeout(() => void end(), IDLE_MS)
      ending.unref()
    }
  }
  return {
    read: async (bytes, above) => {
      const answering = turn.then(() => ask({ bytes, above }))
      turn = answering.catch(() => {})
      const answered = await answering
      if ('refused' in answered) throw publicationRefused(answered.refused)
      return answered
    },
    close: end,
  }
}
