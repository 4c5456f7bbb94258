/** What the month may cost, when people are told, and whether calls that would exceed it are refused. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Answer, Failure } from '../../kit/answer.tsx'
import { request } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { useMe } from '../../kit/session.ts'
import { Card, Empty, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useApplications } from '../pages/applications.tsx'
import { useOffer } from '../pages/front.tsx'
import type { Me } from '../wire.ts'
import { OutlookFigures } from './invoices.tsx'
import { useBudgets, useOutlook } from './queries.ts'
import type { Budget, Budgets as BudgetsAnswer } from './wire.ts'
import './money.css'

export const Budgets = () => {
  const text = useText()
  const me = useMe<Me>().data
  const budgets = useBudgets()
  const outlook = useOutlook()
  const maySet = me?.person.roles.some((role) => ['owner', 'admin', 'finance'].includes(role))
  return (
    <>
      <PageHead title={text('budgets.title')} cell="production" about={text('budgets.about')} />
      <div className="stack wide">
        <Answer to={outlook} lines={2}>
          {(found) => <OutlookFigures outlook={found} />}
        </Answer>
        <div className="columns">
          <div className="stack wide">
            <Answer to={budgets}>
              {(found) => <Held budgets={found} maySet={maySet === true} />}
            </Answer>
          </div>
          {maySet && <SetBudget />}
        </div>
      </div>
    </>
  )
}

const useNameOf = () => {
  const text = useText()
  const applications = useApplications().data?.data ?? []
  return (id: string | null) =>
    id === null
      ? text('budgets.all')
      : (applications.find((application) => application.id === id)?.name ?? id)
}

const Held = ({
  budgets: { data, alerts },
  maySet,
}: {
  budgets: BudgetsAnswer
  maySet: boolean
}) => {
  const text = useText()
  const format = useFormat()
  const nameOf = useNameOf()
  if (data.length === 0)
    return (
      <Card>
        <Empty title={text('budgets.none')}>{text('budgets.none.about')}</Empty>
      </Card>
    )
  return (
    <>
      {data.map((budget) => (
        <Card
          key={budget.id}
          title={nameOf(budget.applicationId)}
          {...(maySet && { beside: <Remove budget={budget} /> })}
        >
          <div className="pad stack close">
            <p>
              {text('budgets.spent', {
                spent: format.amount({ amount: budget.spent, currency: budget.currency }),
                amount: format.amount({ amount: budget.amount, currency: budget.currency }),
              })}
            </p>
            <Bar budget={budget} />
            <p className="small dim">
              {text('budgets.told-at', {
                shares: budget.thresholds.map((share) => `${share}\u00a0%`).join(', '),
              })}{' '}
              {budget.hard && text('budgets.is-hard')}
            </p>
          </div>
        </Card>
      ))}
      {alerts.length > 0 && (
        <Card title={text('budgets.alerts')}>
          <Table caption={text('budgets.alerts')} className="dense">
            <thead>
              <tr>
                <th scope="col">{text('usage.time')}</th>
                <th scope="col">{text('money.period')}</th>
                <th scope="col" className="number">
                  {text('budgets.share')}
                </th>
                <th scope="col" className="number">
                  {text('money.so-far')}
                </th>
              </tr>
            </thead>
            <tbody>
              {alerts.map((alert) => (
                <tr key={`${alert.budgetId} ${alert.month} ${alert.threshold}`}>
                  <th scope="row" className="nowrap">
                    {format.momentOf(alert.at)}
                  </th>
                  <td>{alert.month}</td>
                  <td className="number">{alert.threshold} %</td>
                  <td className="number">{format.number(alert.spent)}</td>
                </tr>
              ))}
            </tbody>
          </Table>
        </Card>
      )}
    </>
  )
}

const Bar = ({ budget }: { budget: Budget }) => {
  const text = useText()
  const share = Number(budget.spent) / Number(budget.amount)
  const label = text('budgets.bar', { percent: Math.round(share * 100) })
  return (
    <svg
      className={`budget-bar ${share > 1 ? 'over' : ''}`}
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <rect className="rest" width="100" height="8" />
      <rect className="spent" width={Math.min(100, share * 100)} height="8" />
    </svg>
  )
}

const Remove = ({ budget }: { budget: Budget }) => {
  const text = useText()
  const queries = useQueryClient()
  const nameOf = useNameOf()
  const remove = useMutation({
    mutationFn: () => request<BudgetsAnswer>('DELETE', `/api/budgets/${budget.id}`),
    onSuccess: (left) => queries.setQueryData(['budgets'], left),
  })
  return (
    <>
      {remove.error && <Failure error={remove.error} />}
      <button
        type="button"
        className="button text small-button"
        aria-label={text('budgets.remove.whose', { name: nameOf(budget.applicationId) })}
        disabled={remove.isPending}
        onClick={() => remove.mutate()}
      >
        {text('budgets.remove')}
      </button>
    </>
  )
}

const budgetOf = ({ one }: Filled, currency: string) => ({
  applicationId: one('applicationId') || null,
  currency,
  amount: one('amount').replaceAll(/\s/g, '').replace(',', '.'),
  hard: one('hard') === 'yes',
  thresholds: one('thresholds')
    .split(/[\s,;%]+/)
    .filter(Boolean)
    .map(Number)
    .toSorted((a, b) => a - b),
})

const SetBudget = () => {
  const text = useText()
  const queries = useQueryClient()
  const currency = useOffer().data?.prices.currency ?? 'UZS'
  const applications =
    useApplications().data?.data.filter(({ cell }) => cell === 'production') ?? []
  const set = useMutation({
    mutationFn: (filled: Filled) =>
      request<Budget>('PUT', '/api/budgets', budgetOf(filled, currency)),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['budgets'] }),
  })
  return (
    <Card title={text('budgets.set')}>
      <div className="pad">
        <Form
          label={text('budgets.set')}
          busy={set.isPending}
          error={set.error}
          onSubmit={(filled) => set.mutate(filled)}
          acts={
            <button className="button primary" disabled={set.isPending}>
              {text('budgets.set.act')}
            </button>
          }
        >
          <Select
            name="applicationId"
            label={text('usage.application')}
            options={[
              { value: '', label: text('budgets.all') },
              ...applications.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
          <Field
            name="amount"
            label={text('budgets.amount', { currency })}
            required
            autoComplete="off"
            fault={faultAt(set.error, '/amount')}
          />
          <Select
            name="hard"
            label={text('budgets.hard')}
            options={[
              { value: 'no', label: text('budgets.hard.no') },
              { value: 'yes', label: text('budgets.hard.yes') },
            ]}
          />
          <Field
            name="thresholds"
            label={text('budgets.thresholds')}
            hint={text('budgets.thresholds.hint')}
            value="50, 80, 100"
            autoComplete="off"
            fault={faultAt(set.error, '/thresholds')}
          />
        </Form>
      </div>
    </Card>
  )
}
