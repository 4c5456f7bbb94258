/** What a month of the reader's own calls would cost under an offered contract, before they sign. */
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { useFormat } from '../../kit/language.tsx'
import { Card, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'

interface Preview {
  readonly month: string
  readonly from: 'production' | 'sandbox'
  /** Whether the month is not over, and taken to go on as it began. */
  readonly expected: boolean
  readonly currency: string
  readonly agreed: string | null
  readonly amount: string
  readonly lines: readonly { readonly title: string; readonly amount: string }[]
  readonly cliffs: readonly {
    readonly charge: string
    readonly at: string
    readonly before: string
    readonly after: string
  }[]
}

export const ContractPreview = ({ id }: { id: string }) => {
  const text = useText()
  const preview = useQuery({
    queryKey: ['contracts', id, 'preview'],
    queryFn: () => read<Preview>(`/api/contracts/${id}/preview`),
    retry: false,
  })
  return (
    <Card title={text('preview.title')}>
      <Answer to={preview} lines={3}>
        {(found) => <Cost preview={found} />}
      </Answer>
    </Card>
  )
}

const Cost = ({ preview }: { preview: Preview }) => {
  const text = useText()
  const format = useFormat()
  const { month, from, expected, currency, agreed, amount, lines, cliffs } = preview
  const money = (value: string) => format.amount({ amount: value, currency })
  return (
    <>
      <p className="pad small">
        {text(expected ? 'preview.from.expected' : `preview.from.${from}`, { month })}
      </p>
      <Table caption={text('preview.title')} className="dense">
        <thead>
          <tr>
            <th scope="col">{text('money.what')}</th>
            <th scope="col" className="number">
              {text('usage.amount')}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, at) => (
            <tr key={at}>
              <th scope="row" lang="en">
                {line.title}
              </th>
              <td className="number">{format.number(line.amount)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{text('preview.total')}</th>
            <td className="number">{money(amount)}</td>
          </tr>
          {agreed !== null && (
            <tr>
              <th scope="row">{text('preview.agreed')}</th>
              <td className="number">{money(agreed)}</td>
            </tr>
          )}
        </tfoot>
      </Table>
      {cliffs.length > 0 && (
        <ul className="pad small">
          {cliffs.map((cliff) => (
            <li key={`${cliff.charge} ${cliff.at}`}>
              {text('preview.cliff', {
                at: format.number(cliff.at),
                before: money(cliff.before),
                after: money(cliff.after),
              })}{' '}
              <span lang="en">{cliff.charge}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
