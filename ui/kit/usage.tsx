/** Metered calls, shown the same to the partner who made them and to the bank. */
import { useId } from 'react'
import { useFormat, useWord } from './language.tsx'
import { useKitText } from './messages/index.ts'
import { Card, Chip, Empty, Table, Verdict } from './show.tsx'
import { type Bar, barsOf, byOperation, sumOf, type UsageCall, type UsageHour } from './usage.ts'

const HOURS = 48
const WIDTH = 720
const HEIGHT = 120

/** Calls an hour over two days. The title says what the picture finds; the table below it has the figures. */
const HourBars = ({ bars }: { bars: readonly Bar[] }) => {
  const text = useKitText()
  const format = useFormat()
  const title = useId()
  const most = bars.reduce((peak, bar) => (bar.calls > peak.calls ? bar : peak), {
    hour: '',
    calls: 0,
  })
  const scale = Math.max(1, most.calls)
  const step = WIDTH / bars.length
  const height = (calls: number) => (calls / scale) * (HEIGHT - 34)
  const peakAt = bars.findIndex((bar) => bar.hour === most.hour)
  return (
    <svg className="hours" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={title}>
      <title id={title}>
        {most.calls === 0
          ? text('usage.chart.none')
          : text('usage.chart', { calls: most.calls, time: format.momentOf(most.hour) })}
      </title>
      <line className="base" x1="0" x2={WIDTH} y1={HEIGHT - 20} y2={HEIGHT - 20} />
      {bars.map((bar, at) => (
        <rect
          key={bar.hour}
          x={at * step + 1}
          width={step - 2}
          y={HEIGHT - 20 - height(bar.calls)}
          height={height(bar.calls)}
          rx="1.5"
        />
      ))}
      {most.calls > 0 && (
        <text
          className="axis"
          x={Math.min(WIDTH - 4, peakAt * step + step / 2)}
          y={HEIGHT - 26 - height(most.calls)}
          textAnchor={peakAt > bars.length * 0.9 ? 'end' : 'middle'}
        >
          {format.number(most.calls)}
        </text>
      )}
      {bars.map(
        (bar, at) =>
          at % 12 === 0 && (
            <text key={bar.hour} className="axis" x={at * step} y={HEIGHT - 5}>
              {format.timeOf(bar.hour)}
            </text>
          ),
      )}
    </svg>
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
                    <Chip icon={null}>{text('usage.free')}</Chip>
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
