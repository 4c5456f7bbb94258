/** What one person proposes about a version and another decides: its end, hours of refusal, more time, refusal for good. */
import type { ReactNode } from 'react'
import { send } from '../../kit/api.ts'
import { Choices, faultAt, Field, type Filled, Form, Select, TextArea } from '../../kit/fields.tsx'
import { useFormat } from '../../kit/language.tsx'
import { dayAfter, instantAt, lastOfDay, today } from '../../kit/moments.ts'
import { Card } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import { usePartners } from '../queries.ts'
import type { Asked } from '../wire.ts'
import type { Version } from './wire.ts'

const makers = ['head-of-platform', 'api-product'] as const

export const Proposals = ({ version }: { version: Version }) => {
  const makes = useMay(makers)
  const browns = useMay([...makers, 'api-engineering'])
  const extendsTime = useMay([...makers, 'partner-success'])
  const lives = version.retiredAt === null
  if (!lives) return null
  return (
    <>
      {makes && version.deprecatedAt === null && <Deprecate version={version} />}
      {browns && version.deprecatedAt !== null && <Brownout version={version} />}
      {extendsTime && version.deprecatedAt !== null && <Extend version={version} />}
      {makes && version.retirement.allowed && <Retire version={version} />}
      {makes && version.deprecatedAt !== null && <Keep version={version} />}
    </>
  )
}

/** A card with a form whose last field is the reason, and where the proposal waits. */
export const Proposal = (props: {
  title: string
  about?: string
  path: string
  body: (filled: Filled) => object
  children?: (fault: (pointer: string) => string | undefined) => ReactNode
}) => {
  const text = useText()
  const { title, about, path, body, children } = props
  const propose = useCommand((filled: Filled) =>
    send<Asked>(path, { ...body(filled), reason: filled.one('reason') }),
  )
  return (
    <Card title={title}>
      <div className="pad stack">
        {about && <p className="small dim">{about}</p>}
        <Form
          label={title}
          busy={propose.isPending}
          error={propose.error}
          onSubmit={(filled) => propose.mutate(filled)}
          acts={
            <button className="button" disabled={propose.isPending}>
              {text('act.propose')}
            </button>
          }
        >
          {children?.((pointer) => faultAt(propose.error, pointer))}
          <TextArea
            name="reason"
            label={text('versions.act.reason')}
            rows={2}
            required
            fault={faultAt(propose.error, '/reason')}
          />
        </Form>
        <Waits asked={propose.data} />
      </div>
    </Card>
  )
}

const Deprecate = ({ version: { version } }: { version: Version }) => {
  const text = useText()
  return (
    <Proposal
      title={text('versions.act.deprecate')}
      about={text('versions.act.deprecate.about')}
      path={`/api/versions/${version}/deprecation`}
      body={() => ({})}
    />
  )
}

const Keep = ({ version: { version } }: { version: Version }) => {
  const text = useText()
  return (
    <Proposal
      title={text('versions.act.keep')}
      about={text('versions.act.keep.about')}
      path={`/api/versions/${version}/deprecation/withdrawal`}
      body={() => ({})}
    />
  )
}

const Retire = ({ version: { version } }: { version: Version }) => {
  const text = useText()
  return (
    <Proposal
      title={text('versions.act.retire')}
      path={`/api/versions/${version}/retirement`}
      body={() => ({})}
    />
  )
}

const Brownout = ({ version: { version, standing } }: { version: Version }) => {
  const text = useText()
  const { zone } = useFormat()
  const day = dayAfter(today(zone), 14)
  return (
    <Proposal
      title={text('versions.act.brownout')}
      path={`/api/versions/${version}/brownouts`}
      body={({ one, many }) => ({
        cell: one('cell'),
        startsAt: instantAt(one('startsAt'), zone),
        endsAt: instantAt(one('endsAt'), zone),
        paymentsOf: many('paymentsOf'),
      })}
    >
      {(fault) => (
        <>
          <Select
            name="cell"
            label={text('versions.act.cell')}
            value="sandbox"
            options={[
              { value: 'sandbox', label: text('cell.sandbox') },
              { value: 'production', label: text('cell.production') },
            ]}
          />
          <Field
            name="startsAt"
            type="datetime-local"
            label={text('versions.act.from')}
            value={`${day}T10:00`}
            required
            fault={fault('/startsAt')}
          />
          <Field
            name="endsAt"
            type="datetime-local"
            label={text('versions.act.to')}
            value={`${day}T11:00`}
            required
            fault={fault('/endsAt')}
          />
          {standing.length > 0 && (
            <Choices
              name="paymentsOf"
              label={text('versions.act.payments')}
              hint={text('versions.act.payments.hint')}
              many
              options={standing.map(({ partnerId, organisation }) => ({
                value: partnerId,
                label: organisation,
              }))}
            />
          )}
        </>
      )}
    </Proposal>
  )
}

const Extend = ({ version: { version, standing, sunsetAt } }: { version: Version }) => {
  const text = useText()
  const { zone } = useFormat()
  const all = usePartners().data ?? []
  const partners =
    standing.length > 0
      ? standing.map(({ partnerId, organisation }) => ({ value: partnerId, label: organisation }))
      : all.map(({ id, organisation }) => ({ value: `${id}`, label: organisation }))
  return (
    <Proposal
      title={text('versions.act.extend')}
      path={`/api/versions/${version}/extensions`}
      body={({ one }) => ({
        partnerId: one('partner'),
        until: lastOfDay(one('until'), zone),
      })}
    >
      {(fault) => (
        <>
          <Select
            key={partners.length}
            name="partner"
            label={text('versions.act.partner')}
            value={partners[0]?.value ?? ''}
            options={partners}
          />
          <Field
            name="until"
            type="date"
            label={text('versions.act.until')}
            value={dayAfter((sunsetAt ?? new Date().toISOString()).slice(0, 10), 90)}
            required
            fault={fault('/until')}
          />
        </>
      )}
    </Proposal>
  )
}
