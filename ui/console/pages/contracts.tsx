import { Link, useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Empty, Id, State, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useContracts, useNames } from '../queries.ts'
import type { Contract } from '../wire.ts'

export const Contracts = () => {
  const text = useText()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const before = typeof search['before'] === 'string' ? search['before'] : undefined
  const contracts = useContracts(before)
  const next = contracts.data?.next
  return (
    <>
      <PageHead
        title={text('contracts.title')}
        about={text('contracts.about')}
        acts={
          <Link className="button" to="/contracts/clauses">
            {text('clauses.title')}
          </Link>
        }
      />
      <Card>
        <Answer to={contracts}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty title={text('contracts.none')}>{text('contracts.none.about')}</Empty>
            ) : (
              <ContractTable contracts={data} />
            )
          }
        </Answer>
      </Card>
      {(before ?? next) && (
        <nav className="row" aria-label={text('contracts.title')}>
          {before && (
            <Link className="button small-button" to="/contracts" search={{}}>
              {text('journal.newest')}
            </Link>
          )}
          {next && (
            <Link className="button small-button" to="/contracts" search={{ before: next }}>
              {text('journal.earlier')}
            </Link>
          )}
        </nav>
      )}
    </>
  )
}

const ContractTable = ({ contracts }: { contracts: readonly Contract[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const names = useNames()
  return (
    <Table caption={text('contracts.title')}>
      <thead>
        <tr>
          <th scope="col">{text('partner.one')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col">{text('contract.tier')}</th>
          <th scope="col">{text('application.products')}</th>
          <th scope="col">{text('contract.price-version')}</th>
          <th scope="col">{text('contract.offered')}</th>
        </tr>
      </thead>
      <tbody>
        {contracts.map((contract) => (
          <tr key={contract.id}>
            <th scope="row">
              <Link to="/contracts/$id" params={{ id: contract.id }}>
                {names.partner(contract.partnerId) ?? contract.partnerId}
              </Link>
              <small>
                <Id of={contract.id} />
              </small>
            </th>
            <td>
              <State of={contract.status} />
            </td>
            <td>{contract.tier}</td>
            <td>{contract.products.map((product) => word('product', product)).join(', ')}</td>
            <td>{contract.priceVersion}</td>
            <td className="nowrap">{format.dateOf(contract.offeredAt)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
