/** Versions of all products: how each one lives, what is coming and who has read it, hours of refusal, more time. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useSpeech } from '../../kit/language.tsx'
import { Card, Chip, Empty, Table, type Tone } from '../../kit/show.tsx'
import { usePartName } from '../../kit/standing/standing.tsx'
import { useText } from '../messages/index.ts'
import { useMay } from '../proposing.tsx'
import type { List } from '../wire.ts'
import { Extensions } from './extensions.tsx'
import { HoursCalendar } from './hours.tsx'
import { Proposal } from './proposals.tsx'
import type { Announced, Extension, Hours, ProductLives, Stage } from './wire.ts'

const tones: Readonly<Record<Stage, Tone>> = {
  beta: 'warn',
  alive: 'good',
  deprecated: 'warn',
  sunset: 'bad',
  retired: 'quiet',
}

export const StageChip = ({ of: stage }: { of: Stage }) => {
  const text = useText()
  return <Chip tone={tones[stage]}>{text(`versions.stage.${stage}`)}</Chip>
}

const useList = <Item,>(name: string) =>
  useQuery({
    queryKey: ['versions', name],
    queryFn: () => read<List<Item>>(`/api/versions/${name}`),
    refetchInterval: 60_000,
  })

export const Versions = () => {
  const text = useText()
  const lives = useList<ProductLives>('products')
  const coming = useList<Announced>('coming')
  const hours = useList<Hours>('brownouts')
  const extensions = useList<Extension>('extensions')
  return (
    <>
      <PageHead title={text('place.versions')} about={text('versions.about')} />
      <div className="columns">
        <div className="stack wide">
          <Card title={text('versions.lives')}>
            <Answer to={lives}>{({ data }) => <Lives products={data} />}</Answer>
          </Card>
          <Card title={text('versions.coming')}>
            <Answer to={coming}>{({ data }) => <Coming changes={data} />}</Answer>
          </Card>
          <Card title={text('versions.extensions')}>
            <Answer to={extensions}>
              {({ data }) => <Extensions extensions={data} withVersion />}
            </Answer>
          </Card>
        </div>
        <Card title={text('versions.hours')}>
          <div className="pad stack close">
            <p className="small dim">{text('versions.hours.about')}</p>
            <Answer to={hours} lines={3}>
              {({ data }) => <HoursCalendar hours={data} withVersion />}
            </Answer>
          </div>
        </Card>
      </div>
    </>
  )
}

const Lives = ({ products }: { products: readonly ProductLives[] }) => {
  const text = useText()
  const name = usePartName()
  const format = useFormat()
  if (products.length === 0) return <Empty title={text('versions.none')} />
  return (
    <Table caption={text('versions.lives')}>
      <thead>
        <tr>
          <th scope="col">{text('versions.product')}</th>
          <th scope="col">{text('versions.version')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col">{text('versions.summary')}</th>
        </tr>
      </thead>
      <tbody>
        {products.flatMap(({ product, versions }) =>
          versions.map(({ version, stage, sunsetAt, changes }, at) => (
            <tr key={`${product} ${version}`}>
              <th scope="row">
                <span className={at === 0 ? '' : 'unseen'}>{name(product)}</span>
              </th>
              <td>
                <Link to="/versions/$version" params={{ version }}>
                  <code>{version}</code>
                </Link>
              </td>
              <td>
                <StageChip of={stage} />
                {sunsetAt && (
                  <small>{text('versions.until', { day: format.dateOf(sunsetAt) })}</small>
                )}
              </td>
              <td>{changes === 0 ? '' : text('versions.changes', { count: changes })}</td>
            </tr>
          )),
        )}
      </tbody>
    </Table>
  )
}

const Coming = ({ changes }: { changes: readonly Announced[] }) => {
  const text = useText()
  const name = usePartName()
  const format = useFormat()
  const { language } = useSpeech()
  const may = useMay(['head-of-platform', 'api-product'])
  if (changes.length === 0)
    return <Empty title={text('versions.coming.none')}>{text('versions.coming.none.about')}</Empty>
  return (
    <Table caption={text('versions.coming')}>
      <thead>
        <tr>
          <th scope="col">{text('versions.summary')}</th>
          <th scope="col">{text('versions.effect')}</th>
          <th scope="col">{text('versions.told')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={change.id}>
            <th scope="row">
              {change.summary[language]}
              <small>
                {name(change.product)}
                {change.operation && (
                  <>
                    {' '}
                    <code>{change.operation}</code>
                  </>
                )}
              </small>
            </th>
            <td>
              {change.inEffect ? (
                <Chip tone="good">{text('versions.effect.now')}</Chip>
              ) : (
                <span className="nowrap">{format.day(change.takesEffect)}</span>
              )}
              {change.changeId && (
                <small>
                  <Link to="/decisions/$id" params={{ id: change.changeId }}>
                    {text('act.see')}
                  </Link>
                </small>
              )}
            </td>
            <td>
              <WhoRead told={change.told} />
              {may && (
                <details>
                  <summary>{text('versions.act.call-off')}</summary>
                  <Proposal
                    title={text('versions.act.call-off')}
                    about={text('versions.act.call-off.about')}
                    path={`/api/versions/coming/${change.id}/withdrawal`}
                    body={() => ({})}
                  />
                </details>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const WhoRead = ({ told }: { told: Announced['told'] }) => {
  const text = useText()
  if (told.length === 0) return <span className="dim">{text('versions.read.none')}</span>
  const read = told.filter(({ acknowledged }) => acknowledged).length
  return (
    <details>
      <summary>{text('versions.read', { read, told: told.length })}</summary>
      <ul className="plain-list">
        {told.map(({ partnerId, organisation, acknowledged }) => (
          <li key={partnerId}>
            <Link to="/partners/$id" params={{ id: partnerId }}>
              {organisation ?? partnerId}
            </Link>{' '}
            <Chip tone={acknowledged ? 'good' : 'warn'}>
              {text(acknowledged ? 'versions.acknowledged' : 'versions.unread')}
            </Chip>
          </li>
        ))}
      </ul>
    </details>
  )
}
