/** Metered calls, shown the same to the partner who made them and to the bank. */
import { useFormat, useWord } from './language.tsx'
import { useKitText } from './messages/index.ts'
import { Card, Empty, Table, Verdict } from './show.tsx'
import { type Bar, barsOf, byOperation, sumOf, type UsageCall, type UsageHour } from './usage.ts'

const HOURS = 48
const TALL = 88

/** Calls an hour over two days. The sentence says what the picture finds; the table behind it has the figures. */
const HourBars = ({ bars }: { bars: readonly Bar[] }) => {
  const text = useKitText()
  const format = useFormat()
  const most = bars.reduce((peak, bar) => (bar.calls > peak.calls ? bar : peak), {
    hour: '',
    calls: 0,
  })
  const finding =
    most.calls === 0
      ? text('usage.chart.none')
      : text('usage.chart', { calls: most.calls, time: format.momentOf(most.hour) })
  const height = (calls: number) => (calls / Math.max(1, most.calls)) * (TALL - 2)
  return (
    <figure className="hours">
      <figcaption>{finding}</figcaption>
      <svg
        viewBox={`0 0 ${bars.length} ${TALL}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={finding}
      >
        {bars.map((bar, at) => (
          <rect
            key={bar.hour}
            x={at + 0.1}
            width={0.8}
            y={TALL - 1 - height(bar.calls)}
            height={height(bar.calls)}
          />
        ))}
        <line
          className="base"
          x1="0"
          x2={bars.length}
          y1={TALL - 0.5}
          y2={TALL - 0.5}
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <div className="scale" aria-hidden="true">
        {bars.map(
          (bar, at) => at % 12 === 0 && <span key={bar.hour}>{format.timeOf(bar.hour)}</span>,
        )}
      </div>
      <details>
        <summary>{text('usage.as-table')}</summary>
        <Table caption={text('usage.by-hour')} className="narrow dense">
          <thead>
            <tr>
              <th scope="col">{text('usage.hour')}</th>
              <th scope="col" className="number">
                {text('usage.calls')}
              </th>
            </tr>
          </thead>
          <tbody>
            {bars
              .filter((bar) => bar.calls > 0)
              .map((bar) => (
                <tr key={bar.hour}>
                  <th scope="row">{format.momentOf(bar.hour)}</th>
                  <td className="number">{format.number(bar.calls)}</td>
                </tr>
              ))}
          </tbody>
        </Table>
      </details>
    </figure>
  )
}

export const UsageHours = (props: { hours: readonly UsageHour[]; currency: string }) => {
  const { hours, currency } = props
  const text = useKitText()
  const word = useWord()
  const format = useFormat()
  const operations = byOperation(hours)
  const total = sumOf(hours.map((row) => row.amount))
  if (operations.length === 0)
    return (
      <Card title={text('usage.by-operation')}>
        <Empty title={text('usage.none')}>{text('usage.none.about')}</Empty>
      </Card>
    )
  return (
    <>
      <Card title={text('usage.by-hour')} beside={<span className="small dim">{format.zone}</span>}>
        <div className="pad">
          <HourBars bars={barsOf(hours, new Date(), HOURS)} />
        </div>
      </Card>
      <Card title={text('usage.by-operation')}>
        <Table caption={text('usage.by-operation')}>
          <thead>
            <tr>
              <th scope="col">{text('usage.operation')}</th>
              <th scope="col" className="number">
                {text('usage.calls')}
              </th>
              <th scope="col" className="number">
                {text('usage.charged')}
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
            {operations.map((line) => (
              <tr key={line.operation}>
                <th scope="row">
                  {word('operation', line.operation)}
                  <small>
                    <code>{line.operation}</code>
                  </small>
                </th>
                <td className="number">{format.number(line.calls)}</td>
                <td className="number">{format.number(line.billable)}</td>
                <td className="number">{line.unitPrices.map(format.number).join(', ')}</td>
                <td className="number">{format.number(line.amount)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{text('usage.total')}</th>
              <td className="number">
                {format.number(operations.reduce((sum, line) => sum + line.calls, 0))}
              </td>
              <td className="number">
                {format.number(operations.reduce((sum, line) => sum + line.billable, 0))}
              </td>
              <td />
              <td className="number">{format.amount({ amount: total, currency })}</td>
            </tr>
          </tfoot>
        </Table>
      </Card>
    </>
  )
}

/** The latest calls, each with what it cost. */
export const UsageCalls = (props: {
  calls: readonly UsageCall[]
  currency: string
  applicationName: (id: string) => string
}) => {
  const { calls, currency, applicationName } = props
  const text = useKitText()
  const word = useWord()
  const format = useFormat()
  return (
    <Card title={text('usage.latest')} beside={<span className="small dim">{format.zone}</span>}>
      {calls.length === 0 ? (
        <Empty title={text('usage.none')}>{text('usage.none.about')}</Empty>
      ) : (
        <Table caption={text('usage.latest')}>
          <thead>
            <tr>
              <th scope="col">{text('usage.time')}</th>
              <th scope="col">{text('usage.operation')}</th>
              <th scope="col">{text('usage.answer')}</th>
              <th scope="col">{text('usage.application')}</th>
              <th scope="col" className="number">
                {text('usage.took')}
              </th>
              <th scope="col" className="number">
                {text('usage.price')}
              </th>
            </tr>
          </thead>
          <tbody>
            {calls.map((call) => (
              <tr key={call.callId}>
                <th scope="row" className="nowrap figure">
                  {format.timeOf(call.occurredAt, 'second')}
                  <small>{format.dateOf(call.occurredAt)}</small>
                </th>
                <td>
                  {word('operation', call.operation)}
                  <small>
                    <code title={text('usage.call-id')}>{call.callId}</code>
                  </small>
                </td>
                <td>
                  <Verdict tone={call.status < 400 ? 'good' : call.status < 500 ? 'warn' : 'bad'}>
                    {call.status} {call.code && <code>{call.code}</code>}
                  </Verdict>
                </td>
                <td>{applicationName(call.applicationId)}</td>
                <td className="number">{text('usage.ms', { ms: Math.round(call.latencyMs) })}</td>
                <td className="number">
                  {call.billable ? (
                    format.amount({ amount: call.amount, currency })
                  ) : (
                    <span className="dim">{text('usage.free')}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  )
}
