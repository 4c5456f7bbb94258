/** What went wrong: open incidents first, each with whom it touches and for how long. */
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { readAll, send } from '../../kit/api.ts'
import { Choices, faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { instantAt, wallTimeNow } from '../../kit/moments.ts'
import { Card, CellChip, Chip, Empty, Figures, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import { useNames, usePartners } from '../queries.ts'
import { IncidentTabs } from './incident-tabs.tsx'
import type { Incident } from './wire.ts'

export const incidentWriters = [
  'api-engineering',
  'compliance',
  'partner-success',
  'head-of-platform',
] as const
const severities = ['minor', 'significant', 'major'] as const
const toneOf = { minor: 'quiet', significant: 'warn', major: 'bad' } as const

export const SeverityChip = ({ of: severity }: { of: Incident['severity'] }) => {
  const text = useText()
  return <Chip tone={toneOf[severity]}>{text(`incidents.severity.${severity}`)}</Chip>
}

/** How long it went on, or goes on. */
export const lengthOf = ({ beganAt, endedAt }: Incident): number =>
  (endedAt ? Date.parse(endedAt) : Date.now()) - Date.parse(beganAt)

export const Incidents = () => {
  const text = useText()
  const writes = useMay(incidentWriters)
  const incidents = useQuery({
    queryKey: ['incidents'],
    queryFn: () => readAll<Incident>('/api/incidents', {}, 'before'),
    refetchInterval: 30_000,
  })
  return (
    <>
      <PageHead title={text('incidents.title')} about={text('incidents.about')} />
      <IncidentTabs />
      <div className={writes ? 'columns' : 'stack wide'}>
        <Answer to={incidents}>{(all) => <IncidentList incidents={all} />}</Answer>
        {writes && <Open />}
      </div>
    </>
  )
}

const IncidentList = ({ incidents }: { incidents: readonly Incident[] }) => {
  const text = useText()
  const format = useFormat()
  const open = incidents.filter(({ endedAt }) => endedAt === null)
  const longest = Math.max(0, ...open.map(lengthOf))
  return (
    <div className="stack wide">
      <Figures
        figures={[
          { label: text('incidents.open'), value: format.number(open.length) },
          {
            label: text('incidents.longest'),
            value: open.length > 0 ? format.span(longest) : text('incidents.quiet'),
          },
          { label: text('incidents.all'), value: format.number(incidents.length) },
        ]}
      />
      <Card title={text('incidents.title')}>
        {incidents.length === 0 ? (
          <Empty title={text('incidents.none')}>{text('incidents.none.about')}</Empty>
        ) : (
          <IncidentTable incidents={[...open, ...incidents.filter((one) => one.endedAt)]} />
        )}
      </Card>
    </div>
  )
}

const IncidentTable = ({ incidents }: { incidents: readonly Incident[] }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  return (
    <Table caption={text('incidents.title')}>
      <thead>
        <tr>
          <th scope="col">{text('incidents.what')}</th>
          <th scope="col">{text('incidents.severity')}</th>
          <th scope="col">{text('incidents.whom')}</th>
          <th scope="col">{text('incidents.began')}</th>
        </tr>
      </thead>
      <tbody>
        {incidents.map((incident) => (
          <tr key={incident.id}>
            <th scope="row">
              <Link to="/incidents/$id" params={{ id: incident.id }}>
                {incident.title}
              </Link>
              <small>
                {text(incident.endedAt ? 'incidents.lasted' : 'incidents.lasts', {
                  span: format.span(lengthOf(incident)),
                })}
              </small>
            </th>
            <td>
              <SeverityChip of={incident.severity} />
            </td>
            <td>
              {incident.partnerIds.length === 0
                ? text('incidents.everybody')
                : incident.partnerIds.map((id) => names.partner(id) ?? id).join(', ')}
              {incident.cell && (
                <div>
                  <CellChip cell={incident.cell} />
                </div>
              )}
            </td>
            <td className="nowrap">{format.momentOf(incident.beganAt)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const Open = () => {
  const text = useText()
  const { zone } = useFormat()
  const navigate = useNavigate()
  const partners = usePartners().data ?? []
  const open = useCommand(async ({ one, many }: Filled) => {
    const { incident } = await send<{ incident: Incident }>('/api/incidents', {
      title: one('title'),
      severity: one('severity'),
      cell: one('cell') || null,
      partnerIds: many('partners'),
      beganAt: instantAt(one('beganAt'), zone),
    })
    await navigate({ to: '/incidents/$id', params: { id: incident.id } })
  })
  return (
    <Card title={text('incidents.record')}>
      <div className="pad">
        <Form
          label={text('incidents.record')}
          busy={open.isPending}
          error={open.error}
          onSubmit={(filled) => open.mutate(filled)}
          acts={
            <button className="button primary" disabled={open.isPending}>
              {text('incidents.record.act')}
            </button>
          }
        >
          <Field
            name="title"
            label={text('incidents.what')}
            required
            minLength={3}
            maxLength={200}
            fault={faultAt(open.error, '/title')}
          />
          <Select
            name="severity"
            label={text('incidents.severity')}
            value="significant"
            options={severities.map((value) => ({
              value,
              label: text(`incidents.severity.${value}`),
            }))}
          />
          <Select
            name="cell"
            label={text('application.cell')}
            value="production"
            options={[
              { value: 'production', label: text('cell.production') },
              { value: 'sandbox', label: text('cell.sandbox') },
              { value: '', label: text('incidents.neither') },
            ]}
          />
          <Field
            name="beganAt"
            type="datetime-local"
            label={text('incidents.began')}
            value={wallTimeNow(zone)}
            required
            fault={faultAt(open.error, '/beganAt')}
          />
          <details>
            <summary>{text('incidents.some')}</summary>
            <Choices
              name="partners"
              label={text('incidents.whom')}
              hint={text('incidents.whom.hint')}
              many
              options={partners.map(({ id, organisation }) => ({ value: id, label: organisation }))}
            />
          </details>
        </Form>
      </div>
    </Card>
  )
}
