/** What a partner's own sandbox traffic has shown of what its products demand: measured, not declared. */
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Empty, Figures, Verdict } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { PartnerHead, usePartner, usePartnerId } from '../partner-tabs.tsx'
import { useCatalogue } from '../queries.ts'
import type { Certification } from './wire.ts'

const toneOf = { shown: 'good', missing: 'quiet', failed: 'bad' } as const

export const PartnerCertification = () => {
  const text = useText()
  const word = useWord()
  const id = usePartnerId()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const catalogue = useCatalogue().data?.data
  const partner = usePartner(id).data
  const tried = new Set(
    partner?.applications
      .filter(({ cell }) => cell === 'sandbox')
      .flatMap(({ products }) => products),
  )
  const offered = catalogue?.map((product) => product.id) ?? []
  const asked =
    typeof search['product'] === 'string'
      ? [search['product']]
      : offered.filter((product) => tried.has(product))
  const products = asked.length === 0 ? offered : asked
  const found = useQuery({
    enabled: catalogue !== undefined && partner !== undefined,
    queryKey: ['certification', id, products],
    queryFn: () =>
      read<Certification>(
        `/api/partners/${id}/certification${query({ products: products.join(',') })}`,
      ),
  })
  return (
    <>
      <PartnerHead about={text('certification.about')} />
      <div className="stack wide">
        <nav className="segments" aria-label={text('certification.which')}>
          <Link
            to="/partners/$id/certification"
            params={{ id }}
            activeOptions={{ exact: true }}
            {...(search['product'] === undefined && { 'aria-current': true })}
          >
            {text('certification.own')}
          </Link>
          {offered.map((product) => (
            <Link
              key={product}
              to="/partners/$id/certification"
              params={{ id }}
              search={{ product }}
              {...(search['product'] === product && { 'aria-current': true })}
            >
              {word('product', product)}
            </Link>
          ))}
        </nav>
        <Answer to={found}>{(answer) => <Checks answer={answer} />}</Answer>
      </div>
    </>
  )
}

const Checks = ({ answer: { ready, checks } }: { answer: Certification }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  if (checks.length === 0)
    return (
      <div className="card">
        <Empty title={text('certification.none')} />
      </div>
    )
  const count = (verdict: keyof typeof toneOf) =>
    format.number(checks.filter((check) => check.verdict === verdict).length)
  return (
    <>
      <Figures
        figures={[
          {
            label: text('certification.ready'),
            value: text(ready ? 'yes' : 'no'),
            about: text('certification.ready.about'),
          },
          { label: text('certification.verdict.shown'), value: count('shown') },
          { label: text('certification.verdict.missing'), value: count('missing') },
          { label: text('certification.verdict.failed'), value: count('failed') },
        ]}
      />
      {[...Map.groupBy(checks, (check) => check.product)].map(([product, own]) => (
        <Card key={product} title={word('product', product)}>
          <ul className="plain-list pad">
            {own.map((check) => (
              <li key={check.id} className="row between top">
                <span className="grow">
                  <b>{word('check', check.id)}</b>
                  <small className="block dim" lang="en">
                    {check.detail}
                  </small>
                  {check.verdict !== 'shown' && (
                    <small className="block" lang="en">
                      {check.how}
                    </small>
                  )}
                </span>
                <Verdict tone={toneOf[check.verdict]}>
                  {text(`certification.verdict.${check.verdict}`)}
                </Verdict>
              </li>
            ))}
          </ul>
        </Card>
      ))}
    </>
  )
}
