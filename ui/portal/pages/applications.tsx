/** The organisation's programs in one environment. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { Icon } from '../../kit/icons.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Empty, Id, State, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { Application, List } from '../wire.ts'

export const useApplications = () =>
  useQuery({
    queryKey: ['applications'],
    queryFn: () => read<List<Application>>('/api/applications'),
  })

export const Applications = () => {
  const text = useText()
  const cell = useCell()
  const applications = useApplications()
  const add = (
    <Link
      className={`button ${cell === 'production' ? 'production' : 'primary'}`}
      to={`/${cell}/applications/new`}
    >
      <Icon name="plus" />
      {text(`applications.new.${cell}`)}
    </Link>
  )
  return (
    <>
      <PageHead
        title={text('applications.title')}
        cell={cell}
        about={text(`applications.about.${cell}`)}
        acts={add}
      />
      <Card>
        <Answer to={applications}>
          {({ data }) => {
            const here = data.filter((application) => application.cell === cell)
            return here.length === 0 ? (
              <Empty title={text('applications.none')} act={add}>
                {text(`applications.none.${cell}`)}
              </Empty>
            ) : (
              <ApplicationTable applications={here} />
            )
          }}
        </Answer>
      </Card>
    </>
  )
}

const ApplicationTable = ({ applications }: { applications: readonly Application[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const cell = useCell()
  return (
    <Table caption={text('applications.title')}>
      <thead>
        <tr>
          <th scope="col">{text('application.name')}</th>
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
              <Link to={`/${cell}/applications/${application.id}`}>{application.name}</Link>
              <small>
                <Id of={application.id} />
              </small>
            </th>
            <td>
              <State of={application.status} />
              {application.rehearsal && <small>{text('application.rehearsal')}</small>}
            </td>
            <td>{application.products.map((product) => word('product', product)).join(', ')}</td>
            <td>
              {word('authentication', application.authentication)}
              <small>{word('constraint', application.senderConstraint)}</small>
            </td>
            <td className="nowrap">{format.dateOf(application.requestedAt)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
