/** Issuing takes two people: the draft that both read gets its number, is booked, and never changes again. */
import { isDeepStrictEqual } from 'node:util'
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { amountText, minorText } from '#control/rating/index.ts'
import { listGaps } from '#control/usage/index.ts'
import { Content } from './content.ts'
import {
  DUE_DAYS,
  GRACE_HOURS,
  type Invoice,
  InvoiceId,
  invoiceNotFound,
  paymentRefused,
  statusWhenPaid,
  usageIncomplete,
  wrongStep,
} from './invoice.ts'
import { post, receivableOf } from './ledger.ts'
import { bounds } from './month.ts'
import { bookDrawn, prepaidAppliers, sameLeft } from './prepaying.ts'
import { ROLES } from './roles.ts'
import * as store from './store.ts'

const ISSUE = 'billing.issue'

/** The invoice, held until the transaction ends. */
export const known = async (work: Work, id: InvoiceId): Promise<Invoice> => {
  const invoice = await store.lock(work, id)
  if (!invoice) throw invoiceNotFound('no invoice has this id')
  return invoice
}

export const contentOf = ({ content }: Invoice): Content => {
  assert(content.format === 'portico.invoice/1', 'an invoice has lines')
  return content
}

/** Proposes that a draft be issued: its month is over, gateways had time to tell of it, and no call is missing. */
export const proposeIssue = async (work: Work, id: InvoiceId): Promise<ChangeSet> => {
  const invoice = await known(work, id)
  if (invoice.status !== 'draft') throw wrongStep(`it is ${invoice.status}`)
  const content = contentOf(invoice)
  const { to } = bounds(content.period)
  const open = to.add({ hours: GRACE_HOURS })
  if (Temporal.Instant.compare(work.now, open) < 0)
    throw wrongStep(`it may be issued from ${open.toString()}, when late calls have arrived`)
  if (Temporal.Instant.compare(invoice.draftedAt, open) < 0)
    throw wrongStep('it was drafted before late calls had arrived', {
      hint: 'Draft the month anew.',
    })
  await sameBooked(work, invoice, content)
  const gaps = (await listGaps(work)).filter((gap) => gap.cell === 'production')
  if (gaps.length > 0)
    throw usageIncomplete(`${gaps.length} gap(s) in what gateways told`, {
      hint: 'Bring the gateway back whose numbers are missing; its spool holds them.',
    })
  return proposeChange(work, {
    kind: ISSUE,
    subject: id,
    before: null,
    after: {
      sha256: invoice.sha256,
      partnerId: invoice.partnerId,
      ...content.totals,
      currency: invoice.currency,
    },
    base: baseOf([invoice.status, invoice.sha256]),
    reason: `invoice of ${content.period.start.slice(0, 7)} to ${content.partner.legalName}`,
    roles: [...ROLES],
  })
}

/** What was billed of its periods must be what it was drafted beside: else another invoice has billed the same meanwhile. */
const sameBooked = async (work: Work, { partnerId, exponent }: Invoice, content: Content) => {
  await store.hold(work, partnerId)
  for (const { period, contractId, booked } of content.sections) {
    const now = (await store.booked(work, partnerId, Temporal.PlainDate.from(period.start)))
      .filter((b) => b.contractId === (contractId ?? ''))
      .map(({ item, minor }): [string, string] => [item, amountText(minor, exponent)])
    if (!isDeepStrictEqual(Object.fromEntries(now), booked))
      throw wrongStep('more of its periods was billed since it was drafted', {
        hint: 'Draft the month anew.',
      })
  }
  await sameLeft(work, partnerId, content)
}

const issueApplier: Applier = {
  base: async (work, { subject }) => {
    const invoice = await store.lock(work, InvoiceId.parse(subject))
    // A draft that was made anew is another one.
    return invoice ? baseOf([invoice.status, invoice.sha256]) : baseOf(null)
  },
  apply: async (work, { subject }) => {
    const invoice = await known(work, InvoiceId.parse(subject))
    const content = contentOf(invoice)
    await sameBooked(work, invoice, content)
    const number = await store.takeNumber(work, 'INV')
    const dueOn = work.now
      .toZonedDateTimeISO(content.period.zone)
      .toPlainDate()
      .add({ days: DUE_DAYS })
    const { id, partnerId, netMinor, taxMinor, currency, exponent } = invoice
    const issued: Invoice = { ...invoice, number, dueOn, issuedAt: work.now, status: 'final' }
    await store.save(work, { ...issued, status: statusWhenPaid(issued, 0n) })
    await bookDrawn(work, { id, partnerId, currency, number }, content)
    await store.book(
      work,
      id,
      partnerId,
      content.sections.flatMap((section) =>
        section.lines.map(({ item, amount }) => ({
          periodStart: section.period.start,
          contractId: section.contractId ?? '',
          item,
          minor: minorText(amount, exponent),
        })),
      ),
    )
    await post(work, { key: `issue:${id}`, text: number, currency }, [
      { account: receivableOf(partnerId), minor: netMinor + taxMinor },
      { account: 'revenue', minor: -netMinor },
      { account: 'tax', minor: -taxMinor },
    ])
    await work.record('billing.issued', id, {
      number,
      partnerId,
      sha256: invoice.sha256,
      ...content.totals,
      currency,
    })
  },
}

export const issueAppliers: Readonly<Record<string, Applier>> = {
  [ISSUE]: issueApplier,
  ...prepaidAppliers,
}

/**
 * Money that came in for an invoice, or (`from`) that the bank owed the partner. The same reference again is the same
 * payment.
 */
export const recordPayment = async (
  work: Work,
  id: InvoiceId,
  { amount, reference, from = 'bank' }: { amount: string; reference: string; from?: string },
): Promise<Invoice> => {
  const invoice = await known(work, id)
  if (invoice.kind !== 'invoice' || invoice.number === null)
    throw wrongStep(`it is ${invoice.status}`)
  const minor = paidMinorOf(amount, invoice.exponent)
  const notes = await store.notesOf(work, id)
  const noted = notes.reduce((sum, n) => sum + n.netMinor + n.taxMinor, 0n)
  const due = invoice.netMinor + invoice.taxMinor + noted - invoice.paidMinor
  const posted = await post(
    work,
    {
      key: `payment:${invoice.partnerId}:${reference}`,
      text: `payment ${reference}`,
      currency: invoice.currency,
    },
    [
      { account: from, minor },
      { account: receivableOf(invoice.partnerId), minor: -minor },
    ],
  )
  if (!posted) return invoice
  if (minor > due)
    throw paymentRefused(`${amountText(due, invoice.exponent)} ${invoice.currency} is open`)
  const paidMinor = invoice.paidMinor + minor
  const status = statusWhenPaid({ ...invoice, netMinor: invoice.netMinor + noted }, paidMinor)
  const paid = { ...invoice, paidMinor, status }
  await store.save(work, paid)
  await work.record('billing.paid', id, {
    partnerId: invoice.partnerId,
    amount,
    currency: invoice.currency,
    reference,
  })
  return paid
}

const paidMinorOf = (amount: string, exponent: number): bigint => {
  if (!/^\d{1,15}(\.\d+)?$/.test(amount) || (amount.split('.')[1]?.length ?? 0) > exponent)
    throw paymentRefused('the amount is no amount of this currency')
  const minor = minorText(amount, exponent)
  if (minor === 0n) throw paymentRefused('a payment is more than nothing')
  return minor
}
