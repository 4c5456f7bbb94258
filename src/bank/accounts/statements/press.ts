/** Draws statements beside the calls, one after another: what takes a tenth of a second of a processor holds nobody up. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import type { Paper } from './paper.ts'

export const pressBusy = problem(
  'accounts/statement-press-busy',
  503,
  'Many statements are being drawn',
)

export interface Press {
  /** The paper as PDF; refuses with `accounts/statement-press-busy` where too many wait. */
  print(paper: Paper): Promise<Buffer>
  close(): Promise<void>
}

const IDLE_MS = 20_000
const WAITING_MAX = 16
/** Five thousand lines need a fifth of it. */
const HEAP_MB_MAX = 512

const Answered = z.union([
  z.object({ pdf: z.instanceof(Uint8Array) }),
  z.object({ broke: z.string() }),
])

export const openPress = (): Press => {
  let worker: Worker | undefined
  let ending: NodeJS.Timeout | undefined
  let waiting = 0
  let turn: Promise<unknown> = Promise.resolve()

  const end = async () => {
    clearTimeout(ending)
    const ended = worker
    worker = undefined
    await ended?.terminate()
  }
  const draw = async (paper: Paper): Promise<Buffer> => {
    clearTimeout(ending)
    worker ??= new Worker(new URL('press.worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    })
    const drawing = worker
    const ended = new AbortController()
    const onExit = () => ended.abort()
    drawing.once('exit', onExit)
    try {
      drawing.postMessage(paper)
      const [answer]: unknown[] = await once(drawing, 'message', { signal: ended.signal })
      const answered = Answered.parse(answer)
      if ('broke' in answered) throw new Error(answered.broke)
      return Buffer.from(answered.pdf)
    } catch (error) {
      if (worker === drawing) await end()
      throw error
    } finally {
      drawing.off('exit', onExit)
      ending = setTimeout(() => void end(), IDLE_MS)
      ending.unref()
    }
  }
  return {
    print: async (paper) => {
      if (waiting >= WAITING_MAX)
        throw pressBusy('try again in a moment', { headers: { 'Retry-After': '5' } })
      waiting++
      const drawing = turn.then(() => draw(paper))
      turn = drawing.catch(() => {})
      try {
        return await drawing
      } finally {
        waiting--
      }
    },
    close: end,
  }
}
