/**
 * Whether the bank lends, and why not. The rules are the bank's own and stay inside: a partner hears an outcome, the
 * codes of its reasons and what the borrower is to be told (O32).
 */
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import type { Texts } from './product.ts'

export const informationUnfit = problem(
  'lending/information-unfit',
  400,
  'The information cannot be used',
)

export const MODEL_VERSION = 'affordability-2026-11'

export const Reason = z.enum([
  'AFFORDABILITY',
  'SHORT_HISTORY',
  'INCOME_UNVERIFIED',
  'ARREARS',
  'TOO_MANY_LOANS',
])
export type Reason = z.output<typeof Reason>

export const Need = z.enum(['MONTHLY_INCOME'])
export type Need = z.output<typeof Need>

export const Verdict = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('approved') }),
  z.object({ outcome: z.literal('declined'), reasons: z.array(Reason).min(1) }),
  z.object({ outcome: z.literal('needs_information'), needs: z.array(Need).min(1) }),
])
export type Verdict = z.output<typeof Verdict>

/** What the bank knows of who applies, in minor units of the loan's currency. */
export interface Facts {
  /** What comes onto their accounts in a month from others, by the last three. */
  readonly inflowMinor: bigint
  /** Since when they have an account here. */
  readonly daysKnown: number
  readonly openLoans: number
  /** What their loans take in a month. */
  readonly burdenMinor: bigint
  readonly daysPastDue: number
}

export interface Asked {
  /** The largest instalment of what is asked for. */
  readonly instalmentMinor: bigint
  /** What they say that they earn. */
  readonly incomeMinor: bigint | null
}

const DAYS_KNOWN_MIN = 90
const OPEN_LOANS_MAX = 4
/** Of what comes in, in hundredths, all loans together may take so much. */
const BURDEN_MAX_PERCENT = 50n
/** An income that is only said counts up to so many times what is seen. */
const SAID_TO_SEEN_MAX = 2n

export const decided = (asked: Asked, facts: Facts): Verdict => {
  const reasons: Reason[] = []
  if (facts.daysPastDue > 0) reasons.push('ARREARS')
  if (facts.openLoans >= OPEN_LOANS_MAX) reasons.push('TOO_MANY_LOANS')
  if (facts.daysKnown < DAYS_KNOWN_MIN) reasons.push('SHORT_HISTORY')
  if (reasons.length > 0) return { outcome: 'declined', reasons }
  if (isAffordable(asked, facts)) return { outcome: 'approved' }
  if (asked.incomeMinor === null) return { outcome: 'needs_information', needs: ['MONTHLY_INCOME'] }
  const reason = facts.inflowMinor === 0n ? 'INCOME_UNVERIFIED' : 'AFFORDABILITY'
  return { outcome: 'declined', reasons: [reason] }
}

const isAffordable = ({ instalmentMinor, incomeMinor }: Asked, facts: Facts): boolean => {
  const said = incomeMinor ?? 0n
  const most = facts.inflowMinor * SAID_TO_SEEN_MAX
  const believed = said > most ? most : said
  const income = believed > facts.inflowMinor ? believed : facts.inflowMinor
  return (instalmentMinor + facts.burdenMinor) * 100n <= income * BURDEN_MAX_PERCENT
}

/** An outcome that is laid down for amounts that end so, where those who borrow do not exist. */
export const Scenario = z
  .object({
    ending: z.int().min(0).max(999),
    outcome: z.enum(['approved', 'declined', 'needs_information']),
    reason: Reason.nullable(),
  })
  .readonly()
export type Scenario = z.output<typeof Scenario>

/** The endings that the sandbox knows: `…001` approves, `…002` asks for the income first, each reason has its own. */
export const scenarios: readonly Scenario[] = [
  { ending: 1, outcome: 'approved', reason: null },
  { ending: 2, outcome: 'needs_information', reason: null },
  ...Reason.options.map((reason, at) => ({
    ending: 10 + at,
    outcome: 'declined' as const,
    reason,
  })),
]

export const played = ({ outcome, reason }: Scenario, incomeMinor: bigint | null): Verdict => {
  if (outcome === 'declined' && reason !== null) return { outcome, reasons: [reason] }
  if (outcome === 'needs_information' && incomeMinor === null)
    return { outcome, needs: ['MONTHLY_INCOME'] }
  return { outcome: 'approved' }
}

const WHOLE = 100n
/** The last three digits of an amount's whole units. */
export const endingOf = (amountMinor: bigint): number => Number((amountMinor / WHOLE) % 1_000n)

/** What the borrower is told about a reason, in the bank's words; the partner passes them on as they are. */
export const adverseAction: Readonly<Record<Reason, Texts>> = {
  AFFORDABILITY: {
    en: 'The instalments would take too large a part of the income that we see.',
    ru: 'Платежи составили бы слишком большую часть дохода, который мы видим.',
    uz: 'Toʻlovlar biz koʻrayotgan daromadning juda katta qismini tashkil etadi.',
  },
  SHORT_HISTORY: {
    en: 'You have been a customer of the bank for too short a time.',
    ru: 'Вы клиент банка слишком недолго.',
    uz: 'Siz bank mijozi boʻlganingizga hali oz vaqt boʻldi.',
  },
  INCOME_UNVERIFIED: {
    en: 'We could not confirm the stated income.',
    ru: 'Мы не смогли подтвердить указанный доход.',
    uz: 'Koʻrsatilgan daromadni tasdiqlay olmadik.',
  },
  ARREARS: {
    en: 'A payment on another loan with the bank is overdue.',
    ru: 'Платёж по другому кредиту в банке просрочен.',
    uz: 'Bankdagi boshqa kredit boʻyicha toʻlov muddati oʻtgan.',
  },
  TOO_MANY_LOANS: {
    en: 'You already have as many loans with the bank as it gives.',
    ru: 'У вас уже столько кредитов в банке, сколько он выдаёт.',
    uz: 'Sizda bank beradigan miqdordagi kreditlar allaqachon bor.',
  },
}
