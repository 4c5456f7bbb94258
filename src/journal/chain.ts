import { createHash } from 'node:crypto'
import type { Entry } from './follow.ts'

export type ChainReport =
  | { readonly whole: true; readonly entries: bigint; readonly head: string }
  | { readonly whole: false; readonly brokenAt: bigint; readonly why: string }

/** The hash of no entry at all: what the first one is chained to. */
export const genesis = new Uint8Array(32)

/** SHA-256(0x01 ‖ previous hash ‖ SHA-256(0x00 ‖ body)): the prefixes keep leaf and link apart (RFC 6962 §2.1). */
export const linkHash = (previous: Uint8Array, body: string): Buffer => {
  const leaf = createHash('sha256').update(Buffer.of(0)).update(body, 'utf8').digest()
  return createHash('sha256').update(Buffer.of(1)).update(previous).update(leaf).digest()
}

/** Walks the chain from its first entry and names the first one that does not fit. */
export const verifyChain = async (
  entries: AsyncIterable<Pick<Entry, 'seq' | 'body' | 'hash' | 'previous'>>,
): Promise<ChainReport> => {
  let expected = 1n
  let head: Uint8Array = genesis
  for await (const entry of entries) {
    const broken = (why: string): ChainReport => ({ whole: false, brokenAt: expected, why })
    if (entry.seq !== expected) return broken(`entry ${expected} is missing`)
    if (!Buffer.from(entry.previous).equals(head))
      return broken('it is not chained to the entry before it')
    const hash = linkHash(head, entry.body)
    if (!hash.equals(entry.hash)) return broken('its text is not the text that was hashed')
    head = hash
    expected += 1n
  }
  return { whole: true, entries: expected - 1n, head: Buffer.from(head).toString('hex') }
}
