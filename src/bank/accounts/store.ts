import { z } from 'zod'
import type { Db, Postgres } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Alias } from './account.ts'
import { OwnershipResult } from './ownership.ts'

const columns = sql`
  account_id as "accountId", partner_id as "partnerId", subject, customer_ref as "customerRef",
  account_ref as "accountRef", bank_code as "bankCode", currency
`

export const addAlias = (db: Db, a: Alias) => db.run`
  insert into accounts.alias (account_id, partner_id, subject, customer_ref, account_ref, bank_code, currency)
  values (${a.accountId}, ${a.partnerId}, ${a.subject}, ${a.customerRef}, ${a.accountRef}, ${a.bankCode}, ${a.currency})
  on conflict do nothing
`

/** The accounts among these ids that this partner has, of one customer where the call has one. */
export const aliases = (
  db: Db,
  filter: { partnerId: string; accountIds: readonly string[]; subject: string | null },
) => {
  const where = [sql`partner_id = ${filter.partnerId}`, sql`account_id = any(${filter.accountIds})`]
  if (filter.subject !== null) where.push(sql`subject = ${filter.subject}`)
  return db.many(Alias)`
    select ${columns}
      from accounts.alias
     where ${all(where)}
     order by account_id
     limit 500
  `
}

const Answer = z.object({ result: OwnershipResult, accountId: z.string().nullable() })
export type Answer = z.output<typeof Answer>

export const findAnswer = (
  db: Db,
  asked: { partnerId: string; question: Uint8Array; since: Temporal.Instant },
) => db.maybe(Answer)`
  select result, account_id as "accountId"
    from accounts.answer
   where partner_id = ${asked.partnerId} and question = ${asked.question} and answered_at > ${asked.since}
`

/** Keeps an answer, unless one that still holds was kept meanwhile; answers the one that holds. */
export const keepAnswer = async (
  db: Db,
  asked: {
    partnerId: string
    question: Uint8Array
    since: Temporal.Instant
    now: Temporal.Instant
    answer: Answer
  },
): Promise<Answer> => {
  const { partnerId, question, since, now, answer } = asked
  await db.run`
    insert into accounts.answer (partner_id, question, result, account_id, answered_at)
    values (${partnerId}, ${question}, ${answer.result}, ${answer.accountId}, ${now})
    on conflict (partner_id, question) do update
       set result = excluded.result, account_id = excluded.account_id, answered_at = excluded.answered_at
     where accounts.answer.answered_at <= ${since}
  `
  return (await findAnswer(db, asked)) ?? answer
}

export const sweepAnswers = (db: Db, before: Temporal.Instant) =>
  db.run`delete from accounts.answer where answered_at <= ${before}`

const Count = z.object({ count: z.number() })
const FundsQuestions = Count.extend({ first: z.instanceof(Temporal.Instant).nullable() })

/** How often an account was asked about since; the question is counted too where that is below the most. */
export const countFundsQuestion = (
  db: Postgres,
  asked: {
    id: string
    accountId: string
    since: Temporal.Instant
    now: Temporal.Instant
    max: number
  },
): Promise<z.output<typeof FundsQuestions>> =>
  db.transaction(async (tx) => {
    const { id, accountId, since, now, max } = asked
    // Questions about one account wait for each other: at the edge only one of them is the last.
    await tx.run`select pg_advisory_xact_lock(hashtextextended(${`funds ${accountId}`}, 0))`
    const earlier = await tx.one(FundsQuestions)`
      select count(*)::int as count, min(asked_at) as first
        from accounts.funds_question
       where account_id = ${accountId} and asked_at > ${since}
    `
    if (earlier.count < max)
      await tx.run`
        insert into accounts.funds_question (id, account_id, asked_at) values (${id}, ${accountId}, ${now})
      `
    return earlier
  })

export const sweepFundsQuestions = (db: Db, before: Temporal.Instant) =>
  db.run`delete from accounts.funds_question where asked_at <= ${before}`
