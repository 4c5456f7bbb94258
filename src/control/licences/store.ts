import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { Evidence, type EvidenceId } from './evidence.ts'
import { LicenceApplication, Suspension } from './licence.ts'
import { Matrix } from './matrix.ts'

const MatrixRow = z.object({ body: Matrix })

/** The policy in force: what was loaded last. */
export const currentMatrix = async (db: Db): Promise<Matrix> => {
  const { body } = await db.one(MatrixRow)`
    select body from licences.matrix order by seq desc limit 1
  `
  return body
}

const Version = z.object({ version: z.string() })

/** The same for who asks all the time: a version never changes, so it is read once. */
export const knownMatrix = async (db: Db, known: Map<string, Matrix>): Promise<Matrix> => {
  const { version } = await db.one(Version)`
    select version from licences.matrix order by seq desc limit 1
  `
  const matrix = known.get(version) ?? (await currentMatrix(db))
  known.set(matrix.version, matrix)
  return matrix
}

/** Holds the policy, so that two new versions come one after the other. */
export const lockNewestVersion = (db: Db) => db.maybe(Version)`
  select version from licences.matrix order by seq desc limit 1 for update
`

export const hasVersion = async (db: Db, version: string): Promise<boolean> =>
  (await db.maybe(Version)`select version from licences.matrix where version = ${version}`) !==
  undefined

export const insertMatrix = (
  db: Db,
  m: { version: string; text: string; sha256: string; at: Temporal.Instant },
) => db.run`
  insert into licences.matrix (version, body, sha256, loaded_at)
  values (${m.version}, ${m.text}::text::jsonb, ${m.sha256}, ${m.at})
`

const VersionRow = z.object({
  version: z.string(),
  sha256: z.string(),
  loadedAt: z.instanceof(Temporal.Instant),
})

/** Versions of the policy that were loaded before a moment, in their order. */
export const listMatrixVersions = (db: Db, before: Temporal.Instant) => db.many(VersionRow)`
  select version, sha256, loaded_at as "loadedAt"
    from licences.matrix
   where loaded_at < ${before}
   order by seq
   limit 1000
`

/** One partner's, or everybody's where none is named. */
const of = (partnerId: PartnerId | undefined) =>
  partnerId ? sql`partner_id = ${partnerId}` : sql`true`

const applicationColumns = sql`id, partner_id as "partnerId", statuses, status, applied_at as "appliedAt"`

export const applications = (db: Db, partnerId: PartnerId) => db.many(LicenceApplication)`
  select ${applicationColumns}
    from licences.application
   where partner_id = ${partnerId}
   order by id desc
   limit 100
`

/** What waits for the bank, the oldest first. */
export const openApplications = (db: Db) => db.many(LicenceApplication)`
  select ${applicationColumns}
    from licences.application
   where status = 'open'
   order by id
   limit 1000
`

export const closeApplications = (db: Db, partnerId: PartnerId, status: 'granted' | 'superseded') =>
  db.run`
    update licences.application
       set status = ${status}
     where partner_id = ${partnerId}
       and status = 'open'
  `

export const insertApplication = (db: Db, a: LicenceApplication) => db.run`
  insert into licences.application (id, partner_id, statuses, status, applied_at)
  values (${a.id}, ${a.partnerId}, ${a.statuses}, ${a.status}, ${a.appliedAt})
`

export const HoldingRow = z.object({
  partnerId: z.string(),
  status: z.string(),
  since: z.instanceof(Temporal.Instant),
  until: z.instanceof(Temporal.Instant).nullable(),
})

const MANY = 100_000

export const holdings = (db: Db, partnerId?: PartnerId) => db.many(HoldingRow)`
  select partner_id as "partnerId", status, since, until
    from licences.holding
   where ${of(partnerId)}
   order by partner_id, status
   limit ${MANY}
`

export const holdingsOf = (db: Db, partnerIds: readonly string[]) => db.many(HoldingRow)`
  select partner_id as "partnerId", status, since, until
    from licences.holding
   where partner_id = any(${partnerIds})
   order by partner_id, status
   limit ${MANY}
`

/** Holds what the partner is held as, and the place of what it is not held as yet. */
export const lockHoldings = async (db: Db, partnerId: PartnerId) => {
  await db.run`select pg_advisory_xact_lock(hashtext('licences.holding ' || ${partnerId}::text))`
  return holdings(db, partnerId)
}

export const saveHolding = (
  db: Db,
  h: { partnerId: PartnerId; status: string; since: Temporal.Instant; changeId: string },
) => db.run`
  insert into licences.holding (partner_id, status, since, until, change_id)
  values (${h.partnerId}, ${h.status}, ${h.since}, null, ${h.changeId})
  on conflict (partner_id, status) do nothing
`

const evidenceColumns = sql`
  id, partner_id as "partnerId", type, issuer, identifiers, valid_from as "validFrom", valid_to as "validTo",
  document_sha256 as "documentSha256", shows, state, submitted_at as "submittedAt",
  extended_to as "extendedTo", verified_by as "verifiedBy",
  verified_at as "verifiedAt", method, remark
`

export const findEvidence = (db: Db, id: EvidenceId) =>
  db.maybe(Evidence)`select ${evidenceColumns} from licences.evidence where id = ${id}`

/** Holds the piece until the transaction ends, so that it gets one verdict. */
export const lockEvidence = (db: Db, id: EvidenceId) =>
  db.maybe(Evidence)`select ${evidenceColumns} from licences.evidence where id = ${id} for update`

