/** Partners whose licences are certified again: by when, who answers for it, what is lost meanwhile, and the answer. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../../kit/answer.tsx'
import { read, send } from '../../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select, TextArea } from '../../../kit/fields.tsx'
import { PageHead } from '../../../kit/frame.tsx'
import { useFormat } from '../../../kit/language.tsx'
import { dayAfter, startOfDay, today } from '../../../kit/moments.ts'
import { Card, Empty, Figures, Note, Table } from '../../../kit/show.tsx'
import { useText } from '../../messages/index.ts'
import { useCommand, useMay, Waits } from '../../proposing.tsx'
import { useNames, usePartners } from '../../queries.ts'
import { useStaffMember } from '../../signed-in.tsx'
import type { Asked } from '../../wire.ts'
import { ConfirmStop } from '../confirm-stop.tsx'
import { Decline } from '../decline.tsx'
import { LicenceTabs } from '../licence-tabs.tsx'
import type { Again } from '../wire.ts'

interface All {
  readonly data: readonly Again[]
  readonly occasions: readonly string[]
}

const DUE_DAYS = 30

export const Recertifications = () => {
  const text = useText()
  const all = useQuery({
    queryKey: ['recertifications'],
    queryFn: () => read<All>('/api/recertifications'),
  })
  return (
    <>
      <PageHead title={text('again.title')} about={text('again.about')} />
      <LicenceTabs />
      <Answer to={all}>{(known) => <Desk known={known} />}</Answer>
    </>
  )
}

const Desk = ({ known: { data, occasions } }: { known: All }) => {
  const text = useText()
  const format = useFormat()
  const decides = useMay(['compliance', 'head-of-platform'])
  const open = data.filter(({ state }) => state === 'open')
  const answered = data.filter(({ state }) => state !== 'open')
  return (
    <div className="stack wide">
      {open.length > 0 && (
        <Figures
          figures={[
            { label: text('again.open'), value: format.number(open.length) },
            {
              label: text('again.unowned'),
              value: format.number(open.filter(({ owner }) => owner === null).length),
            },
            {
              label: text('again.late'),
              value: format.number(open.filter((one) => one.standing?.step !== 'warned').length),
              about: text('expiring.fallen.about'),
            },
          ]}
        />
      )}
      <Card title={text('again.list')}>
        {open.length === 0 ? (
          <Empty title={text('again.none')}>{text('again.none.about')}</Empty>
        ) : (
          <Open open={open} decides={decides} />
        )}
      </Card>
      {answered.length > 0 && <Answered answered={answered} />}
      {decides && <Ask occasions={occasions} />}
    </div>
  )
}

const useOccasion = () => {
  const text = useText()
  return (name: string) =>
    isKnown(name) ? text(`again.occasion.${name}`) : name.replaceAll('_', ' ')
}
const known = [
  'yearly',
  'register_withdrawn',
  'certificate_revoked',
  'ownership_changed',
  'sanctions_hit',
  'incident_reported',
  'service_level_breached',
  'complaints_rose',
  'sub_partner_changed',
  'evidence_expired',
] as const
const isKnown = (name: string): name is (typeof known)[number] =>
  (known as readonly string[]).includes(name)

const PartnerCell = ({ one }: { one: Again }) => {
  const names = useNames()
  const occasion = useOccasion()
  return (
    <th scope="row">
      <Link to="/partners/$id/licences" params={{ id: one.partnerId }}>
        {names.partner(one.partnerId) ?? one.partnerId}
      </Link>
      <small>{[occasion(one.occasion), one.reason].filter(Boolean).join(': ')}</small>
    </th>
  )
}

const Open = ({ open, decides }: { open: readonly Again[]; decides: boolean }) => {
  const text = useText()
  return (
    <Table caption={text('again.list')}>
      <thead>
        <tr>
          <th scope="col">{text('partner.one')}</th>
          <th scope="col">{text('again.due')}</th>
          <th scope="col">{text('expiring.steps')}</th>
          <th scope="col">{text('again.owner')}</th>
        </tr>
      </thead>
      <tbody>
        {open.map((one) => (
          <Row key={one.id} one={one} decides={decides} />
        ))}
      </tbody>
    </Table>
  )
}

const Row = ({ one, decides }: { one: Again; decides: boolean }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const me = useStaffMember()
  const [isOpen, setOpen] = useState(false)
  const own = useCommand((owner: string) =>
    send(`/api/recertifications/${one.id}/owner`, { owner }),
  )
  return (
    <>
      <tr>
        <PartnerCell one={one} />
        <td className="nowrap">{format.dateOf(one.dueAt)}</td>
        <td>{one.standing && <Decline task={one.standing} />}</td>
        <td>
          {one.owner === null ? text('again.nobody') : names.actor(`staff:${one.owner}`)}
          {decides && me && one.owner !== me.id && (
            <div>
              <button
                type="button"
                className="button text"
                disabled={own.isPending}
                onClick={() => own.mutate(me.id)}
              >
                {text('again.take')}
              </button>
            </div>
          )}
          {decides && (
            <div>
              <button
                type="button"
                className="button text"
                aria-expanded={isOpen}
                onClick={() => setOpen(!isOpen)}
              >
                {text('again.answer')}
              </button>
            </div>
          )}
        </td>
      </tr>
      {isOpen && (
        <tr className="opened">
          <td colSpan={4}>
            <AnswerIt one={one} />
          </td>
        </tr>
      )}
    </>
  )
}

/** Confirming is proposed and waits for another person; taking back is done at once. */
const AnswerIt = ({ one }: { one: Again }) => {
  const text = useText()
  const names = useNames()
  const confirm = useCommand(({ one: field }: Filled) =>
    send<Asked>(`/api/recertifications/${one.id}/confirmation`, { reason: field('reason') }),
  )
  const revoke = useCommand(({ one: field }: Filled) =>
    send(`/api/recertifications/${one.id}/revocation`, { reason: field('reason') }),
  )
  return (
    <div className="columns even">
      <Form
        label={text('again.confirm')}
        busy={confirm.isPending}
        error={confirm.error}
        onSubmit={(filled) => confirm.mutate(filled)}
        acts={
          <button className="button primary" disabled={confirm.isPending}>
            {text('again.confirm')}
          </button>
        }
      >
        <Note>{text('again.confirm.about')}</Note>
        <TextArea
          name="reason"
          rows={1}
          label={text('again.seen')}
          required
          fault={faultAt(confirm.error, '/reason')}
        />
        <Waits asked={confirm.data} />
      </Form>
      <div className="stack">
        <Note tone="bad">{text('again.revoke.about')}</Note>
        <ConfirmStop
          name={names.partner(one.partnerId) ?? one.partnerId}
          act={text('again.revoke')}
          busy={revoke.isPending}
          error={revoke.error}
          onStop={(filled) => revoke.mutate(filled)}
          asks={
            <TextArea
              name="reason"
              rows={1}
              label={text('extension.reason')}
              required
              fault={faultAt(revoke.error, '/reason')}
            />
          }
        >
          {text('again.revoke.sure')}
        </ConfirmStop>
      </div>
    </div>
  )
}

