/** One thread of the offline verifier: hashes the lines of the tiles that it is given. */
import { parentPort } from 'node:worker_threads'
import { z } from 'zod'
import { checkBundles } from './bundles.ts'

const Span = z.object({ folder: z.string(), from: z.number(), to: z.number() })

parentPort?.on('message', (message: unknown) => {
  const { folder, from, to } = Span.parse(message)
  parentPort?.postMessage(checkBundles(folder, from, to))
})