/** What may count or be waited for: everything but what was rejected. */
export const evidenceOnFile = (db: Db, partnerId?: PartnerId) => db.many(Evidence)`
  select ${evidenceColumns}
    from licences.evidence
   where ${of(partnerId)}
     and state <> 'rejected'
   order by id
   limit ${MANY}
`

/** How many documents of a partner wait for a verdict; one that counts them comes after the other. */
export const lockWaiting = async (db: Db, partnerId: PartnerId): Promise<number> => {
  await db.run`select pg_advisory_xact_lock(hashtext('licences.evidence ' || ${partnerId}::text))`
  const { waiting } = await db.one(z.object({ waiting: z.int() }))`
    select count(*)::int as waiting
      from licences.evidence
     where partner_id = ${partnerId}
       and state in ('submitted', 'in-review')
  `
  return waiting
}

/** Every accepted piece of one type, the oldest first. */
export const acceptedEvidence = (db: Db, type: string) => db.many(Evidence)`
  select ${evidenceColumns}
    from licences.evidence
   where type = ${type} and state = 'accepted'
   order by id
   limit ${MANY}
`

export interface EvidenceFilter {
  readonly partnerId?: PartnerId | undefined
  readonly state?: Evidence['state'] | undefined
  /** Older than this one: the next page. */
  readonly before?: string | undefined
}

export const listEvidence = (db: Db, filter: EvidenceFilter, limit = 100) => {
  const where = [of(filter.partnerId)]
  if (filter.state) where.push(sql`state = ${filter.state}`)
  if (filter.before) where.push(sql`id < ${filter.before}`)
  return db.many(Evidence)`
    select ${evidenceColumns}
      from licences.evidence
     where ${all(where)}
     order by id desc
     limit ${limit}
  `
}

export const insertEvidence = (db: Db, e: Evidence) => db.run`
  insert into licences.evidence
    (id, partner_id, type, issuer, identifiers, valid_from, valid_to, document_sha256, shows, state, submitted_at)
  values
    (${e.id}, ${e.partnerId}, ${e.type}, ${e.issuer}, ${JSON.stringify(e.identifiers)}::text::jsonb, ${e.validFrom},
     ${e.validTo}, ${e.documentSha256}, ${e.shows}, ${e.state}, ${e.submittedAt})
`

export const saveEvidence = (db: Db, e: Evidence) => db.run`
  update licences.evidence
     set state = ${e.state}, verified_by = ${e.verifiedBy}, verified_at = ${e.verifiedAt}, method = ${e.method},
         remark = ${e.remark}
   where id = ${e.id}
`

const LastRecheck = z.object({ evidenceId: z.string(), at: z.instanceof(Temporal.Instant) })

/** When each document that ever was was looked at again for the last time. */
export const lastRechecks = (db: Db) => db.many(LastRecheck)`
  select evidence_id as "evidenceId", max(checked_at) as at
    from licences.recheck
   group by evidence_id
   limit ${MANY}
`

export const insertRecheck = (
  db: Db,
  r: { evidenceId: EvidenceId; by: string; at: Temporal.Instant; remark: string },
) => db.run`
  insert into licences.recheck (evidence_id, checked_by, checked_at, remark)
  values (${r.evidenceId}, ${r.by}, ${r.at}, ${r.remark})
`

export const extendEvidence = (
  db: Db,
  id: EvidenceId,
  to: Temporal.Instant,
  changeId: string,
) => db.run`
  update licences.evidence set extended_to = ${to}, extension_change_id = ${changeId} where id = ${id}
`

/** Answers whether it had not been told before. */
export const tellOnce = async (
  db: Db,
  n: { evidenceId: EvidenceId; endsAt: Temporal.Instant; word: string; at: Temporal.Instant },
): Promise<boolean> =>
  (await db.run`
    insert into licences.notice (evidence_id, ends_at, word, told_at)
    values (${n.evidenceId}, ${n.endsAt}, ${n.word}, ${n.at})
    on conflict do nothing
  `) === 1

const suspensionColumns = sql`
  id, partner_id as "partnerId", kind, name, reason, by, at, lifted_at as "liftedAt"
`

export const suspensions = (db: Db, partnerId?: PartnerId) => db.many(Suspension)`
  select ${suspensionColumns}
    from licences.suspension
   where ${of(partnerId)}
     and lifted_at is null
   order by id
   limit ${MANY}
`

/** All of a partner, also those that were lifted, in order. */
export const suspensionsOf = (db: Db, partnerId: PartnerId) => db.many(Suspension)`
  select ${suspensionColumns}
    from licences.suspension
   where partner_id = ${partnerId}
   order by id
   limit 10000
`

export const lockSuspension = (
  db: Db,
  partnerId: PartnerId,
  { kind, name }: Pick<Suspension, 'kind' | 'name'>,
) => db.maybe(Suspension)`
  select ${suspensionColumns}
    from licences.suspension
   where partner_id = ${partnerId}
     and kind = ${kind}
     and name = ${name}
     and lifted_at is null
     for update
`

export const insertSuspension = (db: Db, s: Suspension) => db.run`
  insert into licences.suspension (id, partner_id, kind, name, reason, by, at)
  values (${s.id}, ${s.partnerId}, ${s.kind}, ${s.name}, ${s.reason}, ${s.by}, ${s.at})
`

export const lift = (db: Db, id: Suspension['id'], at: Temporal.Instant) =>
  db.run`update licences.suspension set lifted_at = ${at} where id = ${id}`
