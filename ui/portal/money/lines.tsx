/** The lines of an invoice, each opening to its arithmetic. */
import type { ReactNode } from 'react'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import type { Content, ContentLine } from './wire.ts'

export const Lines = (props: {
  content: Content
  act?: (line: ContentLine, section: number, n: number) => ReactNode
}) => {
  const { content, act } = props
  const format = useFormat()
  return content.sections.map((section, at) => (
    <Card
      key={`${section.period.start} ${section.contractId} ${section.priceVersion}`}
      title={`${format.day(section.period.start)} – ${format.day(lastDay(section.period.end))}`}
      beside={
        <span className="small dim">
          {[section.tier, section.priceVersion].filter(Boolean).join(', ')}
        </span>
      }
    >
      <ul className="invoice-lines">
        {section.lines.map((line, n) => (
          <li key={line.item}>
            <Line line={line} currency={content.currency}>
              {act?.(line, at, n)}
            </Line>
          </li>
        ))}
      </ul>
    </Card>
  ))
}

/** Periods are half-open: the last day that is billed is the one before their end. */
const lastDay = (end: string): string =>
  new Date(Date.parse(`${end}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)

const Line = (props: { line: ContentLine; currency: string; children: ReactNode }) => {
  const { line, currency, children } = props
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <details>
      <summary>
        <span className="grow">
          <span lang="en">{line.title}</span>
          <small>{word('line', line.kind)}</small>
        </span>
        <span className="figure">{format.amount({ amount: line.amount, currency })}</span>
      </summary>
      {line.parts && line.parts.length > 0 && (
        <Table caption={line.title} className="dense">
          <thead>
            <tr>
              <th scope="col">{text('money.what')}</th>
              <th scope="col" className="number">
                {text('money.quantity')}
              </th>
              <th scope="col" className="number">
                {text('usage.unit-price')}
              </th>
              <th scope="col" className="number">
                {text('usage.amount')}
              </th>
            </tr>
          </thead>
          <tbody>
            {line.parts.map((part, at) => (
              <tr key={at}>
                <th scope="row" lang="en">
                  {part.what}
                </th>
                <td className="number">{format.number(part.quantity)}</td>
                <td className="number">{format.number(part.price)}</td>
                <td className="number">{format.number(part.amount)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <p className="small dim">
        {line.exact !== undefined &&
          text('money.exact', {
            exact: format.number(line.exact),
            whole: format.number(line.whole),
          })}{' '}
        {Number(line.booked) !== 0 && text('money.booked', { booked: format.number(line.booked) })}
      </p>
      {children}
    </details>
  )
}
