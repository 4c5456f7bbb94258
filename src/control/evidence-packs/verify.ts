/** Checks an evidence pack by nothing but itself and the keys that the reader trusts. */
import { originOf, readVkey, signedByLog, unprovenBecause, type Verifier } from '#journal/index.ts'
import { Problem } from '#kernel/problem.ts'
import { JournalLines } from './gathering.ts'
import { inForceFaults } from './in-force-faults.ts'
import { isSigned, Manifest, MANIFEST, sha256Of, SIGNATURE } from './manifest.ts'
import { csvOf, Pack, packText } from './pack.ts'
import { archiveUnreadable, type PackFile, readTar } from './tar.ts'

export interface PackReport {
  readonly pack: Pack
  /** What is wrong; a whole pack has none. */
  readonly faults: readonly string[]
  /** Lines of the journal that were proven, and those that the checkpoint is too old for. */
  readonly journal: { readonly proven: number; readonly later: number }
  /** What could not be checked, because a key was not given. */
  readonly unchecked: readonly string[]
  readonly key: string
}

export interface TrustedKeys {
  /** `x` of the bank's Ed25519 key. */
  readonly pack?: string | undefined
  readonly journal?: string | undefined
}

/** Throws `evidence-packs/archive` where it is no pack at all. */
export const verifyPack = (archive: Buffer, trusted: TrustedKeys): PackReport => {
  const files = new Map(readTar(archive).map((file) => [file.name, file.bytes]))
  const fileNamed = (name: string): Buffer => {
    const bytes = files.get(name)
    if (!bytes) throw archiveUnreadable(`${name} is missing`)
    return bytes
  }
  const manifestBytes = fileNamed(MANIFEST)
  const manifest = parsed(Manifest, manifestBytes, MANIFEST)
  const pack = parsed(Pack, fileNamed('pack.json'), 'pack.json')
  const journal = parsed(JournalLines, fileNamed('journal.json'), 'journal.json')
  const listed = readTar(archive).filter(({ name }) => name !== MANIFEST && name !== SIGNATURE)
  const ofJournal = journalFaults(journal, trusted.journal && readVkey(trusted.journal.trim()))
  const { x } = manifest.key
  return {
    pack,
    key: x,
    faults: [
      ...(isSigned(manifestBytes, fileNamed(SIGNATURE).toString('utf8'), x)
        ? []
        : ['the signature is not over this manifest']),
      ...(trusted.pack !== undefined && trusted.pack !== x
        ? ['it is signed by another key than the bank’s']
        : []),
      ...listingFaults(manifest, listed),
      ...sectionFaults(pack, files),
      ...contentFaults(pack),
      ...ofJournal.faults,
      ...inForceFaults(journal),
    ],
    journal: {
      proven: journal.lines.filter((line) => line.proof !== null).length,
      later: journal.lines.filter((line) => line.proof === null).length,
    },
    unchecked: [
      ...(trusted.pack === undefined ? ['whose key signed the manifest'] : []),
      ...ofJournal.unchecked,
    ],
  }
}

const parsed = <T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  bytes: Buffer,
  name: string,
): T => {
  try {
    const read = schema.safeParse(JSON.parse(bytes.toString('utf8')))
    if (read.success) return read.data
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw archiveUnreadable(`${name} cannot be read`)
}

/** Every file is as it is listed, and none stands there that is not. */
const listingFaults = ({ files }: Manifest, held: readonly PackFile[]): string[] => {
  const listed = new Map(files.map((file) => [file.name, file]))
  const changed = held.flatMap(({ name, bytes }) => {
    const file = listed.get(name)
    if (!file) return [`${name} is not in the manifest`]
    return file.bytes === bytes.length && file.sha256 === sha256Of(bytes)
      ? []
      : [`${name} is not what was signed`]
  })
  const names = new Set(held.map((file) => file.name))
  return [
    ...changed,
    ...files.flatMap(({ name }) => (names.has(name) ? [] : [`${name} is missing`])),
  ]
}

/** The tables say what the data says, and the data is in its one spelling. */
const sectionFaults = (pack: Pack, files: ReadonlyMap<string, Buffer>): string[] => [
  ...(files.get('pack.json')?.toString('utf8') === packText(pack)
    ? []
    : ['pack.json is not in canonical form']),
  ...Object.entries(pack.sections).flatMap(([name, section]) =>
    files.get(`csv/${name}.csv`)?.toString('utf8') === csvOf(section)
      ? []
      : [`csv/${name}.csv does not say what pack.json says`],
  ),
]

/** What carries its own digest is what that digest says. */
const contentFaults = ({ sections }: Pack): string[] =>
  [
    { name: 'contracts', digest: 'documentSha256', content: 'document' },
    { name: 'permissions', digest: 'sha256', content: 'body' },
  ].flatMap(({ name, digest, content }) =>
    (sections[name]?.rows ?? []).flatMap((row, i) =>
      sha256Of(String(row[content])) === row[digest]
        ? []
        : [`${name} row ${i + 1}: its ${content} is not of its ${digest}`],
    ),
  )

const journalFaults = (
  journal: JournalLines,
  log: Verifier | '' | undefined,
): { faults: string[]; unchecked: string[] } => {
  const { checkpoint } = journal
  const lines = [...journal.lines, ...(journal.publications ?? [])]
  if (checkpoint === null)
    return lines.some((line) => line.proof !== null)
      ? { faults: ['lines are proven by a checkpoint that is not there'], unchecked: [] }
      : { faults: [], unchecked: ['the journal: nothing of it was signed yet'] }
  try {
    return {
      faults: [
        ...(log && !signedByLog(checkpoint, log)
          ? ['the checkpoint is not signed by the journal’s key']
          : []),
        ...lines.flatMap(({ seq, body, proof }) =>
          proof === null
            ? []
            : (unprovenBecause(checkpoint, {
                seq,
                body,
                proof: proof.map((hash) => Buffer.from(hash, 'base64')),
              }) ?? []),
        ),
      ],
      unchecked: log
        ? []
        : [`whether the journal’s key signed the checkpoint of ${originOf(checkpoint)}`],
    }
  } catch (error) {
    if (error instanceof Problem) return { faults: [error.detail], unchecked: [] }
    throw error
  }
}
