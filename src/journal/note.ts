/** Signed notes, checkpoints and cosignatures as C2SP signed-note, tlog-checkpoint and tlog-cosignature write them. */
import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'
import { problem } from '#kernel/problem.ts'
import type { JWK } from '#platform/jose.ts'
import { HASH_BYTES } from './tree.ts'

export const noteUnreadable = problem('journal/note', 400, 'This is no signed checkpoint')
export const keyUnreadable = problem('journal/key', 400, 'This is no verifier key')

/** What signs: a log its checkpoints, a witness its cosignatures. The byte stands in the key's id and in the vkey. */
const kinds = { log: 1, witness: 4 } as const
export type SignerKind = keyof typeof kinds

const SIGNATURE_BYTES = 64
const KEY_BYTES = 32
const ID_BYTES = 4
const TIME_BYTES = 8
/** signed-note asks for sixteen at least and for a bound. */
const SIGNATURES_MAX = 64

export interface Verifier {
  readonly name: string
  readonly kind: SignerKind
  readonly id: Buffer
  readonly key: KeyObject
  /** As it is handed to others: `name+id+key`. */
  readonly vkey: string
}
export interface Signer extends Verifier {
  readonly secret: KeyObject
}

/** What a log says of itself at a size. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
}
export interface SignatureLine {
  readonly name: string
  readonly id: Buffer
  readonly bytes: Buffer
}
export interface SignedCheckpoint extends Checkpoint {
  /** What is signed, its last newline included. */
  readonly text: string
  readonly signatures: readonly SignatureLine[]
}

const verifierOf = (name: string, kind: SignerKind, raw: Buffer): Verifier => {
  const typed = Buffer.concat([Buffer.of(kinds[kind]), raw])
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'buffer').subarray(
    0,
    ID_BYTES,
  )
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
    format: 'jwk',
  })
  return { name, kind, id, key, vkey: `${name}+${id.toString('hex')}+${typed.toString('base64')}` }
}

/** A signer from a private Ed25519 JWK. The name carries its key, so two houses never have one name. */
export const signerOf = (prefix: string, kind: SignerKind, jwk: JWK): Signer => {
  const raw = Buffer.from(String(jwk['x']), 'base64url')
  const name = `${prefix}/${hash('sha256', raw, 'hex').slice(0, 12)}`
  return {
    ...verifierOf(name, kind, raw),
    secret: createPrivateKey({ key: { ...jwk }, format: 'jwk' }),
  }
}

/** Reads `name+id+key`; refuses one whose id is not its own. */
export const readVkey = (vkey: string): Verifier => {
  const [, name = '', id = '', key = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkey) ?? []
  const typed = Buffer.from(key, 'base64')
  const kind: SignerKind = typed[0] === kinds.witness ? 'witness' : 'log'
  if (typed.length !== KEY_BYTES + 1 || typed[0] !== kinds[kind])
    throw keyUnreadable(`${vkey} is no Ed25519 key of a log or a witness`)
  const verifier = verifierOf(name, kind, typed.subarray(1))
  if (verifier.id.toString('hex') !== id || verifier.vkey !== vkey)
    throw keyUnreadable(`${vkey} does not carry its own id`)
  return verifier
}

export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`

const signatureLine = ({ name, id }: Verifier, signature: Buffer): string =>
  writeSignature({ name, id, bytes: signature })

/** The whole note of a log about itself. */
export const signCheckpoint = (signer: Signer, checkpoint: Checkpoint): string => {
  const text = checkpointText(checkpoint)
  return `${text}\n${signatureLine(signer, sign(null, Buffer.from(text), signer.secret))}`
}

const cosigned = (text: string, seconds: bigint) =>
  Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`)

/** The line that a witness adds to a note. */
export const cosign = (signer: Signer, text: string, now: Temporal.Instant): string => {
  const seconds = BigInt(Math.floor(now.epochMilliseconds / 1000))
  const time = Buffer.alloc(TIME_BYTES)
  time.writeBigUInt64BE(seconds)
  return signatureLine(
    signer,
    Buffer.concat([time, sign(null, cosigned(text, seconds), signer.secret)]),
  )
}

/** Base64 has several spellings of one value; only the one that we write is taken, so that no bit is free. */
const strictBase64 = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw noteUnreadable('a value is not in canonical base64')
  return bytes
}

/** signed-note: a note is UTF-8 without control characters other than its newlines. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const control = /[\u0000-\u0009\u000b-\u001f\ufffd]/

/** Reads a note; whether anybody signed it is asked with `isSignedBy`. Lines behind the root are the log's own matter. */
export const readCheckpoint = (note: string): SignedCheckpoint => {
  if (control.test(note)) throw noteUnreadable('it has characters that no note has')
  const at = note.indexOf('\n\n')
  const text = note.slice(0, at + 1)
  const [, origin = '', digits = '', root64 = ''] =
    /^([^\n]+)\n(0|[1-9]\d{0,14})\n([^\n]+)\n(?:[^\n]+\n)*$/.exec(text) ?? []
  const root = strictBase64(root64)
  if (at < 0 || origin === '' || root.length !== HASH_BYTES)
    throw noteUnreadable('it is not an origin, a size and a root')
  const lines = note.slice(at + 2).split('\n')
  if (lines.pop() !== '' || lines.length === 0)
    throw noteUnreadable('it has no signature, or its last line is cut off')
  if (lines.length > SIGNATURES_MAX) throw noteUnreadable('it has too many signatures')
  const signatures = lines.map((line) => {
    const [, name = '', value = ''] = /^— ([^\s+]+) (\S+)$/.exec(line) ?? []
    const bytes = strictBase64(value)
    if (bytes.length <= ID_BYTES) throw noteUnreadable('a line is no signature')
    return { name, id: bytes.subarray(0, ID_BYTES), bytes: bytes.subarray(ID_BYTES) }
  })
  return { origin, size: Number(digits), root, text, signatures }
}

/** The log that a note says it is of; whether that is true is asked with `isSignedBy`. */
export const originOf = (note: string): string => note.slice(0, note.indexOf('\n'))

const isOf = (line: SignatureLine, by: Verifier) => line.name === by.name && line.id.equals(by.id)

/** Whether this one line is a good signature by this key. */
export const isGoodSignature = (text: string, line: SignatureLine, by: Verifier): boolean => {
  if (!isOf(line, by)) return false
  if (by.kind === 'log')
    return (
      line.bytes.length === SIGNATURE_BYTES && verify(null, Buffer.from(text), by.key, line.bytes)
    )
  if (line.bytes.length !== TIME_BYTES + SIGNATURE_BYTES) return false
  const message = cosigned(text, line.bytes.readBigUInt64BE(0))
  return verify(null, message, by.key, line.bytes.subarray(TIME_BYTES))
}

/**
 * Whether the key signed this note: a log also stands in its first line. Lines of other keys are passed over; a line that
 * says it is of this key and is not spoils the note (signed-note).
 */
export const isSignedBy = (note: SignedCheckpoint, by: Verifier): boolean => {
  const lines = note.signatures.filter((line) => isOf(line, by))
  return (
    (by.kind === 'witness' || note.origin === by.name) &&
    lines.length > 0 &&
    lines.every((line) => isGoodSignature(note.text, line, by))
  )
}

/** A line of a note as it is written. */
export const writeSignature = ({ name, id, bytes }: SignatureLine): string =>
  `— ${name} ${Buffer.concat([id, bytes]).toString('base64')}\n`
