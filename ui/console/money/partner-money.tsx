/** One partner's money: what this month comes to, what it owes and earns, and what it would pay otherwise. */
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { query, read, send } from '../../kit/api.ts'
import { Failure } from '../../kit/answer.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, Empty, Facts, Figures, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { PartnerHead, usePartner, usePartnerId } from '../partner-tabs.tsx'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import type { Asked, List } from '../wire.ts'
import { DebitCard, PrepaidCard } from './collection.tsx'
import { InvoiceTable } from './invoices.tsx'
import { WhatIfCard } from './what-if.tsx'
import type { Budgets, Earnings, Invoice, Outlook, Posting } from './wire.ts'

const useOf = <T,>(partnerId: string, what: string) =>
  useQuery({
    queryKey: ['partners', partnerId, what],
    queryFn: () => read<T>(`/api/partners/${partnerId}/${what}`),
  })

export const PartnerMoney = () => {
  const text = useText()
  const id = usePartnerId()
  const invoices = useQuery({
    queryKey: ['invoices', 'of', id],
    queryFn: () => read<List<Invoice>>(`/api/invoices${query({ partner: id })}`),
  })
  return (
    <>
      <PartnerHead about={text('partner-money.about')} />
      <div className="stack wide">
        <ThisMonth partnerId={id} />
        <div className="columns">
          <div className="stack wide">
            <Card title={text('invoices.list')}>
              <Answer to={invoices}>
                {({ data }) =>
                  data.length === 0 ? (
                    <Empty title={text('invoices.none')}>{text('invoices.none.about')}</Empty>
                  ) : (
                    <InvoiceTable invoices={data} ofOne />
                  )
                }
              </Answer>
            </Card>
            <Account partnerId={id} />
          </div>
          <div className="stack">
            <WhatIfCard partnerId={id} />
            <BudgetCard partnerId={id} />
            <PrepaidCard partnerId={id} />
            <DebitCard partnerId={id} />
            <Earned partnerId={id} />
          </div>
        </div>
      </div>
    </>
  )
}

const ThisMonth = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const format = useFormat()
  const outlook = useOf<Outlook>(partnerId, 'outlook')
  return (
    <Answer to={outlook} lines={2}>
      {({ month, data }) =>
        data.length === 0 ? null : (
          <Figures
            figures={data.flatMap(({ currency, soFar, expected, elapsed }) => [
              {
                label: text('outlook.so-far', { month }),
                value: format.amount({ amount: soFar, currency }),
                about: text('outlook.elapsed', { percent: Math.round(elapsed / 10) }),
              },
              {
                label: text('outlook.expected'),
                value: format.amount({ amount: expected, currency }),
                about: text('outlook.expected.about'),
              },
            ])}
          />
        )
      }
    </Answer>
  )
}

/** What was owed and paid, with the balance after each. */
const Account = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const format = useFormat()
  const statement = useOf<List<Posting>>(partnerId, 'statement')
  return (
    <Card title={text('account.title')}>
      <Answer to={statement}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={text('account.none')} />
          ) : (
            <Table caption={text('account.title')}>
              <thead>
                <tr>
                  <th scope="col">{text('journal.when')}</th>
                  <th scope="col">{text('account.what')}</th>
                  <th scope="col" className="number">
                    {text('invoices.amount')}
                  </th>
                  <th scope="col" className="number">
                    {text('account.balance')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.map((posting, place) => (
                  <tr key={`${posting.at} ${posting.text} ${place}`}>
                    <th scope="row" className="nowrap">
                      {format.dateOf(posting.at)}
                    </th>
                    <td>{posting.text}</td>
                    <td className="number">{format.amount(posting)}</td>
                    <td className="number">
                      {format.amount({ ...posting, amount: posting.balance })}
                    </td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Answer>
    </Card>
  )
}

const BudgetCard = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const format = useFormat()
  const budgets = useOf<Budgets>(partnerId, 'budgets')
  const applications = usePartner(partnerId).data?.applications ?? []
  return (
    <Card title={text('budgets.title')}>
      <div className="pad">
        <Answer to={budgets} lines={2}>
          {({ data }) =>
            data.length === 0 ? (
              <p className="small dim">{text('budgets.none')}</p>
            ) : (
              <Facts
                rows={data.map(({ applicationId, currency, amount, spent }) => [
                  applications.find(({ id }) => id === applicationId)?.name ?? text('budgets.all'),
                  text('budgets.spent', {
                    spent: format.amount({ amount: spent, currency }),
                    of: format.amount({ amount, currency }),
                  }),
                ])}
              />
            )
          }
        </Answer>
      </div>
    </Card>
  )
}

/** What the bank owes it, and how that is settled: by two people. */
const Earned = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const format = useFormat()
  const may = useMay(['finance', 'head-of-platform'])
  const earnings = useOf<Earnings>(partnerId, 'earnings')
  const settle = useCommand((asked: { kind: 'transfer' | 'netting'; currency: string }) =>
    send<Asked>(`/api/partners/${partnerId}/payouts`, asked),
  )
  return (
    <Card title={text('earnings.title')}>
      <div className="pad stack">
        <Answer to={earnings} lines={2}>
          {({ balances, payouts }) => (
            <>
              {balances.length === 0 && <p className="small dim">{text('earnings.none')}</p>}
              {balances.map(({ currency, amount }) => (
                <div key={currency} className="stack">
                  <b>{format.amount({ amount, currency })}</b>
                  {may && (
                    <div className="row">
                      {(['transfer', 'netting'] as const).map((kind) => (
                        <button
                          key={kind}
                          type="button"
                          className="button small-button"
                          disabled={settle.isPending}
                          onClick={() => settle.mutate({ kind, currency })}
                        >
                          {text(`earnings.${kind}`)}
                        </button>
                      ))}
                    </div>
                  )}
                </div>
              ))}
              {payouts.length > 0 && (
                <Facts
                  rows={payouts.map((payout) => [
                    `${format.dateOf(payout.paidAt)} · ${payout.reference}`,
                    format.amount(payout),
                  ])}
                />
              )}
            </>
          )}
        </Answer>
        {settle.isError && <Failure error={settle.error} />}
        <Waits asked={settle.data} />
      </div>
    </Card>
  )
}
