/**
 * `portico journal verify`: walks every journal of this installation with its tree, its checkpoints and what the witness
 * remembers of it; or evidence that was carried elsewhere; or one chain that was exported to a file.
 */
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import {
  type ChainedLine,
  evidenceFolder,
  type EvidenceReport,
  evidenceVkeyPath,
  originOf,
  readVkey,
  type Trust,
  type Verifier,
  verifyDatabase,
  verifyEvidence,
  verifyJournal,
} from '#journal/index.ts'
import { databases } from '#platform/databases.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { makeRolePasswords } from './installation.ts'

export const witnessSilent = problem('journal/witness-silent', 502, 'The witness does not answer')
export const logUnknown = problem('journal/log-unknown', 400, 'The key of this journal is unknown')

const WITNESS_ANSWERS_WITHIN_MS = 10_000

/** One line of an exported journal: what `select` of the chain gives, hashes in hex. */
const ExportedLine = z.object({
  seq: z.coerce.bigint(),
  body: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  previous: z.string().regex(/^[0-9a-f]{64}$/),
})

/** A line that cannot be read, or has a second spelling of the same value, stands in its place with no text and no hash. */
const unreadable = (seq: bigint): ChainedLine => ({
  seq,
  body: '',
  hash: Buffer.alloc(0),
  previous: Buffer.alloc(0),
})

const exported = (text: string, place: bigint): ChainedLine => {
  try {
    const value: unknown = JSON.parse(text)
    if (JSON.stringify(value) !== text) return unreadable(place)
    const { seq, body, hash, previous } = ExportedLine.parse(value)
    return { seq, body, hash: Buffer.from(hash, 'hex'), previous: Buffer.from(previous, 'hex') }
  } catch {
    return unreadable(place)
  }
}

const fromFile = async function* (path: string) {
  let place = 0n
  for await (const line of createInterface({ input: createReadStream(path) }))
    if (line !== '') yield exported(line, ++place)
}

const Remembered = z.object({ data: z.array(z.string()) })

/** What the witness has signed of a journal: the one thing that the owner of this machine cannot put back. */
const remembered = async (
  { settings }: ProcessWorld,
  log: Verifier,
  file: string | undefined,
): Promise<string[]> => {
  if (file) {
    const { data } = Remembered.parse(JSON.parse(readFileSync(file, 'utf8')))
    return data.filter((note) => originOf(note) === log.name)
  }
  if (!settings.PORTICO_WITNESS_URL) return []
  const url = new URL('/remembered', settings.PORTICO_WITNESS_URL)
  url.searchParams.set('origin', log.name)
  try {
    const answer = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(WITNESS_ANSWERS_WITHIN_MS),
    })
    return Remembered.parse(await answer.json()).data
  } catch (cause) {
    throw witnessSilent(`${url.origin} cannot be asked what it remembers; nothing was verified`, {
      cause,
    })
  }
}

interface VerifyOptions {
  readonly from?: string | undefined
  /** Verifier keys from elsewhere, one a line: instead of those that lie in this installation. */
  readonly trust?: string | undefined
  /** What the witness answered at `/remembered`, kept in a file. */
  readonly remembered?: string | undefined
  readonly json: boolean
}

/** The keys in force: those that were given, or else our own. */
const keysOf = ({ layout, settings }: ProcessWorld, { trust }: VerifyOptions): Verifier[] => {
  const ours = join(layout.data, 'keys', 'public')
  const files = trust
    ? [trust]
    : existsSync(ours)
      ? readdirSync(ours)
          .filter((name) => name.endsWith('.vkey'))
          .map((name) => join(ours, name))
      : []
  const lines = files.flatMap((path) => readFileSync(path, 'utf8').split('\n'))
  const witness = trust ? undefined : settings.PORTICO_WITNESS_KEY
  return [...lines, witness ?? ''].filter((line) => line.trim() !== '').map(readVkey)
}

const trustFor = async (
  world: ProcessWorld,
  options: VerifyOptions,
  isTheLog: (key: Verifier) => boolean,
): Promise<Trust | undefined> => {
  const keys = keysOf(world, options)
  const log = keys.find((key) => key.kind === 'log' && isTheLog(key))
  if (!log) return undefined
  const witnesses = keys.filter((key) => key.kind === 'witness')
  return { log, witnesses, remembered: await remembered(world, log, options.remembered) }
}

const verifyOne = async (
  world: ProcessWorld,
  from: string,
  options: VerifyOptions,
): Promise<EvidenceReport> => {
  const note = join(from, 'checkpoint')
  if (!existsSync(note)) {
    // A chain alone says nothing about its log, unless exactly one key was given with it.
    const trust = options.trust ? await trustFor(world, options, () => true) : undefined
    return verifyJournal(fromFile(from), trust)
  }
  const origin = originOf(readFileSync(note, 'utf8'))
  const isIt = (key: Verifier) => key.name === origin
  const trust = await trustFor(world, options, isIt)
  if (!trust)
    throw logUnknown(`there is no key of ${origin}; give its verifier key with --trust FILE`)
  return verifyEvidence(from, trust)
}

const verifyAll = async (
  world: ProcessWorld,
  options: VerifyOptions,
): Promise<Record<string, EvidenceReport>> => {
  const reports: Record<string, EvidenceReport> = {}
  const { superuser } = makeRolePasswords(world.layout)
  for (const { database } of databases) {
    const address = `postgres://portico:${superuser}@127.0.0.1:${world.ports.postgres}/${database}`
    const isOurs = existsSync(evidenceVkeyPath(world.layout.data, database))
    const trust = await trustFor(world, options, (key) =>
      key.name.startsWith(`portico-journal/${database}/`),
    )
    const folder = isOurs ? evidenceFolder(world.layout.data, database) : undefined
    reports[database] = await verifyDatabase(address, trust, folder)
  }
  return reports
}

const inWords = (name: string, report: EvidenceReport): string => {
  if (!report.whole) return `${name}: broken at entry ${report.brokenAt}: ${report.why}`
  const { entries, head, signed, witnessed } = report
  const by = witnessed > 0n ? `${witnessed} of them by the witness` : 'no witness'
  return `${name}: ${entries} entries, whole, ${signed} signed, ${by}, head ${head.slice(0, 16)}…`
}

/** Prints a report for each journal; 1 when any is broken. */
export const verifyJournals = async (
  world: ProcessWorld,
  options: VerifyOptions,
): Promise<number> => {
  const { from } = options
  const reports = from
    ? { [from]: await verifyOne(world, from, options) }
    : await verifyAll(world, options)
  const plain = Object.entries(reports).map(([name, report]) => inWords(name, report))
  process.stdout.write(
    options.json
      ? `${JSON.stringify(reports, (_, v: unknown) => (typeof v === 'bigint' ? Number(v) : v))}\n`
      : `${plain.join('\n')}\n`,
  )
  return Object.values(reports).every((report) => report.whole) ? 0 : 1
}
