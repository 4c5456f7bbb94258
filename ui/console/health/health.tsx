/** How partners are doing, the worst first. */
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Empty, Facts, Sigil, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { PartnerHead, usePartnerId } from '../partner-tabs.tsx'
import type { Health } from '../work/wire.ts'
import { Parts, Score, Stones, useWeakest, VerdictChip } from './parts.tsx'
import '../work/work.css'

const views = ['all', 'bad', 'warn', 'good'] as const

const useView = () => {
  const search: Record<string, unknown> = useSearch({ strict: false })
  return views.find((view) => view === search['verdict']) ?? 'all'
}

export const HealthList = () => {
  const text = useText()
  const health = useQuery({
    queryKey: ['health'],
    queryFn: () => read<{ data: readonly Health[] }>('/api/partner-health'),
  })
  return (
    <>
      <PageHead title={text('health.title')} about={text('health.about')} />
      <div className="stack wide">
        <Card title={text('health.list')} beside={<Views />}>
          <Answer to={health} lines={8}>
            {({ data }) => <Rows partners={data} />}
          </Answer>
        </Card>
      </div>
    </>
  )
}

const Views = () => {
  const text = useText()
  const shown = useView()
  return (
    <div className="segments" role="group" aria-label={text('health.filter')}>
      {views.map((view) => (
        <Link
          key={view}
          to="/health"
          search={view === 'all' ? {} : { verdict: view }}
          activeProps={{}}
          {...(view === shown && { 'aria-current': true })}
        >
          {text(`health.${view}`)}
        </Link>
      ))}
    </div>
  )
}

const Rows = ({ partners }: { partners: readonly Health[] }) => {
  const text = useText()
  const word = useWord()
  const weakest = useWeakest()
  const view = useView()
  const shown = view === 'all' ? partners : partners.filter((p) => p.verdict === view)
  if (partners.length === 0)
    return <Empty title={text('health.none')}>{text('health.none.about')}</Empty>
  if (shown.length === 0)
    return (
      <Empty
        title={text('health.no-match')}
        act={
          <Link className="button" to="/health">
            {text('health.clear')}
          </Link>
        }
      />
    )
  return (
    <Table caption={text('health.list')}>
      <thead>
        <tr>
          <th scope="col">{text('health.partner')}</th>
          <th scope="col" className="number">
            {text('health.score')}
          </th>
          <th scope="col">{text('health.parts')}</th>
          <th scope="col">{text('health.weakest')}</th>
          <th scope="col">{text('health.stage')}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((health) => (
          <tr key={health.partnerId}>
            <th scope="row">
              <span className="row">
                <Sigil name={health.organisation} />
                <Link to="/partners/$id/health" params={{ id: health.partnerId }}>
                  {health.organisation}
                </Link>
              </span>
            </th>
            <td className="number">
              <Score health={health} small />
            </td>
            <td>
              <Stones parts={health.parts} />
            </td>
            <td>
              <span className="row">
                <VerdictChip of={health.verdict} />
                {health.score !== null && weakest(health.parts)}
              </span>
            </td>
            <td>{word('health-stage', health.stage)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

export const PartnerHealth = () => {
  const text = useText()
  const id = usePartnerId()
  const health = useQuery({
    queryKey: ['health', id],
    queryFn: () => read<Health>(`/api/partners/${id}/health`),
  })
  return (
    <>
      <PartnerHead about={text('health.about.one')} />
      <Answer to={health} lines={8}>
        {(found) => <Whole health={found} />}
      </Answer>
    </>
  )
}

const Whole = ({ health }: { health: Health }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const known = health.parts.filter((part) => part.points !== null).length
  const { firstCallAt, registeredAt } = health
  return (
    <div className="columns">
      <Card title={text('health.parts')} beside={<VerdictChip of={health.verdict} />}>
        <Parts parts={health.parts} />
      </Card>
      <div className="stack">
        <Card title={text('health.score')}>
          <div className="pad stack">
            <Score health={health} />
            <Stones parts={health.parts} />
            <Facts
              rows={[
                [text('health.stage'), word('health-stage', health.stage)],
                [
                  text('health.first-call'),
                  firstCallAt
                    ? text('health.first-call.after', {
                        span: format.span(Date.parse(firstCallAt) - Date.parse(registeredAt)),
                      })
                    : text('health.first-call.none'),
                ],
                [text('health.parts'), text('health.measured', { count: known })],
              ]}
            />
          </div>
        </Card>
        <Card title={text('health.how')}>
          <p className="pad small">{text('health.how.text')}</p>
        </Card>
      </div>
    </div>
  )
}
