/** The worker's end of reader.ts: reads one snapshot at a time, and hands the buffers over. */
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '#kernel/assert.ts'
import { Problem } from '#kernel/problem.ts'
import { readSnapshot } from './reading.ts'
import type { Answered, Asked, ReaderOptions } from './reader.ts'

const port = parentPort
assert(port, 'this file runs in a worker')
const { cell, key } = workerData as ReaderOptions

port.on('message', ({ bytes, above }: Asked) => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const answer = (said: Answered, moved: readonly ArrayBuffer[]) =>
    port.postMessage(said, [...moved])
  try {
    const reading = readSnapshot(text, { cell, key, above })
    const { verdicts, partners, applications, certificates } = reading
    answer({ reading, bytes }, [
      bytes.buffer,
      ...[verdicts, partners, applications, certificates].flatMap((d) => [
        d.bytes.buffer,
        d.slots.buffer,
      ]),
    ])
  } catch (cause) {
    const why = cause instanceof Problem ? cause.detail : `it could not be read: ${String(cause)}`
    answer({ refused: why, bytes }, [bytes.buffer])
  }
})
