/** The status page as everybody reads it now: how each part stands, and what is told of incidents. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, CellChip, Chip, Empty, Note, Table } from '../../kit/show.tsx'
import {
  indicatorTone,
  StateChip,
  Strip,
  StripKey,
  usePartName,
  useTold,
} from '../../kit/standing/standing.tsx'
import type { Incident } from '../../kit/standing/wire.ts'
import { useText } from '../messages/index.ts'
import { IncidentTabs } from '../operations/incident-tabs.tsx'
import { SeverityChip } from '../operations/incidents.tsx'
import type { Status } from './wire.ts'

export const useStatus = () =>
  useQuery({
    queryKey: ['status'],
    queryFn: () => read<Status>('/api/status'),
    refetchInterval: 20_000,
  })

export const StatusPage = () => {
  const text = useText()
  const status = useStatus()
  return (
    <>
      <PageHead
        title={text('status.title')}
        about={text('status.about')}
        acts={
          status.data && (
            <a className="button" href={status.data.url} target="_blank" rel="noreferrer">
              {text('status.open')}
            </a>
          )
        }
      />
      <IncidentTabs />
      <Answer to={status} lines={10}>
        {(now) => <Standing status={now} />}
      </Answer>
    </>
  )
}

const Standing = ({ status }: { status: Status }) => {
  const text = useText()
  const format = useFormat()
  const name = usePartName()
  const { at, stale, indicator, components, incidents } = status
  return (
    <div className="stack wide">
      <Note tone={indicatorTone[indicator]}>
        <b>{text(`standing.now.${indicator}`)}</b>{' '}
        {at &&
          text(stale ? 'standing.stale' : 'standing.measured', { moment: format.momentOf(at) })}
      </Note>
      {(['production', 'sandbox'] as const).map((cell) => (
        <Card key={cell} title={text(`cell.${cell}`)} beside={<CellChip cell={cell} />}>
          <ul className="parts">
            {components
              .filter((one) => one.cell === cell)
              .map(({ part, title, state, days, reached }) => (
                <li key={part}>
                  <div className="part-head">
                    <h3>{name(part, title)}</h3>
                    <StateChip of={state} />
                  </div>
                  <Strip part={name(part, title)} days={days} share={reached} />
                </li>
              ))}
          </ul>
        </Card>
      ))}
      <StripKey />
      <Card title={text('status.told')}>
        <ToldTable incidents={incidents} />
      </Card>
    </div>
  )
}

const ToldTable = ({ incidents }: { incidents: readonly Incident[] }) => {
  const text = useText()
  const format = useFormat()
  const told = useTold()
  if (incidents.length === 0)
    return <Empty title={text('status.told.none')}>{text('status.told.none.about')}</Empty>
  return (
    <Table caption={text('status.told')}>
      <thead>
        <tr>
          <th scope="col">{text('incidents.one')}</th>
          <th scope="col">{text('incidents.severity')}</th>
          <th scope="col">{text('status.last')}</th>
          <th scope="col">{text('incidents.began')}</th>
        </tr>
      </thead>
      <tbody>
        {incidents.map((incident) => {
          const last = incident.updates.at(-1)
          return (
            <tr key={incident.id}>
              <th scope="row">
                <Link to="/incidents/$id" params={{ id: incident.id }}>
                  {told.title(incident)}
                </Link>
              </th>
              <td>
                <SeverityChip of={incident.severity} />
              </td>
              <td>
                {last && (
                  <>
                    <Chip tone={last.state === 'resolved' ? 'good' : 'warn'}>
                      {text(`standing.update.${last.state}`)}
                    </Chip>
                    <small>{told.text(last) ?? text('status.unsaid')}</small>
                  </>
                )}
              </td>
              <td className="nowrap">{format.momentOf(incident.beganAt)}</td>
            </tr>
          )
        })}
      </tbody>
    </Table>
  )
}
