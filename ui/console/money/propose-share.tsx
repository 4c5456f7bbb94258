/** A share is proposed in the terms that it is computed by; they never change once two people agreed. */
import { send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { useFormat } from '../../kit/language.tsx'
import { today } from '../../kit/moments.ts'
import { Card } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, Waits } from '../proposing.tsx'
import { useCatalogue, usePartners } from '../queries.ts'
import type { Asked } from '../wire.ts'
import { bases } from './bases.ts'

export const ProposeShare = () => {
  const text = useText()
  const { zone } = useFormat()
  const partners = usePartners().data ?? []
  const currency = useCatalogue().data?.prices.currency ?? ''
  const propose = useCommand(({ one }: Filled) =>
    send<Asked>('/api/revenue-shares', {
      partnerId: one('partner'),
      title: one('title'),
      basis: one('basis'),
      incomePercent: one('income'),
      sharePercent: one('share'),
      perEvent: one('each') || '0',
      currency: one('currency'),
      parties: [{ partnerId: one('partner'), weight: 1 }],
      clawbackDays: Number(one('clawback')),
      startsOn: one('startsOn'),
      endsOn: null,
    }),
  )
  const field = (name: string, label: string, value: string, pointer: string) => (
    <Field
      name={name}
      label={label}
      value={value}
      required
      fault={faultAt(propose.error, pointer)}
    />
  )
  return (
    <Card title={text('shares.propose')}>
      <div className="pad stack">
        <Form
          label={text('shares.propose')}
          busy={propose.isPending}
          error={propose.error}
          onSubmit={(filled) => propose.mutate(filled)}
          acts={
            <button className="button" disabled={propose.isPending}>
              {text('act.propose')}
            </button>
          }
        >
          <Select
            name="partner"
            label={text('partner.one')}
            value={partners[0]?.id ?? ''}
            options={partners.map(({ id, organisation }) => ({ value: id, label: organisation }))}
          />
          {field('title', text('shares.agreement'), '', '/title')}
          <Select
            name="basis"
            label={text('shares.basis')}
            value={bases[0]}
            options={bases.map((value) => ({ value, label: text(`shares.basis.${value}`) }))}
          />
          {field('income', text('shares.income'), '100', '/incomePercent')}
          {field('share', text('shares.percent'), '20', '/sharePercent')}
          {field('each', text('shares.per-event'), '0', '/perEvent')}
          <Field
            key={currency}
            name="currency"
            label={text('shares.currency')}
            value={currency}
            required
            maxLength={3}
            fault={faultAt(propose.error, '/currency')}
          />
          <Field
            name="clawback"
            type="number"
            label={text('shares.clawback')}
            value="90"
            min="0"
            max="3650"
            required
          />
          <Field
            name="startsOn"
            type="date"
            label={text('shares.from')}
            value={today(zone)}
            required
            fault={faultAt(propose.error, '/startsOn')}
          />
        </Form>
        <Waits asked={propose.data} />
      </div>
    </Card>
  )
}
