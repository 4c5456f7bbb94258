/** What the bank offers: products and their operations, tiers, and the prices by version. */
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCatalogue } from '../queries.ts'
import type { Catalogue as CatalogueAnswer } from '../wire.ts'

export const Catalogue = () => {
  const text = useText()
  const catalogue = useCatalogue()
  return (
    <>
      <PageHead title={text('catalogue.title')} about={text('catalogue.about')} />
      <p>
        <Link to="/catalogue/own-apis">{text('own.title')}</Link>
        {' · '}
        <Link to="/catalogue/document">{text('document.title')}</Link>
      </p>
      <Answer to={catalogue}>
        {(found) => (
          <div className="stack wide">
            {found.data.map((product) => (
              <Product key={product.id} product={product} catalogue={found} />
            ))}
            <Tiers catalogue={found} />
          </div>
        )}
      </Answer>
    </>
  )
}

const Product = (props: {
  product: CatalogueAnswer['data'][number]
  catalogue: CatalogueAnswer
}) => {
  const { product, catalogue } = props
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Card
      title={word('product', product.id)}
      beside={
        <span className="small dim">{text('catalogue.version', { version: product.version })}</span>
      }
    >
      <Table caption={word('product', product.id)}>
        <thead>
          <tr>
            <th scope="col">{text('usage.operation')}</th>
            <th scope="col">{text('catalogue.path')}</th>
            <th scope="col">{text('catalogue.permission')}</th>
            <th scope="col">{text('catalogue.scope')}</th>
            <th scope="col" className="number">
              {text('catalogue.price', {
                version: catalogue.prices.version,
                currency: format.currency(catalogue.prices.currency),
              })}
            </th>
          </tr>
        </thead>
        <tbody>
          {product.operations.map((operation) => (
            <tr key={operation.id}>
              <th scope="row">
                {word('operation', operation.id)}
                <small>
                  <code>{operation.id}</code>
                </small>
              </th>
              <td>
                <code>
                  {operation.method} {operation.path}
                </code>
              </td>
              <td>
                <code>{operation.permissions.join(' ')}</code>
              </td>
              <td>
                <code>{operation.scope}</code>
              </td>
              <td className="number">
                {operation.unitPrice === null
                  ? text('catalogue.unpriced')
                  : format.number(operation.unitPrice)}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}

const Tiers = ({ catalogue }: { catalogue: CatalogueAnswer }) => {
  const text = useText()
  const format = useFormat()
  return (
    <Card title={text('catalogue.tiers')}>
      <Table caption={text('catalogue.tiers')}>
        <thead>
          <tr>
            <th scope="col">{text('contract.tier')}</th>
            <th scope="col" className="number">
              {text('tier.rate')}
            </th>
            <th scope="col" className="number">
              {text('tier.concurrency')}
            </th>
            <th scope="col" className="number">
              {text('tier.quota')}
            </th>
          </tr>
        </thead>
        <tbody>
          {catalogue.tiers.map(({ name, sold, limits }) => (
            <tr key={name}>
              <th scope="row">
                {name}
                {!sold && <small>{text('tier.not-sold')}</small>}
              </th>
              <td className="number">
                {format.number(limits.rate.perSecond)}, {format.number(limits.rate.burst)}
              </td>
              <td className="number">{format.number(limits.concurrency)}</td>
              <td className="number">
                {limits.dailyQuota === null
                  ? text('tier.no-quota')
                  : format.number(limits.dailyQuota)}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}
