/** The core's statements beside what it was told: what differs comes first, and stays until somebody says why. */
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, Chip, Empty, Figures, Note, Table } from '../../kit/show.tsx'
import { CellFilter } from '../cell-filter.tsx'
import { useText } from '../messages/index.ts'
import { useCellOfSearch } from '../signed-in.tsx'
import { Differences } from './differences.tsx'
import type { Day, Report, Statement } from './wire.ts'

const DAYS = 30

export const Reconciliation = () => {
  const text = useText()
  const cell = useCellOfSearch()
  const report = useQuery({
    queryKey: ['reconciliation', cell],
    queryFn: () => read<Report>(`/api/reconciliation/${cell}?days=${DAYS}`),
    refetchInterval: 60_000,
  })
  return (
    <>
      <PageHead
        title={text('reconciliation.title')}
        cell={cell}
        about={text('reconciliation.about')}
        acts={<CellFilter />}
      />
      <Answer to={report}>{(told) => <Told report={told} />}</Answer>
    </>
  )
}

const Told = ({ report }: { report: Report }) => {
  const text = useText()
  const format = useFormat()
  const { days, statements, differences } = report
  const open = differences.filter(({ status }) => status === 'open')
  const refused = statements.filter(({ status }) => status === 'refused')
  if (days.length === 0 && statements.length === 0 && differences.length === 0)
    return (
      <Card>
        <Empty title={text('reconciliation.none')}>{text('reconciliation.none.about')}</Empty>
      </Card>
    )
  return (
    <div className="stack wide">
      <Figures
        figures={[
          { label: text('reconciliation.open'), value: format.number(open.length) },
          { label: text('reconciliation.refused'), value: format.number(refused.length) },
          {
            label: text('reconciliation.last'),
            value: days[0] ? format.day(days[0].day) : text('reconciliation.never'),
          },
        ]}
      />
      {refused.length > 0 && <Note tone="bad">{text('reconciliation.refused.about')}</Note>}
      <Card title={text('reconciliation.differences')}>
        {differences.length === 0 ? (
          <Empty title={text('reconciliation.agree')}>{text('reconciliation.agree.about')}</Empty>
        ) : (
          <Differences differences={differences} />
        )}
      </Card>
      <Card title={text('reconciliation.days')}>
        <Days days={days} differences={differences} />
      </Card>
      <Card title={text('reconciliation.statements')}>
        <Statements
          statements={[...refused, ...statements.filter((one) => one.status !== 'refused')]}
        />
      </Card>
    </div>
  )
}

const Days = ({ days, differences }: Pick<Report, 'days' | 'differences'>) => {
  const text = useText()
  const format = useFormat()
  const differing = (of: Day) => differences.filter(({ day }) => day === of.day).length
  return (
    <Table caption={text('reconciliation.days')}>
      <thead>
        <tr>
          <th scope="col">{text('reconciliation.day')}</th>
          <th scope="col" className="number">
            {text('reconciliation.entries')}
          </th>
          <th scope="col" className="number">
            {text('reconciliation.referenced')}
          </th>
          <th scope="col" className="number">
            {text('reconciliation.orders')}
          </th>
          <th scope="col" className="number">
            {text('reconciliation.holds')}
          </th>
          <th scope="col" className="number">
            {text('reconciliation.differences')}
          </th>
          <th scope="col">{text('reconciliation.at')}</th>
        </tr>
      </thead>
      <tbody>
        {days.map((one) => (
          <tr key={one.day}>
            <th scope="row" className="nowrap">
              {format.day(one.day)}
            </th>
            <td className="number">{format.number(one.entries)}</td>
            <td className="number">{format.number(one.referenced)}</td>
            <td className="number">{format.number(one.orders)}</td>
            <td className="number">{format.number(one.holds)}</td>
            <td className="number">{format.number(differing(one))}</td>
            <td className="nowrap">{format.momentOf(one.reconciledAt)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const toneOf = { taking: 'info', taken: 'good', refused: 'bad' } as const

const Statements = ({ statements }: { statements: readonly Statement[] }) => {
  const text = useText()
  const format = useFormat()
  return (
    <Table caption={text('reconciliation.statements')}>
      <thead>
        <tr>
          <th scope="col">{text('reconciliation.file')}</th>
          <th scope="col">{text('reconciliation.day')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col" className="number">
            {text('reconciliation.lines')}
          </th>
        </tr>
      </thead>
      <tbody>
        {statements.map((one) => (
          <tr key={`${one.name} ${one.status} ${one.wrongLine} ${one.reason}`}>
            <th scope="row">
              <code>{one.name}</code>
              {one.reason !== null && (
                <small>
                  {text('reconciliation.wrong', {
                    line: format.number(one.wrongLine ?? 0),
                    reason: one.reason,
                  })}
                </small>
              )}
            </th>
            <td className="nowrap">{one.day === null ? '–' : format.day(one.day)}</td>
            <td>
              <Chip tone={toneOf[one.status]}>{text(`reconciliation.file.${one.status}`)}</Chip>
            </td>
            <td className="number">
              {one.lines === null
                ? '–'
                : text('reconciliation.lines.of', {
                    taken: format.number(one.linesTaken),
                    all: format.number(one.lines),
                  })}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
