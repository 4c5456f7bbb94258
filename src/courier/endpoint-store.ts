/** Endpoints, their keys, and the sender's term. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { EndpointStatus, type Health, Scheme } from './endpoint.ts'
import { SigningKey } from './signing-key.ts'

const Instant = z.instanceof(Temporal.Instant)

export const Endpoint = z.object({
  id: z.string(),
  partnerId: z.string(),
  applicationId: z.string(),
  url: z.string(),
  types: z.array(z.string()),
  ordered: z.boolean(),
  schemes: z.array(Scheme),
  version: z.instanceof(Temporal.PlainDate).nullable(),
  status: EndpointStatus,
  disabledFor: z.string().nullable(),
  startsAt: Instant,
  failures: z.number(),
  openings: z.number(),
  openUntil: Instant.nullable(),
  failingSince: Instant.nullable(),
  createdAt: Instant,
})
export type Endpoint = z.output<typeof Endpoint>

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", url, types, ordered, schemes, version, status,
  disabled_for as "disabledFor", starts_at as "startsAt", failures, openings, open_until as "openUntil",
  failing_since as "failingSince", created_at as "createdAt"
`

/** Those that are sent to now. */
export const listSending = (db: Db, now: Temporal.Instant): Promise<Endpoint[]> =>
  db.many(Endpoint)`
    select ${columns} from courier.endpoint
     where status = 'active' and starts_at <= ${now}
       and not exists (select 1 from courier.stopped s where s.name in (partner_id, application_id))
     order by id limit 100000
  `

/** A partner or an application is sent nothing. */
export const stop = (tx: Db, name: string) =>
  tx.run`insert into courier.stopped (name) values (${name}) on conflict do nothing`

export const letGoOn = (tx: Db, name: string) =>
  tx.run`delete from courier.stopped where name = ${name}`

export const listOf = (db: Db, partnerId: string): Promise<Endpoint[]> => db.many(Endpoint)`
  select ${columns} from courier.endpoint
   where partner_id = ${partnerId} and status <> 'removed' order by id limit 1000
`

const Standing = z.object({
  endpointId: z.string(),
  partnerId: z.string(),
  url: z.string(),
  status: z.enum(['active', 'disabled']),
  failingSince: Instant.nullable(),
  dead: z.bigint().transform(Number),
  deadSince: Instant.nullable(),
})

/** How endpoints stand, with what was given up and still waits for somebody; of one partner, or of all. */
export const standings = (db: Db, partnerId: string | null) => db.many(Standing)`
  select e.id as "endpointId", e.partner_id as "partnerId", e.url, e.status, e.failing_since as "failingSince",
         d.dead, d.since as "deadSince"
    from courier.endpoint e
   cross join lateral (
           select count(*) as dead, min(settled_at) as since
             from courier.delivery
            where endpoint_id = e.id and status = 'dead'
         ) d
   where e.status in ('active', 'disabled') and (${partnerId}::text is null or e.partner_id = ${partnerId})
   order by e.id
   limit 10000
`

/** One of this partner's; `partnerId` null: anybody's. */
export const find = (db: Db, id: string, partnerId: string | null) => db.maybe(Endpoint)`
  select ${columns} from courier.endpoint
   where id = ${id} and status <> 'removed' and (${partnerId}::text is null or partner_id = ${partnerId})
`

export const lock = (tx: Db, id: string, partnerId: string) => tx.maybe(Endpoint)`
  select ${columns} from courier.endpoint
   where id = ${id} and partner_id = ${partnerId} and status <> 'removed' for update
`

const Count = z.object({ count: z.bigint() })
/** Endpoints of an application that are not removed. Of two at once, the second waits. */
export const countOf = async (tx: Db, applicationId: string): Promise<number> => {
  await tx.run`select pg_advisory_xact_lock(hashtext(${applicationId}))`
  const { count } = await tx.one(Count)`
    select count(*) from courier.endpoint where application_id = ${applicationId} and status <> 'removed'
  `
  return Number(count)
}

export const insert = (tx: Db, p: Endpoint) => tx.run`
  insert into courier.endpoint (id, partner_id, application_id, url, types, ordered, schemes, version, status,
                                disabled_for, starts_at, created_at)
  values (${p.id}, ${p.partnerId}, ${p.applicationId}, ${p.url}, ${p.types}::text[], ${p.ordered},
          ${p.schemes}::text[], ${p.version}, ${p.status}, ${p.disabledFor}, ${p.startsAt}, ${p.createdAt})
`

/** Keeps what people decide; how the endpoint is doing is `saveHealth`'s. */
export const save = (tx: Db, p: Endpoint) => tx.run`
  update courier.endpoint
     set url = ${p.url}, types = ${p.types}::text[], ordered = ${p.ordered}, schemes = ${p.schemes}::text[],
         version = ${p.version}, status = ${p.status}, disabled_for = ${p.disabledFor}, starts_at = ${p.startsAt}
   where id = ${p.id}
`

