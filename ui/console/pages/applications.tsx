import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Empty, Id, State, Table } from '../../kit/show.tsx'
import { CellFilter } from '../cell-filter.tsx'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'
import { useCellOfSearch } from '../signed-in.tsx'
import type { Application, List } from '../wire.ts'

export const Applications = () => {
  const text = useText()
  const cell = useCellOfSearch()
  const applications = useQuery({
    queryKey: ['applications', cell],
    queryFn: () => read<List<Application>>(`/api/applications${query({ cell })}`),
  })
  return (
    <>
      <PageHead
        title={text('place.applications')}
        cell={cell}
        about={text('applications.about')}
        acts={<CellFilter />}
      />
      <Card>
        <Answer to={applications}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty title={text('applications.none')}>{text('applications.none.about')}</Empty>
            ) : (
              <ApplicationTable applications={data} />
            )
          }
        </Answer>
      </Card>
    </>
  )
}

const ApplicationTable = ({ applications }: { applications: readonly Application[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const names = useNames()
  return (
    <Table caption={text('place.applications')}>
      <thead>
        <tr>
          <th scope="col">{text('application.name')}</th>
          <th scope="col">{text('partner.one')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col">{text('application.products')}</th>
          <th scope="col">{text('application.proof')}</th>
          <th scope="col">{text('application.since')}</th>
        </tr>
      </thead>
      <tbody>
        {applications.map((application) => (
          <tr key={application.id}>
            <th scope="row">
              {application.name}
              <small>
                <Id of={application.id} />
              </small>
            </th>
            <td>
              <Link to="/partners/$id" params={{ id: application.partnerId }}>
                {names.partner(application.partnerId) ?? application.partnerId}
              </Link>
            </td>
            <td>
              <State of={application.status} />
            </td>
            <td>{application.products.map((product) => word('product', product)).join(', ')}</td>
            <td>
              <code>{application.authentication}</code>
              <small>
                <code>{application.senderConstraint}</code>
              </small>
            </td>
            <td className="nowrap">{format.dateOf(application.requestedAt)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
