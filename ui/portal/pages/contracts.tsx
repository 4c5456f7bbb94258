/** The organisation's agreements with the bank. They rule production; the sandbox has terms of its own. */
import { useQuery } from '@tanstack/react-query'
import { Link, Navigate } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Empty, Id, State, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { Contract, List } from '../wire.ts'

export const useContracts = () =>
  useQuery({ queryKey: ['contracts'], queryFn: () => read<List<Contract>>('/api/contracts') })

export const Contracts = () => {
  const text = useText()
  const cell = useCell()
  const contracts = useContracts()
  if (cell !== 'production') return <Navigate to="/production/contracts" replace />
  return (
    <>
      <PageHead title={text('contracts.title')} about={text('contracts.about')} />
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
    </>
  )
}

const ContractTable = ({ contracts }: { contracts: readonly Contract[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Table caption={text('contracts.title')}>
      <thead>
        <tr>
          <th scope="col">{text('contract.one')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col">{text('contract.tier')}</th>
          <th scope="col">{text('application.products')}</th>
          <th scope="col">{text('contract.offered')}</th>
        </tr>
      </thead>
      <tbody>
        {contracts.map((contract) => (
          <tr key={contract.id}>
            <th scope="row">
              <Link to={`/production/contracts/${contract.id}`}>{text('contract.agreement')}</Link>
              <small>
                <Id of={contract.id} />
              </small>
            </th>
            <td>
              <State of={contract.status} />
              {contract.waitsFor && <small>{text(`mover.${contract.waitsFor}`)}</small>}
            </td>
            <td>{contract.tier}</td>
            <td>{contract.products.map((product) => word('product', product)).join(', ')}</td>
            <td className="nowrap">{format.dateOf(contract.offeredAt)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
