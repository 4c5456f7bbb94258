/** A contract as both sides read it: clauses, prices, and the hash that they sign. */
import * as z from 'zod/mini'
import { useFormat, useWord } from './language.tsx'
import { useKitText } from './messages/index.ts'
import { Card, Copyable, Table } from './show.tsx'

/** What the text holds that is shown. It is signed as it is, so it is read from there and nowhere else. */
const ContractText = z.object({
  format: z.literal('portico.contract/1'),
  bank: z.object({ name: z.string() }),
  partner: z.object({ legalName: z.string() }),
  tier: z.object({ name: z.string() }),
  prices: z.object({
    version: z.string(),
    currency: z.string(),
    unitPrices: z.record(z.string(), z.string()),
  }),
  clauses: z.array(z.object({ id: z.string(), title: z.string(), text: z.string() })),
})
export type ContractText = z.output<typeof ContractText>

export const contractText = (document: unknown): ContractText => ContractText.parse(document)

export const Clauses = ({ text: contract, sha256 }: { text: ContractText; sha256: string }) => {
  const text = useKitText()
  return (
    <Card
      title={text('contract.parties', {
        bank: contract.bank.name,
        partner: contract.partner.legalName,
      })}
      foot={
        <span className="row between">
          {text('contract.clauses', { count: contract.clauses.length })}
          <Copyable
            value={sha256}
            shown={`sha256 ${sha256.slice(0, 8)}…${sha256.slice(-8)}`}
            what="SHA-256"
          />
        </span>
      }
    >
      <div className="clauses" lang="en">
        {contract.clauses.map((clause, at) => (
          <section key={clause.id}>
            <h3>
              {at + 1}. {clause.title}
            </h3>
            <p>{clause.text}</p>
          </section>
        ))}
      </div>
    </Card>
  )
}

export const Prices = ({ text: contract }: { text: ContractText }) => {
  const text = useKitText()
  const word = useWord()
  const format = useFormat()
  return (
    <Card
      title={text('contract.prices')}
      beside={<span className="small dim">{contract.prices.version}</span>}
    >
      <Table caption={text('contract.prices')} className="narrow dense">
        <thead>
          <tr>
            <th scope="col">{text('usage.operation')}</th>
            <th scope="col" className="number">
              {format.currency(contract.prices.currency)}
            </th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(contract.prices.unitPrices).map(([operation, price]) => (
            <tr key={operation}>
              <th scope="row">{word('operation', operation)}</th>
              <td className="number">{format.number(price)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}
