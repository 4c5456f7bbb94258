import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { Words } from '../../status/facts.ts'
import { type Level, LevelId, LevelTerms } from './agreement.ts'

const Row = z.object({
  id: LevelId,
  partnerId: z.string(),
  contractId: z.string(),
  terms: LevelTerms,
})

/** Promises of a partner's contracts, or of all; an end that was set later counts. */
export const levels = (db: Db, partnerId?: string): Promise<Level[]> => db.many(Row)`
  select id, partner_id as "partnerId", contract_id as "contractId",
         terms || jsonb_build_object('endsOn', ends_on) as terms
    from service_levels.agreement
   where ${partnerId ?? null}::text is null or partner_id = ${partnerId ?? null}
   order by id
   limit 10000
`

export const insert = (
  db: Db,
  { id, partnerId, contractId, terms }: Level,
  { at, changeId }: { at: Temporal.Instant; changeId: string },
) => db.run`
  insert into service_levels.agreement (id, partner_id, contract_id, terms, starts_on, ends_on, agreed_at, change_id)
  values (${id}, ${partnerId}, ${contractId}, ${JSON.stringify(terms)}::text::jsonb, ${terms.startsOn}, ${terms.endsOn},
          ${at}, ${changeId})
`

/** A promise that stands in a contract's text, as what a judgement names; the text stays what rules. */
export const keepLevel = (
  db: Db,
  { id, partnerId, contractId, terms }: Level,
  at: Temporal.Instant,
) =>
  db.run`
  insert into service_levels.agreement (id, partner_id, contract_id, terms, starts_on, ends_on, agreed_at, change_id)
  values (${id}, ${partnerId}, ${contractId}, ${JSON.stringify(terms)}::text::jsonb, ${terms.startsOn}, ${terms.endsOn},
          ${at}, ${contractId})
      on conflict (id) do nothing
`

const Maintenance = z.object({
  id: z.string(),
  product: z.string(),
  startsAt: z.instanceof(Temporal.Instant),
  endsAt: z.instanceof(Temporal.Instant),
  reason: z.string(),
  words: Words,
  announcedAt: z.instanceof(Temporal.Instant),
})
export type Maintenance = z.output<typeof Maintenance>

export const addMaintenance = (db: Db, m: Maintenance, by: string) => db.run`
  insert into service_levels.maintenance (id, product, starts_at, ends_at, reason, words, announced_at, announced_by)
  values (${m.id}, ${m.product}, ${m.startsAt}, ${m.endsAt}, ${m.reason}, ${JSON.stringify(m.words)}::text::jsonb,
          ${m.announcedAt}, ${by})
`

/** Work that touches a span, in order of time. */
export const maintenanceIn = (
  db: Db,
  product: string | undefined,
  { from, to }: { from: Temporal.Instant; to: Temporal.Instant },
) => db.many(Maintenance)`
  select id, product, starts_at as "startsAt", ends_at as "endsAt", reason, words, announced_at as "announcedAt"
    from service_levels.maintenance
   where (${product ?? null}::text is null or product = ${product ?? null}) and starts_at < ${to} and ends_at > ${from}
   order by starts_at, id
   limit 1000
`

const Probe = z.object({
  minute: z.instanceof(Temporal.Instant),
  tries: z.number(),
  answered: z.number(),
})
export type Probe = z.output<typeof Probe>

/** One try more in its minute. */
export const addProbe = (
  db: Db,
  product: string,
  minute: Temporal.Instant,
  answered: boolean,
) => db.run`
  insert into service_levels.probe as p (product, minute, tries, answered)
  values (${product}, ${minute}, 1, ${answered ? 1 : 0})
  on conflict (product, minute) do update
    set tries = p.tries + 1, answered = p.answered + excluded.answered
`

export const probes = (
  db: Db,
  product: string,
  { from, to }: { from: Temporal.Instant; to: Temporal.Instant },
) => db.many(Probe)`
  select minute, tries, answered
    from service_levels.probe
   where product = ${product} and minute >= ${from} and minute < ${to}
   order by minute
   limit 100000
`

/** Keeps a judgement; the same one again is there already. */
export const keepEvaluation = (
  db: Db,
  e: {
    id: string
    agreementId: string
    month: string
    result: object
    sha256: string
    at: Temporal.Instant
  },
) => db.run`
  insert into service_levels.evaluation (id, agreement_id, month, result, sha256, made_at)
  values (${e.id}, ${e.agreementId}, ${e.month}, ${JSON.stringify(e.result)}::text::jsonb, ${e.sha256}, ${e.at})
  on conflict (agreement_id, month, sha256) do nothing
`

const Kept = z.object({
  result: z.json(),
  sha256: z.string(),
  madeAt: z.instanceof(Temporal.Instant),
})

export const evaluationNamed = (db: Db, sha256: string, partnerId?: string) => db.maybe(Kept)`
  select e.result, e.sha256, e.made_at as "madeAt"
    from service_levels.evaluation e
    join service_levels.agreement a on a.id = e.agreement_id
   where e.sha256 = ${sha256} and (${partnerId ?? null}::text is null or a.partner_id = ${partnerId ?? null})
   order by e.made_at
   limit 1
`
