/** What a document would change: whom each finding hits by their own calls, when it might take effect, and how they would be told. */
import { Link } from '@tanstack/react-router'
import { send } from '../../kit/api.ts'
import { faultAt, type Filled, Form, TextArea } from '../../kit/fields.tsx'
import { useFormat, useSpeech } from '../../kit/language.tsx'
import { Card, Chip, Empty, Note, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import type { Asked } from '../wire.ts'
import type { Judgement } from './wire.ts'

type Impact = Judgement['impacts'][number]

export const JudgementCard = ({ of, product }: { of: Judgement; product: string }) => {
  const text = useText()
  const findings = [...Map.groupBy(of.impacts, ({ key }) => key).values()]
  return (
    <Card title={text('judgement.title')}>
      <div className="pad stack">
        {of.faults.length === 0 ? (
          <Note tone="good">{text('judgement.may')}</Note>
        ) : (
          <Note tone="bad">{text('judgement.faults', { count: of.faults.length })}</Note>
        )}
        <p className="small dim">{text('judgement.harmless', { count: of.harmless })}</p>
      </div>
      {findings.length === 0 ? (
        <Empty title={text('judgement.none')} />
      ) : (
        <Table caption={text('judgement.title')} className="dense">
          <thead>
            <tr>
              <th scope="col">{text('judgement.finding')}</th>
              <th scope="col">{text('judgement.hits')}</th>
              <th scope="col">{text('judgement.earliest')}</th>
            </tr>
          </thead>
          <tbody>
            {findings.map((same) => (
              <Finding key={same[0]?.key} same={same} product={product} />
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  )
}

/** One finding, of callers of one day or of several. */
const Finding = ({ same, product }: { same: readonly Impact[]; product: string }) => {
  const text = useText()
  const format = useFormat()
  const may = useMay(['head-of-platform', 'api-product'])
  const [one] = same
  if (!one) return null
  const breaks = one.level === 'ERR'
  const earliest = same.map((each) => each.earliest).reduce((a, b) => (a > b ? a : b))
  return (
    <tr>
      <th scope="row" lang="en">
        <Chip tone={one.due ? 'good' : breaks ? 'bad' : 'warn'}>
          {text(
            one.due
              ? 'judgement.due'
              : breaks
                ? 'impact.commercial.breaks'
                : 'impact.commercial.look',
          )}
        </Chip>{' '}
        {one.text}
        <small>
          <code>{[one.id, one.operation, one.path].filter((part) => part).join(' ')}</code>{' '}
          {text('judgement.callers', { days: same.map(({ callersOf }) => callersOf).join(', ') })}
        </small>
      </th>
      <td>
        <Hits same={same} />
      </td>
      <td>
        <span className="nowrap">{format.day(earliest)}</span>
        {may && breaks && !one.due && (
          <details>
            <summary>{text('judgement.announce')}</summary>
            <Announce impact={one} product={product} />
          </details>
        )}
      </td>
    </tr>
  )
}

const Hits = ({ same }: { same: readonly Impact[] }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const hits = same.flatMap((each) =>
    each.hits.flatMap((hit) => hit.applications.map((application) => ({ ...hit, application }))),
  )
  if (hits.length === 0) return <span className="dim">{text('judgement.nobody')}</span>
  return (
    <ul className="plain-list">
      {hits.map(({ partnerId, application, callsADay, noticeMonths }, at) => (
        <li key={`${application.id} ${at}`}>
          <Link to="/partners/$id" params={{ id: partnerId }}>
            {names.partner(partnerId) ?? partnerId}
          </Link>{' '}
          {application.name ?? application.id}{' '}
          <Chip tone={application.by === 'seen' ? 'bad' : 'warn'}>
            {text(`judgement.by.${application.by}`)}
          </Chip>
          <small>
            {text('judgement.calls', {
              calls: format.number(application.calls),
              day: format.number(callsADay),
            })}
            {application.lastAt && ` · ${format.momentOf(application.lastAt)}`}
            {` · ${text('versions.months', { count: noticeMonths })}`}
          </small>
        </li>
      ))}
    </ul>
  )
}

const languages = ['en', 'ru', 'uz'] as const

/** The drafted words, to be made better, and proposed. */
const Announce = ({ impact, product }: { impact: Impact; product: string }) => {
  const text = useText()
  const { language } = useSpeech()
  const propose = useCommand(({ one }: Filled) =>
    send<Asked>('/api/versions/coming', {
      product,
      keys: [impact.key],
      summary: Object.fromEntries(languages.map((name) => [name, one(name)])),
      reason: one('reason'),
    }),
  )
  return (
    <>
      <Form
        label={text('judgement.announce')}
        busy={propose.isPending}
        error={propose.error}
        onSubmit={(filled) => propose.mutate(filled)}
        acts={
          <button className="button" disabled={propose.isPending}>
            {text('act.propose')}
          </button>
        }
      >
        {languages.map((name) => (
          <TextArea
            key={name}
            name={name}
            label={text(`judgement.words.${name}`)}
            rows={2}
            value={impact.draft.summary[name]}
            required
            fault={faultAt(propose.error, `/summary/${name}`)}
          />
        ))}
        <TextArea
          name="reason"
          label={text('versions.act.reason')}
          rows={2}
          required
          fault={faultAt(propose.error, '/reason')}
        />
      </Form>
      <p className="small dim" lang={language}>
        {text('judgement.announce.about')}
      </p>
      <Waits asked={propose.data} />
    </>
  )
}
