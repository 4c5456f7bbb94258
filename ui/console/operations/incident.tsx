/** One incident: what was found, done, reported and why it happened, in order; nothing of it is ever taken away. */
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select, TextArea } from '../../kit/fields.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { instantAt, wallTimeNow } from '../../kit/moments.ts'
import { Card, CellChip, Chip, Empty, Facts } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import { useNames } from '../queries.ts'
import { speakers, Tell, ToldBefore } from '../status/bulletins.tsx'
import { incidentWriters, lengthOf, SeverityChip } from './incidents.tsx'
import type { Incident, IncidentWhole, Line } from './wire.ts'

export const IncidentPage = () => {
  const text = useText()
  const { id = '' } = useParams({ strict: false })
  const found = useQuery({
    queryKey: ['incidents', id],
    queryFn: () => read<IncidentWhole>(`/api/incidents/${id}`),
    refetchInterval: 15_000,
  })
  const incident = found.data?.incident
  return (
    <>
      <Crumbs
        above={{ to: '/incidents', name: text('place.incidents') }}
        here={incident?.title ?? id}
      />
      <PageHead
        title={incident?.title ?? text('incidents.one')}
        acts={
          incident && (
            <>
              <SeverityChip of={incident.severity} />
              <Chip tone={incident.endedAt ? 'good' : 'warn'}>
                {text(incident.endedAt ? 'incidents.over' : 'incidents.goes-on')}
              </Chip>
            </>
          )
        }
      />
      <Answer to={found}>{(whole) => <Whole whole={whole} />}</Answer>
    </>
  )
}

const Whole = ({ whole: { incident, lines } }: { whole: IncidentWhole }) => {
  const text = useText()
  const writes = useMay(incidentWriters)
  const speaks = useMay(speakers)
  return (
    <div className="columns">
      <div className="stack wide">
        <Card title={text('incidents.lines')}>
          {lines.length === 0 ? (
            <Empty title={text('incidents.lines.none')} />
          ) : (
            <ol className="told">
              {lines.map((line) => (
                <OneLine key={`${line.at} ${line.kind}`} line={line} />
              ))}
            </ol>
          )}
        </Card>
        <ToldBefore incident={incident} />
        {speaks && <Tell incident={incident} />}
      </div>
      <div className="stack">
        <About incident={incident} />
        {writes && !incident.endedAt && <Add id={incident.id} />}
        {writes && !incident.endedAt && <End id={incident.id} />}
      </div>
    </div>
  )
}

const OneLine = ({ line }: { line: Line }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  return (
    <li>
      <b>{text(`incidents.line.${line.kind}`)}</b>
      <p>{line.said}</p>
      <small>
        {names.actor(line.by)}, {format.momentOf(line.at)}
      </small>
    </li>
  )
}

const About = ({ incident }: { incident: Incident }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  return (
    <Card title={text('decision.about')}>
      <div className="pad">
        <Facts
          rows={[
            [text('incidents.began'), format.momentOf(incident.beganAt)],
            [
              text(incident.endedAt ? 'incidents.ended' : 'incidents.so-far'),
              incident.endedAt
                ? `${format.momentOf(incident.endedAt)}, ${format.span(lengthOf(incident))}`
                : format.span(lengthOf(incident)),
            ],
            [
              text('incidents.whom'),
              incident.partnerIds.length === 0
                ? text('incidents.everybody')
                : incident.partnerIds.map((id) => names.partner(id) ?? id).join(', '),
            ],
            incident.cell && [text('application.cell'), <CellChip cell={incident.cell} />],
            [
              text('incidents.opened'),
              `${names.actor(incident.openedBy)}, ${format.momentOf(incident.openedAt)}`,
            ],
          ]}
        />
      </div>
    </Card>
  )
}

const kinds = ['finding', 'measure', 'cause', 'report'] as const

const Add = ({ id }: { id: string }) => {
  const text = useText()
  const add = useCommand(({ one }: Filled) =>
    send(`/api/incidents/${id}/lines`, { kind: one('kind'), said: one('said') }),
  )
  return (
    <Card title={text('incidents.add')}>
      <div className="pad">
        <Form
          key={add.submittedAt}
          label={text('incidents.add')}
          busy={add.isPending}
          error={add.error}
          onSubmit={(filled) => add.mutate(filled)}
          acts={
            <button className="button primary" disabled={add.isPending}>
              {text('incidents.add.act')}
            </button>
          }
        >
          <Select
            name="kind"
            label={text('incidents.kind')}
            value="finding"
            options={kinds.map((value) => ({ value, label: text(`incidents.line.${value}`) }))}
          />
          <TextArea
            name="said"
            label={text('incidents.said')}
            required
            fault={faultAt(add.error, '/said')}
          />
        </Form>
      </div>
    </Card>
  )
}

const End = ({ id }: { id: string }) => {
  const text = useText()
  const { zone } = useFormat()
  const end = useCommand(({ one }: Filled) =>
    send(`/api/incidents/${id}/end`, {
      endedAt: instantAt(one('endedAt'), zone),
      said: one('said'),
    }),
  )
  return (
    <Card title={text('incidents.end')}>
      <div className="pad">
        <Form
          label={text('incidents.end')}
          busy={end.isPending}
          error={end.error}
          onSubmit={(filled) => end.mutate(filled)}
          acts={
            <button className="button" disabled={end.isPending}>
              {text('incidents.end.act')}
            </button>
          }
        >
          <Field
            name="endedAt"
            type="datetime-local"
            label={text('incidents.ended')}
            value={wallTimeNow(zone)}
            required
            fault={faultAt(end.error, '/endedAt')}
          />
          <TextArea
            name="said"
            label={text('incidents.end.how')}
            required
            fault={faultAt(end.error, '/said')}
          />
        </Form>
      </div>
    </Card>
  )
}
