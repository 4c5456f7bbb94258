/** One partner's credits paid ahead, and the account that its invoices are collected from: each agreed to by two people. */
import { useQuery } from '@tanstack/react-query'
import { Answer, Failure } from '../../kit/answer.tsx'
import { query, read, send } from '../../kit/api.ts'
import { Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, State, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import type { Asked, List } from '../wire.ts'
import type { Collection, Mandates, Prepaid } from './wire.ts'

export const PrepaidCard = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const format = useFormat()
  const may = useMay(['finance', 'head-of-platform'])
  const credits = useQuery({
    queryKey: ['partners', partnerId, 'prepaid-credits'],
    queryFn: () => read<List<Prepaid>>(`/api/partners/${partnerId}/prepaid-credits`),
  })
  return (
    <Card title={text('prepaid.title')}>
      <div className="pad stack">
        <Answer to={credits} lines={2}>
          {({ data }) =>
            data.length === 0 ? (
              <p className="small dim">{text('prepaid.none')}</p>
            ) : (
              <dl className="facts">
                {data.map(({ id, title, left, amount, currency, expiresAt }) => (
                  <div key={id} className="fact">
                    <dt>
                      {title} ·{' '}
                      {expiresAt === null
                        ? text('prepaid.endless')
                        : text('prepaid.until', { time: format.dateOf(expiresAt) })}
                    </dt>
                    <dd>
                      {text('prepaid.left', {
                        left: format.amount({ amount: left, currency }),
                        amount: format.amount({ amount, currency }),
                      })}
                    </dd>
                  </div>
                ))}
              </dl>
            )
          }
        </Answer>
        {may && <GrantCredit partnerId={partnerId} />}
      </div>
    </Card>
  )
}

const creditOf = ({ one }: Filled) => {
  const reference = one('reference').trim()
  return {
    title: one('title'),
    currency: one('currency').trim().toUpperCase(),
    amount: one('amount').replaceAll(/\s/g, '').replace(',', '.'),
    source: one('source'),
    reference: reference || null,
  }
}

const GrantCredit = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const grant = useCommand((filled: Filled) =>
    send<Asked>(`/api/partners/${partnerId}/prepaid-credits`, creditOf(filled)),
  )
  return (
    <>
      <Form
        label={text('prepaid.grant')}
        busy={grant.isPending}
        error={grant.error}
        onSubmit={(filled) => grant.mutate(filled)}
        acts={
          <button className="button" disabled={grant.isPending}>
            {text('prepaid.grant')}
          </button>
        }
      >
        <Field name="title" label={text('prepaid.for')} required autoComplete="off" />
        <Field name="amount" label={text('invoices.amount')} required autoComplete="off" />
        <Field name="currency" label={text('prepaid.currency')} value="UZS" required />
        <Select
          name="source"
          label={text('prepaid.source')}
          options={[
            { value: 'paid', label: text('prepaid.source.paid') },
            { value: 'given', label: text('prepaid.source.given') },
          ]}
        />
        <Field
          name="reference"
          label={text('prepaid.reference')}
          hint={text('prepaid.reference.hint')}
          autoComplete="off"
        />
      </Form>
      <Waits asked={grant.data} />
    </>
  )
}

export const DebitCard = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const may = useMay(['finance', 'head-of-platform'])
  const mandates = useQuery({
    queryKey: ['partners', partnerId, 'mandates'],
    queryFn: () => read<Mandates>(`/api/mandates${query({ partner: partnerId })}`),
  })
  const accept = useCommand((id: string) => send<Asked>(`/api/mandates/${id}/acceptance`, {}))
  return (
    <Card title={text('debit.title')}>
      <div className="pad stack">
        <Answer to={mandates} lines={2}>
          {({ data, collections }) => (
            <>
              {data.length === 0 && <p className="small dim">{text('debit.none')}</p>}
              {data.map((mandate) => (
                <div key={mandate.id} className="stack close">
                  <p>
                    <code>{mandate.accountNumber}</code> {mandate.currency}{' '}
                    <State of={mandate.status} />
                  </p>
                  <p className="small dim">
                    {mandate.holder} · {mandate.holderId}
                  </p>
                  {may && mandate.status === 'asked' && (
                    <div className="row">
                      <button
                        type="button"
                        className="button small-button"
                        disabled={accept.isPending}
                        onClick={() => accept.mutate(mandate.id)}
                      >
                        {text('debit.accept')}
                      </button>
                    </div>
                  )}
                </div>
              ))}
              {collections.length > 0 && <Collections all={collections} may={may} />}
            </>
          )}
        </Answer>
        {accept.isError && <Failure error={accept.error} />}
        <Waits asked={accept.data} />
      </div>
    </Card>
  )
}

const Collections = ({ all, may }: { all: readonly Collection[]; may: boolean }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const again = useCommand((invoiceId: string) =>
    send(`/api/invoices/${invoiceId}/collection-retry`, {}),
  )
  return (
    <>
      <Table caption={text('debit.collections')} className="dense">
        <thead>
          <tr>
            <th scope="col">{text('debit.asked')}</th>
            <th scope="col">{text('debit.outcome')}</th>
            <th scope="col" className="number">
              {text('invoices.amount')}
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <tr key={one.id}>
              <th scope="row" className="nowrap">
                {format.dateOf(one.askedAt)}
              </th>
              <td>
                {word('collection', one.status)}
                {one.reasonCode !== null && <small>{one.reasonCode}</small>}
                {may && one.status === 'rejected' && one.clearedAt === null && (
                  <button
                    type="button"
                    className="button text small-button"
                    disabled={again.isPending}
                    onClick={() => again.mutate(one.invoiceId)}
                  >
                    {text('debit.again')}
                  </button>
                )}
              </td>
              <td className="number">
                {format.amount({ amount: one.amount, currency: one.currency })}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
      {again.isError && <Failure error={again.error} />}
    </>
  )
}
