/** Work that is announced: what it excuses is said by each contract. */
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select, TextArea } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useSpeech, useWord } from '../../kit/language.tsx'
import { dayAfter, instantAt, today } from '../../kit/moments.ts'
import { Card, Chip, Copyable, Empty, Note, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import { useCatalogue } from '../queries.ts'
import { firstOf, languages, saidIn } from '../status/bulletins.tsx'
import { useStatus } from '../status/status.tsx'
import type { List } from '../wire.ts'
import { IncidentTabs } from './incident-tabs.tsx'
import type { Maintenance as Announced } from './wire.ts'

export const Maintenance = () => {
  const text = useText()
  const announces = useMay(['head-of-platform', 'api-engineering'])
  const announced = useQuery({
    queryKey: ['maintenance'],
    queryFn: () => read<List<Announced>>('/api/maintenance'),
  })
  return (
    <>
      <PageHead title={text('maintenance.title')} about={text('maintenance.about')} />
      <IncidentTabs />
      <div className={announces ? 'columns' : 'stack wide'}>
        <div className="stack wide">
          <Card title={text('maintenance.list')}>
            <Answer to={announced}>{({ data }) => <AnnouncedTable announced={data} />}</Answer>
          </Card>
          <Calendar />
        </div>
        {announces && <Announce />}
      </div>
    </>
  )
}

/** The same work as a calendar that anybody subscribes to: the status page serves it. */
const Calendar = () => {
  const text = useText()
  const { language } = useSpeech()
  const url = useStatus().data?.url
  if (!url) return null
  const feed = `${url}/calendar.ics?lang=${language}`
  return (
    <Card title={text('maintenance.calendar')}>
      <div className="pad stack close">
        <p className="small dim">{text('maintenance.calendar.about')}</p>
        <Copyable value={feed} what={text('maintenance.calendar')} />
      </div>
    </Card>
  )
}

const stateOf = ({ startsAt, endsAt }: Announced): 'over' | 'now' | 'ahead' =>
  Date.parse(endsAt) <= Date.now() ? 'over' : Date.parse(startsAt) <= Date.now() ? 'now' : 'ahead'
const toneOf = { over: 'quiet', now: 'warn', ahead: 'info' } as const

const AnnouncedTable = ({ announced }: { announced: readonly Announced[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  if (announced.length === 0)
    return <Empty title={text('maintenance.none')}>{text('maintenance.none.about')}</Empty>
  return (
    <Table caption={text('maintenance.list')}>
      <thead>
        <tr>
          <th scope="col">{text('maintenance.product')}</th>
          <th scope="col">{text('maintenance.when')}</th>
          <th scope="col">{text('maintenance.notice')}</th>
          <th scope="col">{text('application.state')}</th>
        </tr>
      </thead>
      <tbody>
        {announced.map((one) => (
          <tr key={one.id}>
            <th scope="row">
              {word('product', one.product)}
              <small>{one.reason}</small>
            </th>
            <td>
              <span className="nowrap">{format.momentOf(one.startsAt)}</span>
              <small>{format.span(Date.parse(one.endsAt) - Date.parse(one.startsAt))}</small>
            </td>
            <td className="nowrap">
              {format.span(Date.parse(one.startsAt) - Date.parse(one.announcedAt))}
            </td>
            <td>
              <Chip tone={toneOf[stateOf(one)]}>{text(`maintenance.state.${stateOf(one)}`)}</Chip>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const Announce = () => {
  const text = useText()
  const word = useWord()
  const { zone } = useFormat()
  const products = useCatalogue().data?.data ?? []
  const day = dayAfter(today(zone), 7)
  const announce = useCommand(({ one }: Filled) => {
    const words = saidIn({ one }, 'reason')
    return send<Announced>('/api/maintenance', {
      product: one('product'),
      startsAt: instantAt(one('startsAt'), zone),
      endsAt: instantAt(one('endsAt'), zone),
      reason: firstOf(words),
      words,
    })
  })
  return (
    <Card title={text('maintenance.announce')}>
      <div className="pad stack">
        <Form
          label={text('maintenance.announce')}
          busy={announce.isPending}
          error={announce.error}
          onSubmit={(filled) => announce.mutate(filled)}
          acts={
            <button className="button primary" disabled={announce.isPending}>
              {text('maintenance.act')}
            </button>
          }
        >
          <Select
            name="product"
            label={text('maintenance.product')}
            value={products[0]?.id ?? ''}
            options={products.map(({ id }) => ({ value: id, label: word('product', id) }))}
          />
          <Field
            name="startsAt"
            type="datetime-local"
            label={text('maintenance.starts')}
            value={`${day}T02:00`}
            required
            fault={faultAt(announce.error, '/startsAt')}
          />
          <Field
            name="endsAt"
            type="datetime-local"
            label={text('maintenance.ends')}
            value={`${day}T04:00`}
            required
            fault={faultAt(announce.error, '/endsAt')}
          />
          <p className="small dim">{text('maintenance.reason')}</p>
          {languages.map((language, at) => (
            <TextArea
              key={language}
              name={`reason-${language}`}
              label={text(`bulletin.said.${language}`)}
              {...(at === languages.length - 1 && { hint: text('bulletin.said.hint') })}
              required={language === 'en'}
              rows={2}
              fault={faultAt(announce.error, `/words/${language}`)}
            />
          ))}
        </Form>
        {announce.data && (
          <Note tone="good" live>
            {text('maintenance.done')}
          </Note>
        )}
      </div>
    </Card>
  )
}
