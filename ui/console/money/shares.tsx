/** What partners earn with the bank: agreements, and the statements that come of them. */
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read, send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { monthAfter, thisMonth } from '../../kit/moments.ts'
import { Card, Chip, Empty, Note, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import { useNames, usePartners } from '../queries.ts'
import type { List } from '../wire.ts'
import { bases } from './bases.ts'
import { ProposeShare } from './propose-share.tsx'
import type { Share, Statement } from './wire.ts'

export const RevenueShares = () => {
  const text = useText()
  const may = useMay(['finance', 'head-of-platform'])
  const shares = useQuery({
    queryKey: ['revenue-shares'],
    queryFn: () => read<List<Share>>('/api/revenue-shares'),
  })
  return (
    <>
      <PageHead title={text('shares.title')} about={text('shares.about')} />
      <div className={may ? 'columns' : 'stack wide'}>
        <div className="stack wide">
          <Card title={text('shares.agreements')}>
            <Answer to={shares}>
              {({ data }) =>
                data.length === 0 ? (
                  <Empty title={text('shares.none')}>{text('shares.none.about')}</Empty>
                ) : (
                  <ShareTable shares={data} />
                )
              }
            </Answer>
          </Card>
          <Statements />
        </div>
        {may && (
          <div className="stack">
            <DraftStatements />
            <ProposeShare />
          </div>
        )}
      </div>
    </>
  )
}

const ShareTable = ({ shares }: { shares: readonly Share[] }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  return (
    <Table caption={text('shares.agreements')}>
      <thead>
        <tr>
          <th scope="col">{text('shares.agreement')}</th>
          <th scope="col">{text('shares.parties')}</th>
          <th scope="col" className="number">
            {text('shares.share')}
          </th>
          <th scope="col">{text('shares.from')}</th>
        </tr>
      </thead>
      <tbody>
        {shares.map((share) => (
          <tr key={share.id}>
            <th scope="row">
              {share.title}
              <small>
                {names.partner(share.partnerId) ?? share.partnerId} · {basis(text, share.basis)}
              </small>
            </th>
            <td>
              {share.parties
                .map(
                  ({ partnerId, weight }) => `${names.partner(partnerId) ?? partnerId} ${weight}`,
                )
                .join(', ')}
            </td>
            <td className="number">
              {format.number(share.sharePercent)} %
              {/^0(\.0*)?$/.test(share.perEvent) ? null : (
                <small>
                  {text('shares.each', {
                    amount: format.amount({ amount: share.perEvent, currency: share.currency }),
                  })}
                </small>
              )}
            </td>
            <td className="nowrap">
              {format.day(share.startsOn)}
              {share.endsOn && (
                <small>{text('shares.until', { date: format.day(share.endsOn) })}</small>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const basis = (text: ReturnType<typeof useText>, word: string): string => {
  const known = bases.find((one) => one === word)
  return known ? text(`shares.basis.${known}`) : word
}

const Statements = () => {
  const text = useText()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const before = typeof search['before'] === 'string' ? search['before'] : undefined
  const statements = useQuery({
    queryKey: ['revenue-statements', before],
    queryFn: () => read<List<Statement>>(`/api/revenue-statements${query({ before })}`),
  })
  const next = statements.data?.next
  return (
    <Card
      title={text('statements.title')}
      foot={
        next && (
          <Link to="/revenue-shares" search={{ before: next }}>
            {text('journal.earlier')}
          </Link>
        )
      }
    >
      <Answer to={statements}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={text('statements.none')}>{text('statements.none.about')}</Empty>
          ) : (
            <StatementTable statements={data} />
          )
        }
      </Answer>
    </Card>
  )
}

const StatementTable = ({ statements }: { statements: readonly Statement[] }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  return (
    <Table caption={text('statements.title')}>
      <thead>
        <tr>
          <th scope="col">{text('invoices.number')}</th>
          <th scope="col">{text('invoices.period')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col" className="number">
            {text('invoices.gross')}
          </th>
        </tr>
      </thead>
      <tbody>
        {statements.map((statement) => (
          <tr key={statement.id}>
            <th scope="row">
              <Link to="/revenue-statements/$id" params={{ id: statement.id }}>
                {statement.number ?? text('statements.draft')}
              </Link>
              <small>{names.partner(statement.partnerId) ?? statement.partnerId}</small>
            </th>
            <td className="nowrap">{statement.from.slice(0, 7)}</td>
            <td>
              <Chip tone={statement.status === 'issued' ? 'good' : 'quiet'}>
                {text(`statements.status.${statement.status}`)}
              </Chip>
            </td>
            <td className="number">{format.amount({ ...statement, amount: statement.gross })}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const DraftStatements = () => {
  const text = useText()
  const { zone } = useFormat()
  const partners = usePartners().data ?? []
  const draft = useCommand(({ one }: Filled) =>
    send<List<Statement>>('/api/revenue-statement-drafts', {
      partnerId: one('partner'),
      month: one('month'),
    }),
  )
  return (
    <Card title={text('statements.make')}>
      <div className="pad stack">
        <Form
          label={text('statements.make')}
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
        {draft.data && (
          <Note tone={draft.data.data.length > 0 ? 'good' : 'info'} live>
            {text('statements.made', { count: draft.data.data.length })}
          </Note>
        )}
      </div>
    </Card>
  )
}
