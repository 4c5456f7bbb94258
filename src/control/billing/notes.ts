/** Credit and debit notes: an invoice never changes, so what was wrong in it is put right beside it, a line at a time. */
import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { amountText, ENGINE, minorText, rate, RatingRefused } from '#control/rating/index.ts'
import type { ContentLine } from './content.ts'
import { taxOf } from './dispute.ts'
import { accept } from './dispute-store.ts'
import { digestOf } from './drafting.ts'
import { creditRefused, type Invoice, InvoiceId, NoteContent, wrongStep } from './invoice.ts'
import { contentOf, known } from './issuing.ts'
import { ROLES } from './roles.ts'
import { post, receivableOf } from './ledger.ts'
import * as store from './store.ts'

const CREDIT = 'billing.credit-note'
const DEBIT = 'billing.debit-note'

const line = { section: z.int().min(0), n: z.int().min(0) }
const reason = z.string().trim().min(1).max(500)

export const CreditAsked = z.strictObject({
  ...line,
  /** Of the line, as decimal text; or an amount without tax. */
  units: z.string().optional(),
  amount: z.string().optional(),
  reason,
  /** The dispute that it answers. */
  disputeId: z.string().optional(),
})
export type CreditAsked = z.output<typeof CreditAsked>

export const DebitAsked = z.strictObject({ ...line, amount: z.string(), reason })
export type DebitAsked = z.output<typeof DebitAsked>

const isNote = ({ kind, number }: Invoice) => kind !== 'invoice' || number === null

/** What a line was credited before, in minor units above zero. */
export const creditedOf = (
  notes: readonly Invoice[],
  { section, n }: { section: number; n: number },
  exponent: number,
): bigint =>
  notes
    .filter(({ kind }) => kind === 'credit_note')
    .map((note) => NoteContent.parse(note.content))
    .filter(({ line: l }) => l.section === section && l.n === n)
    .reduce((sum, note) => sum - minorText(note.net, exponent), 0n)

const lineOf = (invoice: Invoice, asked: { section: number; n: number }): ContentLine => {
  const found = contentOf(invoice).sections[asked.section]?.lines[asked.n]
  if (!found || isNote(invoice)) throw creditRefused('the invoice has no such line')
  return found
}

const noteOf = (
  invoice: Invoice,
  asked: { section: number; n: number; reason: string },
  { net, tax }: { net: bigint; tax: bigint },
): NoteContent => {
  const text = (minor: bigint) => amountText(minor, invoice.exponent)
  return {
    format: 'portico.credit-note/1',
    engine: ENGINE,
    invoice: { id: invoice.id, number: invoice.number ?? '' },
    line: { section: asked.section, n: asked.n, item: lineOf(invoice, asked).item },
    reason: asked.reason,
    currency: invoice.currency,
    exponent: invoice.exponent,
    net: text(net),
    tax: text(tax),
    gross: text(net + tax),
  }
}

/** What a credit would come to, beside what the line was credited before. */
const creditOf = (invoice: Invoice, notes: readonly Invoice[], asked: CreditAsked): NoteContent => {
  const content = contentOf(invoice)
  const billed = lineOf(invoice, asked)
  const credited = creditedOf(notes, asked, invoice.exponent)
  try {
    const { lines } = rate({
      currency: content.currency,
      exponent: content.exponent,
      rounding: content.rounding,
      creditNote: {
        line: billed.amount,
        credited: amountText(credited, invoice.exponent),
        ...(billed.taxPercent !== undefined && { taxPercent: billed.taxPercent }),
        ...(asked.units === undefined
          ? { creditAmount: asked.amount ?? '0' }
          : { quantity: billed.quantity ?? '0', creditQuantity: asked.units }),
      },
    })
    const minorOf = (kind: string) =>
      lines.filter((l) => l.kind === kind).reduce((sum, l) => sum + l.minor, 0n)
    const net = minorOf('credit_note')
    if (net === 0n) throw creditRefused('it would credit nothing')
    return noteOf(invoice, asked, { net, tax: minorOf('tax') })
  } catch (error) {
    if (error instanceof RatingRefused) throw creditRefused(error.detail, { cause: error })
    throw error
  }
}

