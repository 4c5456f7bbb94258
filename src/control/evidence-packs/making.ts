/** Makes a pack: facts, journal, paper, tables, signature, in that order. */
import { canonical } from '#kernel/canonical.ts'
import { type LineAbout, namesStaff, provenAbout } from '#journal/index.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import type { JWK } from '#platform/jose.ts'
import { inForceAt } from '#control/publication/index.ts'
import type { Asked } from './asked.ts'
import type { HearConsents } from './consented.ts'
import { gather, type JournalLines } from './gathering.ts'
import { sha256Of, signedFiles } from './manifest.ts'
import { checkPeriod, type PackStep } from './ordered.ts'
import { csvOf, packText } from './pack.ts'
import { packPdf } from './paper.ts'
import { writeTar } from './tar.ts'

const JOURNAL_LINES = 20_000

const readme = `This is an evidence pack of one partner and one period.

pack.pdf       to read
pack.json      everything, for programs
csv/*.csv      the same as tables (RFC 4180)
journal.json   lines of the journal about this partner, with proofs that they stand in the tree whose root was signed,
               and the lines by which the documents in force at each of them were published
manifest.json  every file by its SHA-256
manifest.sig   Ed25519 signature over manifest.json, base64

portico evidence verify FILE --trust KEY checks all of it. KEY is the bank's public key as a JWK; take it from the bank,
not from this archive.
`

/** What a pack is made with besides what was asked. */
export interface Making {
  /** Where the evidence of control's journal stands. */
  readonly folder: string
  readonly key: JWK
  readonly now: Temporal.Instant
  readonly consents?: HearConsents | undefined
  /** Told after each step. */
  readonly progress?: (step: PackStep) => Promise<unknown>
}

/** The archive, whole. The same facts give the same bytes; only the checkpoint of the journal moves on. */
export const makePack = async (
  db: Db,
  asked: Asked,
  { folder, key, now, consents, progress }: Making,
): Promise<Buffer> => {
  const { from, to } = asked
  checkPeriod(asked, now)
  const { pack, words } = await gather(db, asked, consents)
  await progress?.('facts')
  const journal = await journalOf(db, folder, { words, from, to, reader: asked.reader })
  await progress?.('journal')
  const file = (name: string, content: string | Buffer) => ({ name, bytes: Buffer.from(content) })
  const paper = file('pack.pdf', await packPdf(pack))
  await progress?.('paper')
  const tables = Object.entries(pack.sections).map(([name, section]) =>
    file(`csv/${name}.csv`, csvOf(section)),
  )
  await progress?.('tables')
  const files = [
    file('README.txt', readme),
    file('pack.json', packText(pack)),
    paper,
    ...tables,
    file('journal.json', `${canonical(journal)}\n`),
  ]
  const archive = writeTar(signedFiles(files, key))
  await progress?.('signature')
  return archive
}

const journalOf = async (
  db: Db,
  folder: string,
  {
    reader,
    ...about
  }: { words: readonly string[]; from: Temporal.Instant; to: Temporal.Instant } & Pick<
    Asked,
    'reader'
  >,
): Promise<JournalLines> => {
  let inForce: Awaited<ReturnType<typeof inForceAt>> = new Map()
  const found = await provenAbout(db, folder, {
    ...about,
    limit: JOURNAL_LINES + 1,
    besides: async (places) => {
      inForce = await inForceAt(db, places)
      const documents = [...inForce.values()].flatMap((all) => Object.values(all))
      return [...new Set(documents.map(({ line }) => BigInt(line)))]
    },
  })
  const { checkpoint, lines: all } = found
  // Who of the bank did what is the bank's to show; a partner gets what it did itself, and what came by itself.
  const lines = all.filter(({ body }) => reader === 'supervisor' || !namesStaff(body))
  // A tree of one line proves it without a hash: what is beyond the checkpoint has no proof at all.
  return {
    checkpoint: checkpoint ?? null,
    lines: lines.slice(0, JOURNAL_LINES).map((line) => ({
      ...lineJson(line),
      inForce: Object.fromEntries(
        Object.entries(inForce.get(line.seq) ?? {}).map(([reader, { line: at }]) => [reader, at]),
      ),
    })),
    publications: found.besides.map(lineJson),
    ...(all.length > JOURNAL_LINES && { cut: true as const }),
  }
}

const lineJson = ({ seq, body, proof }: LineAbout) => ({
  seq: Number(seq),
  body,
  proof: proof?.map((hash) => hash.toString('base64')) ?? null,
})

/** Notes that a pack left the house: for whom, of when, and by which digest it is known. */
export const recordPack = (work: Work, asked: Asked, archive: Buffer): Promise<void> =>
  work.record('evidence-packs.made', asked.partnerId, {
    from: asked.from.toString(),
    to: asked.to.toString(),
    sha256: sha256Of(archive),
  })
