import { hash } from 'node:crypto'
import type { Entry } from './follow.ts'
import { leafHash } from './tree.ts'

export type ChainReport =
  | { readonly whole: true; readonly entries: bigint; readonly head: string }
  | { readonly whole: false; readonly brokenAt: bigint; readonly why: string }

export type ChainedLine = Pick<Entry, 'seq' | 'body' | 'hash' | 'previous'>

/** The hash of no entry at all: what the first one is chained to. */
export const genesis = new Uint8Array(32)

const linkOf = (previous: Uint8Array, leaf: Uint8Array): Buffer => {
  const input = Buffer.allocUnsafe(65)
  input[0] = 1
  input.set(previous, 1)
  input.set(leaf, 33)
  return hash('sha256', input, 'buffer')
}

/** SHA-256(0x01 ‖ previous hash ‖ SHA-256(0x00 ‖ body)): the prefixes keep leaf and link apart (RFC 6962 §2.1). */
export const linkHash = (previous: Uint8Array, body: string): Buffer =>
  linkOf(previous, leafHash(body))

/** One entry at the place where it must stand, behind the link that must be before it. */
export const checkLine = (
  entry: ChainedLine,
  { place, head }: { place: bigint; head: Uint8Array },
): { readonly leaf: Buffer; readonly link: Buffer } | { readonly why: string } => {
  if (entry.seq !== place) return { why: `entry ${place} is missing` }
  if (!Buffer.from(entry.previous).equals(head))
    return { why: 'it is not chained to the entry before it' }
  const leaf = leafHash(entry.body)
  const link = linkOf(head, leaf)
  return link.equals(entry.hash)
    ? { leaf, link }
    : { why: 'its text is not the text that was hashed' }
}

/** Walks the chain from its first entry and names the first one that does not fit; `onLeaf` sees the hash of each that does. */
export const verifyChain = async (
  entries: AsyncIterable<ChainedLine>,
  onLeaf: (leaf: Buffer) => void = () => {},
): Promise<ChainReport> => {
  let expected = 1n
  let head: Uint8Array = genesis
  for await (const entry of entries) {
    const checked = checkLine(entry, { place: expected, head })
    if ('why' in checked) return { whole: false, brokenAt: expected, why: checked.why }
    onLeaf(checked.leaf)
    head = checked.link
    expected += 1n
  }
  return { whole: true, entries: expected - 1n, head: Buffer.from(head).toString('hex') }
}
