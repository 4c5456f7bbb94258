/** The books of what partners owe: double entry, each act booked once. Above zero is a debit. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'

export interface Entry {
  /** `receivable:partner_…`, `revenue`, `tax`, `bank`. */
  readonly account: string
  readonly minor: bigint
}

/** What the bank owes a partner. */
export const payableOf = (partnerId: string) => `payable:${partnerId}`
/** What a partner paid ahead and has not used. */
export const prepaidOf = (partnerId: string) => `prepaid:${partnerId}`
export const receivableOf = (partnerId: string) => `receivable:${partnerId}`

const Posted = z.object({ id: z.bigint() })

/** Books an act. Answers false, and books nothing, where its key was used: the act was done before. */
export const post = async (
  work: Work,
  { key, text, currency }: { key: string; text: string; currency: string },
  entries: readonly Entry[],
): Promise<boolean> => {
  assert(entries.reduce((sum, e) => sum + e.minor, 0n) === 0n, 'a posting sums to zero')
  const posted = await work.maybe(Posted)`
    insert into billing.posting (key, text, at) values (${key}, ${text}, ${work.now})
    on conflict (key) do nothing
    returning id
  `
  if (!posted) return false
  for (const { account, minor } of entries.filter((e) => e.minor !== 0n))
    await work.run`
      insert into billing.entry (posting_id, account, currency, minor)
      values (${posted.id}, ${account}, ${currency}, ${minor})
    `
  return true
}

export const StatementRow = z.object({
  at: z.instanceof(Temporal.Instant),
  text: z.string(),
  currency: z.string(),
  minor: z.string().transform(BigInt),
  /** What the partner owes after it. */
  balance: z.string().transform(BigInt),
})

/** What a partner owed and paid, oldest first. */
export const statementOf = (db: Db, partnerId: string) => db.many(StatementRow)`
  select p.at, p.text, e.currency, e.minor::text as minor,
         (sum(e.minor) over (partition by e.currency order by p.id))::text as balance
    from billing.entry e
    join billing.posting p on p.id = e.posting_id
   where e.account = ${receivableOf(partnerId)}
   order by p.id
   limit 5000
`

const Weight = z.object({ currency: z.string(), minor: z.string() })

/** Currencies whose books do not sum to zero: always none. */
export const outOfBalance = (db: Db) => db.many(Weight)`
  select currency, sum(minor)::text as minor from billing.entry group by currency having sum(minor) <> 0 limit 10
`

const Balance = z.object({ currency: z.string(), minor: z.string().transform(BigInt) })

/** What stands on an account, a currency a row; above zero is a debit. */
export const balanceOf = (db: Db, account: string) => db.many(Balance)`
  select currency, sum(minor)::text as minor
    from billing.entry
   where account = ${account}
   group by currency
   order by currency
   limit 100
`
