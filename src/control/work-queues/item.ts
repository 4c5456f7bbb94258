/** What waits for somebody of the bank. Pure: which team it belongs to, by when, and who holds it. */
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import { StaffId, StaffRole } from '#control/staff/index.ts'
import { ANSWER_HOURS } from '#control/support/index.ts'

/** A queue is a team's. The head of the platform looks into all of them. */
export const Queue = StaffRole.extract([
  'api-product',
  'api-engineering',
  'developer-relations',
  'partner-success',
  'compliance',
  'finance',
])
export type Queue = z.output<typeof Queue>

export const WorkKind = z.enum([
  'approval',
  'abuse-finding',
  'glass-review',
  'evidence-verification',
  'evidence-ending',
  'evidence-recheck',
  'licence-application',
  'recertification',
  'contract-countersignature',
  'contract-unsigned',
  'contract-ending',
  'certificate-ending',
  'certification-stuck',
  'first-call-missing',
  'incident',
  'wind-down-step',
  'endpoint-failing',
  'usage-gap',
  'reconciliation-difference',
  'invoice-dispute',
  'invoice-overdue',
  'forecast-breach',
  'level-breach',
  'support-request',
  'advisory-request',
  'advisory-minutes',
  'advisory-action',
])
export type WorkKind = z.output<typeof WorkKind>

interface Service {
  /** Empty: the fact itself says whose it is. */
  readonly queues: readonly Queue[]
  /** What the bank promises itself, from the moment that the fact began; null: the fact has a day of its own. */
  readonly hours: number | null
}

/** Whose each kind of work is, and how soon it is to be done. The checklist of partners shows the same hours. */
export const service: Readonly<Record<WorkKind, Service>> = {
  approval: { queues: [], hours: null },
  'abuse-finding': { queues: [], hours: 24 },
  'glass-review': { queues: ['compliance'], hours: null },
  'evidence-verification': { queues: ['compliance'], hours: 48 },
  'evidence-ending': { queues: ['partner-success'], hours: null },
  'evidence-recheck': { queues: ['compliance'], hours: null },
  'licence-application': { queues: ['compliance'], hours: 48 },
  recertification: { queues: ['compliance'], hours: null },
  'contract-countersignature': { queues: ['partner-success'], hours: 24 },
  'contract-unsigned': { queues: ['partner-success'], hours: 168 },
  'contract-ending': { queues: ['partner-success'], hours: null },
  'certificate-ending': { queues: ['developer-relations'], hours: null },
  'certification-stuck': { queues: ['developer-relations'], hours: 72 },
  'first-call-missing': { queues: ['developer-relations'], hours: 168 },
  incident: { queues: ['api-engineering'], hours: null },
  'wind-down-step': { queues: ['partner-success', 'compliance'], hours: null },
  'endpoint-failing': { queues: ['developer-relations'], hours: 24 },
  'usage-gap': { queues: ['api-engineering'], hours: 24 },
  'reconciliation-difference': { queues: ['finance', 'api-engineering'], hours: 24 },
  'invoice-dispute': { queues: ['finance'], hours: 120 },
  'invoice-overdue': { queues: ['finance'], hours: 168 },
  'forecast-breach': { queues: ['partner-success'], hours: 72 },
  'level-breach': { queues: ['api-engineering', 'partner-success'], hours: 120 },
  'support-request': { queues: ['partner-success', 'developer-relations'], hours: ANSWER_HOURS },
  'advisory-request': { queues: ['api-product'], hours: 240 },
  'advisory-minutes': { queues: ['developer-relations'], hours: 168 },
  'advisory-action': { queues: [], hours: null },
}

/** Something that is so, and that somebody of the bank has to act on. It is read anew each time: nobody closes it. */
export interface Fact {
  readonly kind: WorkKind
  /** What it is about; with the kind it names the item. */
  readonly subject: string
  readonly queues: readonly Queue[]
  readonly partnerId: string | null
  /** A word or a title that says which one it is. */
  readonly about: string
  readonly since: Temporal.Instant
  readonly dueAt: Temporal.Instant
  /** Where it is done, if that is the page of another thing than the subject. */
  readonly doneAt: string | null
  /** People who must not be the ones: they proposed it, or have said yes already. */
  readonly barred: readonly string[]
}

