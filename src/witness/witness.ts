/**
 * The witness of journals: from another trust domain, with a key and a memory of its own, it co-signs that a log only
 * ever grew (C2SP tlog-witness). It sees sizes and roots, never a line.
 */
import { hash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeSigningKey, writeWhole } from '#platform/keys.ts'
import {
  cosign,
  isGoodSignature,
  readCheckpoint,
  readVkey,
  type SignedCheckpoint,
  type Signer,
  signerOf,
  type Verifier,
  writeSignature,
} from '#journal/note.ts'
import { provesConsistency } from '#journal/tree.ts'
import type { AddCheckpoint } from '#journal/witnessing.ts'

export interface Witness {
  readonly folder: string
  readonly signer: Signer
}

export type Verdict =
  | { readonly status: 200; readonly line: string }
  | { readonly status: 409; readonly size: number }
  | { readonly status: 400 | 403 | 404 | 422; readonly why: string }

/** Opens or makes the key and the memory of a witness. `folder/logs` lists the verifier keys of the logs that it knows. */
export const openWitness = async (folder: string): Promise<Witness> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const jwk = await makeSigningKey(join(folder, 'key.json'), join(folder, 'key.pub.json'), 'EdDSA')
  const signer = signerOf('portico-witness', 'witness', jwk)
  writeWhole(join(folder, 'witness.vkey'), `${signer.vkey}\n`, 0o644)
  return { folder, signer }
}

/** Read at each question, so that a log is added without a new start. */
const logsOf = ({ folder }: Witness) => {
  const path = join(folder, 'logs')
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(readVkey)
}

/** Names of logs hold slashes; a directory's must not. */
const memoryOf = ({ folder }: Witness, origin: string) =>
  join(folder, 'memory', hash('sha256', origin, 'hex').slice(0, 32))

const latestOf = (witness: Witness, origin: string): SignedCheckpoint | undefined => {
  const path = join(memoryOf(witness, origin), 'checkpoint')
  return existsSync(path) ? readCheckpoint(readFileSync(path, 'utf8')) : undefined
}

/** What is remembered of a log, oldest first, the latest last: what a verifier compares a journal with. */
export const rememberedOf = (witness: Witness, origin: string): string[] => {
  const folder = memoryOf(witness, origin)
  return rememberedIn(folder)
}

const rememberedIn = (folder: string): string[] => {
  const history = join(folder, 'history')
  const latest = join(folder, 'checkpoint')
  const lines = existsSync(history) ? readFileSync(history, 'utf8').split('\n') : []
  // A kill may have cut the last line; the latest checkpoint stands in a file of its own.
  const notes = lines.slice(0, -1).map((line) => Buffer.from(line, 'base64').toString('utf8'))
  return existsSync(latest) ? [...notes, readFileSync(latest, 'utf8')] : notes
}

/** As many lines lie between two notes of the history at least: it grows with the journal, not with the clock. */
const HISTORY_EVERY = 256

/**
 * Whether this checkpoint follows what was seen before. What was decided is on disk before it is answered, and no
 * other question is heard in between: there is no moment to wait in.
 */
export const addCheckpoint = (
  witness: Witness,
  { old, proof, note }: AddCheckpoint,
  now: Temporal.Instant,
): Verdict => {
  const next = readCheckpoint(note)
  const known = logsOf(witness).filter((log) => log.name === next.origin)
  if (known.length === 0) return { status: 404, why: `${next.origin} is no log that we know` }
  const signed = signedPart(next, known)
  if (signed === undefined) return { status: 403, why: 'the checkpoint is not signed by its log' }
  if (old > next.size) return { status: 400, why: 'the old size is larger than the new one' }
  const latest = latestOf(witness, next.origin)
  const seen = latest?.size ?? 0
  if (old !== seen) return { status: 409, size: seen }
  if (latest && latest.size === next.size && !latest.root.equals(next.root))
    return { status: 409, size: seen }
  const isGrown = latest ? provesConsistency(proof, latest, next) : proof.length === 0
  if (!isGrown) return { status: 422, why: 'the proof does not lead from the old tree to the new' }
  const line = cosign(witness.signer, next.text, now)
  remember(witness, next.origin, signed + line)
  return { status: 200, line }
}

const remember = (witness: Witness, origin: string, note: string) => {
  const folder = memoryOf(witness, origin)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'checkpoint')
  const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  const kept = rememberedIn(folder).at(-2)
  const keptSize = kept === undefined ? 0 : readCheckpoint(kept).size
  if (before !== undefined && readCheckpoint(before).size - keptSize >= HISTORY_EVERY)
    appendFileSync(join(folder, 'history'), `${Buffer.from(before).toString('base64')}\n`, {
      flush: true,
    })
  writeWhole(path, note)
}

/** Only what was checked is remembered: the text and its log's good lines, nothing that a stranger may have added. */
const signedPart = (note: SignedCheckpoint, logs: readonly Verifier[]): string | undefined => {
  const good = note.signatures.filter((line) =>
    logs.some((log) => isGoodSignature(note.text, line, log)),
  )
  if (good.length === 0) return undefined
  return `${note.text}\n${good.map(writeSignature).join('')}`
}
