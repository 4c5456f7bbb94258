/** A credit or a debit for one line: asked for here, decided by another person, and then a document of its own. */
import { send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import type { Asked } from '../wire.ts'
import type { Invoice, InvoiceLine } from './wire.ts'

export const AskNote = (props: {
  invoice: Invoice
  line: InvoiceLine
  at: { section: number; n: number }
}) => {
  const { invoice, line, at } = props
  const text = useText()
  const debits = useMay(['finance', 'head-of-platform'])
  const ask = useCommand(({ one }: Filled) =>
    send<Asked>(
      `/api/invoices/${invoice.id}/${one('kind') === 'debit' ? 'debit-notes' : 'credit-notes'}`,
      { ...at, amount: one('amount'), reason: one('reason') },
    ),
  )
  if (invoice.kind !== 'invoice') return null
  return (
    <details>
      <summary>{text('notes.ask')}</summary>
      <Form
        label={`${text('notes.ask')}: ${line.title}`}
        busy={ask.isPending}
        error={ask.error}
        onSubmit={(filled) => ask.mutate(filled)}
        acts={
          <button className="button small-button" disabled={ask.isPending}>
            {text('act.propose')}
          </button>
        }
      >
        <div className="form-two">
          <Select
            name="kind"
            label={text('notes.kind')}
            value="credit"
            options={[
              { value: 'credit', label: text('notes.credit') },
              ...(debits ? [{ value: 'debit', label: text('notes.debit') }] : []),
            ]}
          />
          <Field
            name="amount"
            label={text('notes.amount', { currency: invoice.currency })}
            required
            fault={faultAt(ask.error, '/amount')}
          />
        </div>
        <Field
          name="reason"
          label={text('invoices.reason')}
          required
          maxLength={500}
          fault={faultAt(ask.error, '/reason')}
        />
      </Form>
      <Waits asked={ask.data} />
    </details>
  )
}
