/** Issuing takes two people: the draft that both read gets its number, is booked, and never changes again. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { amountText, ENGINE, minorText, rate, RatingRefused } from '#control/rating/index.ts'
import { listGaps } from '#control/usage/index.ts'
import { Content } from './content.ts'
import { digestOf } from './drafting.ts'
import {
  creditRefused,
  DUE_DAYS,
  GRACE_HOURS,
  type Invoice,
  InvoiceId,
  invoiceNotFound,
  NoteContent,
  paymentRefused,
  statusWhenPaid,
  usageIncomplete,
  wrongStep,
} from './invoice.ts'
import { post, receivableOf } from './ledger.ts'
import { bounds } from './month.ts'
import * as store from './store.ts'

const ROLES = ['finance', 'head-of-platform'] as const
const ISSUE = 'billing.issue'
const CREDIT = 'billing.credit-note'

const known = async (work: Work, id: InvoiceId): Promise<Invoice> => {
  const invoice = await store.lock(work, id)
  if (!invoice) throw invoiceNotFound('no invoice has this id')
  return invoice
}

const contentOf = ({ content }: Invoice): Content => {
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

const issueApplier: Applier = {
  base: async (work, { subject }) => {
    const invoice = await store.lock(work, InvoiceId.parse(subject))
    // A draft that was made anew is another one.
    return invoice ? baseOf([invoice.status, invoice.sha256]) : baseOf(null)
  },
  apply: async (work, { subject }) => {
    const invoice = await known(work, InvoiceId.parse(subject))
    const content = contentOf(invoice)
    const number = await store.takeNumber(work, 'INV')
    const dueOn = work.now
      .toZonedDateTimeISO(content.period.zone)
      .toPlainDate()
      .add({ days: DUE_DAYS })
    const { id, partnerId, netMinor, taxMinor, currency, exponent } = invoice
    const issued: Invoice = { ...invoice, number, dueOn, issuedAt: work.now, status: 'final' }
    await store.save(work, { ...issued, status: statusWhenPaid(issued, 0n) })
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

const Asked = z.strictObject({
  section: z.int().min(0),
  n: z.int().min(0),
  /** Of the line, as decimal text; or an amount without tax. */
  units: z.string().optional(),
  amount: z.string().optional(),
  reason: z.string().trim().min(1).max(500),
})
export type CreditAsked = z.output<typeof Asked>
export const CreditAsked = Asked

/** What a credit would come to, beside what the line was credited before. */
const noteOf = (invoice: Invoice, notes: readonly Invoice[], asked: CreditAsked): NoteContent => {
  const content = contentOf(invoice)
  const line = content.sections[asked.section]?.lines[asked.n]
  if (!line || invoice.number === null) throw creditRefused('the invoice has no such line')
  const before = notes
    .map((n) => NoteContent.parse(n.content))
    .filter(({ line: l }) => l.section === asked.section && l.n === asked.n)
  const credited = before.reduce((sum, n) => sum - minorText(n.net, invoice.exponent), 0n)
  try {
    const { lines } = rate({
      currency: content.currency,
      exponent: content.exponent,
      rounding: content.rounding,
      creditNote: {
        line: line.amount,
        credited: amountText(credited, invoice.exponent),
        ...(line.taxPercent !== undefined && { taxPercent: line.taxPercent }),
        ...(asked.units === undefined
          ? { creditAmount: asked.amount ?? '0' }
          : { quantity: line.quantity ?? '0', creditQuantity: asked.units }),
      },
    })
    const minorOf = (kind: string) =>
      lines.filter((l) => l.kind === kind).reduce((sum, l) => sum + l.minor, 0n)
    const [net, tax] = [minorOf('credit_note'), minorOf('tax')]
    if (net === 0n) throw creditRefused('it would credit nothing')
    const text = (minor: bigint) => amountText(minor, invoice.exponent)
    return {
      format: 'portico.credit-note/1',
      engine: ENGINE,
      invoice: { id: invoice.id, number: invoice.number },
      line: { section: asked.section, n: asked.n, item: line.item },
      reason: asked.reason,
      currency: invoice.currency,
      exponent: invoice.exponent,
      net: text(net),
      tax: text(tax),
      gross: text(net + tax),
    }
  } catch (error) {
    if (error instanceof RatingRefused) throw creditRefused(error.detail, { cause: error })
    throw error
  }
}

