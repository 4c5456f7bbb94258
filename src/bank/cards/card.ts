/** A card of a programme: its states and what may be told of it. There is no field here that could carry its number. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import { Currency } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { CardholderId } from './cardholders/cardholder.ts'
import { CardType, ProgrammeId } from './programmes/programme.ts'
import { Delivery, Shipping } from './plastic.ts'
import { latinOf } from '../script.ts'

export const CardId = idOf('card')
export type CardId = z.output<typeof CardId>

/** `ordered` is before the card is on its way; while it has no token yet, it is not told to anybody. */
export const CardStatus = z.enum([
  'ordered',
  'inactive',
  'active',
  'suspended',
  'lost',
  'stolen',
  'expired',
  'closed',
])
export type CardStatus = z.output<typeof CardStatus>

const Instant = z.instanceof(Temporal.Instant)

export const Card = z.object({
  id: CardId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  consentId: z.string(),
  customerRef: z.string(),
  subject: z.string(),
  openingReference: z.string(),
  accountId: z.string().nullable(),
  status: CardStatus,
  cardType: CardType,
  currency: Currency,
  reference: z.string().nullable(),
  programmeId: ProgrammeId.nullable(),
  cardholderId: CardholderId.nullable(),
  /** The core's name of the account that it spends from. */
  fundingRef: z.string().nullable(),
  shipping: Shipping.nullable(),
  delivery: Delivery.nullable(),
  replacementFor: CardId.nullable(),
  /** The vault's name for the number. */
  token: z.string().nullable(),
  bin: z.string().nullable(),
  lastFour: z.string().nullable(),
  expiryMonth: z.number().nullable(),
  expiryYear: z.number().nullable(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Card = z.output<typeof Card>

export const transitionRefused = problem(
  'cards/transition-refused',
  409,
  'The card cannot change so',
)
export const cardDiffersFromConsent = problem(
  'cards/differs-from-consent',
  400,
  'The card is not the one that the customer asked for',
)

/** The published table: active ⇄ suspended → closed, and what ends a card ends it for good. */
export const cardTransitions: Readonly<Record<CardStatus, readonly CardStatus[]>> = {
  ordered: ['inactive', 'active', 'lost', 'stolen', 'expired', 'closed'],
  inactive: ['active', 'lost', 'stolen', 'expired', 'closed'],
  active: ['suspended', 'lost', 'stolen', 'expired', 'closed'],
  suspended: ['active', 'lost', 'stolen', 'expired', 'closed'],
  lost: ['closed'],
  stolen: ['closed'],
  expired: ['closed'],
  closed: [],
}

/** A card ends with the month that it carries, in the bank's zone. No job is needed to say so. */
export const standing = (
  card: Pick<Card, 'status' | 'expiryMonth' | 'expiryYear'>,
  now: Temporal.Instant,
  zone: string,
): CardStatus => {
  const { status, expiryMonth: month, expiryYear: year } = card
  if (month === null || year === null || !cardTransitions[status].includes('expired')) return status
  const ends = Temporal.PlainYearMonth.from({ year, month }).add({ months: 1 })
  const over = ends.toPlainDate({ day: 1 }).toZonedDateTime(zone).toInstant()
  return Temporal.Instant.compare(now, over) >= 0 ? 'expired' : status
}

export const CardAction = z.enum(['suspend', 'resume', 'close', 'report_lost', 'report_stolen'])
export type CardAction = z.output<typeof CardAction>

const goals = {
  suspend: 'suspended',
  resume: 'active',
  close: 'closed',
  report_lost: 'lost',
  report_stolen: 'stolen',
} as const

/** The card after an action. Asking for the state that it has changes nothing; a card is activated, not resumed, the first time. */
export const changed = (card: Card, action: CardAction, now: Temporal.Instant): Card => {
  const status = goals[action]
  if (card.status === status) return card
  if (action === 'resume' && card.status !== 'suspended')
    throw transitionRefused(`a card that is ${card.status} is not resumed`)
  if (!cardTransitions[card.status].includes(status))
    throw transitionRefused(`a card that is ${card.status} does not become ${status}`)
  return { ...card, status, updatedAt: now }
}

/** Past tense of each action, as the journal says it. */
export const eventOf = {
  suspend: 'cards.suspended',
  resume: 'cards.resumed',
  close: 'cards.closed',
  report_lost: 'cards.lost',
  report_stolen: 'cards.stolen',
} as const satisfies Record<CardAction, string>

export const CardRequest = z
  .strictObject({
    cardType: CardType,
    currency: z.enum(['UZS', 'USD', 'EUR']),
    reference: z
      .string()
      .min(1)
      .max(35)
      .regex(/^\P{Cc}+$/u, 'holds control characters')
      .optional(),
    /** The standard programme where it is missing. */
    programmeId: ProgrammeId.optional(),
    cardholderId: CardholderId.optional(),
    delivery: Delivery.optional(),
  })
  .refine(({ cardType, delivery }) => cardType === 'physical' || delivery === undefined, {
    message: 'a virtual card is not delivered',
    path: ['delivery'],
  })
export type CardRequest = z.output<typeof CardRequest>

export const CardStatusRequest = z.strictObject({
  action: CardAction,
  reason: z.enum(['CUSTOMER', 'FRAUD', 'PROGRAMME']).optional(),
})

export const CardsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(512).optional(),
})
export type CardsQuery = z.output<typeof CardsQuery>

/** What the customer asked for (RFC 9396), with the account that they picked. */
export const CardIssueDetail = z.looseObject({
  type: z.literal('urn:bank:card-issue:v1'),
  cardType: z.string(),
  currency: z.string(),
  accounts: z.tuple([z.string()]),
})

export const VALID_MONTHS = 36

/** ISO/IEC 7813 takes 26 letters of the Latin alphabet. */
const EMBOSSED_MAX = 26

/** A name as a card carries it: given name and family name first, what does not fit is left out word by word. */
export const embossed = (name: string): string => {
  const words = latinOf(name.normalize('NFKC').toLowerCase())
    .normalize('NFD')
    .replace(/[\p{M}ʻʼ'’‘`]/gu, '')
    .toUpperCase()
    .split(/[^A-Z-]+/)
    .filter((word) => word !== '')
  let line = ''
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length > EMBOSSED_MAX) break
    line = longer
  }
  return line || (words[0]?.slice(0, EMBOSSED_MAX) ?? 'CARDHOLDER')
}

/** Only a card that was issued has anything to tell. */
export const cardJson = (card: Card, at: { now: Temporal.Instant; zone: string }) => {
  const { bin, lastFour, expiryMonth, expiryYear, accountId, delivery } = card
  assert(
    bin !== null &&
      lastFour !== null &&
      expiryMonth !== null &&
      expiryYear !== null &&
      accountId !== null,
    'a card that is told was issued',
  )
  return {
    cardId: card.id,
    status: standing(card, at.now, at.zone),
    cardType: card.cardType,
    currency: card.currency,
    bin,
    lastFour,
    expiry: { month: expiryMonth, year: expiryYear },
    accountId,
    creationDateTime: card.createdAt.toString(),
    statusUpdateDateTime: card.updatedAt.toString(),
    ...(card.reference !== null && { reference: card.reference }),
    ...(card.programmeId !== null && { programmeId: card.programmeId }),
    ...(card.cardholderId !== null && { cardholderId: card.cardholderId }),
    ...(card.replacementFor !== null && { replacementFor: card.replacementFor }),
    ...(card.shipping !== null &&
      delivery !== null && { shipping: { status: card.shipping, delivery } }),
  }
}
