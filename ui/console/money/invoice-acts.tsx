/** What finance does with an invoice: has it issued by two, and writes down what came in. */
import { send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form } from '../../kit/fields.tsx'
import { Failure } from '../../kit/answer.tsx'
import { Card, Note } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import type { Asked } from '../wire.ts'
import type { Invoice } from './wire.ts'

export const InvoiceActs = ({ invoice }: { invoice: Invoice }) => {
  const issues = useMay(['finance', 'head-of-platform'])
  const takes = useMay(['finance'])
  const owed = invoice.status === 'final' || invoice.status === 'partly_paid'
  return (
    <>
      {invoice.status === 'draft' && issues && <Issue invoice={invoice} />}
      {owed && takes && invoice.kind === 'invoice' && <Payment invoice={invoice} />}
    </>
  )
}

const Issue = ({ invoice }: { invoice: Invoice }) => {
  const text = useText()
  const issue = useCommand(() => send<Asked>(`/api/invoices/${invoice.id}/issue`))
  return (
    <Card title={text('invoices.issue')}>
      <div className="pad stack">
        <p className="small">{text('invoices.issue.about')}</p>
        {issue.isError && <Failure error={issue.error} />}
        <div className="row">
          <button
            type="button"
            className="button production"
            disabled={issue.isPending || issue.isSuccess}
            onClick={() => issue.mutate(undefined)}
          >
            {text('invoices.issue.act')}
          </button>
        </div>
        <Waits asked={issue.data} />
      </div>
    </Card>
  )
}

const Payment = ({ invoice }: { invoice: Invoice }) => {
  const text = useText()
  const pay = useCommand(({ one }: Filled) =>
    send<Invoice>(`/api/invoices/${invoice.id}/payments`, {
      amount: one('amount'),
      reference: one('reference'),
    }),
  )
  return (
    <Card title={text('payment.title')}>
      <div className="pad stack">
        <Form
          label={text('payment.title')}
          busy={pay.isPending}
          error={pay.error}
          onSubmit={(filled) => pay.mutate(filled)}
          acts={
            <button className="button" disabled={pay.isPending}>
              {text('payment.act')}
            </button>
          }
        >
          <Field
            name="amount"
            label={text('notes.amount', { currency: invoice.currency })}
            required
            fault={faultAt(pay.error, '/amount')}
          />
          <Field
            name="reference"
            label={text('payment.reference')}
            hint={text('payment.reference.hint')}
            code
            required
            maxLength={35}
            fault={faultAt(pay.error, '/reference')}
          />
        </Form>
        {pay.data && (
          <Note tone="good" live>
            {text('payment.done')}
          </Note>
        )}
      </div>
    </Card>
  )
}
