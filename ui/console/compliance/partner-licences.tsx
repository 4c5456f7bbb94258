/** One partner before the supervisor: what it is held as, what shows it, what runs out, and what registers say. */
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { query, read, readAll } from '../../kit/api.ts'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Copyable, Empty, shortHash, State, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { PartnerHead, usePartnerId } from '../partner-tabs.tsx'
import { useLicences } from '../queries.ts'
import type { Evidence, List } from '../wire.ts'
import { TaskTable, useTasks } from './expiring.tsx'
import { ThatDay } from './that-day.tsx'
import { Matches } from './registers.tsx'
import { VerifiedBy } from './verified-by.tsx'
import type { Match } from './wire.ts'

export const PartnerLicences = () => {
  const text = useText()
  const id = usePartnerId()
  const tasks = useTasks(id)
  const evidence = useQuery({
    queryKey: ['evidence', 'of', id],
    queryFn: () => readAll<Evidence>('/api/evidence', { partner: id }, 'before'),
  })
  const matches = useQuery({
    queryKey: ['register-matches', 'of', id],
    queryFn: () => read<List<Match>>(`/api/register-matches${query({ partner: id })}`),
  })
  return (
    <>
      <PartnerHead about={text('partner-licences.about')} />
      <div className="stack wide">
        <Statuses partnerId={id} />
        <Card title={text('expiring.title')}>
          <Answer to={tasks}>{({ data }) => <TaskTable tasks={data} ofOne />}</Answer>
        </Card>
        <Card title={text('evidence.title')}>
          <Answer to={evidence}>{(all) => <EvidenceTable evidence={all} />}</Answer>
        </Card>
        <Card title={text('partner-licences.registers')}>
          <div className="pad">
            <Answer to={matches}>{({ data }) => <Matches matches={data} />}</Answer>
          </div>
        </Card>
        <ThatDay partnerId={id} />
      </div>
    </>
  )
}

const Statuses = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const licences = useLicences(partnerId)
  return (
    <Card
      title={text('partner-licences.statuses')}
      foot={licences.data && text('permissions.matrix', { version: licences.data.matrix })}
    >
      <Answer to={licences}>
        {({ statuses: { held, requested, declared } }) =>
          held.length + requested.length + declared.length === 0 ? (
            <Empty title={text('partner-licences.none')} />
          ) : (
            <Table caption={text('partner-licences.statuses')}>
              <thead>
                <tr>
                  <th scope="col">{text('grant.statuses')}</th>
                  <th scope="col">{text('application.state')}</th>
                  <th scope="col">{text('application.since')}</th>
                  <th scope="col">{text('partner-licences.until')}</th>
                </tr>
              </thead>
              <tbody>
                {held.map(({ status, since, until, suspended }) => (
                  <tr key={status}>
                    <th scope="row">{word('status', status)}</th>
                    <td>
                      <State of={suspended ? 'suspended' : 'held'} />
                    </td>
                    <td className="nowrap">{format.dateOf(since)}</td>
                    <td className="nowrap">{until ? format.dateOf(until) : '—'}</td>
                  </tr>
                ))}
                {[...new Set([...requested, ...declared])]
                  .filter((status) => !held.some((one) => one.status === status))
                  .map((status) => (
                    <tr key={status}>
                      <th scope="row">{word('status', status)}</th>
                      <td>
                        <State of={requested.includes(status) ? 'requested' : 'declared'} />
                      </td>
                      <td>—</td>
                      <td>—</td>
                    </tr>
                  ))}
              </tbody>
            </Table>
          )
        }
      </Answer>
    </Card>
  )
}

/** Every document with its digest, until when it counts, and who stood behind the verdict. */
const EvidenceTable = ({ evidence }: { evidence: readonly Evidence[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  if (evidence.length === 0)
    return <Empty title={text('evidence.none')}>{text('evidence.none.about')}</Empty>
  return (
    <Table caption={text('evidence.title')}>
      <thead>
        <tr>
          <th scope="col">{text('evidence-about.document')}</th>
          <th scope="col">{text('evidence-about.issuer')}</th>
          <th scope="col">{text('partner-licences.counts')}</th>
          <th scope="col">{text('partner-licences.verdict')}</th>
        </tr>
      </thead>
      <tbody>
        {evidence.map((item) => (
          <tr key={item.id}>
            <th scope="row">
              {word('evidence', item.type)}
              <small>
                <Copyable
                  value={item.documentSha256}
                  shown={`sha256 ${shortHash(item.documentSha256)}`}
                  what="SHA-256"
                />
              </small>
            </th>
            <td>
              {item.issuer}
              <small>
                {Object.entries(item.identifiers)
                  .map(([name, value]) => `${name} ${value}`)
                  .concat(item.shows)
                  .join(', ')}
              </small>
            </td>
            <td className="nowrap">
              {item.endsAt
                ? text('evidence-about.until', { date: format.dateOf(item.endsAt) })
                : text('evidence-about.open-ended')}
              {item.extendedTo && (
                <small>
                  {text('partner-licences.extended', { date: format.dateOf(item.extendedTo) })}
                </small>
              )}
            </td>
            <td>
              <State of={item.state} />
              <VerifiedBy item={item} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
