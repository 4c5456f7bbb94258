/** A card programme: what the bank lets a partner issue, within which controls, and what decides when the partner is silent. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { Currency, Money, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { Controls, controlsJson } from '../controls/controls.ts'

export const ProgrammeId = idOf('programme')
export type ProgrammeId = z.output<typeof ProgrammeId>

export const ProgrammeStatus = z.enum(['draft', 'bank_approved', 'live', 'suspended', 'closed'])
export type ProgrammeStatus = z.output<typeof ProgrammeStatus>

export const CardType = z.enum(['virtual', 'physical'])
export type CardType = z.output<typeof CardType>

/** From the first byte that a partner is sent to the last that is heard of it (O29). */
export const DECISION_WITHIN_MS = 1_200

/** What is decided when the partner does not answer in time: amounts up to these are approved, one for each currency. */
export const StandIn = z.strictObject({ approveUpTo: z.array(Money).max(3) })
export type StandIn = z.output<typeof StandIn>

const Instant = z.instanceof(Temporal.Instant)

export const Programme = z.object({
  id: ProgrammeId,
  partnerId: z.string(),
  applicationId: z.string().nullable(),
  standard: z.boolean(),
  name: z.string(),
  status: ProgrammeStatus,
  suspendedBy: z.enum(['partner', 'bank']).nullable(),
  cardTypes: z.array(CardType),
  currencies: z.array(Currency),
  bin: z.string().nullable(),
  controls: Controls,
  standIn: StandIn,
  decisionUrl: z.string().nullable(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Programme = z.output<typeof Programme>

export const programmeTransitionRefused = problem(
  'cards/programme-transition-refused',
  409,
  'The programme cannot change so',
)
export const programmeNotLive = problem(
  'cards/programme-not-live',
  409,
  'The programme issues no cards now',
)
export const programmeExcludes = problem(
  'cards/programme-excludes',
  409,
  'The programme has no such cards',
)

export const decisionEndpointRefused = problem(
  'cards/decision-endpoint-refused',
  422,
  'The address is not one that may be asked',
)

/** The published table. */
export const programmeTransitions: Readonly<Record<ProgrammeStatus, readonly ProgrammeStatus[]>> = {
  draft: ['bank_approved', 'closed'],
  bank_approved: ['live', 'closed'],
  live: ['suspended', 'closed'],
  suspended: ['live', 'closed'],
  closed: [],
}

export const ProgrammeAction = z.enum(['launch', 'suspend', 'resume', 'close'])
export type ProgrammeAction = z.output<typeof ProgrammeAction>

type Giver = 'partner' | 'bank'

const goals = { launch: 'live', suspend: 'suspended', resume: 'live', close: 'closed' } as const

const moved = (programme: Programme, status: ProgrammeStatus, now: Temporal.Instant): Programme => {
  if (!programmeTransitions[programme.status].includes(status))
    throw programmeTransitionRefused(
      `a programme that is ${programme.status} does not become ${status}`,
      programme.status === 'draft' ? { gate: 'bank' } : {},
    )
  return { ...programme, status, suspendedBy: null, updatedAt: now }
}

/** The programme after an action of the partner or the bank. What the bank suspended, only the bank resumes. */
export const programmeAfter = (
  programme: Programme,
  action: ProgrammeAction,
  by: Giver,
  now: Temporal.Instant,
): Programme => {
  const status = goals[action]
  if (action === 'launch' && programme.status === 'suspended')
    throw programmeTransitionRefused('a programme that is suspended is resumed, not launched')
  if (action === 'resume' && programme.status === 'bank_approved')
    throw programmeTransitionRefused('a programme that never was live is launched, not resumed')
  if (by === 'partner' && programme.suspendedBy === 'bank' && action === 'resume')
    throw programmeTransitionRefused('the bank suspended this programme', { gate: 'bank' })
  if (programme.status === status) {
    // The bank takes over what the partner had stopped; the partner never takes over from the bank.
    const taken = action === 'suspend' && by === 'bank' && programme.suspendedBy === 'partner'
    return taken ? { ...programme, suspendedBy: 'bank', updatedAt: now } : programme
  }
  const after = moved(programme, status, now)
  return status === 'suspended' ? { ...after, suspendedBy: by } : after
}

/** Approved by the bank, which gives it a range and may lower what was asked for. */
export const approved = (
  programme: Programme,
  given: { bin: string; controls?: Controls },
  now: Temporal.Instant,
): Programme => ({
  ...moved(programme, 'bank_approved', now),
  bin: given.bin,
  controls: given.controls ?? programme.controls,
})

export const programmeEventOf = {
  launch: 'cards.programme-launched',
  suspend: 'cards.programme-suspended',
  resume: 'cards.programme-resumed',
  close: 'cards.programme-closed',
} as const satisfies Record<ProgrammeAction, string>

/** ISO/IEC 7812: 9 is for national use, and ISO 3166 gives 999 to no country, so no such card can be anybody's. */
export const issuerRange = '999909'

const major = (amount: bigint, currency: 'UZS' | 'USD' | 'EUR') =>
  ({ minor: amount * 100n, currency }) as const

/** What a contract over cards opens by itself; another programme is applied for. */
export const standardTerms = {
  name: 'Standard',
  cardTypes: ['virtual', 'physical'],
  currencies: ['UZS', 'USD', 'EUR'],
  controls: {
    limits: [
      { interval: 'per_authorization', amount: major(10_000_000n, 'UZS') },
      { interval: 'daily', amount: major(20_000_000n, 'UZS') },
      { interval: 'monthly', amount: major(200_000_000n, 'UZS') },
      { interval: 'per_authorization', amount: major(1_000n, 'USD') },
      { interval: 'daily', amount: major(2_000n, 'USD') },
      { interval: 'monthly', amount: major(20_000n, 'USD') },
      { interval: 'per_authorization', amount: major(1_000n, 'EUR') },
      { interval: 'daily', amount: major(2_000n, 'EUR') },
      { interval: 'monthly', amount: major(20_000n, 'EUR') },
    ],
  },
  standIn: {
    approveUpTo: [major(500_000n, 'UZS'), major(50n, 'USD'), major(50n, 'EUR')],
  },
} as const satisfies { controls: unknown; standIn: unknown } & Record<string, unknown>

const Currencies = z.enum(['UZS', 'USD', 'EUR'])

export const ProgrammeRequest = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(70)
    .regex(/^\P{Cc}+$/u, 'holds control characters'),
  cardTypes: z.array(CardType).min(1).max(2),
  currencies: z.array(Currencies).min(1).max(3),
  controls: Controls,
  standIn: StandIn,
})
export type ProgrammeRequest = z.output<typeof ProgrammeRequest>

export const ProgrammeStatusRequest = z.strictObject({ action: ProgrammeAction })

/** Null takes the decision back. */
export const DecisionEndpointRequest = z.strictObject({ url: z.string().max(2_000).nullable() })

export const programmeJson = (programme: Programme) => ({
  programmeId: programme.id,
  name: programme.name,
  status: programme.status,
  cardTypes: programme.cardTypes,
  currencies: programme.currencies,
  controls: controlsJson(programme.controls),
  standIn: { approveUpTo: programme.standIn.approveUpTo.map(moneyJson) },
  standard: programme.standard,
  creationDateTime: programme.createdAt.toString(),
  statusUpdateDateTime: programme.updatedAt.toString(),
  ...(programme.bin !== null && { bin: programme.bin }),
  ...(programme.suspendedBy !== null && { suspendedBy: programme.suspendedBy }),
  ...(programme.decisionUrl !== null && { decisionUrl: programme.decisionUrl }),
})
