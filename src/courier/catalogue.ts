/**
 * The events that partners may hear of. What is not here leaves the house for nobody; of a line's facts only those that
 * are named go with it. Thin: ids, reasons and counts. What is personal is fetched, so that consent and release decide.
 */
import { z } from 'zod'

const id = z.string().max(80).describe('Id of the resource')
const reasonCode = z.string().max(10).describe('ISO 20022 reason, such as AC04')
const count = z.int().min(0)

/** Every fact that an event may carry, under the name that it has in the journal. */
const facts = {
  accountsRevoked: count,
  approved: z.boolean().describe('What was decided in the end'),
  cardId: id,
  consentId: id,
  daysInArrears: count,
  dueAt: z.iso.datetime({ offset: true }).describe('By when it has to be answered'),
  executeAt: z.iso.datetime({ offset: true }).describe('When it will be executed'),
  failed: count,
  legId: id,
  occasion: z.string().max(64).describe('What happened, in a word of the licence matrix'),
  paymentId: id,
  reason: z.string().max(100).describe('Why, as a word'),
  reasonCode,
  rejection: z.string().max(40).describe('Why it was rejected'),
  replacementFor: id,
  settled: count,
  shipping: z.string().max(40).describe('Where the card is on its way'),
  splitPaymentId: id,
  status: z.string().max(40).describe('The status that it now has'),
  step: z.string().max(40).describe('What is lost: no-new-consents, read-only or suspended'),
  threshold: count.describe('Per cent of the amount'),
  version: count.describe('The version that is now in force'),
} as const satisfies Record<string, z.ZodType<string | number | boolean>>
export type Fact = keyof typeof facts

interface EventKind {
  readonly summary: string
  readonly facts: readonly Fact[]
}

const kind = (summary: string, ...named: readonly Fact[]): EventKind => ({ summary, facts: named })

