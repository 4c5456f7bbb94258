/**
 * Whether a line stands in the journal that was signed, computed in the reader's own browser from nothing but the proof,
 * the checkpoint and a key: RFC 9162 §2.1.3.2 and C2SP signed-note. The server is not asked for its opinion.
 */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Bytes
  readonly text: string
  readonly signatures: readonly { readonly name: string; readonly bytes: Bytes }[]
}
type Bytes = Uint8Array<ArrayBuffer>

export interface Verdict {
  /** The line leads to the root that the checkpoint says. */
  readonly leads: boolean
  /** The checkpoint is signed with the key; null where this browser cannot check Ed25519. */
  readonly signed: boolean | null
}

const utf8 = (text: string): Bytes => new TextEncoder().encode(text)
export const bytesOf = (base64: string): Bytes =>
  Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
const joined = (...parts: readonly Bytes[]): Bytes => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
const equal = (a: Bytes, b: Bytes) => a.length === b.length && a.every((byte, i) => byte === b[i])
const sha256 = async (...parts: readonly Bytes[]): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', joined(...parts)))

export const leafOf = (text: string): Promise<Bytes> => sha256(Uint8Array.of(0), utf8(text))

const isOdd = (n: number) => n % 2 === 1
const half = (n: number) => Math.floor(n / 2)

/** Where the hashes lead from a leaf; undefined where they are not as many as they must be. */
export const rootFrom = async (
  leaf: Bytes,
  { index, size }: { index: number; size: number },
  proof: readonly Bytes[],
): Promise<Bytes | undefined> => {
  if (index < 0 || index >= size) return undefined
  let [fn, sn, node] = [index, size - 1, leaf]
  for (const sibling of proof) {
    if (sn === 0) return undefined
    if (isOdd(fn) || fn === sn) {
      node = await sha256(Uint8Array.of(1), sibling, node)
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else node = await sha256(Uint8Array.of(1), node, sibling)
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 ? node : undefined
}

export const readCheckpoint = (note: string): Checkpoint | undefined => {
  const at = note.indexOf('\n\n')
  const text = note.slice(0, at + 1)
  const [origin = '', size = '', root = ''] = text.split('\n')
  if (at < 0 || !/^\d+$/.test(size)) return undefined
  const signatures = note
    .slice(at + 2)
    .split('\n')
    .flatMap((line) => {
      const [, name, value] = /^— (\S+) (\S+)$/.exec(line) ?? []
      return name && value ? [{ name, bytes: bytesOf(value) }] : []
    })
  return { origin, size: Number(size), root: bytesOf(root), text, signatures }
}

/** `name+id+key`, the key behind the byte that says Ed25519 of a log. */
const readVkey = (vkey: string) => {
  const [, name = '', id = '', key = ''] = /^([^+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkey) ?? []
  const typed = bytesOf(key)
  return typed[0] === 1 && typed.length === 33 ? { name, id, key: typed.slice(1) } : undefined
}
const hex = (bytes: Bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
const ID_BYTES = 4

const isSigned = async (checkpoint: Checkpoint, vkey: string): Promise<boolean | null> => {
  const known = readVkey(vkey)
  if (!known || known.name !== checkpoint.origin) return false
  const own = checkpoint.signatures.find(
    ({ name, bytes }) => name === known.name && hex(bytes.slice(0, ID_BYTES)) === known.id,
  )
  if (!own) return false
  try {
    const key = await crypto.subtle.importKey('raw', known.key, 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify(
      'Ed25519',
      key,
      own.bytes.slice(ID_BYTES),
      utf8(checkpoint.text),
    )
  } catch {
    return null
  }
}

export interface ProvenText {
  readonly checkpoint: string
  readonly vkey: string
  readonly seq: string
  readonly body: string
  readonly proof: readonly string[]
}

/** The verdict over a line of the journal. */
export const checkLine = async (given: ProvenText): Promise<Verdict> => {
  const checkpoint = readCheckpoint(given.checkpoint)
  if (!checkpoint) return { leads: false, signed: false }
  const place = { index: Number(given.seq) - 1, size: checkpoint.size }
  const root = await rootFrom(await leafOf(given.body), place, given.proof.map(bytesOf))
  return {
    leads: root !== undefined && equal(root, checkpoint.root),
    signed: await isSigned(checkpoint, given.vkey),
  }
}

export interface ProvenCall {
  readonly text: string
  readonly index: number
  readonly size: number
  readonly proof: readonly string[]
}

/** Whether a call leads to the root that the line of its batch says. */
export const leadsToBatch = async (call: ProvenCall, body: string): Promise<boolean> => {
  const root = await rootFrom(await leafOf(call.text), call, call.proof.map(bytesOf))
  const line: unknown = JSON.parse(body)
  const data = typeof line === 'object' && line !== null && 'data' in line ? line.data : null
  const said = typeof data === 'object' && data !== null && 'root' in data ? data.root : null
  return root !== undefined && hex(root) === said
}
