/** What a bank shows a supervisor: a partner and a period in one signed archive that is checked without the platform. */
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { provenAbout } from '#journal/index.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import type { JWK } from '#platform/jose.ts'
import type { Asked } from './asked.ts'
import { gather, type JournalLines } from './gathering.ts'
import { sha256Of, signedFiles } from './manifest.ts'
import { csvOf, packText } from './pack.ts'
import { packPdf } from './paper.ts'
import { writeTar } from './tar.ts'

export type { Asked } from './asked.ts'
export { Pack } from './pack.ts'
export { archiveUnreadable, readTar, writeTar } from './tar.ts'
export { type PackReport, verifyPack } from './verify.ts'

export const periodUnfit = problem(
  'evidence-packs/period',
  422,
  'A pack is of a period that has begun and is no longer than 400 days',
)

const DAYS_MAX = 400
const JOURNAL_LINES = 20_000

const readme = `This is an evidence pack of one partner and one period.

pack.pdf       to read
pack.json      everything, for programs
csv/*.csv      the same as tables (RFC 4180)
journal.json   lines of the journal about this partner, with proofs that they stand in the tree whose root was signed
manifest.json  every file by its SHA-256
manifest.sig   Ed25519 signature over manifest.json, base64

portico evidence verify FILE --trust KEY checks all of it. KEY is the bank's public key as a JWK; take it from the bank,
not from this archive.
`

/** The archive, whole. The same facts give the same bytes; only the checkpoint of the journal moves on. */
export const makePack = async (
  db: Db,
  asked: Asked,
  { folder, key, now }: { folder: string; key: JWK; now: Temporal.Instant },
): Promise<Buffer> => {
  const { from, to } = asked
  const longest = from.add({ hours: DAYS_MAX * 24 })
  if (!isBefore(from, to) || isBefore(longest, to) || isBefore(now, from))
    throw periodUnfit(`${from.toString()} to ${to.toString()}`)
  const { pack, words } = await gather(db, asked)
  const journal = await journalOf(db, folder, { words, from, to, reader: asked.reader })
  const file = (name: string, content: string | Buffer) => ({ name, bytes: Buffer.from(content) })
  const files = [
    file('README.txt', readme),
    file('pack.json', packText(pack)),
    file('pack.pdf', await packPdf(pack)),
    ...Object.entries(pack.sections).map(([name, section]) =>
      file(`csv/${name}.csv`, csvOf(section)),
    ),
    file('journal.json', `${canonical(journal)}\n`),
  ]
  return writeTar(signedFiles(files, key))
}

const Line = z.looseObject({ actor: z.string() })

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
  const { checkpoint, lines: all } = await provenAbout(db, folder, {
    ...about,
    limit: JOURNAL_LINES + 1,
  })
  // What people of the bank did is theirs to show; a partner gets what it did itself, and what came by itself.
  const lines = all.filter(
    ({ body }) =>
      reader === 'supervisor' || !Line.parse(JSON.parse(body)).actor.startsWith('staff:'),
  )
  // A tree of one line proves it without a hash: what is beyond the checkpoint has no proof at all.
  return {
    checkpoint: checkpoint ?? null,
    lines: lines.slice(0, JOURNAL_LINES).map(({ seq, body, proof }) => ({
      seq: Number(seq),
      body,
      proof: proof?.map((hash) => hash.toString('base64')) ?? null,
    })),
    ...(all.length > JOURNAL_LINES && { cut: true as const }),
  }
}

/** Notes that a pack left the house: for whom, of when, and by which digest it is known. */
export const recordPack = (work: Work, asked: Asked, archive: Buffer): Promise<void> =>
  work.record('evidence-packs.made', asked.partnerId, {
    from: asked.from.toString(),
    to: asked.to.toString(),
    sha256: sha256Of(archive),
  })
