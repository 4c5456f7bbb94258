/** Drafts, invoices and notes of all partners, the newest first. */
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read, send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { monthAfter, thisMonth } from '../../kit/moments.ts'
import { Card, Chip, Empty, Note, Table, type Tone } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import { useNames, usePartners } from '../queries.ts'
import type { List } from '../wire.ts'
import type { Invoice } from './wire.ts'

const views = ['draft', 'final', 'partly_paid', 'paid', 'void'] as const
const toneOf: Record<Invoice['status'], Tone> = {
  draft: 'quiet',
  final: 'info',
  partly_paid: 'warn',
  paid: 'good',
  void: 'quiet',
}

export const InvoiceState = ({ of: status }: { of: Invoice['status'] }) => {
  const text = useText()
  return <Chip tone={toneOf[status]}>{text(`invoices.status.${status}`)}</Chip>
}

export const Invoices = () => {
  const text = useText()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const status = views.find((view) => view === search['status'])
  const before = typeof search['before'] === 'string' ? search['before'] : undefined
  const drafts = useMay(['finance', 'head-of-platform'])
  const invoices = useQuery({
    queryKey: ['invoices', status, before],
    queryFn: () => read<List<Invoice>>(`/api/invoices${query({ status, before })}`),
  })
  const next = invoices.data?.next
  return (
    <>
      <PageHead title={text('invoices.title')} about={text('invoices.about')} />
      <div className={drafts ? 'columns' : 'stack wide'}>
        <Card
          title={text('invoices.list')}
          beside={
            <div className="segments" role="group" aria-label={text('invoices.which')}>
              <Link to="/invoices" search={{}} {...(!status && { 'aria-current': true })}>
                {text('invoices.every')}
              </Link>
              {views.map((view) => (
                <Link
                  key={view}
                  to="/invoices"
                  search={{ status: view }}
                  {...(view === status && { 'aria-current': true })}
                >
                  {text(`invoices.status.${view}`)}
                </Link>
              ))}
            </div>
          }
          foot={
            next && (
              <Link to="/invoices" search={{ ...(status && { status }), before: next }}>
                {text('journal.earlier')}
              </Link>
            )
          }
        >
          <Answer to={invoices}>
            {({ data }) =>
              data.length === 0 ? (
                <Empty title={text('invoices.none')}>{text('invoices.none.about')}</Empty>
              ) : (
                <InvoiceTable invoices={data} />
              )
            }
          </Answer>
        </Card>
        {drafts && <Draft />}
      </div>
    </>
  )
}

/** `ofOne`: all of the same partner, which then needs no naming. */
export const InvoiceTable = (props: { invoices: readonly Invoice[]; ofOne?: boolean }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  return (
    <Table caption={text('invoices.list')}>
      <thead>
        <tr>
          <th scope="col">{text('invoices.number')}</th>
          <th scope="col">{text('invoices.period')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col" className="number">
            {text('invoices.gross')}
          </th>
          <th scope="col" className="number">
            {text('invoices.paid')}
          </th>
        </tr>
      </thead>
      <tbody>
        {props.invoices.map((invoice) => (
          <tr key={invoice.id}>
            <th scope="row">
              <Link to="/invoices/$id" params={{ id: invoice.id }}>
                {invoice.number ?? text(`invoices.kind.${invoice.kind}`)}
              </Link>
              <small>
                {props.ofOne
                  ? invoice.number && text(`invoices.kind.${invoice.kind}`)
                  : (names.partner(invoice.partnerId) ?? invoice.partnerId)}
              </small>
            </th>
            <td className="nowrap">
              {invoice.from.slice(0, 7)}
              {invoice.dueOn && (
                <small>{text('invoices.due', { date: format.day(invoice.dueOn) })}</small>
              )}
            </td>
            <td>
              <InvoiceState of={invoice.status} />
            </td>
            <td className="number">{format.amount({ ...invoice, amount: invoice.gross })}</td>
            <td className="number">{format.amount({ ...invoice, amount: invoice.paid })}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** A month is drafted as often as one likes; only what is issued is owed. */
const Draft = () => {
  const text = useText()
  const { zone } = useFormat()
  const partners = usePartners().data ?? []
  const draft = useCommand(({ one }: Filled) =>
    send<List<Invoice>>('/api/invoice-drafts', {
      partnerId: one('partner'),
      month: one('month'),
    }),
  )
  return (
    <Card title={text('invoices.draft')}>
      <div className="pad stack">
        <p className="small">{text('invoices.draft.about')}</p>
        <Form
          label={text('invoices.draft')}
          busy={draft.isPending}
          error={draft.error}
          onSubmit={(filled) => draft.mutate(filled)}
          acts={
            <button className="button" disabled={draft.isPending}>
              {text('invoices.draft.act')}
            </button>
          }
        >
          <Select
            name="partner"
            label={text('partner.one')}
            value={partners[0]?.id ?? ''}
            options={partners.map(({ id, organisation }) => ({ value: id, label: organisation }))}
          />
          <Field
            name="month"
            type="month"
            label={text('invoices.month')}
            value={monthAfter(thisMonth(zone), -1)}
            max={thisMonth(zone)}
            required
            fault={faultAt(draft.error, '/month')}
          />
        </Form>
        {draft.data &&
          (draft.data.data.length === 0 ? (
            <Note live>{text('invoices.draft.nothing')}</Note>
          ) : (
            <Note tone="good" live>
              {draft.data.data.map(({ id, currency, gross }) => (
                <Link key={id} to="/invoices/$id" params={{ id }}>
                  {text('invoices.draft.done', { amount: `${gross} ${currency}` })}
                </Link>
              ))}
            </Note>
          ))}
      </div>
    </Card>
  )
}
