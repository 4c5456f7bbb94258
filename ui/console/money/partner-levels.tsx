/** What was promised to a partner and how it was kept in a month, by its own calls: every credit stands on this. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { useFormat, useWord } from '../../kit/language.tsx'
import { monthAfter, thisMonth } from '../../kit/moments.ts'
import { Card, Chip, Copyable, Empty, shortHash, shortId, Table } from '../../kit/show.tsx'
import { AnswersDue, FiguresCard } from '../../kit/support/show.tsx'
import type { SupportFigures } from '../../kit/support/wire.ts'
import { useText } from '../messages/index.ts'
import { PartnerHead, usePartnerId } from '../partner-tabs.tsx'
import type { List } from '../wire.ts'
import type { Judged } from './wire.ts'

export const PartnerLevels = () => {
  const text = useText()
  const { zone } = useFormat()
  const id = usePartnerId()
  const [month, setMonth] = useState(thisMonth(zone))
  const judged = useQuery({
    queryKey: ['service-levels', id, month],
    queryFn: () => read<List<Judged>>(`/api/partners/${id}/service-levels${query({ month })}`),
  })
  const figures = useQuery({
    queryKey: ['support', 'figures', id, month],
    queryFn: () => read<SupportFigures>(`/api/partners/${id}/support/figures${query({ month })}`),
  })
  return (
    <>
      <PartnerHead
        about={text('levels.about')}
        acts={
          <label className="row small">
            <span>{text('invoices.month')}</span>
            <select
              className="input"
              value={month}
              onChange={(event) => setMonth(event.target.value)}
            >
              {[0, -1, -2, -3, -4, -5].map((back) => (
                <option key={back}>{monthAfter(thisMonth(zone), back)}</option>
              ))}
            </select>
          </label>
        }
      />
      <Answer to={judged}>
        {({ data }) =>
          data.length === 0 ? (
            <div className="card">
              <Empty title={text('levels.none')}>{text('levels.none.about')}</Empty>
            </div>
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

type Objective = Judged['evaluation']['objectives'][number]

/** The credit of the worst band that was fallen into; the ratio counts, not the figure that is printed. */
const creditOf = ({ good, total, bands }: Objective): string | undefined =>
  bands.filter(({ below }) => Number(good) * 100 < Number(below) * Number(total)).at(-1)?.percent

const Level = ({ level: { terms, evaluation, sha256 } }: { level: Judged }) => {
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
              {text('levels.promised')}
            </th>
            <th scope="col" className="number">
              {text('levels.reached')}
            </th>
            <th scope="col">{text('levels.verdict')}</th>
          </tr>
        </thead>
        <tbody>
          {evaluation.objectives.map((objective) => (
            <ObjectiveRow key={objective.objective} objective={objective} />
          ))}
        </tbody>
      </Table>
      <AnswersDue
        answers={evaluation.answers}
        link={(request) => (
          <Link to="/support/$id" params={{ id: request }}>
            {shortId(request)}
          </Link>
        )}
      />
      {(evaluation.outages.length > 0 ||
        evaluation.excluded.length > 0 ||
        evaluation.worst.length > 0) && (
        <details className="pad">
          <summary>{text('levels.ground')}</summary>
          <ul className="plain-list small">
            {evaluation.outages.map(({ from, to }) => (
              <li key={from}>
                {text('levels.outage', {
                  from: format.momentOf(from),
                  span: format.span(Date.parse(to) - Date.parse(from)),
                })}
              </li>
            ))}
            {evaluation.excluded.map(({ from, to }) => (
              <li key={`${from} excluded`}>
                {text('levels.excluded', {
                  from: format.momentOf(from),
                  span: format.span(Date.parse(to) - Date.parse(from)),
                })}
              </li>
            ))}
            {evaluation.worst.slice(0, 20).map(({ minute, calls, bad }) => (
              <li key={`${minute} worst`}>
                {text('levels.worst', { time: format.momentOf(minute), bad, calls })}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  )
}

const ObjectiveRow = ({ objective }: { objective: Objective }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const credit = creditOf(objective)
  const within = /^within (\d+) ms$/.exec(objective.objective)?.[1]
  return (
    <tr>
      <th scope="row">
        {within
          ? text('levels.within', { ms: Number(within) })
          : word('levels-method', objective.objective)}
        <small>
          {format.number(objective.good)} / {format.number(objective.total)}
        </small>
      </th>
      <td className="number">{format.number(objective.bands[0]?.below ?? '100')} %</td>
      <td className="number">{format.number(objective.reached)} %</td>
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
}
