import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Bulk, type BulkId, Line, ReportLine, Tally } from './bulk.ts'
import type { Due } from '../../world.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", file_type as "fileType", file_sha256 as "fileSha256", file_reference as "fileReference",
  lines, sum_minor as "sumMinor", currency, requested_on as "requestedOn", status, reason_code as "reasonCode",
  consent_id as "consentId", debtor_ref as "debtorRef", debtor_account_id as "debtorAccountId",
  debtor_bank as "debtorBank", execute_at as "executeAt", created_at as "createdAt", updated_at as "updatedAt"
`

export const find = (
  db: Db,
  filter: { partnerId: string; id: string } | { partnerId: string; key: string },
) => {
  const where = [
    sql`partner_id = ${filter.partnerId}`,
    'id' in filter ? sql`id = ${filter.id}` : sql`idempotency_key = ${filter.key}`,
  ]
  return db.maybe(Bulk)`select ${columns} from payments.bulk where ${all(where)}`
}

export const lock = (db: Db, partnerId: string, id: string) =>
  db.maybe(Bulk)`
    select ${columns} from payments.bulk where id = ${id} and partner_id = ${partnerId} for update
  `

/** Files whose time has come, each held by one process until its transaction ends. */
export const lockDue = (db: Db, { now, whose }: Due, limit: number) =>
  db.many(Bulk)`
    select ${columns}
      from payments.bulk
     where status in ('ACCP', 'ACSP') and execute_at <= ${now} and ${whose}
     order by execute_at
     limit ${limit}
       for update skip locked
  `

/** Files whose upload nobody finished. */
export const lockAbandoned = (db: Db, { now: before, whose }: Due, limit: number) =>
  db.many(Bulk)`
    select ${columns}
      from payments.bulk
     where status = 'AWUP' and created_at < ${before} and ${whose}
     order by created_at
     limit ${limit}
       for update skip locked
  `

export const add = async (db: Db, b: Bulk): Promise<boolean> =>
  (await db.run`
    insert into payments.bulk
      (id, partner_id, application_id, idempotency_key, body_sha256, file_type, file_sha256, file_reference, lines,
       sum_minor, currency, requested_on, status, reason_code, created_at, updated_at)
    values
      (${b.id}, ${b.partnerId}, ${b.applicationId}, ${b.idempotencyKey}, ${b.bodySha256}, ${b.fileType},
       ${b.fileSha256}, ${b.fileReference}, ${b.lines}, ${b.sumMinor}, ${b.currency}, ${b.requestedOn}, ${b.status},
       ${b.reasonCode}, ${b.createdAt}, ${b.updatedAt})
    on conflict do nothing
  `) === 1

export const save = (db: Db, b: Bulk) => db.run`
  update payments.bulk
     set status = ${b.status}, reason_code = ${b.reasonCode}, consent_id = ${b.consentId},
         debtor_ref = ${b.debtorRef}, debtor_account_id = ${b.debtorAccountId}, debtor_bank = ${b.debtorBank},
         execute_at = ${b.executeAt}, updated_at = ${b.updatedAt}
   where id = ${b.id}
`

/** A part that is brought again replaces what it was; parts of another cut of the file are forgotten. */
export const keepPart = async (
  db: Db,
  id: BulkId,
  { part, parts, bytes }: { part: number; parts: number; bytes: Uint8Array },
) => {
  await db.run`delete from payments.bulk_part where bulk_id = ${id} and parts <> ${parts}`
  await db.run`
    insert into payments.bulk_part (bulk_id, part, parts, bytes)
    values (${id}, ${part}, ${parts}, ${bytes})
    on conflict (bulk_id, part) do update set bytes = excluded.bytes
  `
}

const Count = z.object({ count: z.number() })
const Part = z.object({ bytes: z.instanceof(Uint8Array) })

export const partCount = async (db: Db, id: BulkId): Promise<number> =>
  (await db.one(Count)`select count(*)::int as count from payments.bulk_part where bulk_id = ${id}`)
    .count

/** The file, a part at a time. */
export const bytesOf = async function* (db: Db, id: BulkId, parts: number) {
  for (let part = 1; part <= parts; part++)
    yield (
      await db.one(
        Part,
      )`select bytes from payments.bulk_part where bulk_id = ${id} and part = ${part}`
    ).bytes
}

export const forgetParts = (db: Db, id: BulkId) =>
  db.run`delete from payments.bulk_part where bulk_id = ${id}`

export const addLines = (db: Db, lines: readonly Line[]) => {
  const rows = lines.map((line) => ({ ...line, amountMinor: line.amountMinor?.toString() ?? null }))
  return db.run`
    insert into payments.bulk_line
      (bulk_id, line, amount_minor, creditor_number, creditor_bank, creditor_name, end_to_end_id, remittance,
       reason_code, detail)
    select "bulkId", line, "amountMinor", "creditorNumber", "creditorBank", "creditorName", "endToEndId", remittance,
           "reasonCode", detail
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as l (
             "bulkId" text, line int, "amountMinor" bigint, "creditorNumber" text, "creditorBank" text,
             "creditorName" text, "endToEndId" text, remittance text, "reasonCode" text, detail text)
  `
}

const lineColumns = sql`
  bulk_id as "bulkId", line, amount_minor as "amountMinor", creditor_number as "creditorNumber",
  creditor_bank as "creditorBank", creditor_name as "creditorName", end_to_end_id as "endToEndId", remittance,
  reason_code as "reasonCode", detail
`

/** Lines that have no payment yet; the row of their file is held. */
export const waitingLines = (db: Db, id: BulkId, limit: number) =>
  db.many(Line)`
    select ${lineColumns}
      from payments.bulk_line
     where bulk_id = ${id} and reason_code is null and payment_id is null
     order by line
     limit ${limit}
  `

export const linePaid = (db: Db, id: BulkId, line: number, paymentId: string) => db.run`
  update payments.bulk_line set payment_id = ${paymentId} where bulk_id = ${id} and line = ${line}
`

export const report = (db: Db, id: BulkId, after: number, limit: number) =>
  db.many(ReportLine)`
    select l.line, l.amount_minor as "amountMinor", l.end_to_end_id as "endToEndId", l.reason_code as "reasonCode",
           l.detail, l.payment_id as "paymentId", p.status as "paymentStatus", p.reason_code as "paymentReason"
      from payments.bulk_line l
      left join payments.payment p on p.id = l.payment_id
     where l.bulk_id = ${id} and l.line > ${after}
     order by l.line
     limit ${limit}
  `

export const tally = (db: Db, id: BulkId) => db.one(Tally)`
  select count(*) filter (where l.reason_code is null and l.payment_id is null)::int as waiting,
         count(*) filter (where l.reason_code is not null)::int as refused,
         count(*) filter (where p.status not in ('ACSC', 'ACCC', 'RJCT', 'BLCK', 'CANC'))::int as "underWay",
         count(*) filter (where p.status in ('ACSC', 'ACCC'))::int as settled,
         count(*) filter (where p.status in ('RJCT', 'BLCK', 'CANC'))::int as rejected
    from payments.bulk_line l
    left join payments.payment p on p.id = l.payment_id
   where l.bulk_id = ${id}
`
