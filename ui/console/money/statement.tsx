/** What a partner earned in a month: each share with the events that it is the sum of. */
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Answer, Failure } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, Chip, Copyable, Figures, shortHash, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import { useNames } from '../queries.ts'
import type { Asked } from '../wire.ts'
import type { StatementWhole } from './wire.ts'

export const StatementPage = () => {
  const text = useText()
  const names = useNames()
  const { id = '' } = useParams({ strict: false })
  const found = useQuery({
    queryKey: ['revenue-statements', 'one', id],
    queryFn: () => read<StatementWhole>(`/api/revenue-statements/${id}`),
  })
  const statement = found.data?.statement
  const name = statement?.number ?? text('statements.draft')
  return (
    <>
      <Crumbs above={{ to: '/revenue-shares', name: text('place.revenue-shares') }} here={name} />
      <PageHead
        title={name}
        about={statement && (names.partner(statement.partnerId) ?? statement.partnerId)}
        acts={
          statement && (
            <Chip tone={statement.status === 'issued' ? 'good' : 'quiet'}>
              {text(`statements.status.${statement.status}`)}
            </Chip>
          )
        }
      />
      <Answer to={found}>{(whole) => <Whole whole={whole} />}</Answer>
    </>
  )
}

const Whole = ({ whole: { statement, content } }: { whole: StatementWhole }) => {
  const text = useText()
  const format = useFormat()
  const money = (amount: string) => format.amount({ amount, currency: statement.currency })
  return (
    <div className="stack wide">
      <Figures
        figures={[
          { label: text('invoices.net'), value: money(statement.net) },
          { label: text('invoices.tax'), value: money(statement.tax) },
          { label: text('invoices.gross'), value: money(statement.gross) },
        ]}
      />
      <Issue whole={{ statement, content }} />
      <Card
        title={text('invoices.lines')}
        foot={
          <Copyable
            value={statement.sha256}
            shown={`sha256 ${shortHash(statement.sha256)}`}
            what="SHA-256"
          />
        }
      >
        <Table caption={text('invoices.lines')}>
          <thead>
            <tr>
              <th scope="col">{text('shares.agreement')}</th>
              <th scope="col" className="number">
                {text('statements.events')}
              </th>
              <th scope="col" className="number">
                {text('statements.shared')}
              </th>
              <th scope="col" className="number">
                {text('invoices.amount')}
              </th>
            </tr>
          </thead>
          <tbody>
            {content.lines.map((line) => (
              <tr key={`${line.agreementId} ${line.month}`}>
                <th scope="row">
                  {line.title}
                  <small>
                    {line.month.slice(0, 7)} · {format.number(line.incomePercent)} % ×{' '}
                    {format.number(line.sharePercent)} %
                  </small>
                  {line.events.length > 0 && (
                    <details>
                      <summary>{text('invoices.how')}</summary>
                      <ul className="arithmetic">
                        {line.events.slice(0, 200).map((event) => (
                          <li key={event.id}>
                            <span>{format.momentOf(event.at)}</span>
                            <span>{money(event.value)}</span>
                          </li>
                        ))}
                      </ul>
                    </details>
                  )}
                </th>
                <td className="number">{format.number(line.events.length)}</td>
                <td className="number">{money(line.shared)}</td>
                <td className="number">{money(line.amount)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      </Card>
    </div>
  )
}

const Issue = ({ whole: { statement } }: { whole: StatementWhole }) => {
  const text = useText()
  const may = useMay(['finance', 'head-of-platform'])
  const issue = useCommand(() => send<Asked>(`/api/revenue-statements/${statement.id}/issue`))
  if (statement.status !== 'draft' || !may) return null
  return (
    <Card title={text('statements.issue')}>
      <div className="pad stack">
        <p className="small">{text('statements.issue.about')}</p>
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
