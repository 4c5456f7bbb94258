/** What a month of this partner would have cost under another list or tier, by the engine that makes its invoice. */
import { useMutation } from '@tanstack/react-query'
import { query, read } from '../../kit/api.ts'
import { Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { monthAfter, thisMonth } from '../../kit/moments.ts'
import { Card, Facts } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCatalogue } from '../queries.ts'
import type { WhatIf } from './wire.ts'

export const WhatIfCard = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const { zone } = useFormat()
  const catalogue = useCatalogue().data
  const ask = useMutation({
    mutationFn: ({ one }: Filled) =>
      read<WhatIf>(
        `/api/partners/${partnerId}/what-if${query({
          month: one('month'),
          priceVersion: one('prices'),
          tier: one('tier'),
        })}`,
      ),
  })
  if (!catalogue) return null
  return (
    <Card title={text('what-if.title')}>
      <div className="pad stack">
        <Form
          label={text('what-if.title')}
          busy={ask.isPending}
          error={ask.error}
          onSubmit={(filled) => ask.mutate(filled)}
          acts={
            <button className="button" disabled={ask.isPending}>
              {text('what-if.act')}
            </button>
          }
        >
          <Field
            name="month"
            type="month"
            label={text('invoices.month')}
            value={monthAfter(thisMonth(zone), 0)}
            max={thisMonth(zone)}
            required
          />
          <Select
            name="prices"
            label={text('contract.price-version')}
            value={catalogue.prices.version}
            options={catalogue.priceVersions.map(({ id }) => ({ value: id, label: id }))}
          />
          <Select
            name="tier"
            label={text('contract.tier')}
            value={catalogue.tiers.find(({ sold }) => sold)?.name ?? ''}
            options={catalogue.tiers
              .filter(({ sold }) => sold)
              .map(({ name }) => ({ value: name, label: name }))}
          />
        </Form>
        {ask.data && <Told answer={ask.data} />}
      </div>
    </Card>
  )
}

const Told = ({ answer }: { answer: WhatIf }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const money = (amount: string) => format.amount({ amount, currency: answer.currency })
  return (
    <div role="status">
      <Facts
        rows={[
          [text('what-if.agreed'), answer.agreed === null ? '—' : money(answer.agreed)],
          [text('what-if.then'), <b>{money(answer.amount)}</b>],
          [text('what-if.from'), text(`cell.${answer.from}`)],
          ...answer.lines.map(
            ({ title, amount }) => [word('operation', title), money(amount)] as const,
          ),
        ]}
      />
    </div>
  )
}
