/** How invoices are paid by themselves: from what was paid ahead, and from an account that the partner named. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Answer, Failure } from '../../kit/answer.tsx'
import { request } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form } from '../../kit/fields.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { useMe } from '../../kit/session.ts'
import { Card, State, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useOffer } from '../pages/front.tsx'
import type { Me } from '../wire.ts'
import { useMandates, usePrepaid } from './queries.ts'
import type { Collection, Mandate, Prepaid } from './wire.ts'

export const PaidByThemselves = () => (
  <div className="columns">
    <DirectDebit />
    <PaidAhead />
  </div>
)

const PaidAhead = () => {
  const text = useText()
  const format = useFormat()
  const credits = usePrepaid()
  const ends = ({ expiresAt }: Prepaid) =>
    expiresAt === null
      ? text('prepaid.endless')
      : text('prepaid.until', { time: format.dateOf(expiresAt) })
  return (
    <Card title={text('prepaid.title')}>
      <div className="pad stack close">
        <Answer to={credits} lines={2}>
          {({ data }) =>
            data.length === 0 ? (
              <p className="small dim">{text('prepaid.none')}</p>
            ) : (
              <dl className="facts">
                {data.map((one) => (
                  <div key={one.id} className="fact">
                    <dt>{`${one.title} · ${ends(one)}`}</dt>
                    <dd>
                      {text('prepaid.left', {
                        left: format.amount({ amount: one.left, currency: one.currency }),
                        amount: format.amount({ amount: one.amount, currency: one.currency }),
                      })}
                    </dd>
                  </div>
                ))}
              </dl>
            )
          }
        </Answer>
      </div>
    </Card>
  )
}

/** Who may end a mandate. */
const ending: readonly Me['person']['roles'][number][] = ['owner', 'finance', 'signatory']

const DirectDebit = () => {
  const text = useText()
  const me = useMe<Me>().data
  const mandates = useMandates()
  const signs = me?.person.roles.some((role) => role === 'signatory') === true
  const ends = me?.person.roles.some((role) => ending.includes(role)) === true
  return (
    <Card title={text('debit.title')}>
      <div className="pad stack">
        <p className="small dim">{text('debit.about')}</p>
        <Answer to={mandates} lines={2}>
          {({ data, collections }) => {
            const standing = data.filter(({ status }) => status !== 'ended')
            return (
              <>
                {standing.map((mandate) => (
                  <MandateLine key={mandate.id} mandate={mandate} ends={ends} />
                ))}
                {standing.length === 0 &&
                  (signs ? <GiveMandate /> : <p className="small dim">{text('debit.none')}</p>)}
                {collections.length > 0 && <Collections all={collections} />}
              </>
            )
          }}
        </Answer>
      </div>
    </Card>
  )
}

const MandateLine = ({ mandate, ends }: { mandate: Mandate; ends: boolean }) => {
  const text = useText()
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: () => request('POST', `/api/mandates/${mandate.id}/end`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['mandates'] }),
  })
  return (
    <div className="stack close">
      <p>
        <code>{mandate.accountNumber}</code> {mandate.currency} <State of={mandate.status} />
      </p>
      <p className="small dim">{mandate.holder}</p>
      {end.error && <Failure error={end.error} />}
      {ends && (
        <div className="row">
          <button
            type="button"
            className="button small-button"
            disabled={end.isPending}
            onClick={() => end.mutate()}
          >
            {text('debit.end')}
          </button>
        </div>
      )}
    </div>
  )
}

const Collections = ({ all }: { all: readonly Collection[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Table caption={text('debit.collections')} className="dense">
      <thead>
        <tr>
          <th scope="col">{text('usage.time')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col" className="number">
            {text('debit.amount')}
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
            </td>
            <td className="number">
              {format.amount({ amount: one.amount, currency: one.currency })}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const digits = (filled: string) => filled.replaceAll(/\s/g, '')

const GiveMandate = () => {
  const text = useText()
  const queries = useQueryClient()
  const currency = useOffer().data?.prices.currency ?? 'UZS'
  const give = useMutation({
    mutationFn: ({ one }: Filled) =>
      request<Mandate>('POST', '/api/mandates', {
        currency,
        accountNumber: digits(one('accountNumber')),
        holderId: digits(one('holderId')),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['mandates'] }),
  })
  return (
    <Form
      label={text('debit.give')}
      busy={give.isPending}
      error={give.error}
      onSubmit={(filled) => give.mutate(filled)}
      acts={
        <button className="button primary" disabled={give.isPending}>
          {text('debit.give')}
        </button>
      }
    >
      <Field
        name="accountNumber"
        label={text('debit.account', { currency })}
        hint={text('debit.account.hint')}
        required
        autoComplete="off"
        fault={faultAt(give.error, '/accountNumber')}
      />
      <Field
        name="holderId"
        label={text('debit.holder')}
        required
        autoComplete="off"
        fault={faultAt(give.error, '/holderId')}
      />
    </Form>
  )
}
