/** The books: who owes how much since when, and everything as the bank's general ledger takes it. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read, request } from '../../kit/api.ts'
import { Download } from '../../kit/download.tsx'
import { Field, type Filled, Form } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { dayAfter, thisMonth, today } from '../../kit/moments.ts'
import { Card, Empty, Note, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import { useNames } from '../queries.ts'
import { useStaffMember } from '../signed-in.tsx'
import type { List } from '../wire.ts'
import type { Ageing } from './wire.ts'

const ages = ['notDue', 'to30', 'to60', 'to90', 'over90', 'disputed'] as const

export const Books = () => {
  const text = useText()
  const format = useFormat()
  const ageing = useQuery({
    queryKey: ['ageing'],
    queryFn: () => read<Ageing>('/api/ageing'),
  })
  return (
    <>
      <PageHead title={text('books.title')} about={text('books.about')} />
      <div className="stack wide">
        <Card
          title={text('ageing.title')}
          beside={
            ageing.data && (
              <span className="small dim">
                {text('ageing.as-of', { date: format.day(ageing.data.asOf) })}
              </span>
            )
          }
        >
          <Answer to={ageing}>
            {({ data }) =>
              data.length === 0 ? (
                <Empty title={text('ageing.none')}>{text('ageing.none.about')}</Empty>
              ) : (
                <AgeingTable rows={data} />
              )
            }
          </Answer>
        </Card>
        <div className="columns even">
          <LedgerExport />
          <GlAccounts />
        </div>
      </div>
    </>
  )
}

const isNothing = (amount: string) => /^0(\.0*)?$/.test(amount)

const AgeingTable = ({ rows }: { rows: Ageing['data'] }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  return (
    <Table caption={text('ageing.title')}>
      <thead>
        <tr>
          <th scope="col">{text('partner.one')}</th>
          {ages.map((age) => (
            <th key={age} scope="col" className="number">
              {text(`ageing.${age}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.partnerId} ${row.currency}`}>
            <th scope="row">
              <Link to="/partners/$id/money" params={{ id: row.partnerId }}>
                {names.partner(row.partnerId) ?? row.partnerId}
              </Link>
              <small>{format.currency(row.currency)}</small>
            </th>
            {ages.map((age) => (
              <td key={age} className="number">
                {isNothing(row[age]) ? <span className="dim">—</span> : format.number(row[age])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const readers: readonly string[] = ['finance', 'head-of-platform', 'auditor']

/** Entries between two days, the last one included: one file, as the ledger imports it. */
const LedgerExport = () => {
  const text = useText()
  const { zone } = useFormat()
  const me = useStaffMember()
  const [span, setSpan] = useState({ from: `${thisMonth(zone)}-01`, to: today(zone) })
  if (!me?.roles.some((role) => readers.includes(role))) return null
  return (
    <Card title={text('ledger.title')}>
      <div className="pad stack">
        <p className="small">{text('ledger.about')}</p>
        <Form
          label={text('ledger.title')}
          busy={false}
          error={null}
          onSubmit={({ one }) => setSpan({ from: one('from'), to: one('to') })}
          acts={<button className="button">{text('packs.choose')}</button>}
        >
          <div className="form-two">
            <Field name="from" type="date" label={text('packs.from')} value={span.from} required />
            <Field name="to" type="date" label={text('packs.to')} value={span.to} required />
          </div>
        </Form>
        <Download
          kind="primary"
          path={`/api/general-ledger${query({ from: span.from, to: dayAfter(span.to, 1) })}`}
        >
          {text('ledger.act', { from: span.from, to: span.to })}
        </Download>
      </div>
    </Card>
  )
}

interface GlAccount {
  readonly account: string
  readonly code: string | null
}

const GlAccounts = () => {
  const text = useText()
  const accounts = useQuery({
    queryKey: ['gl-accounts'],
    queryFn: () => read<List<GlAccount>>('/api/general-ledger/accounts'),
  })
  return (
    <Card title={text('gl.title')}>
      <div className="pad stack">
        <p className="small">{text('gl.about')}</p>
        <Answer to={accounts}>{({ data }) => <NameAccounts accounts={data} />}</Answer>
      </div>
    </Card>
  )
}

const NameAccounts = ({ accounts }: { accounts: readonly GlAccount[] }) => {
  const text = useText()
  const word = (account: string) => text(`gl.${isKnown(account) ? account : 'other'}`)
  const may = useMay(['finance'])
  const name = useCommand(({ one }: Filled) =>
    request<List<GlAccount>>('PUT', '/api/general-ledger/accounts', {
      data: accounts
        .map(({ account }) => ({ account, code: one(account) }))
        .filter(({ code }) => code !== ''),
    }),
  )
  if (!may)
    return (
      <dl className="facts">
        {accounts.map(({ account, code }) => (
          <div key={account} className="fact">
            <dt>{word(account)}</dt>
            <dd>{code ? <code>{code}</code> : text('gl.unnamed')}</dd>
          </div>
        ))}
      </dl>
    )
  return (
    <Form
      label={text('gl.title')}
      busy={name.isPending}
      error={name.error}
      onSubmit={(filled) => name.mutate(filled)}
      acts={
        <button className="button" disabled={name.isPending}>
          {text('gl.act')}
        </button>
      }
    >
      <div className="form-two">
        {accounts.map(({ account, code }) => (
          <Field key={account} name={account} label={word(account)} value={code ?? ''} code />
        ))}
      </div>
      {name.isSuccess && (
        <Note tone="good" live>
          {text('gl.done')}
        </Note>
      )}
    </Form>
  )
}

const known = [
  'receivable',
  'payable',
  'revenue',
  'tax',
  'bank',
  'credit',
  'service_credit',
  'partner_share',
  'shared_revenue',
] as const
const isKnown = (account: string): account is (typeof known)[number] =>
  known.some((one) => one === account)
