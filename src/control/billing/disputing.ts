/** Disputes by the line: opened by the partner, answered by the bank with a credit of two people, or with a reason. */
import type { Work } from '#journal/index.ts'
import type { ChangeSet } from '#control/approvals/index.ts'
import { amountText } from '#control/rating/index.ts'
import {
  type Dispute,
  DISPUTE_DAYS,
  DisputeId,
  disputeNotFound,
  disputeRefused,
  frozenBy,
} from './dispute.ts'
import * as disputes from './dispute-store.ts'
import { InvoiceId, invoiceNotFound } from './invoice.ts'
import { contentOf, known } from './issuing.ts'
import { creditedOf, proposeCredit } from './notes.ts'
import * as store from './store.ts'

export interface DisputeAsked {
  readonly section: number
  readonly n: number
  /** Without tax; the rest of the line where it is left out. */
  readonly amount?: string | undefined
  readonly reason: string
}

/** A partner doubts a line of its own invoice. Only that amount waits; the rest stays payable. */
export const openDispute = async (
  work: Work,
  own: { partnerId: string; id: InvoiceId },
  asked: DisputeAsked,
): Promise<Dispute> => {
  const invoice = await known(work, own.id)
  if (invoice.partnerId !== own.partnerId || invoice.number === null)
    throw invoiceNotFound('no invoice has this id')
  if (invoice.kind !== 'invoice' || invoice.issuedAt === null)
    throw disputeRefused('only a line of an invoice can be disputed')
  const ends = invoice.issuedAt.add({ hours: DISPUTE_DAYS * 24 })
  if (Temporal.Instant.compare(work.now, ends) > 0)
    throw disputeRefused(`its lines stand since ${ends.toString()}`)
  const open = await disputes.list(work, { invoiceId: invoice.id, status: 'open' })
  if (open.some((d) => d.section === asked.section && d.n === asked.n))
    throw disputeRefused('the line is disputed already')
  const notes = await store.notesOf(work, invoice.id)
  const credited = creditedOf(notes, asked, invoice.exponent)
  const { netMinor, frozenMinor } = frozenBy(
    contentOf(invoice),
    { ...asked, amount: asked.amount },
    credited,
  )
  const dispute: Dispute = {
    id: DisputeId.next(),
    invoiceId: invoice.id,
    partnerId: invoice.partnerId,
    section: asked.section,
    n: asked.n,
    netMinor,
    frozenMinor,
    reason: asked.reason,
    status: 'open',
    openedBy: work.actor,
    openedAt: work.now,
    decidedBy: null,
    decidedAt: null,
    answer: null,
  }
  await disputes.add(work, dispute)
  await work.record('billing.disputed', invoice.id, {
    disputeId: dispute.id,
    partnerId: invoice.partnerId,
    line: { section: asked.section, n: asked.n },
    frozen: amountText(frozenMinor, invoice.exponent),
    currency: invoice.currency,
  })
  return dispute
}

const openOne = async (work: Work, id: DisputeId): Promise<Dispute> => {
  const dispute = await disputes.lock(work, id)
  if (!dispute) throw disputeNotFound('no dispute has this id')
  if (dispute.status !== 'open') throw disputeRefused(`it is ${dispute.status}`)
  return dispute
}

/** Grants it: a credit note that a second person agrees to; until then the amount stays frozen. */
export const grantDispute = async (
  work: Work,
  id: DisputeId,
  reason: string,
): Promise<ChangeSet> => {
  const { invoiceId, section, n, netMinor } = await openOne(work, id)
  const invoice = await known(work, InvoiceId.parse(invoiceId))
  const amount = amountText(netMinor, invoice.exponent)
  return proposeCredit(work, invoice.id, { section, n, amount, reason, disputeId: id })
}

/** Ends it without a credit: the bank says why not, or the partner takes it back. The amount is payable again. */
export const closeDispute = async (
  work: Work,
  id: DisputeId,
  how: { status: 'rejected'; answer: string } | { status: 'withdrawn'; partnerId: string },
): Promise<Dispute> => {
  const dispute = await openOne(work, id)
  if (how.status === 'withdrawn' && how.partnerId !== dispute.partnerId)
    throw disputeNotFound('no dispute has this id')
  const after: Dispute = {
    ...dispute,
    status: how.status,
    decidedBy: work.actor,
    decidedAt: work.now,
    answer: how.status === 'rejected' ? how.answer : null,
  }
  await disputes.save(work, after)
  await work.record(`billing.dispute-${how.status}`, dispute.invoiceId, {
    disputeId: id,
    partnerId: dispute.partnerId,
  })
  return after
}
