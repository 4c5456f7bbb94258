/** All products at a glance, with what of them can be taken away. */
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { useWindowTitle } from '../../kit/frame.tsx'
import { Icon, isIcon } from '../../kit/icons.tsx'
import { CellChip } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { ReferencePage } from './frame.tsx'
import { useReference } from './queries.ts'

export const ReferenceOverview = () => {
  const text = useText()
  const reference = useReference()
  useWindowTitle(text('public.reference'))
  return (
    <ReferencePage>
      <h1>{text('public.reference')}</h1>
      <p className="lead">{text('reference.about')}</p>
      <Answer to={reference}>
        {(products) => (
          <ul className="products">
            {products.map((product) => {
              const [first] = product.operations
              const events = product.operations.filter((o) => o.method === 'EVT').length
              const onlySandbox = product.cells.length === 1 && product.cells[0] === 'sandbox'
              return (
                <li key={product.id} id={product.id} className="card">
                  <h2 lang="en">
                    {isIcon(product.id) && <Icon name={product.id} />}
                    {first ? (
                      <Link
                        to="/reference/$product/$operation"
                        params={{ product: product.id, operation: first.id }}
                      >
                        {product.title}
                      </Link>
                    ) : (
                      product.title
                    )}
                    {onlySandbox && <CellChip cell="sandbox" />}
                  </h2>
                  <p lang="en">{product.summary}</p>
                  <p className="small dim">
                    {text('reference.operations.count', {
                      count: product.operations.length - events,
                    })}
                    {events > 0 && `, ${text('reference.events.count', { count: events })}`}
                    {` · ${text('reference.newest', { version: product.version })}`}
                  </p>
                  <p className="row small">
                    <a href={`/api/products/${product.id}/openapi.json`} download>
                      {text('reference.download.openapi')}
                    </a>
                    <a href={`/api/products/${product.id}/postman.json`} download>
                      {text('reference.download.postman')}
                    </a>
                  </p>
                </li>
              )
            })}
          </ul>
        )}
      </Answer>
    </ReferencePage>
  )
}
