/** What a register's file says of the partners whose papers name one of its entries. */
import type { Db } from '#platform/db.ts'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import { findPartner, PartnerId } from '#control/partners/index.ts'
import { endOf, type Evidence } from '../evidence.ts'
import { evidenceTypeOf, type Matrix, statusOf } from '../matrix.ts'
import * as licences from '../store.ts'
import { judged, REGISTERED, type RegisterEntry } from './register.ts'
import type { RegisterMatch } from './store.ts'

export type Finding = Omit<RegisterMatch, 'importId'>

export interface Read {
  readonly register: string
  readonly entries: readonly RegisterEntry[]
  /** What the register said until now. */
  readonly before: readonly RegisterEntry[]
  readonly matrix: Matrix
  /** Country of the bank. */
  readonly bank: string
}

export const heldAgainst = async (work: Work, read: Read): Promise<Finding[]> => {
  const { register, matrix, bank } = read
  const now = new Map(read.entries.map((e) => [e.number, e]))
  const known = new Set(read.before.map((e) => e.number))
  // Evidence that names no register is of whichever knows its number, or knew it until this file.
  const isOf = (named: string | undefined, number: string) =>
    named === undefined ? now.has(number) || known.has(number) : named === register
  const held = Map.groupBy(await licences.holdings(work), (h) => h.partnerId)
  const findings: Finding[] = []
  for (const { partnerId, identifiers } of await papersOf(work, matrix, work.now)) {
    const { number = '', register: of } = identifiers
    const partner = await findPartner(work, PartnerId.parse(partnerId))
    if (!partner || number === '' || !isOf(of, number)) continue
    // Several papers may show one number.
    if (findings.some((f) => f.partnerId === partner.id && f.number === number)) continue
    const statuses = (held.get(partnerId) ?? [])
      .map((h) => h.status)
      .filter((status) => statusOf(matrix, status)?.baseEvidence.includes(REGISTERED))
    const { verdict, lost } = judged(now.get(number), statuses, { home: partner.country, bank })
    findings.push({ partnerId: partner.id, number, verdict, statuses: [...lost] })
  }
  return findings
}

/** The accepted papers that each partner stands on. */
const papersOf = async (db: Db, matrix: Matrix, now: Temporal.Instant): Promise<Evidence[]> => {
  const type = evidenceTypeOf(matrix, REGISTERED)
  const accepted = await licences.acceptedEvidence(db, REGISTERED)
  return [...Map.groupBy(accepted, (e) => e.partnerId).values()].flatMap((papers) =>
    stoodOn(papers, (paper) => endOf(paper, type), now),
  )
}

/**
 * Those that are alive. Where all have ended, the last to end: for a while it still opens calls, and a register that no
 * longer carries it stops them. An older one that was replaced says nothing of the partner any more.
 */
export const stoodOn = <Paper>(
  papers: readonly Paper[],
  endOfPaper: (paper: Paper) => Temporal.Instant | null,
  now: Temporal.Instant,
): Paper[] => {
  const ended = (paper: Paper) => {
    const end = endOfPaper(paper)
    return end !== null && !isBefore(now, end)
  }
  const alive = papers.filter((paper) => !ended(paper))
  if (alive.length > 0) return alive
  const ends = papers.map((paper) => endOfPaper(paper)?.epochMilliseconds ?? 0)
  const last = Math.max(...ends)
  return papers.filter((_, i) => ends[i] === last)
}