type FactAsked = Pick<Fact, 'kind' | 'subject' | 'about' | 'since'> & Partial<Fact>

/** A fact with what its kind says of it. */
export const fact = (asked: FactAsked): Fact => {
  const { queues, hours } = service[asked.kind]
  return {
    queues,
    partnerId: null,
    dueAt: asked.since.add({ hours: hours ?? 0 }),
    doneAt: null,
    barred: [],
    ...asked,
  }
}

export const ItemId = z.string().regex(/^[a-z-]+:[\w.:-]{1,200}$/, 'is no item of a work queue')
export const itemOf = ({ kind, subject }: Pick<Fact, 'kind' | 'subject'>): string =>
  `${kind}:${subject}`
/** The kind that an item's name begins with. */
export const kindOf = (item: string): WorkKind | undefined =>
  WorkKind.safeParse(item.slice(0, item.indexOf(':'))).data

export const Marking = z.object({
  item: z.string(),
  owner: StaffId.nullable(),
  snoozedUntil: z.instanceof(Temporal.Instant).nullable(),
  reason: z.string().nullable(),
  markedAt: z.instanceof(Temporal.Instant),
})
export type Marking = z.output<typeof Marking>

export const SNOOZE_DAYS_MAX = 14

export const itemNotFound = problem('work-queues/not-found', 404, 'Nothing of this name waits')
export const itemClaimed = problem('work-queues/claimed', 409, 'Somebody else has it')
export const itemForbidden = problem(
  'work-queues/not-yours',
  403,
  'This waits for another team, or for another person than you',
)
export const snoozeTooLong = problem(
  'work-queues/snooze-too-long',
  422,
  `Work is put aside until a moment ahead, for ${SNOOZE_DAYS_MAX} days at most`,
)

export interface Person {
  readonly id: string
  readonly roles: readonly StaffRole[]
}

/** Whether it waits for one of this person's teams. */
export const isFor = ({ queues }: Pick<Fact, 'queues'>, { roles }: Person): boolean =>
  roles.includes('head-of-platform') || queues.some((queue) => roles.includes(queue))

/** Whether this person may be the one who does it. */
export const mayDo = (item: Pick<Fact, 'queues' | 'barred'>, person: Person): boolean =>
  isFor(item, person) && !item.barred.includes(person.id)

export interface Item extends Fact {
  readonly owner: StaffId | null
  readonly snoozedUntil: Temporal.Instant | null
  readonly reason: string | null
  readonly late: boolean
}

/** A fact with what people said of it. It wakes by its due time at the latest, and a fact that began later is another one. */
export const marked = (known: Fact, marking: Marking | undefined, now: Temporal.Instant): Item => {
  const late = !isBefore(now, known.dueAt)
  if (!marking || isBefore(marking.markedAt, known.since))
    return { ...known, owner: null, snoozedUntil: null, reason: null, late }
  const { owner, snoozedUntil, reason } = marking
  const sleeps = snoozedUntil !== null && isBefore(now, snoozedUntil) && !late
  return {
    ...known,
    owner,
    snoozedUntil: sleeps ? snoozedUntil : null,
    reason: sleeps ? reason : null,
    late,
  }
}

export const soonestFirst = (a: Fact, b: Fact): number =>
  Temporal.Instant.compare(a.dueAt, b.dueAt) || (itemOf(a) < itemOf(b) ? -1 : 1)

export const QueueCount = z.object({
  queue: Queue,
  open: z.int(),
  late: z.int(),
  unclaimed: z.int(),
  snoozed: z.int(),
  oldestSince: z.instanceof(Temporal.Instant).nullable(),
})

export const countOf = (queue: Queue, items: readonly Item[]): z.output<typeof QueueCount> => {
  const own = items.filter((item) => item.queues.includes(queue))
  const open = own.filter((item) => item.snoozedUntil === null)
  const sinces = open.map((item) => item.since)
  return {
    queue,
    open: open.length,
    late: open.filter((item) => item.late).length,
    unclaimed: open.filter((item) => item.owner === null).length,
    snoozed: own.length - open.length,
    oldestSince: sinces.toSorted((a, b) => Temporal.Instant.compare(a, b))[0] ?? null,
  }
}
