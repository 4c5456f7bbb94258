/** What the bank promised, and how it was kept in a month, by the organisation's own calls. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Chip, Copyable, Empty, shortHash, shortId, Table } from '../../kit/show.tsx'
import { AnswersDue, FiguresCard } from '../../kit/support/show.tsx'
import type { SupportFigures } from '../../kit/support/wire.ts'
import { useText } from '../messages/index.ts'
import { useLevels } from './queries.ts'
import type { JudgedLevel } from './wire.ts'

export const Levels = () => {
  const text = useText()
  const [month, setMonth] = useState<string>()
  const levels = useLevels(month)
  const figures = useQuery({
    queryKey: ['support', 'figures', month],
    queryFn: () => read<SupportFigures>(`/api/support/figures${query({ month })}`),
  })
  return (
    <>
      <PageHead
        title={text('levels.title')}
        cell="production"
        about={text('levels.about')}
        acts={<Months chosen={month} onChoose={setMonth} />}
      />
      <Answer to={levels}>
        {({ data }) =>
          data.length === 0 ? (
            <Card>
              <Empty title={text('levels.none')}>{text('levels.none.about')}</Empty>
            </Card>
          ) : (
            <div className="stack wide">
              {data.map((level) => (
                <Level key={level.id} level={level} />
              ))}
            </div>
          )
        }
      </Answer>
      <Answer to={figures}>{(found) => <FiguresCard figures={found} />}</Answer>
    </>
  )
}

const FIRST_ANSWER = 'first answer in time'

/** This month and the five before it. */
const Months = (props: { chosen: string | undefined; onChoose: (month: string) => void }) => {
  const text = useText()
  const today = new Date()
  const months = Array.from({ length: 6 }, (_, back) =>
    new Date(Date.UTC(today.getFullYear(), today.getMonth() - back, 1)).toISOString().slice(0, 7),
  )
  return (
    <label className="row">
      <span className="small dim">{text('money.period')}</span>
      <select
        className="input"
        value={props.chosen ?? months[0]}
        onChange={(event) => props.onChoose(event.target.value)}
      >
        {months.map((month) => (
          <option key={month}>{month}</option>
        ))}
      </select>
    </label>
  )
}

const Level = ({ level: { terms, evaluation, sha256 } }: { level: JudgedLevel }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Card
      title={terms.title}
      beside={<span className="small dim">{word('product', terms.product)}</span>}
      foot={
        <Copyable
          value={sha256}
          shown={`sha256 ${shortHash(sha256)}`}
          what={text('levels.digest')}
        />
      }
    >
      <Table caption={terms.title}>
        <thead>
          <tr>
            <th scope="col">{text('levels.objective')}</th>
            <th scope="col" className="number">
              {text('levels.reached')}
            </th>
            <th scope="col" className="number">
              {text('levels.good')}
            </th>
            <th scope="col">{text('levels.verdict')}</th>
          </tr>
        </thead>
        <tbody>
          {evaluation.objectives.map((objective) => {
            const missed = objective.bands.filter(
              ({ below }) => Number(objective.good) * 100 < Number(below) * Number(objective.total),
            )
            const credit = missed.at(-1)?.percent
            return (
              <tr key={objective.objective}>
                <th scope="row" {...(objective.objective !== FIRST_ANSWER && { lang: 'en' })}>
                  {word('levels-method', objective.objective)}
                </th>
                <td className="number">{objective.reached}</td>
                <td className="number">
                  {format.number(objective.good)} / {format.number(objective.total)}
                </td>
                <td>
                  {objective.total === '0' ? (
                    <Chip>{text('levels.no-calls')}</Chip>
                  ) : credit === undefined ? (
                    <Chip tone="good">{text('levels.kept')}</Chip>
                  ) : (
                    <Chip tone="bad">{text('levels.missed', { percent: credit })}</Chip>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </Table>
      <AnswersDue
        answers={evaluation.answers}
        link={(id) => (
          <Link to="/$cell/support/$id" params={{ cell: 'production', id }}>
            {shortId(id)}
          </Link>
        )}
      />
      {(evaluation.outages.length > 0 || evaluation.excluded.length > 0) && (
        <ul className="pad small">
          {evaluation.outages.map(({ from, to }) => (
            <li key={from}>
              {text('levels.outage', { from: format.momentOf(from), to: format.momentOf(to) })}
            </li>
          ))}
          {evaluation.excluded.map(({ from, to }) => (
            <li key={`excluded ${from}`} className="dim">
              {text('levels.excluded', { from: format.momentOf(from), to: format.momentOf(to) })}
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
