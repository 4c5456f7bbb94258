/** Reports on isolation that were kept: the newest one, and whether a file is what was signed here and stands in the journal. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { searchEntries } from '#journal/index.ts'
import { openPostgres } from '#platform/db.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { controlAddress } from '../installation.ts'
import { holds, SignedReport } from './report.ts'

const Key = z.looseObject({ kty: z.string() })

const readKey = (path: string) => Key.parse(JSON.parse(readFileSync(path, 'utf8')))

/** The newest report that lies here; undefined before the first night, `broken` where it is not what was signed. */
export const newestReport = ({ layout }: ProcessWorld): SignedReport | 'broken' | undefined => {
  const name = globSync('*.json', { cwd: layout.isolation.reports }).toSorted().at(-1)
  if (name === undefined) return undefined
  try {
    const read = readReport(join(layout.isolation.reports, name))
    const own = canonical(read.key) === canonical(readKey(layout.isolation.publicKey))
    return own && holds(read) ? read : 'broken'
  } catch {
    return 'broken'
  }
}

const readReport = (path: string) => SignedReport.parse(JSON.parse(readFileSync(path, 'utf8')))

/** What is wrong with a report, each in a sentence. Without the installation `trust` says whose signature is believed. */
const wrongWith = async (
  world: ProcessWorld,
  report: SignedReport,
  trust: string | undefined,
): Promise<string[]> => {
  const path = trust ?? world.layout.isolation.publicKey
  if (!existsSync(path)) return [`there is no key to believe: --trust FILE names one, not ${path}`]
  const wrong: string[] = []
  if (!holds(report)) wrong.push('it is not what was signed')
  if (canonical(report.key) !== canonical(readKey(path)))
    wrong.push(`it was signed by another key than ${path}`)
  if (trust === undefined && !(await isInJournal(world, report.sha256)))
    wrong.push('the journal has no line of it')
  if (!report.ok) wrong.push('it says that the cells are not isolated')
  return wrong
}

const NEWEST = 2n ** 62n

const isInJournal = async (world: ProcessWorld, sha256: string): Promise<boolean> => {
  const db = openPostgres(controlAddress(world), { name: 'isolation verify', max: 1 })
  try {
    const about = { about: sha256, event: 'isolation.reported' }
    return (await searchEntries(db, about, { before: NEWEST, limit: 1 })).length > 0
  } finally {
    await db.close()
  }
}

/** `portico isolation verify FILE`: 1 where anything is wrong with it. With `trust` it needs nothing of the installation. */
export const verifyReport = async (
  world: ProcessWorld,
  file: string,
  trust: string | undefined,
): Promise<number> => {
  const read = SignedReport.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  if (!read.success) {
    process.stderr.write(
      `portico: ${file} is no report on isolation.\n${z.prettifyError(read.error)}\n`,
    )
    return 2
  }
  const { data: report } = read
  const wrong = await wrongWith(world, report, trust)
  const attempts = report.inProcess.attempts + (report.wire?.attempts ?? 0)
  process.stdout.write(
    wrong.length === 0
      ? `${report.at}: ${attempts} attempts, none accepted; signed${trust === undefined ? ', and in the journal' : ''}\n`
      : wrong.map((what) => `✗ ${what}\n`).join(''),
  )
  return wrong.length === 0 ? 0 : 1
}
