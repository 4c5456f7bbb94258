/** Unusual use: what was counted beside what is usual, and what two people may do about it. */
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read, readAll } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, CellChip, Chip, Empty, Table } from '../../kit/show.tsx'
import type { Action } from '#control/abuse/finding.ts'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'
import type { Application, Change, List } from '../wire.ts'
import type { Finding } from './wire.ts'

const views = ['open', 'acted', 'dismissed'] as const
const toneOf = { open: 'warn', acted: 'bad', dismissed: 'quiet' } as const

export const Abuse = () => {
  const text = useText()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const status = views.find((view) => view === search['status']) ?? 'open'
  const findings = useQuery({
    queryKey: ['abuse-findings', status],
    queryFn: () => readAll<Finding>('/api/abuse-findings', { status }, 'before'),
  })
  return (
    <>
      <PageHead title={text('abuse.title')} about={text('abuse.about')} />
      <Card
        title={text('abuse.list')}
        beside={
          <div className="segments" role="group" aria-label={text('abuse.which')}>
            {views.map((view) => (
              <Link
                key={view}
                to="/abuse"
                search={{ status: view }}
                {...(view === status && { 'aria-current': true })}
              >
                {text(`abuse.status.${view}`)}
              </Link>
            ))}
          </div>
        }
      >
        <Answer to={findings}>{(data) => <Findings findings={data} />}</Answer>
      </Card>
    </>
  )
}

/** What is proposed stands in the change that a finding names. */
const useActions = () => {
  const changes = useQuery({
    queryKey: ['approvals', 'kind', 'abuse.action'],
    queryFn: () => read<List<Change>>(`/api/approvals${query({ kind: 'abuse.action' })}`),
  })
  return new Map(changes.data?.data.map((change) => [`${change.id}`, change]))
}

const isAction = (after: unknown): after is Action =>
  after !== null && typeof after === 'object' && 'do' in after

const Findings = ({ findings }: { findings: readonly Finding[] }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const actions = useActions()
  const applications = useQuery({
    queryKey: ['applications', 'all'],
    queryFn: () => read<List<Application>>('/api/applications'),
  })
  const nameOf = (id: string) => applications.data?.data.find((one) => one.id === id)?.name ?? id
  if (findings.length === 0)
    return <Empty title={text('abuse.none')}>{text('abuse.none.about')}</Empty>
  return (
    <Table caption={text('abuse.list')}>
      <thead>
        <tr>
          <th scope="col">{text('abuse.what')}</th>
          <th scope="col">{text('partner.one')}</th>
          <th scope="col">{text('abuse.found')}</th>
          <th scope="col">{text('abuse.proposed')}</th>
        </tr>
      </thead>
      <tbody>
        {findings.map((finding) => (
          <tr key={finding.id}>
            <th scope="row">
              {text(`abuse.kind.${finding.kind}`)}
              <small>
                <Measured finding={finding} />
              </small>
            </th>
            <td>
              <Link to="/partners/$id/live" params={{ id: finding.partnerId }}>
                {names.partner(finding.partnerId) ?? finding.partnerId}
              </Link>
              <small>
                {nameOf(finding.applicationId)} <CellChip cell={finding.cell} />
              </small>
            </td>
            <td className="nowrap">{format.momentOf(finding.foundAt)}</td>
            <td>
              <ProposedAction change={actions.get(finding.changeId)} />
              <div className="row">
                <Chip tone={toneOf[finding.status]}>{text(`abuse.status.${finding.status}`)}</Chip>
                <Link to="/decisions/$id" params={{ id: finding.changeId }}>
                  {text(finding.status === 'open' ? 'abuse.decide' : 'act.see')}
                </Link>
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const Measured = ({ finding: { kind, measured } }: { finding: Finding }) => {
  const text = useText()
  const count = (name: string) => measured[name] ?? 0
  switch (kind) {
    case 'volume':
      return text('abuse.measured.volume', { calls: count('calls'), usual: count('usual') })
    case 'harvesting':
      return text('abuse.measured.harvesting', {
        consents: count('consents'),
        usual: count('usual'),
      })
    case 'scraping':
      return text('abuse.measured.scraping', { reads: count('reads') })
    case 'quote-spam':
      return text('abuse.measured.quote-spam', {
        quotes: count('quotes'),
        conversions: count('conversions'),
      })
    case 'guessing':
      return text('abuse.measured.guessing', { missed: count('missed'), calls: count('calls') })
  }
}

const ProposedAction = ({ change }: { change: Change | undefined }) => {
  const text = useText()
  const word = useWord()
  const after: unknown = change?.after
  if (!isAction(after)) return null
  return after.do === 'suspend-permission'
    ? text('abuse.action.suspend-permission', {
        permission: word('permission', after.permission),
      })
    : text(`abuse.action.${after.do}`)
}
