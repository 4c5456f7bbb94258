/** What the month comes to by now, what was billed, what is owed, what is disputed. */
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Empty, Figures, State, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useDisputes, useInvoices, useMonthSoFar, useOutlook, useStatement } from './queries.ts'
import type { Dispute, Invoice, Outlook, Statement } from './wire.ts'
import { PaidByThemselves } from './collection.tsx'
import { Lines } from './lines.tsx'
import './money.css'

export const Invoices = () => {
  const text = useText()
  const outlook = useOutlook()
  const invoices = useInvoices()
  const disputes = useDisputes()
  const statement = useStatement()
  return (
    <>
      <PageHead title={text('money.title')} cell="production" about={text('money.about')} />
      <div className="stack wide">
        <Answer to={outlook} lines={2}>
          {(found) => <OutlookFigures outlook={found} />}
        </Answer>
        <Card title={text('money.invoices')}>
          <Answer to={invoices}>
            {({ data }) =>
              data.length === 0 ? (
                <Empty title={text('money.none')}>{text('money.none.about')}</Empty>
              ) : (
                <InvoiceTable invoices={data} />
              )
            }
          </Answer>
        </Card>
        <MonthSoFar />
        <PaidByThemselves />
        <Answer to={disputes}>
          {({ data }) => data.length > 0 && <DisputeCard disputes={data} />}
        </Answer>
        <Answer to={statement}>
          {({ data }) => data.length > 0 && <StatementCard lines={data} />}
        </Answer>
      </div>
    </>
  )
}

export const OutlookFigures = ({ outlook }: { outlook: Outlook }) => {
  const text = useText()
  const format = useFormat()
  return outlook.data.map(({ currency, soFar, expected, elapsed }) => (
    <Figures
      key={currency}
      figures={[
        { label: text('money.so-far'), value: format.amount({ amount: soFar, currency }) },
        {
          label: text('money.expected'),
          value: format.amount({ amount: expected, currency }),
          about: text('money.expected.about'),
        },
        {
          label: text('money.elapsed'),
          value: `${format.number(Math.round(elapsed / 10))}\u00a0%`,
          about: outlook.month,
        },
      ]}
    />
  ))
}

const InvoiceTable = ({ invoices }: { invoices: readonly Invoice[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Table caption={text('money.invoices')}>
      <thead>
        <tr>
          <th scope="col">{text('money.number')}</th>
          <th scope="col">{text('money.period')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col">{text('money.due')}</th>
          <th scope="col" className="number">
            {text('money.gross')}
          </th>
          <th scope="col" className="number">
            {text('money.paid')}
          </th>
        </tr>
      </thead>
      <tbody>
        {invoices.map((one) => (
          <tr key={one.id}>
            <th scope="row">
              <Link to="/production/invoices/$id" params={{ id: one.id }}>
                {one.number ?? text('money.unnumbered')}
              </Link>
              <small>{word('invoice-kind', one.kind)}</small>
            </th>
            <td className="nowrap">{one.from.slice(0, 7)}</td>
            <td>
              <State of={one.status} />
            </td>
            <td className="nowrap">{one.dueOn && format.day(one.dueOn)}</td>
            <td className="number">
              {format.amount({ amount: one.gross, currency: one.currency })}
            </td>
            <td className="number">{format.number(one.paid)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** The running month by the same engine as the invoice; nothing of it is owed yet. */
const MonthSoFar = () => {
  const text = useText()
  const format = useFormat()
  const month = useMonthSoFar()
  return (
    <details className="month-so-far">
      <summary>{text('money.month')}</summary>
      <Answer to={month}>
        {({ asOf, contents }) =>
          contents.length === 0 ? (
            <p className="dim">{text('money.month.none')}</p>
          ) : (
            <div className="stack">
              <p className="small dim">{text('money.as-of', { time: format.momentOf(asOf) })}</p>
              {contents.map((content) => (
                <Lines key={content.currency} content={content} />
              ))}
            </div>
          )
        }
      </Answer>
    </details>
  )
}

const DisputeCard = ({ disputes }: { disputes: readonly Dispute[] }) => {
  const text = useText()
  const format = useFormat()
  return (
    <Card title={text('money.disputes')}>
      <Table caption={text('money.disputes')}>
        <thead>
          <tr>
            <th scope="col">{text('money.number')}</th>
            <th scope="col">{text('application.state')}</th>
            <th scope="col">{text('money.reason')}</th>
            <th scope="col" className="number">
              {text('money.frozen')}
            </th>
          </tr>
        </thead>
        <tbody>
          {disputes.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                <Link to="/production/invoices/$id" params={{ id: one.invoiceId }}>
                  {one.invoiceNumber ?? one.invoiceId}
                </Link>
                <small>{format.dateOf(one.openedAt)}</small>
              </th>
              <td>
                <State of={one.status} />
              </td>
              <td>
                {one.reason}
                {one.answer && <small>{one.answer}</small>}
              </td>
              <td className="number">
                {format.amount({ amount: one.frozen, currency: one.currency })}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}

const StatementCard = ({ lines }: { lines: Statement['data'] }) => {
  const text = useText()
  const format = useFormat()
  return (
    <Card title={text('money.statement')}>
      <Table caption={text('money.statement')} className="dense">
        <thead>
          <tr>
            <th scope="col">{text('usage.time')}</th>
            <th scope="col">{text('money.what')}</th>
            <th scope="col" className="number">
              {text('usage.amount')}
            </th>
            <th scope="col" className="number">
              {text('money.balance')}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, at) => (
            <tr key={at}>
              <th scope="row" className="nowrap">
                {format.dateOf(line.at)}
              </th>
              <td lang="en">{line.text}</td>
              <td className="number">{format.number(line.amount)}</td>
              <td className="number">
                {format.amount({ amount: line.balance, currency: line.currency })}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}
