/** The worker's end of press.ts: one paper comes, one file goes. */
import { parentPort } from 'node:worker_threads'
import { assert } from '#kernel/assert.ts'
import { drawn } from './drawing.ts'
import type { Paper } from './paper.ts'

const port = parentPort
assert(port, 'this file runs in a worker')

port.on('message', (paper: Paper) => {
  void drawn(paper).then(
    (pdf) => port.postMessage({ pdf }),
    (error: unknown) => port.postMessage({ broke: String(error) }),
  )
})
