/** What people verified and decided about a partner. */
import { canonical } from '#kernel/canonical.ts'
import { isBefore } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import { type ChangeSet, listChanges } from '#control/approvals/index.ts'
import {
  currentMatrix,
  endOf,
  licenceFacts,
  type listEvidence,
  listFreezes,
  listMatrixVersions,
  listRecertifications,
  suspensionsOf,
} from '#control/licences/index.ts'
import { listPartnerSuspensions } from '#control/partners/index.ts'
import { type Asked, ROWS, text, type Who } from './asked.ts'
import { type Pack, type Row, section, type Section } from './pack.ts'

/** Changes that were proposed or decided in the period, about the partner or what is the partner's. */
export const changesAbout = async (
  db: Db,
  subjects: readonly string[],
  { from, to }: Asked,
): Promise<ChangeSet[]> => {
  const found: ChangeSet[] = []
  for (const subject of subjects) found.push(...(await listChanges(db, { subject }, ROWS)))
  return found
    .filter((c) => isBefore(c.proposedAt, to) && !(c.decidedAt && isBefore(c.decidedAt, from)))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

export const licenceSections = async (
  db: Db,
  { partnerId, to, reader }: Asked,
  who: Who,
): Promise<Pack['sections']> => {
  const { held } = (await licenceFacts(db, partnerId))(partnerId)
  const partnerStops = await listPartnerSuspensions(db, partnerId)
  const stops: Row[] = [
    ...partnerStops.map((s) => ({
      what: 'partner',
      name: partnerId,
      reason: s.reason,
      by: who(s.suspendedBy),
      at: s.suspendedAt.toString(),
      liftedAt: text(s.endedAt),
    })),
    ...(await suspensionsOf(db, partnerId)).map((s) => ({
      what: s.kind,
      name: s.name,
      reason: s.reason,
      by: who(s.by),
      at: s.at.toString(),
      liftedAt: text(s.liftedAt),
    })),
    ...(await listFreezes(db, partnerId)).map((f) => ({
      what: 'new customers',
      name: partnerId,
      reason: f.reason,
      by: who(f.by),
      at: f.at.toString(),
      liftedAt: text(f.liftedAt),
    })),
  ]
  return {
    matrices: section(
      'Versions of the licence matrix that were in force in the period',
      ['version', 'sha256', 'loadedAt'],
      (await listMatrixVersions(db, to)).map(({ version, sha256, loadedAt }) => ({
        version,
        sha256,
        loadedAt: loadedAt.toString(),
      })),
    ),
    licences: section(
      'Statuses that two people of the bank hold the partner as',
      ['status', 'since', 'until'],
      held
        .filter((h) => isBefore(h.since, to))
        .map((h) => ({ status: h.status, since: h.since.toString(), until: text(h.until) })),
    ),
    stops: section(
      'What the bank stopped, and when it let it go on',
      ['what', 'name', 'reason', 'by', 'at', 'liftedAt'],
      stops
        .filter((s) => isBefore(Temporal.Instant.from(String(s['at'])), to))
        // Why is for the bank and its supervisor: it may be about others, and about a suspicion.
        .map((s) => (reader === 'partner' ? { ...s, reason: '' } : s))
        .toSorted((a, b) => (String(a['at']) < String(b['at']) ? -1 : 1)),
    ),
  }
}

/** How often what the partner is held as was looked at again, and what came of it. */
export const recertificationsSection = async (
  db: Db,
  { partnerId, to, reader }: Asked,
  who: Who,
): Promise<Section> =>
  section(
    'What the partner is held as, looked at again: on which occasion, by when, and the answer',
    ['id', 'occasion', 'reason', 'owner', 'openedAt', 'dueAt', 'state', 'decidedAt', 'change'],
    (await listRecertifications(db, { partnerId }))
      .filter((r) => isBefore(r.openedAt, to))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map((r) => ({
        id: r.id,
        occasion: r.occasion,
        reason: reader === 'partner' ? null : r.reason,
        owner: r.owner && who(`staff:${r.owner}`),
        openedAt: r.openedAt.toString(),
        dueAt: r.dueAt.toString(),
        state: r.state,
        decidedAt: text(r.decidedAt),
        change: r.changeId,
      })),
  )

export const evidenceSection = async (
  db: Db,
  evidence: Awaited<ReturnType<typeof listEvidence>>,
  who: Who,
): Promise<Section> => {
  const matrix = await currentMatrix(db)
  return section(
    'Documents by their digest: who verified them, how, and until when they count',
    [
      'id',
      'type',
      'title',
      'issuer',
      'identifiers',
      'documentSha256',
      'shows',
      'state',
      'submittedAt',
      'validFrom',
      'validTo',
      'countsUntil',
      'extendedTo',
      'verifiedAt',
      'verifiedBy',
      'method',
      'remark',
    ],
    evidence
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map((e) => ({
        id: e.id,
        type: e.type,
        title: matrix.evidence[e.type]?.title ?? e.type,
        issuer: e.issuer,
        identifiers: canonical(e.identifiers),
        documentSha256: e.documentSha256,
        shows: e.shows,
        state: e.state,
        submittedAt: e.submittedAt.toString(),
        validFrom: text(e.validFrom),
        validTo: text(e.validTo),
        countsUntil: text(endOf(e, matrix.evidence[e.type])),
        extendedTo: text(e.extendedTo),
        verifiedAt: text(e.verifiedAt),
        verifiedBy: e.verifiedBy.map(who),
        method: e.method,
        remark: e.remark,
      })),
  )
}

export const decisionsSection = (decisions: readonly ChangeSet[], who: Who): Section =>
  section(
    'Decisions by two people: what each read, by its hash, and who stood behind it',
    [
      'id',
      'kind',
      'subject',
      'reason',
      'hash',
      'proposedBy',
      'proposedAt',
      'approvedBy',
      'status',
      'decidedAt',
      'rejectedBy',
      'outcome',
      'before',
      'after',
    ],
    decisions.map((c) => ({
      id: c.id,
      kind: c.kind,
      subject: c.subject,
      reason: c.reason,
      hash: c.hash,
      proposedBy: who(c.proposedBy),
      proposedAt: c.proposedAt.toString(),
      approvedBy: c.approvals.map(
        (a) => `${who(`staff:${a.by}`)} at ${Temporal.Instant.from(a.at).toString()}`,
      ),
      status: c.status,
      decidedAt: text(c.decidedAt),
      rejectedBy: c.rejectedBy && who(`staff:${c.rejectedBy}`),
      outcome: c.outcome,
      before: canonical(c.before),
      after: canonical(c.after),
    })),
    ROWS,
  )
