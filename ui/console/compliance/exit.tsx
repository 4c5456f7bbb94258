/** Stopping a partner, a part of it or its growth, and letting it leave in order: the smallest stop stands first. */
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, TextArea } from '../../kit/fields.tsx'
import { useFormat } from '../../kit/language.tsx'
import { dayAfter, lastOfDay, today } from '../../kit/moments.ts'
import { Card, Note } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { PartnerHead, usePartner, usePartnerId } from '../partner-tabs.tsx'
import { StopOrReinstate } from '../pages/partner-acts.tsx'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import { useNames } from '../queries.ts'
import type { Asked, List } from '../wire.ts'
import { StopApplications } from './stop-applications.tsx'
import { PlanCard, usePlans } from './wind-downs.tsx'
import type { FreezeLine } from './wire.ts'

export const PartnerExit = () => {
  const text = useText()
  const partner = usePartner(usePartnerId())
  return (
    <>
      <PartnerHead about={text('exit.about')} />
      <Answer to={partner}>
        {(known) => (
          <div className="columns">
            <div className="stack wide">
              <StopApplications known={known} />
              <WindDown partnerId={known.partner.id} />
            </div>
            <div className="stack">
              <NewCustomers partnerId={known.partner.id} />
              <StopOrReinstate known={known} />
            </div>
          </div>
        )}
      </Answer>
    </>
  )
}

/** No new customer comes; whoever is there stays. One person stops, two let it go on. */
const NewCustomers = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const freezes_ = useMay(['compliance', 'head-of-platform', 'partner-success'])
  const thaws = useMay(['compliance', 'head-of-platform'])
  const freezes = useQuery({
    queryKey: ['freezes', partnerId],
    queryFn: () => read<List<FreezeLine>>(`/api/licences/${partnerId}/freezes`),
  })
  const freeze = useCommand(({ one }: Filled) =>
    send(`/api/licences/${partnerId}/freeze`, { reason: one('reason') }),
  )
  const thaw = useCommand(({ one }: Filled) =>
    send<Asked>(`/api/licences/${partnerId}/thaw`, { reason: one('reason') }),
  )
  return (
    <Card title={text('freeze.title')}>
      <div className="pad stack">
        <Answer to={freezes} lines={2}>
          {({ data }) => {
            const inForce = data.find((one) => one.liftedAt === null)
            const [act, may] = inForce ? [thaw, thaws] : [freeze, freezes_]
            return (
              <>
                {inForce ? (
                  <Note tone="bad">
                    {text('freeze.since', {
                      time: format.momentOf(inForce.at),
                      name: names.actor(inForce.by),
                    })}{' '}
                    {inForce.reason}
                  </Note>
                ) : (
                  <p className="small">{text('freeze.about')}</p>
                )}
                {may && (
                  <Form
                    label={text(inForce ? 'freeze.lift' : 'freeze.title')}
                    busy={act.isPending}
                    error={act.error}
                    onSubmit={(filled) => act.mutate(filled)}
                    acts={
                      <button
                        className={inForce ? 'button' : 'button stop'}
                        disabled={act.isPending}
                      >
                        {text(inForce ? 'freeze.lift' : 'freeze.act')}
                      </button>
                    }
                  >
                    <Field
                      name="reason"
                      label={text('stop.reason')}
                      required
                      minLength={3}
                      maxLength={1000}
                      fault={faultAt(act.error, '/reason')}
                    />
                  </Form>
                )}
                <Waits asked={thaw.data} />
              </>
            )
          }}
        </Answer>
      </div>
    </Card>
  )
}

/** The plan that it leaves by, or the proposal of one. */
const WindDown = ({ partnerId }: { partnerId: string }) => {
  const may = useMay(['compliance', 'head-of-platform', 'partner-success'])
  const plans = usePlans()
  return (
    <Answer to={plans} lines={3}>
      {({ data }) => {
        const plan = data.find((one) => one.partnerId === partnerId)
        return plan ? <PlanCard plan={plan} /> : may && <ProposePlan partnerId={partnerId} />
      }}
    </Answer>
  )
}

const ProposePlan = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const { zone } = useFormat()
  const begin = today(zone)
  const propose = useCommand(({ one }: Filled) =>
    send<Asked>(`/api/partners/${partnerId}/wind-down`, {
      reason: one('reason'),
      successor: one('successor') || null,
      tellBy: lastOfDay(one('tellBy'), zone),
      exportBy: lastOfDay(one('exportBy'), zone),
      endsAt: lastOfDay(one('endsAt'), zone),
    }),
  )
  const day = (name: 'tellBy' | 'exportBy' | 'endsAt', days: number) => (
    <Field
      name={name}
      type="date"
      label={text(`wind-downs.ask.${name}`)}
      value={dayAfter(begin, days)}
      min={begin}
      required
      fault={faultAt(propose.error, `/${name}`)}
    />
  )
  return (
    <Card title={text('wind-downs.ask')}>
      <div className="pad stack">
        <p className="small">{text('wind-downs.ask.about')}</p>
        <Form
          label={text('wind-downs.ask')}
          busy={propose.isPending}
          error={propose.error}
          onSubmit={(filled) => propose.mutate(filled)}
          acts={
            <button className="button" disabled={propose.isPending}>
              {text('act.propose')}
            </button>
          }
        >
          <div className="form-three">
            {day('tellBy', 30)}
            {day('exportBy', 60)}
            {day('endsAt', 90)}
          </div>
          <Field
            name="successor"
            label={text('wind-downs.ask.successor')}
            hint={text('wind-downs.ask.successor.hint')}
            maxLength={200}
          />
          <TextArea
            name="reason"
            label={text('wind-downs.ask.reason')}
            required
            fault={faultAt(propose.error, '/reason')}
          />
        </Form>
        <Waits asked={propose.data} />
      </div>
    </Card>
  )
}
