/** What a proposed change would do, in calls and in money: what its approvers look at before they say yes. */
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { Instant } from '#kernel/time.ts'

const Turned = z.object({
  partner: z.string(),
  application: z.string(),
  operation: z.string(),
  /** Made in the days that were replayed. */
  calls: z.int(),
  /** As the gateway would say it; of calls that would go through, as it says it now. */
  code: z.string(),
  detail: z.string(),
})

const Throttled = z.object({
  partner: z.string(),
  policy: z.string(),
  /** Calls that were replayed, and how many of them would be refused by the limits of now and by those proposed. */
  calls: z.int(),
  before: z.int(),
  after: z.int(),
})

const Withheld = z.object({
  partner: z.string(),
  operation: z.string(),
  field: z.string(),
  /** Whether it would be left out of answers, or be in them again. */
  becomes: z.enum(['left-out', 'released']),
  /** Answers that held it, since the partner's first call. */
  answers: z.int(),
})

const Cost = z.object({
  partner: z.string(),
  month: z.string(),
  currency: z.string(),
  /** Without tax, by what is agreed; null where nothing is. */
  before: z.string().nullable(),
  after: z.string(),
})

const Verdict = z.object({
  partner: z.string(),
  permission: z.string(),
  before: z.string(),
  after: z.string(),
})

const Commercial = z.object({
  /** By which rule. */
  id: z.string(),
  /** ERR: it breaks somebody, and contracts promise to be told of it ahead. */
  level: z.enum(['ERR', 'WARN', 'INFO']),
  operation: z.string().nullable(),
  path: z.string().nullable(),
  text: z.string(),
  /** Whom it is about; empty: whoever signs from then on, or has access without a contract. */
  partners: z.array(z.string()),
})

export const Impact = z.object({
  change: z.string(),
  /** Of the change that was looked at: what one approves is what one saw. */
  hash: z.string(),
  cell: Cell,
  /** Calls from there on were replayed. */
  since: Instant,
  /** The moment that both sides were judged at: the one from which the change says something. */
  judgedAt: Instant,
  /** Why nothing was replayed; null where it was. */
  not: z.string().nullable(),
  /** All calls of those concerned. */
  calls: z.int(),
  /** Calls that went as far as their verdict, and would be refused. */
  refused: z.array(Turned),
  /** Calls that are refused now, and would not be. */
  opened: z.array(Turned),
  throttled: z.array(Throttled),
  fields: z.array(Withheld),
  /** What last month would have cost. */
  costs: z.array(Cost),
  /** Verdicts that turn, called upon or not. */
  permissions: z.array(Verdict),
  /** What no call shows: less of a limit, a promise or a term, a higher price. */
  commercial: z.array(Commercial),
})
export type Impact = z.output<typeof Impact>
export type Turned = z.output<typeof Turned>
export type Throttled = z.output<typeof Throttled>
