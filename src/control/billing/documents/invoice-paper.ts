/** An invoice, a credit note or a debit note as a finance person reads it: from the same content as the data file. */
import { minorText, amountText } from '#control/rating/index.ts'
import type { Content, ContentLine, Section } from '../content.ts'
import type { Invoice } from '../invoice.ts'
import { openPaper, type Paper } from './page.ts'
import { type Language, type Tongue, tongueOf } from './words.ts'

export interface Printing {
  readonly invoice: Invoice
  readonly language: Language
  /** What an operation does, in a few words. */
  readonly titleOf: (operation: string) => string | undefined
  /** Credit and debit notes of it, in minor units. */
  readonly notedMinor: bigint
  /** The issuer, where the content (of a note) does not say it. */
  readonly bankName: string
  readonly partnerName: string
  readonly zone: string
}

export const invoicePdf = (printing: Printing): Promise<Buffer> => {
  const { invoice, language, zone, bankName, partnerName } = printing
  const tongue = tongueOf(language)
  const { say } = tongue
  const title = say(titles[invoice.kind])
  const paper = openPaper({
    title: `${title} ${invoice.number ?? ''}`.trim(),
    language,
    at: invoice.issuedAt ?? invoice.draftedAt,
  })
  paper.head({
    issuer: bankName,
    title,
    number: invoice.number ?? '—',
    note: invoice.number === null ? say('draft') : undefined,
  })
  const issuedOn = (invoice.issuedAt ?? invoice.draftedAt).toZonedDateTimeISO(zone).toPlainDate()
  paper.facts(
    [
      [say('from'), bankName],
      [say('to'), `${partnerName}\n${invoice.partnerId}`],
    ],
    [
      [say('issued'), tongue.day(issuedOn)],
      [say('period'), periodText(tongue, invoice.periodStart, invoice.periodEnd)],
      ...(invoice.dueOn ? [[say('due'), tongue.day(invoice.dueOn)] as const] : []),
      [`${say('gross')}, ${invoice.currency}`, tongue.amount(grossOf(invoice))],
    ],
  )
  paper.columns({
    text: say('description'),
    quantity: say('quantity'),
    price: say('price'),
    amount: `${say('amount')}, ${invoice.currency}`,
  })
  const { content } = invoice
  if (content.format === 'portico.invoice/1') printInvoice(paper, tongue, content, printing)
  else {
    paper.row({
      text: `${say('of')} ${content.invoice.number}, ${say('line').toLowerCase()} ${content.line.n + 1}: ${content.line.item}`,
      amount: tongue.amount(content.net),
    })
    paper.detail({ text: `${say('reason')}: ${content.reason}` })
    paper.sum(say('net'), tongue.amount(content.net))
    if (minorText(content.tax, content.exponent) !== 0n)
      paper.sum(say('tax', '', tongue.amount(content.net)), tongue.amount(content.tax))
    paper.sum(`${say('gross')}, ${invoice.currency}`, tongue.amount(content.gross), true)
  }
  paper.note(say('proof'))
  paper.note(`${say('checked')}: ${invoice.sha256}`)
  return paper.bytes((page, pages) => say('page', String(page), String(pages)))
}

const grossOf = ({ netMinor, taxMinor, exponent }: Invoice) =>
  amountText(netMinor + taxMinor, exponent)

const titles = { invoice: 'invoice', credit_note: 'creditNote', debit_note: 'debitNote' } as const

const periodText = ({ day }: Tongue, start: Temporal.PlainDate, end: Temporal.PlainDate) =>
  `${day(start)} – ${day(end.subtract({ days: 1 }))}`

const printInvoice = (
  paper: Paper,
  tongue: Tongue,
  content: Content,
  { invoice, notedMinor, titleOf }: Printing,
): void => {
  const { say, amount } = tongue
  for (const section of content.sections) {
    paper.chapter(...chapterOf(section, content, tongue))
    for (const line of section.lines.filter((l) => !isFree(l))) {
      printLine(paper, tongue, line, titleOf)
      const broken = section.serviceLevels?.find((l) => l.item === line.item)
      if (broken) paper.detail({ text: `${amount(broken.reached)} % · ${broken.evaluation}` })
    }
    printFree(paper, tongue, section.lines.filter(isFree))
  }
  paper.keep(SUMS_HEIGHT)
  paper.sum(say('net'), amount(content.totals.net))
  for (const tax of content.tax)
    paper.sum(say('tax', amount(tax.percent), amount(tax.base)), amount(tax.amount))
  paper.sum(`${say('gross')}, ${content.currency}`, amount(content.totals.gross), true)
  const text = (minor: bigint) => amount(amountText(minor, invoice.exponent))
  if (invoice.paidMinor !== 0n) paper.sum(say('paid'), text(-invoice.paidMinor))
  if (notedMinor !== 0n) paper.sum(say('creditNote'), text(notedMinor))
  if (invoice.paidMinor !== 0n || notedMinor !== 0n) {
    const open = invoice.netMinor + invoice.taxMinor + notedMinor - invoice.paidMinor
    paper.sum(`${say('open')}, ${content.currency}`, text(open), true)
  }
}

