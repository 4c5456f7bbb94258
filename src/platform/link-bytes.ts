/** What comes along the line as bytes: whole documents, lines, and what an envelope says of itself. */
import { Problem } from '#kernel/problem.ts'
import type { Bytes } from './link-words.ts'
import { peerUnavailable } from './rpc.ts'

/** Larger than any document that a cell could hold: a sender that does not end is cut off. */
const DOCUMENT_BYTES_MAX = 536_870_912

/** A body as it comes, into a buffer of its announced size: joining 60 MB at the end would stop every call meanwhile. */
export const wholeOf = async (
  body: AsyncIterable<Uint8Array>,
  announced: number,
): Promise<Bytes> => {
  let whole = new Uint8Array(new ArrayBuffer(lengthOf(announced)))
  let length = 0
  for await (const chunk of body) {
    if (length + chunk.length > whole.length) {
      const longer = new Uint8Array(new ArrayBuffer(lengthOf((length + chunk.length) * 2)))
      longer.set(whole)
      whole = longer
    }
    whole.set(chunk, length)
    length += chunk.length
  }
  return length === whole.length ? whole : whole.slice(0, length)
}

const lengthOf = (announced: number): number => {
  if (announced > DOCUMENT_BYTES_MAX) throw peerUnavailable('a document is too large to be held')
  return Number.isSafeInteger(announced) ? announced : 0
}

/** What an envelope says of itself, unproven: enough to know it by. Its head and its end are short. */
export const offeredIn = (bytes: Bytes): { epoch: number | null; sha256: string | null } => {
  const ends = Buffer.from(bytes.subarray(-400)).toString('latin1') + headOf(bytes)
  return {
    epoch: Number(/"epoch":([1-9]\d{0,14})[,}]/.exec(ends)?.[1] ?? 0) || null,
    sha256: /"sha256":"([0-9a-f]{64})"/.exec(ends)?.[1] ?? null,
  }
}
const headOf = (bytes: Bytes) => Buffer.from(bytes.subarray(0, 400)).toString('latin1')

export const reasonOf = (cause: unknown) =>
  (cause instanceof Problem ? cause.detail : String(cause)).slice(0, 500)

export const linesOf = async function* (chunks: AsyncIterable<Uint8Array>) {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line !== '')
  }
}
