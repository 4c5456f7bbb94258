/** One version: what it changed, who stands on it and knows of its end, and what may be proposed about it. */
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useFormat, useSpeech } from '../../kit/language.tsx'
import { Card, CellChip, Chip, Empty, Facts, Note, Table } from '../../kit/show.tsx'
import { usePartName } from '../../kit/standing/standing.tsx'
import { useText } from '../messages/index.ts'
import { Extensions } from './extensions.tsx'
import { HoursCalendar } from './hours.tsx'
import { Proposals } from './proposals.tsx'
import { StageChip } from './versions.tsx'
import type { Version } from './wire.ts'

export const VersionPage = () => {
  const text = useText()
  const { version = '' } = useParams({ strict: false })
  const found = useQuery({
    queryKey: ['versions', 'one', version],
    queryFn: () => read<Version>(`/api/versions/${encodeURIComponent(version)}`),
    refetchInterval: 60_000,
  })
  return (
    <>
      <Crumbs above={{ to: '/versions', name: text('place.versions') }} here={version} />
      <PageHead
        title={text('versions.one', { version })}
        acts={found.data && <StageChip of={found.data.stage} />}
      />
      <Answer to={found}>{(one) => <Whole version={one} />}</Answer>
    </>
  )
}

const Whole = ({ version }: { version: Version }) => {
  const text = useText()
  return (
    <div className="columns">
      <div className="stack wide">
        {version.proposals.map((change) => (
          <Note key={change.id}>
            {text('versions.waiting')}{' '}
            <Link to="/decisions/$id" params={{ id: change.id }}>
              {text('act.see')}
            </Link>
          </Note>
        ))}
        <Card title={text('versions.standing')}>
          <StandingTable version={version} />
        </Card>
        <Card title={text('versions.summary')}>
          <ChangeTable changes={version.changes} />
        </Card>
        <Card title={text('versions.extensions')}>
          <Extensions extensions={version.extensions} />
        </Card>
      </div>
      <div className="stack wide">
        <About version={version} />
        <Card title={text('versions.hours')}>
          <div className="pad">
            <HoursCalendar hours={version.hours} />
          </div>
        </Card>
        <Proposals version={version} />
      </div>
    </div>
  )
}

const About = ({ version }: { version: Version }) => {
  const text = useText()
  const name = usePartName()
  const format = useFormat()
  const { deprecatedAt, sunsetAt, retiredAt, earliestSunset, retirement, products } = version
  return (
    <Card title={text('versions.state')}>
      <div className="pad">
        <Facts
          rows={[
            [text('versions.product'), products.map((product) => name(product)).join(', ') || '–'],
            deprecatedAt === null
              ? null
              : [text('versions.deprecated-at'), format.momentOf(deprecatedAt)],
            sunsetAt === null ? null : [text('versions.sunset-at'), format.momentOf(sunsetAt)],
            retiredAt === null ? null : [text('versions.retired-at'), format.momentOf(retiredAt)],
            deprecatedAt
              ? null
              : [
                  text('versions.earliest'),
                  text('versions.earliest.is', { day: format.dateOf(earliestSunset) }),
                ],
            deprecatedAt && !retiredAt
              ? [
                  text('versions.retire'),
                  retirement.allowed ? (
                    text('versions.retire.may')
                  ) : (
                    <span lang="en">{retirement.why}</span>
                  ),
                ]
              : null,
          ]}
        />
      </div>
    </Card>
  )
}

const ChangeTable = ({ changes }: { changes: Version['changes'] }) => {
  const text = useText()
  const name = usePartName()
  const { language } = useSpeech()
  if (changes.length === 0) return <Empty title={text('versions.summary.none')} />
  return (
    <Table caption={text('versions.summary')}>
      <tbody>
        {changes.map(({ id, product, summary, operations, events }) => (
          <tr key={id}>
            <th scope="row">
              {summary[language]}
              <small>
                <code>{[...operations, ...events].join(' ')}</code>
              </small>
            </th>
            <td>{name(product)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const StandingTable = ({ version: { standing, deprecatedAt } }: { version: Version }) => {
  const text = useText()
  const format = useFormat()
  if (standing.length === 0)
    return (
      <Empty title={text('versions.standing.none')}>{text('versions.standing.none.about')}</Empty>
    )
  return (
    <Table caption={text('versions.standing')}>
      <thead>
        <tr>
          <th scope="col">{text('versions.act.partner')}</th>
          <th scope="col">{text('versions.applications')}</th>
          <th scope="col" className="number">
            {text('versions.calls')}
          </th>
          <th scope="col">{text('versions.last')}</th>
          <th scope="col">{text('versions.notice')}</th>
          <th scope="col">{text('versions.knows')}</th>
        </tr>
      </thead>
      <tbody>
        {standing.map((one) => (
          <tr key={one.partnerId}>
            <th scope="row">
              <Link to="/partners/$id" params={{ id: one.partnerId }}>
                {one.organisation}
              </Link>
            </th>
            <td>
              {one.applications.map(({ id, name, cell, pinned }) => (
                <div key={id} className="row">
                  {name} <CellChip cell={cell} />
                  {pinned && <small className="dim">{text('versions.pinned')}</small>}
                </div>
              ))}
            </td>
            <td className="number">{format.number(one.calls)}</td>
            <td className="nowrap">
              {one.lastProductionAt
                ? format.momentOf(one.lastProductionAt)
                : text('versions.never')}
            </td>
            <td className="nowrap">{text('versions.months', { count: one.noticeMonths })}</td>
            <td>
              {one.acknowledged === null || deprecatedAt === null ? (
                <span className="dim">{text('versions.knows.not-yet')}</span>
              ) : (
                <Chip tone={one.acknowledged ? 'good' : 'warn'}>
                  {text(one.acknowledged ? 'versions.acknowledged' : 'versions.unread')}
                </Chip>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