/** Proposes a credit for one line of an issued invoice. */
export const proposeCredit = async (
  work: Work,
  id: InvoiceId,
  asked: CreditAsked,
): Promise<ChangeSet> => {
  const invoice = await known(work, id)
  if (invoice.kind !== 'invoice' || invoice.number === null)
    throw wrongStep(`it is ${invoice.status}`)
  const notes = await store.notesOf(work, id)
  const note = noteOf(invoice, notes, asked)
  return proposeChange(work, {
    kind: CREDIT,
    subject: id,
    before: null,
    after: z.json().parse(note),
    base: creditBase(invoice, notes),
    reason: asked.reason,
    roles: [...ROLES],
  })
}

const creditBase = (invoice: Invoice, notes: readonly Invoice[]) =>
  baseOf([invoice.sha256, notes.map((n) => n.number)])

const creditApplier: Applier = {
  base: async (work, { subject }) => {
    const invoice = await known(work, InvoiceId.parse(subject))
    return creditBase(invoice, await store.notesOf(work, invoice.id))
  },
  apply: async (work, { subject, after }) => {
    const invoice = await known(work, InvoiceId.parse(subject))
    const note = NoteContent.parse(after)
    const { exponent, currency, partnerId } = invoice
    const [netMinor, taxMinor] = [minorText(note.net, exponent), minorText(note.tax, exponent)]
    const id = InvoiceId.next()
    const number = await store.takeNumber(work, 'CRN')
    await store.add(work, {
      ...invoice,
      id,
      kind: 'credit_note',
      status: 'final',
      number,
      credits: invoice.id,
      content: note,
      sha256: digestOf(note),
      netMinor,
      taxMinor,
      paidMinor: 0n,
      draftedAt: work.now,
      issuedAt: work.now,
      dueOn: null,
    })
    await post(
      work,
      { key: `issue:${id}`, text: `${number} of ${note.invoice.number}`, currency },
      [
        { account: receivableOf(partnerId), minor: netMinor + taxMinor },
        { account: 'revenue', minor: -netMinor },
        { account: 'tax', minor: -taxMinor },
      ],
    )
    await work.record('billing.credited', invoice.id, {
      number,
      partnerId,
      line: note.line,
      gross: note.gross,
      currency,
    })
  },
}

export const appliers: Readonly<Record<string, Applier>> = {
  [ISSUE]: issueApplier,
  [CREDIT]: creditApplier,
}

/** Money that came in for an invoice. The same reference again is the same payment. */
export const recordPayment = async (
  work: Work,
  id: InvoiceId,
  { amount, reference }: { amount: string; reference: string },
): Promise<Invoice> => {
  const invoice = await known(work, id)
  if (invoice.kind !== 'invoice' || invoice.number === null)
    throw wrongStep(`it is ${invoice.status}`)
  const minor = paidMinorOf(amount, invoice.exponent)
  const notes = await store.notesOf(work, id)
  const credited = notes.reduce((sum, n) => sum + n.netMinor + n.taxMinor, 0n)
  const due = invoice.netMinor + invoice.taxMinor + credited - invoice.paidMinor
  const posted = await post(
    work,
    {
      key: `payment:${invoice.partnerId}:${reference}`,
      text: `payment ${reference}`,
      currency: invoice.currency,
    },
    [
      { account: 'bank', minor },
      { account: receivableOf(invoice.partnerId), minor: -minor },
    ],
  )
  if (!posted) return invoice
  if (minor > due)
    throw paymentRefused(`${amountText(due, invoice.exponent)} ${invoice.currency} is open`)
  const paidMinor = invoice.paidMinor + minor
  const status = statusWhenPaid({ ...invoice, netMinor: invoice.netMinor + credited }, paidMinor)
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
