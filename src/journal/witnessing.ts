/** How a log asks a witness for its cosignature: `POST /add-checkpoint` of C2SP tlog-witness. Words of both sides. */
import { problem } from '#kernel/problem.ts'
import {
  isGoodSignature,
  noteUnreadable,
  readCheckpoint,
  type SignedCheckpoint,
  type Verifier,
  writeSignature,
} from './note.ts'
import { consistencyProof, HASH_BYTES, type ReadTile } from './tree.ts'

export const witnessRefused = problem(
  'journal/witness-refused',
  502,
  'The witness does not co-sign this journal',
)

export interface Witness {
  readonly url: string
  readonly verifier: Verifier
}

/** More than a proof between two trees of any size. */
const PROOF_HASHES_MAX = 63
const ANSWERS_WITHIN_MS = 5_000
export const SIZE_TYPE = 'text/x.tlog.size'

export interface AddCheckpoint {
  readonly old: number
  readonly proof: readonly Buffer[]
  readonly note: string
}

export const writeAddCheckpoint = ({ old, proof, note }: AddCheckpoint): string =>
  [`old ${old}`, ...proof.map((hash) => hash.toString('base64')), '', note].join('\n')

export const readAddCheckpoint = (body: string): AddCheckpoint => {
  const at = body.indexOf('\n\n')
  const [first = '', ...rest] = body.slice(0, Math.max(at, 0)).split('\n')
  const [, old] = /^old (0|[1-9]\d{0,14})$/.exec(first) ?? []
  const proof = rest.map((line) => Buffer.from(line, 'base64'))
  if (at < 0 || old === undefined) throw noteUnreadable('the body begins with the old size')
  if (proof.length > PROOF_HASHES_MAX || proof.some((hash) => hash.length !== HASH_BYTES))
    throw noteUnreadable('the proof is not of hashes')
  return { old: Number(old), proof, note: body.slice(at + 2) }
}

/** The note with the witness's line; a witness that knows another size is asked again from there. */
export const askWitness = async (
  { url, verifier }: Witness,
  log: { note: string; newest: SignedCheckpoint; known: number; read: ReadTile },
): Promise<string> => {
  const post = async (old: number) =>
    fetch(new URL('/add-checkpoint', url), {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
      body: writeAddCheckpoint({
        old,
        proof: consistencyProof(log.read, log.newest.size, old),
        note: log.note,
      }),
    })
  let answer = await post(log.known)
  if (answer.status === 409 && answer.headers.get('content-type') === SIZE_TYPE) {
    const size = Number(await answer.text())
    if (!Number.isSafeInteger(size) || size > log.newest.size)
      throw witnessRefused(
        `it has seen ${size} lines and we have ${log.newest.size}: the journal was rolled back`,
      )
    answer = await post(size)
  }
  const text = await answer.text()
  if (answer.status !== 200) throw witnessRefused(`it answers ${answer.status}: ${text.trim()}`)
  // It may sign with several keys (tlog-witness): what we cannot check is passed over, never kept.
  const { text: signed, signatures } = readCheckpoint(log.note + text)
  const good = signatures.filter((line) => isGoodSignature(signed, line, verifier))
  if (good.length === 0) throw witnessRefused('its answer is not signed with the key that we know')
  return log.note + good.map(writeSignature).join('')
}
