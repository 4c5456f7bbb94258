/**
 * Reads BER (X.690 §8), as signatures of smart cards and of Java programs come: DER, or with lengths that are not said.
 * By hand, because @peculiar/asn1-cms 2.11 reads a string that is written in pieces as empty, and forgets the bytes of signed
 * attributes, which are what is signed.
 */

export interface Node {
  readonly tag: number
  /** With tag and length. */
  readonly whole: Buffer
  readonly value: Buffer
  /** Of what is constructed. */
  readonly children: readonly Node[]
}

export class Malformed extends Error {}

const CONSTRUCTED = 0x20
const UNSAID = 0x80
const DEPTH_MAX = 32

/** The one node that these bytes are. */
export const nodeOf = (bytes: Buffer): Node => {
  const { node, end } = readNode(bytes, 0, 0)
  if (end !== bytes.length) throw new Malformed('something stands behind its end')
  return node
}

const readNode = (bytes: Buffer, at: number, depth: number): { node: Node; end: number } => {
  if (depth > DEPTH_MAX) throw new Malformed('it is nested too deep')
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) throw new Malformed('it ends within a head')
  if ((tag & 0x1f) === 0x1f) throw new Malformed('tags of several bytes belong to no signature')
  if (first === UNSAID) {
    if ((tag & CONSTRUCTED) === 0) throw new Malformed('what is primitive says its length')
    const { children, end } = readUntilEnd(bytes, at + 2, depth)
    const value = bytes.subarray(at + 2, end)
    return { node: { tag, whole: bytes.subarray(at, end + 2), value, children }, end: end + 2 }
  }
  const more = first < UNSAID ? 0 : first - UNSAID
  if (more > 4 || at + 2 + more > bytes.length) throw new Malformed('a length is out of bounds')
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
  const from = at + 2 + more
  const end = from + length
  if (end > bytes.length) throw new Malformed('it ends within a value')
  const value = bytes.subarray(from, end)
  const children = (tag & CONSTRUCTED) === 0 ? [] : readAll(value, depth + 1)
  return { node: { tag, whole: bytes.subarray(at, end), value, children }, end }
}

const readAll = (bytes: Buffer, depth: number): Node[] => {
  const nodes: Node[] = []
  for (let at = 0; at < bytes.length;) {
    const { node, end } = readNode(bytes, at, depth)
    nodes.push(node)
    at = end
  }
  return nodes
}

const readUntilEnd = (bytes: Buffer, from: number, depth: number) => {
  const children: Node[] = []
  for (let at = from; ;) {
    if (bytes[at] === 0 && bytes[at + 1] === 0) return { children, end: at }
    const { node, end } = readNode(bytes, at, depth + 1)
    children.push(node)
    at = end
  }
}

export const tags = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  /** [0], constructed. */
  zero: 0xa0,
} as const

export const is = (node: Node | undefined, tag: number): node is Node => node?.tag === tag

/** The node, where it has this tag. */
export const expect = (node: Node | undefined, tag: number, what: string): Node => {
  if (!is(node, tag)) throw new Malformed(`${what} is expected`)
  return node
}

/** No identifier that anybody registered is longer; sums of long ones take time that grows with their square. */
const OID_BYTES_MAX = 64

export const oidOf = (node: Node | undefined): string => {
  const { value } = expect(node, tags.oid, 'an identifier')
  if (value.length === 0 || value.length > OID_BYTES_MAX)
    throw new Malformed('an identifier is out of bounds')
  if ((value.at(-1) ?? 0) >= 0x80) throw new Malformed('an identifier ends within a number')
  const arcs: bigint[] = []
  let arc = 0n
  for (const byte of value) {
    arc = arc * 128n + BigInt(byte & 0x7f)
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0n
    }
  }
  const [first = 0n, ...rest] = arcs
  const top = first < 80n ? first / 40n : 2n
  return [top, first - top * 40n, ...rest].join('.')
}

/** The bytes of an OCTET STRING, also of one that is written in pieces (X.690 §8.7.3). */
export const octetsOf = (node: Node): Buffer => {
  if (node.tag === tags.octets) return node.value
  if (node.tag !== (tags.octets | CONSTRUCTED)) throw new Malformed('bytes are expected')
  return Buffer.concat(node.children.map(octetsOf))
}
