/** The worker's end of `yearBeside`: for each word that comes, one stretch of the year goes; behind the last one, nothing. */
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { PlainDate } from '#kernel/time.ts'
import { yearOf } from './multitude.ts'

const Multitude = z.object({
  customers: z.number(),
  transactions: z.number(),
  today: PlainDate,
  seed: z.number(),
})

const port = parentPort
assert(port, 'this file runs in a worker')

const year = yearOf(Multitude.parse(workerData))

port.on('message', () => {
  const { value: stretch } = year.next()
  if (!stretch) return port.postMessage(null)
  port.postMessage(stretch, [stretch.postings.buffer, stretch.entries.buffer])
})