/** By type: `room.past-participle`, as in the journal. */
const kinds = {
  'consents.revoked': kind('A consent was revoked, by the customer or by the bank'),
  'payments.settled': kind('A payment reached its payee', 'consentId'),
  'payments.rejected': kind('A payment was rejected', 'reasonCode', 'consentId'),
  'payments.scheduled': kind('A payment waits for its day', 'executeAt'),
  'payments.cancelled': kind('A payment that waited was cancelled', 'reasonCode'),
  'payments.payment-refund-settled': kind('A refund of a payment arrived', 'paymentId'),
  'payments.recall-created': kind('A recall of a payment was asked for', 'paymentId'),
  'payments.recall-received': kind('Somebody asks for a payment back that you received'),
  'payments.recall-accepted': kind('A recall was accepted', 'paymentId'),
  'payments.recall-rejected': kind('A recall was rejected', 'paymentId', 'rejection'),
  'payments.return-settled': kind('What was recalled came back', 'paymentId'),
  'payments.standing-completed': kind('A standing payment had its last execution'),
  'payments.standing-cancelled': kind('A standing payment was cancelled', 'reasonCode'),
  'payments.mandate-revoked': kind('A mandate was revoked', 'consentId'),
  'payments.leg-paid': kind('A leg of a split payment was paid', 'legId'),
  'payments.leg-refused': kind('A leg of a split payment was refused', 'legId', 'reasonCode'),
  'payments.refund-settled': kind('A refund of a split payment arrived', 'splitPaymentId'),
  'payments.bulk-completed': kind(
    'A bulk file was carried out to its end',
    'status',
    'settled',
    'failed',
  ),
  'payments.sub-merchant-verified': kind('A sub-merchant was verified'),
  'payments.sub-merchant-rejected': kind('A sub-merchant was rejected', 'reason'),
  'payments.reconciliation-differs': kind('Programme funds and your statement differ'),
  'cards.issued': kind('A card was issued', 'consentId', 'replacementFor'),
  'cards.activated': kind('A card was activated'),
  'cards.suspended': kind('A card was suspended'),
  'cards.resumed': kind('A card is in use again'),
  'cards.lost': kind('A card was reported lost'),
  'cards.stolen': kind('A card was reported stolen'),
  'cards.expired': kind('A card reached the end of its last month'),
  'cards.closed': kind('A card was closed'),
  'cards.shipping-changed': kind('A card of plastic moved on', 'shipping'),
  'cards.controls-changed': kind('The controls of a card changed', 'version'),
  'cards.programme-approved': kind('A card programme was approved'),
  'cards.programme-suspended': kind('A card programme was suspended'),
  'cards.programme-resumed': kind('A card programme goes on'),
  'cards.programme-closed': kind('A card programme was closed'),
  'cards.cardholder-verified': kind('A cardholder was verified'),
  'cards.cardholder-blocked': kind('A cardholder was blocked'),
  'cards.authorization-approved': kind('A card authorization was approved', 'cardId'),
  'cards.authorization-declined': kind('A card authorization was declined', 'cardId', 'reason'),
  'cards.authorization-timed-out': kind(
    'You did not decide in time; the stand-in rules did',
    'cardId',
    'approved',
  ),
  'cards.authorization-cleared': kind('A card authorization was cleared', 'cardId'),
  'cards.authorization-reversed': kind('A card authorization was reversed', 'cardId'),
  'cards.authorization-expired': kind('A card authorization ran out unused', 'cardId'),
  'cards.authorization-refunded': kind('A card purchase was refunded', 'cardId'),
  'cards.dispute-won': kind('A dispute was won', 'cardId'),
  'cards.dispute-lost': kind('A dispute was lost', 'cardId'),
  'cards.dispute-expired': kind('A dispute ran out of its time', 'cardId'),
  'fx.funds-reserved': kind('Funds of a conversion are reserved'),
  'fx.conversion-settled': kind('A conversion was settled'),
  'fx.conversion-failed': kind('A conversion failed', 'reason', 'reasonCode'),
  'fx.conversion-unwound': kind('A conversion was unwound', 'reason', 'reasonCode'),
  'kyc.verification-verified': kind('A verification ended well'),
  'kyc.verification-rejected': kind('A verification was rejected', 'reason'),
  'kyc.verification-expired': kind('A verification ran out of its time'),
  'lending.decided': kind('A loan application was decided', 'status'),
  'lending.expired': kind('A loan application ran out of its time'),
  'lending.loan-disbursed': kind('A loan was paid out'),
  'lending.loan-rejected': kind('A loan could not be paid out', 'reason', 'reasonCode'),
  'lending.arrears-changed': kind('What is overdue of a loan changed', 'daysInArrears', 'status'),
  'lending.loan-closed': kind('A loan was repaid'),
  'billing.issued': kind('An invoice was issued'),
  'billing.collection-told': kind('A direct debit was booked or refused', 'status', 'reasonCode'),
  'budgets.threshold-reached': kind('A budget of yours reached a share of its amount', 'threshold'),
  'contracts.activated': kind('A contract is in force'),
  'contracts.ended': kind('A contract ended'),
  'contracts.frozen': kind('A contract was frozen'),
  'licences.granted': kind('You were granted statuses'),
  'licences.suspended': kind('A permission of yours was suspended'),
  'licences.downgraded': kind('What your evidence allows became less'),
  'licences.evidence-expiring': kind('Evidence of yours runs out soon'),
  'licences.recertification-opened': kind(
    'The bank looks at your statuses again',
    'occasion',
    'dueAt',
  ),
  'licences.recertification-due': kind('Your statuses are to be confirmed soon', 'dueAt'),
  'licences.recertification-lapsed': kind(
    'Your statuses were not confirmed in time',
    'dueAt',
    'step',
  ),
  'licences.recertified': kind('Your statuses were confirmed for another year'),
  'licences.recertification-revoked': kind('Your statuses were taken back'),
  'partners.application-activated': kind('An application is active'),
  'partners.application-revoked': kind('An application was revoked'),
  'announcements.published': kind('The bank has something to tell you', 'reason'),
  'webhooks.endpoint-failing': kind('Another of your endpoints does not answer'),
  'webhooks.endpoint-disabled': kind('Another of your endpoints was disabled', 'reason'),
  'sandbox.simulated': kind('You asked the sandbox to send you something'),
} as const satisfies Record<string, EventKind>

export type EventType = keyof typeof kinds

export const catalogue: ReadonlyMap<string, EventKind> = new Map(Object.entries(kinds))

/** What a partner may read of a line's data: the named facts that are in shape. */
export const factsOf = (type: string, data: Readonly<Record<string, unknown>>) => {
  const told: Record<string, string | number | boolean> = {}
  for (const name of catalogue.get(type)?.facts ?? []) {
    const fact = facts[name].safeParse(data[name])
    if (fact.success) told[name] = fact.data
  }
  return told
}

/** JSON Schema of a fact, for the documents. */
export const factSchema = (fact: Fact): object => {
  const { $schema: _, ...schema } = z.toJSONSchema(facts[fact])
  return schema
}

/** Whether a subscription (`*`, `payments.*`, `payments.settled`) names anything that exists. */
export const namesEvents = (pattern: string): boolean =>
  pattern === '*' ||
  catalogue.has(pattern) ||
  (pattern.endsWith('.*') &&
    [...catalogue.keys()].some((type) => type.startsWith(pattern.slice(0, -1))))
