/** Beside the parts: what happened, what is planned, what was promised, and how webhooks fare. */
import { Link } from '@tanstack/react-router'
import { reasonOf } from '../../../src/status/naming.ts'
import { Answer } from '../../kit/answer.tsx'
import type { Cell } from '../../kit/cell.ts'
import { useFormat, useSpeech, useWord } from '../../kit/language.tsx'
import { Card, Chip, shortHash, Table } from '../../kit/show.tsx'
import { usePartName, useTold } from '../../kit/standing/standing.tsx'
import { useText } from '../messages/index.ts'
import { useLevels } from '../money/queries.ts'
import { type Endpoint, useEndpoints } from '../webhooks/queries.ts'
import type { Incident, Work } from './wire.ts'

export const Touched = ({ cell, incidents }: { cell: Cell; incidents: readonly Incident[] }) => {
  const text = useText()
  return (
    <Card title={text('own.incidents')}>
      <div className="pad">
        {incidents.length === 0 ? (
          <p className="small dim">{text('own.incidents.none')}</p>
        ) : (
          <ol className="told-out">
            {incidents.map((one) => (
              <OneIncident key={one.id} cell={cell} incident={one} />
            ))}
          </ol>
        )}
      </div>
    </Card>
  )
}

const OneIncident = ({ cell, incident }: { cell: Cell; incident: Incident }) => {
  const text = useText()
  const format = useFormat()
  const told = useTold()
  const { beganAt, endedAt, failed, calls, only, updates } = incident
  const last = updates.at(-1)
  const said = last ? told.text(last) : null
  return (
    <li>
      <b>{told.title(incident)}</b>
      <div className="row">
        {last && (
          <Chip tone={last.state === 'resolved' ? 'good' : 'warn'}>
            {text(`standing.update.${last.state}`)}
          </Chip>
        )}
        {only && <Chip tone="info">{text('own.only')}</Chip>}
      </div>
      <small className="dim">
        {endedAt
          ? text('own.lasted', {
              moment: format.momentOf(beganAt),
              span: format.span(Date.parse(endedAt) - Date.parse(beganAt)),
            })
          : text('own.lasts', { moment: format.momentOf(beganAt) })}
      </small>
      {said && <p>{said}</p>}
      <p className="small">
        {failed === 0 ? text('own.unfailed') : text('own.failed', { count: failed })}
      </p>
      {calls.length > 0 && (
        <details>
          <summary>{text('own.ids')}</summary>
          <ul className="plain-list">
            {calls.map((call) => (
              <li key={call}>
                <Link to="/$cell/calls/$call" params={{ cell, call }}>
                  <code title={call}>{shortHash(call)}</code>
                </Link>
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  )
}

export const PlannedWork = ({ work }: { work: readonly Work[] }) => {
  const text = useText()
  const format = useFormat()
  const { language } = useSpeech()
  const name = usePartName()
  const ahead = work.filter(({ endsAt }) => Date.parse(endsAt) > Date.now())
  return (
    <Card title={text('own.work')}>
      <div className="pad">
        {ahead.length === 0 ? (
          <p className="small dim">{text('own.work.none')}</p>
        ) : (
          <ol className="told-out">
            {ahead.map((one) => (
              <li key={one.id}>
                <b>{name(one.part)}</b>
                <small className="dim">
                  {text('own.work.when', {
                    from: format.momentOf(one.startsAt),
                    to: format.momentOf(one.endsAt),
                  })}
                </small>
                <p>{reasonOf(language, one)}</p>
              </li>
            ))}
          </ol>
        )}
      </div>
    </Card>
  )
}

/** This month's promises, as far as it went. */
export const Promised = () => {
  const text = useText()
  const word = useWord()
  const levels = useLevels(undefined)
  return (
    <Card
      title={text('own.promised')}
      foot={
        <Link to="/$cell/levels" params={{ cell: 'production' }}>
          {text('own.promised.all')}
        </Link>
      }
    >
      <Answer to={levels} lines={2}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="pad small dim">{text('own.promised.none')}</p>
          ) : (
            <Table caption={text('own.promised.month')}>
              <tbody>
                {data.flatMap(({ id, terms, evaluation }) =>
                  evaluation.objectives.map((objective) => (
                    <tr key={`${id} ${objective.objective}`}>
                      <th scope="row">
                        {word('product', terms.product)}
                        <small lang="en">{objective.objective}</small>
                      </th>
                      <td className="number">
                        {objective.total === '0' ? text('levels.no-calls') : objective.reached}
                      </td>
                    </tr>
                  )),
                )}
              </tbody>
            </Table>
          )
        }
      </Answer>
    </Card>
  )
}

export const Webhooks = ({ cell }: { cell: Cell }) => {
  const text = useText()
  const endpoints = useEndpoints(cell)
  return (
    <Card title={text('own.webhooks')}>
      <div className="pad">
        <Answer to={endpoints} lines={2}>
          {({ data }) =>
            data.length === 0 ? (
              <p className="small dim">{text('own.webhooks.none')}</p>
            ) : (
              <ul className="told-out">
                {data.map((one) => (
                  <li key={one.id}>
                    <Link to="/$cell/webhooks/$id" params={{ cell, id: one.id }}>
                      {one.url}
                    </Link>
                    <div className="row">
                      <Health of={one} />
                    </div>
                  </li>
                ))}
              </ul>
            )
          }
        </Answer>
      </div>
    </Card>
  )
}

const Health = ({ of: { status, failingSince, openUntil } }: { of: Endpoint }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  if (status !== 'active') return <Chip tone="warn">{word('state', status)}</Chip>
  if (openUntil && Date.parse(openUntil) > Date.now())
    return (
      <Chip tone="bad">{text('own.webhooks.rests', { moment: format.momentOf(openUntil) })}</Chip>
    )
  return failingSince ? (
    <Chip tone="bad">
      {text('own.webhooks.failing', { moment: format.momentOf(failingSince) })}
    </Chip>
  ) : (
    <Chip tone="good">{text('own.webhooks.good')}</Chip>
  )
}