const issuedInvoice = async (work: Work, id: InvoiceId): Promise<Invoice> => {
  const invoice = await known(work, id)
  if (isNote(invoice)) throw wrongStep(`it is ${invoice.status}`)
  return invoice
}

/** Proposes a credit for one line of an issued invoice. */
export const proposeCredit = async (
  work: Work,
  id: InvoiceId,
  asked: CreditAsked,
): Promise<ChangeSet> => {
  const invoice = await issuedInvoice(work, id)
  const notes = await store.notesOf(work, id)
  return propose(work, CREDIT, invoice, notes, {
    note: creditOf(invoice, notes, asked),
    disputeId: asked.disputeId ?? null,
  })
}

/** Proposes to charge more for one line of an issued invoice. */
export const proposeDebit = async (
  work: Work,
  id: InvoiceId,
  asked: DebitAsked,
): Promise<ChangeSet> => {
  const invoice = await issuedInvoice(work, id)
  const { exponent } = invoice
  if (
    !/^\d{1,15}(\.\d+)?$/.test(asked.amount) ||
    (asked.amount.split('.')[1]?.length ?? 0) > exponent
  )
    throw creditRefused('the amount is no amount of this currency')
  const net = minorText(asked.amount, exponent)
  if (net === 0n) throw creditRefused('it would charge nothing')
  const { taxPercent } = lineOf(invoice, asked)
  const tax = taxPercent === undefined ? 0n : taxOf(contentOf(invoice), net, taxPercent)
  return propose(work, DEBIT, invoice, await store.notesOf(work, id), {
    note: noteOf(invoice, asked, { net, tax }),
    disputeId: null,
  })
}

const Proposed = z.strictObject({ note: NoteContent, disputeId: z.string().nullable() })

const propose = (
  work: Work,
  kind: typeof CREDIT | typeof DEBIT,
  invoice: Invoice,
  notes: readonly Invoice[],
  after: z.output<typeof Proposed>,
): Promise<ChangeSet> =>
  proposeChange(work, {
    kind,
    subject: invoice.id,
    before: null,
    after: z.json().parse(after),
    base: baseOfNotes(invoice, notes),
    reason: after.note.reason,
    roles: [...ROLES],
  })

const baseOfNotes = (invoice: Invoice, notes: readonly Invoice[]) =>
  baseOf([invoice.sha256, notes.map((n) => n.number)])

const noteApplier = (kind: 'credit_note' | 'debit_note'): Applier => ({
  base: async (work, { subject }) => {
    const invoice = await known(work, InvoiceId.parse(subject))
    return baseOfNotes(invoice, await store.notesOf(work, invoice.id))
  },
  apply: async (work, { subject, after }) => {
    const invoice = await known(work, InvoiceId.parse(subject))
    const { note, disputeId } = Proposed.parse(after)
    const { exponent, currency, partnerId } = invoice
    const [netMinor, taxMinor] = [minorText(note.net, exponent), minorText(note.tax, exponent)]
    const id = InvoiceId.next()
    const number = await store.takeNumber(work, kind === 'credit_note' ? 'CRN' : 'DBN')
    await store.add(work, {
      ...invoice,
      id,
      kind,
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
    if (disputeId !== null) await accept(work, disputeId, { by: work.actor, at: work.now })
    const event = kind === 'credit_note' ? 'billing.credited' : 'billing.debited'
    await work.record(event, invoice.id, {
      number,
      partnerId,
      line: note.line,
      gross: note.gross,
      currency,
    })
  },
})

export const noteAppliers: Readonly<Record<string, Applier>> = {
  [CREDIT]: noteApplier('credit_note'),
  [DEBIT]: noteApplier('debit_note'),
}
