/** Which contract rules at an instant, by what was known at another: two times, and nothing of either is ever lost. */
import { z } from 'zod'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { type Contract, ContractId } from './contract.ts'

export const Rule = z.object({
  contractId: ContractId,
  validFrom: z.instanceof(Temporal.Instant),
  validTo: z.instanceof(Temporal.Instant).nullable(),
  knownFrom: z.instanceof(Temporal.Instant),
  knownTo: z.instanceof(Temporal.Instant).nullable(),
})
export type Rule = z.output<typeof Rule>

const columns = sql`
  contract_id as "contractId", valid_from as "validFrom", valid_to as "validTo", known_from as "knownFrom",
  known_to as "knownTo"
`

/**
 * From this instant on the contract rules, whatever was known of that time before; where it has an end, only to there:
 * what rules from then on stays. Hold the partner's contracts.
 */
export const ruleFrom = async (
  work: Work,
  { id, partnerId }: Pick<Contract, 'id' | 'partnerId'>,
  { from, to }: { from: Temporal.Instant; to: Temporal.Instant | null },
): Promise<void> => {
  const overlapping = sql`
    (valid_to is null or valid_to > ${from}) and (${to}::timestamptz is null or valid_from < ${to})
  `
  for (const { contractId, validFrom } of await closeThose(work, partnerId, overlapping))
    if (isBefore(validFrom, from))
      await insert(work, { contractId, partnerId, validFrom, validTo: from })
  await insert(work, { contractId: id, partnerId, validFrom: from, validTo: to })
}

/** The contract rules to this instant and no longer, whatever end was known before. Hold the partner's contracts. */
export const ruleUntil = async (
  work: Work,
  { id, partnerId }: Pick<Contract, 'id' | 'partnerId'>,
  until: Temporal.Instant,
): Promise<void> => {
  for (const { validFrom } of await closeThose(work, partnerId, sql`contract_id = ${id}`))
    if (isBefore(validFrom, until))
      await insert(work, { contractId: id, partnerId, validFrom, validTo: until })
}

/** What was known so far is known no more; that it was stays. */
const closeThose = (work: Work, partnerId: PartnerId, which: ReturnType<typeof sql>) =>
  work.many(Rule)`
    update contracts.rule set known_to = ${work.now}
     where partner_id = ${partnerId} and known_to is null and (${which})
    returning ${columns}
  `

const insert = (
  work: Work,
  rule: Pick<Rule, 'contractId' | 'validFrom' | 'validTo'> & { partnerId: PartnerId },
) => work.run`
  insert into contracts.rule (contract_id, partner_id, valid_from, valid_to, known_from)
  values (${rule.contractId}, ${rule.partnerId}, ${rule.validFrom}, ${rule.validTo}, ${work.now})
`

/** Two times: the instant that is asked about, and the instant whose knowledge answers. */
export interface BothTimes {
  readonly at: Temporal.Instant
  readonly known: Temporal.Instant
}

/** Which contract ruled at `at`, as it was known at `known`. */
export const ruleAt = (db: Db, partnerId: PartnerId, { at, known }: BothTimes) => db.maybe(Rule)`
  select ${columns}
    from contracts.rule
   where partner_id = ${partnerId}
     and valid_from <= ${at} and (valid_to is null or valid_to > ${at})
     and known_from <= ${known} and (known_to is null or known_to > ${known})
   order by id desc
   limit 1
`

/** When a contract rules, by what is known now. */
export const ruleOf = (db: Db, { id }: Pick<Contract, 'id'>) => db.maybe(Rule)`
  select ${columns} from contracts.rule where contract_id = ${id} and known_to is null
`

/** Everything that was ever known of which contract rules, in the order in which it was learnt. */
export const listRules = (db: Db, partnerId: PartnerId) => db.many(Rule)`
  select ${columns} from contracts.rule where partner_id = ${partnerId} order by id limit 1000
`