export const saveHealth = (tx: Db, id: string, h: Health) => tx.run`
  update courier.endpoint
     set failures = ${h.failures}, openings = ${h.openings}, open_until = ${h.openUntil},
         failing_since = ${h.failingSince}
   where id = ${id}
`

/** Takes an endpoint out of use; answers whether it was in use. */
export const disable = async (tx: Db, id: string, why: string): Promise<boolean> =>
  (await tx.run`
    update courier.endpoint set status = 'disabled', disabled_for = ${why} where id = ${id} and status = 'active'
  `) > 0

const keyColumns = sql`
  id, endpoint_id as "endpointId", scheme, public, sealed, made_at as "madeAt", ends_at as "endsAt",
  verified_at as "verifiedAt"
`

/** Keys that sign now, the current one of each scheme first, `v1a` before `v1`. */
export const signingKeys = (db: Db, endpointIds: readonly string[], now: Temporal.Instant) =>
  db.many(SigningKey)`
    select ${keyColumns} from courier.signing_key
     where endpoint_id = any(${endpointIds}::text[]) and (ends_at is null or ends_at > ${now})
     order by endpoint_id, ends_at desc nulls first, scheme desc
     limit 100000
  `

/** All keys that an endpoint has had in the last while, newest first. */
export const keysOf = (db: Db, endpointId: string) => db.many(SigningKey)`
  select ${keyColumns} from courier.signing_key where endpoint_id = ${endpointId} order by id desc limit 100
`

export const insertKey = (tx: Db, k: SigningKey) => tx.run`
  insert into courier.signing_key (id, endpoint_id, scheme, public, sealed, made_at)
  values (${k.id}, ${k.endpointId}, ${k.scheme}, ${k.public}, ${k.sealed}, ${k.madeAt})
`

/** The current key of a scheme stops being it, and signs until then. */
export const retireKey = (tx: Db, endpointId: string, scheme: Scheme, endsAt: Temporal.Instant) =>
  tx.run`
    update courier.signing_key set ends_at = ${endsAt}
     where endpoint_id = ${endpointId} and scheme = ${scheme} and ends_at is null
  `

/** Every key of the scheme stops at once, the one that was current included. */
export const stopKeys = (
  tx: Db,
  endpointId: string,
  scheme: Scheme,
  now: Temporal.Instant,
) => tx.run`
  update courier.signing_key set ends_at = ${now}
   where endpoint_id = ${endpointId} and scheme = ${scheme} and (ends_at is null or ends_at > ${now})
`

export const markVerified = (
  db: Db,
  said: readonly { readonly endpointId: string; readonly keyId: string }[],
  now: Temporal.Instant,
) => db.run`
  update courier.signing_key k set verified_at = ${now}
    from unnest(${said.map((s) => s.endpointId)}::text[], ${said.map((s) => s.keyId)}::text[]) as s (endpoint_id, id)
   where k.id = s.id and k.endpoint_id = s.endpoint_id
`

export const insertNotice = (
  tx: Db,
  n: {
    endpointId: string
    partnerId: string
    kind: 'failing' | 'disabled'
    at: Temporal.Instant
  },
) => tx.run`
  insert into courier.notice (endpoint_id, partner_id, kind, at)
  values (${n.endpointId}, ${n.partnerId}, ${n.kind}, ${n.at})
`

export const Notice = z.object({
  id: z.bigint(),
  endpointId: z.string(),
  url: z.string(),
  partnerId: z.string(),
  kind: z.enum(['failing', 'disabled']),
  at: Instant,
})

export const noticesAfter = (db: Db, after: bigint) => db.many(Notice)`
  select n.id, n.endpoint_id as "endpointId", p.url, n.partner_id as "partnerId", n.kind, n.at
    from courier.notice n join courier.endpoint p on p.id = n.endpoint_id
   where n.id > ${after} order by n.id limit 100
`

const Term = z.object({ term: z.bigint() })

const Held = z.object({ held: z.boolean() })

/** Takes the sender's lock if nobody has it; it is held until the transaction ends, or its connection does. */
export const tryToSend = async (tx: Db): Promise<boolean> =>
  (await tx.one(Held)`select pg_try_advisory_xact_lock(hashtext('courier.sender')) as held`).held

/** Begins a term of sending: what is learnt under an earlier one is not kept any more. */
export const beginTerm = async (db: Db): Promise<bigint> =>
  (await db.one(Term)`update courier.sender set term = term + 1 returning term`).term

/** Whether the term still runs; it does until the transaction ends. */
export const holdTerm = async (tx: Db, term: bigint): Promise<boolean> =>
  (await tx.one(Term)`select term from courier.sender for share`).term === term