const Answered = ({ answered }: { answered: readonly Again[] }) => {
  const text = useText()
  const format = useFormat()
  return (
    <Card title={text('again.answered')}>
      <Table caption={text('again.answered')}>
        <thead>
          <tr>
            <th scope="col">{text('partner.one')}</th>
            <th scope="col">{text('again.outcome')}</th>
            <th scope="col">{text('again.when')}</th>
          </tr>
        </thead>
        <tbody>
          {answered.map((one) => (
            <tr key={one.id}>
              <PartnerCell one={one} />
              <td>{one.state !== 'open' && text(`again.state.${one.state}`)}</td>
              <td className="nowrap">{one.decidedAt && format.dateOf(one.decidedAt)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}

/** Something happened: a partner is looked at before its year is over. */
const Ask = ({ occasions }: { occasions: readonly string[] }) => {
  const text = useText()
  const occasion = useOccasion()
  const { zone } = useFormat()
  const partners = usePartners()
  const ask = useCommand(({ one }: Filled) =>
    send('/api/recertifications', {
      partnerId: one('partner'),
      occasion: one('occasion'),
      dueAt: startOfDay(one('due'), zone),
      reason: one('reason'),
    }),
  )
  const all = partners.data ?? []
  if (all.length === 0) return null
  return (
    <Card title={text('again.ask')}>
      <div className="pad">
        <Form
          label={text('again.ask')}
          busy={ask.isPending}
          error={ask.error}
          onSubmit={(filled) => ask.mutate(filled)}
          acts={
            <button className="button" disabled={ask.isPending}>
              {text('again.ask.act')}
            </button>
          }
        >
          <p className="small">{text('again.ask.about')}</p>
          <div className="form-two">
            <Select
              name="partner"
              label={text('partner.one')}
              {...(all[0] && { value: all[0].id })}
              options={all.map(({ id, organisation }) => ({ value: id, label: organisation }))}
            />
            <Select
              name="occasion"
              label={text('again.occasion')}
              {...(occasions[0] && { value: occasions[0] })}
              options={occasions.map((value) => ({ value, label: occasion(value) }))}
            />
            <Field
              name="due"
              type="date"
              label={text('again.due')}
              hint={text('again.due.hint')}
              value={dayAfter(today(zone), DUE_DAYS)}
              min={dayAfter(today(zone), 2)}
              required
              fault={faultAt(ask.error, '/dueAt')}
            />
            <Field
              name="reason"
              label={text('extension.reason')}
              required
              fault={faultAt(ask.error, '/reason')}
            />
          </div>
        </Form>
      </div>
    </Card>
  )
}
