/** The lines of an invoice by contract and period; each opens to the parts that it is the sum of. */
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useMay } from '../proposing.tsx'
import { AskNote } from './ask-note.tsx'
import type { InvoiceContent, InvoiceLine, InvoiceWhole } from './wire.ts'

export const Lines = (props: { whole: InvoiceWhole; content: InvoiceContent }) => {
  const text = useText()
  const format = useFormat()
  const { whole, content } = props
  return content.sections.map((section, place) => (
    <Card
      key={`${section.period.start} ${section.contractId}`}
      title={text('invoices.section', {
        from: format.day(section.period.start),
        tier: section.tier ?? '—',
        prices: section.priceVersion,
      })}
    >
      <Table caption={text('invoices.lines')}>
        <thead>
          <tr>
            <th scope="col">{text('invoices.item')}</th>
            <th scope="col" className="number">
              {text('invoices.quantity')}
            </th>
            <th scope="col" className="number">
              {text('invoices.amount')}
            </th>
          </tr>
        </thead>
        <tbody>
          {section.lines.map((line, n) => (
            <LineRow
              key={`${line.item} ${line.kind}`}
              line={line}
              currency={content.currency}
              invoice={whole.invoice}
              at={{ section: place, n }}
            />
          ))}
        </tbody>
        {place === content.sections.length - 1 && <Totals content={content} />}
      </Table>
    </Card>
  ))
}

const LineRow = (props: {
  line: InvoiceLine
  currency: string
  invoice: InvoiceWhole['invoice']
  at: { section: number; n: number }
}) => {
  const { line, currency, invoice, at } = props
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const asks = useMay(['finance', 'head-of-platform', 'partner-success'])
  const issued = invoice.number !== null
  return (
    <tr>
      <th scope="row">
        {word('operation', line.title)}
        <small>{text(`invoices.line.${line.kind}`)}</small>
        {line.parts && line.parts.length > 0 && <Arithmetic line={line} currency={currency} />}
        {issued && asks && <AskNote invoice={invoice} line={line} at={at} />}
      </th>
      <td className="number">{line.quantity ? format.number(line.quantity) : '—'}</td>
      <td className="number">{format.amount({ amount: line.amount, currency })}</td>
    </tr>
  )
}

const Arithmetic = ({ line, currency }: { line: InvoiceLine; currency: string }) => {
  const text = useText()
  const format = useFormat()
  return (
    <details>
      <summary>{text('invoices.how')}</summary>
      <ul className="arithmetic">
        {line.parts?.map(({ what, quantity, price, amount }) => (
          <li key={`${what} ${quantity} ${price}`}>
            <span>
              {what}: {format.number(quantity)} × {format.number(price)}
            </span>
            <span>{format.number(amount)}</span>
          </li>
        ))}
        {line.exact && (
          <li>
            <span>{text('invoices.exact')}</span>
            <span>{format.number(line.exact)}</span>
          </li>
        )}
        <li>
          <span>{text('invoices.whole')}</span>
          <span>{format.amount({ amount: line.whole, currency })}</span>
        </li>
        {/^-?0(\.0*)?$/.test(line.booked) ? null : (
          <li>
            <span>{text('invoices.booked')}</span>
            <span>{format.amount({ amount: line.booked, currency })}</span>
          </li>
        )}
      </ul>
    </details>
  )
}

const Totals = ({ content: { currency, tax, totals } }: { content: InvoiceContent }) => {
  const text = useText()
  const format = useFormat()
  const row = (name: string, amount: string) => (
    <tr key={name}>
      <th scope="row">{name}</th>
      <td />
      <td className="number">{format.amount({ amount, currency })}</td>
    </tr>
  )
  return (
    <tfoot>
      {row(text('invoices.net'), totals.net)}
      {tax.map(({ percent, amount }) =>
        row(text('invoices.tax.of', { percent: format.number(percent) }), amount),
      )}
      {row(text('invoices.gross'), totals.gross)}
    </tfoot>
  )
}