/** Nobody reads a total alone on a page. */
const SUMS_HEIGHT = 150

const isZero = (text: string) => /^-?0(\.0*)?$/.test(text)

/** Calls that cost nothing, or that nobody made: the data file has a line for each. */
const isFree = ({ kind, amount, whole, booked }: ContentLine) =>
  kind === 'usage' && [amount, whole, booked].every(isZero)

const printFree = (paper: Paper, { say, amount }: Tongue, lines: readonly ContentLine[]): void => {
  const called = lines.filter(({ quantity }) => quantity !== undefined && !isZero(quantity))
  if (called.length === 0) return
  paper.row({ text: say('free', String(called.length)), amount: amount(called[0]?.amount ?? '0') })
  paper.detail({
    text: called.map(({ title, quantity }) => `${title} ${amount(quantity ?? '0')}`).join(' · '),
  })
}

const chapterOf = (section: Section, content: Content, tongue: Tongue): [string, string] => {
  const { say } = tongue
  const [start, end] = [section.period.start, section.period.end].map((d) =>
    Temporal.PlainDate.from(d),
  )
  const period = start && end ? periodText(tongue, start, end) : ''
  const isEarlier = section.period.start !== content.period.start
  const about =
    section.contractId === null
      ? say('byLaw')
      : `${say('contract')} ${section.contractId} · ${say('prices')} ${section.priceVersion}`
  return [
    `${section.tier ?? say('byLaw')} · ${period}`,
    isEarlier ? `${about} · ${say('earlier')}` : about,
  ]
}

const printLine = (
  paper: Paper,
  { say, amount }: Tongue,
  line: ContentLine,
  titleOf: Printing['titleOf'],
): void => {
  const own = titleOf(line.title)
  const kind =
    line.kind === 'minimum' || line.kind === 'overage' || line.kind === 'commitment'
      ? `, ${say(line.kind)}`
      : ''
  const before = line.kind === 'service_credit' ? `${say('serviceCredit')}: ` : ''
  const [only] = line.parts ?? []
  const isPlain = line.parts?.length === 1 && only?.what === 'units' && only.upTo === undefined
  paper.row({
    text: `${before}${own ?? line.title}${kind}`,
    quantity:
      line.quantity && `${amount(line.quantity)}${line.kind === 'service_credit' ? ' %' : ''}`,
    price: isPlain ? amount(only.price) : undefined,
    amount: amount(line.amount),
  })
  if (own !== undefined) paper.detail({ text: line.title })
  const parts = line.parts ?? []
  if (!isPlain && parts.length <= PARTS_SHOWN)
    for (const part of parts)
      paper.detail({
        text:
          part.upTo === undefined
            ? say(part.what === 'blocks' ? 'blocks' : 'amount')
            : part.upTo === null
              ? say('above')
              : say('tier', amount(part.upTo)),
        quantity: amount(part.quantity),
        price: part.what === 'value' ? `${amount(part.price)} %` : amount(part.price),
        amount: amount(part.amount),
      })
  if (parts.length > PARTS_SHOWN) paper.detail({ text: say('values', String(parts.length)) })
  if (!isZero(line.booked))
    paper.detail({ text: say('booked', amount(line.whole), amount(line.booked)) })
  if (line.exact !== undefined && needsRounding(line.exact, line.whole))
    paper.detail({ text: say('exact', amount(line.exact), amount(line.whole)) })
}

/** Transactions that are rated one by one are in the data file; on paper so many are a number. */
const PARTS_SHOWN = 12

const needsRounding = (exact: string, whole: string): boolean =>
  exact.replace(/\.?0+$/, '') !== whole.replace(/\.?0+$/, '') &&
  exact.includes('.') &&
  (exact.split('.')[1]?.length ?? 0) > (whole.split('.')[1]?.length ?? 0)
