/** What stands between a partner and production. Pure: facts in, steps out, each with whose move it is. */
import { z } from 'zod'
import { Check } from '#control/certification/index.ts'
import { PersonRole } from '#control/partners/index.ts'
import { Queue } from '#control/work-queues/index.ts'

export const StepName = z.enum([
  'people',
  'evidence',
  'licence',
  'certification',
  'contract',
  'application',
  'first-call',
])
export type StepName = z.output<typeof StepName>

export const Step = z.object({
  step: StepName,
  /** Which one, where there are several: a type of evidence, a product. */
  about: z.string().nullable(),
  /** `open`: the partner's move; `waiting`: the bank's; `later`: something before it comes first. */
  state: z.enum(['done', 'open', 'waiting', 'later']),
  /** Who at the partner may do it, and the team of the bank that answers. */
  owners: z.array(PersonRole),
  team: Queue.nullable(),
  since: z.instanceof(Temporal.Instant).nullable(),
  /** By when the bank has promised it; or when what lies with the partner falls or ends. */
  dueAt: z.instanceof(Temporal.Instant).nullable(),
  detail: z.string().nullable(),
  /** What certification has still to see, by the name of the check. */
  checks: z.array(Check.shape.id),
})
export type Step = z.output<typeof Step>

/** A time in which it was the bank's move. */
export interface Wait {
  readonly from: Temporal.Instant
  readonly to: Temporal.Instant
}

/** Milliseconds in which the bank was waited for; two waits at once are one. */
export const waitedMs = (waits: readonly Wait[]): number => {
  let sum = 0
  let until = Number.NEGATIVE_INFINITY
  const byBeginning = waits
    .map(({ from, to }) => [from.epochMilliseconds, to.epochMilliseconds] as const)
    .toSorted(([a], [b]) => a - b)
  for (const [from, to] of byBeginning) {
    sum += Math.max(0, to - Math.max(from, until))
    until = Math.max(until, to)
  }
  return sum
}

/** Who of a partner does a step, and who of the bank answers it. */
const owned: Readonly<Record<StepName, Pick<Step, 'owners' | 'team'>>> = {
  people: { owners: ['owner', 'admin'], team: null },
  evidence: { owners: ['owner', 'admin', 'signatory'], team: 'compliance' },
  licence: { owners: ['owner', 'admin', 'signatory'], team: 'compliance' },
  certification: { owners: ['developer'], team: 'developer-relations' },
  contract: { owners: ['signatory'], team: 'partner-success' },
  application: { owners: ['owner', 'security-admin', 'developer'], team: 'compliance' },
  'first-call': { owners: ['developer'], team: null },
}

type StepAsked = Pick<Step, 'step' | 'state'> & Partial<Step>

export const stepOf = (asked: StepAsked): Step => ({
  about: null,
  since: null,
  dueAt: null,
  detail: null,
  checks: [],
  ...owned[asked.step],
  ...asked,
})
