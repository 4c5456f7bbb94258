/** What a stranger sees first: what is on offer, at which price, and how near the first call is. */
import { Fragment } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { useWindowTitle } from '../../kit/frame.tsx'
import { bank } from '../../kit/bank.ts'
import { Icon, isIcon } from '../../kit/icons.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { CellChip, Note, Table } from '../../kit/show.tsx'
import { Tiles } from '../../kit/tiles.tsx'
import { useText } from '../messages/index.ts'
import { PublicTop } from '../public-frame.tsx'
import { useServers } from '../servers.ts'
import type { Offer, Tier } from '../wire.ts'

export const useOffer = () =>
  useQuery({ queryKey: ['products'], queryFn: () => read<Offer>('/api/products') })

export const Front = () => {
  const text = useText()
  const offer = useOffer()
  useWindowTitle(text('front.about'))
  return (
    <div className="home">
      <PublicTop>
        <a href="#products">{text('front.products')}</a>
        <a href="#tiers">{text('front.tiers')}</a>
        <a href="#first-call">{text('front.first-call')}</a>
      </PublicTop>
      <main id="main">
        <Hero offer={offer.data} />
        <section className="band" id="products" aria-labelledby="products-title">
          <div className="band-head">
            <h2 id="products-title">{text('front.products.title')}</h2>
            <p>{text('front.products.about')}</p>
          </div>
          <Answer to={offer}>{(found) => <Domains offer={found} />}</Answer>
        </section>
        <section className="band" id="tiers" aria-labelledby="tiers-title">
          <div className="band-head">
            <h2 id="tiers-title">{text('front.tiers.title')}</h2>
            <p>{text('front.tiers.about')}</p>
          </div>
          <Answer to={offer}>
            {(found) => (
              <>
                <div className="card">
                  <Tiers offer={found} />
                </div>
                <div className="by-law">
                  <Note>
                    <b>{text('front.by-law')}</b> {text('front.by-law.about')}
                  </Note>
                </div>
              </>
            )}
          </Answer>
        </section>
        <FirstCall />
      </main>
      <footer className="public-foot">
        <span>{text('front.foot', { bank: bank().name })}</span>
        <a href="/api/openapi.json">openapi.json</a>
        <a href="/.well-known/portico">{text('front.addresses')}</a>
      </footer>
    </div>
  )
}

const Hero = ({ offer }: { offer: Offer | undefined }) => {
  const text = useText()
  const format = useFormat()
  const operations = offer?.data.reduce((sum, product) => sum + product.operations.length, 0)
  const sandbox = offer?.tiers.find((tier) => tier.name === 'Sandbox')
  return (
    <section className="hero">
      <Tiles />
      <div className="hero-in">
        <div>
          <h1>{text('front.title')}</h1>
          <p className="lead">{text('front.lead')}</p>
          <div className="row">
            <Link className="button primary large" to="/register">
              {text('front.create')}
            </Link>
            <Link className="button large" to="/sign-in">
              {text('sign-in.act')}
            </Link>
          </div>
          <dl className="proof">
            <div>
              <dt>{text('front.proof.operations')}</dt>
              <dd>{operations === undefined ? '…' : format.number(operations)}</dd>
            </div>
            <div>
              <dt>{text('front.proof.rate')}</dt>
              <dd>{sandbox ? format.number(sandbox.limits.rate.perSecond) : '…'}</dd>
            </div>
            <div>
              <dt>{text('front.proof.people')}</dt>
              <dd>{format.number(2)}</dd>
            </div>
          </dl>
        </div>
        <div className="hero-call">
          <SampleCall />
        </div>
      </div>
    </section>
  )
}

/** A call as the sandbox answers it, with what is checked on its way. */
const SampleCall = () => {
  const text = useText()
  const servers = useServers()
  const gates = ['proven', 'allowed', 'limit', 'consent', 'released'] as const
  return (
    <div className="code shade" role="group" aria-label={text('front.sample')}>
      <div className="bar">
        curl
        <span className="push">
          <CellChip cell="sandbox" />
        </span>
      </div>
      <pre tabIndex={0} role="group" aria-label={text('front.sample.request')}>
        <span className="word">curl</span> --cert app.sbx.pem \{'\n  '}
        {servers.data?.cells.sandbox.gatewayMtls}/accounts/v1/accounts
      </pre>
      <ol className="gates" aria-label={text('front.sample.checked')}>
        {gates.map((gate) => (
          <li key={gate}>
            <Icon name="check" />
            <span>{text(`front.gate.${gate}`)}</span>
          </li>
        ))}
      </ol>
      <pre tabIndex={0} role="group" aria-label={text('front.sample.answer')}>
        <span className="quiet">200</span>
        {'\n{ '}
        <span className="key">"data"</span>: [{'{\n    '}
        <span className="key">"accountId"</span>: <span className="string">"acc_3f2b8c1d9e4a"</span>
        ,{'\n    '}
        <span className="key">"status"</span>: <span className="string">"Enabled"</span>,{'\n    '}
        <span className="key">"currency"</span>: <span className="string">"UZS"</span>,{'\n    '}
        <span className="key">"nickname"</span>: <span className="string">"Maosh hisobi"</span>,
        {'\n    '}
        <span className="key">"account"</span>:{' '}
        <span className="mask">{text('front.sample.withheld')}</span>
        {'\n'}
        {'}]'}, <span className="key">"next"</span>: <span className="word">null</span> {'}'}
      </pre>
    </div>
  )
}

/** So many operations say what a product is; the reference has them all. */
const SHOWN = 5

const Domains = ({ offer }: { offer: Offer }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const priceOf = ({ operations, version }: Offer['data'][number]) => {
    const amount = lowest(operations.flatMap(({ unitPrice }) => unitPrice ?? []))
    // U+2060 keeps a date on one line.
    const dated = version.replaceAll('-', '\u2060-\u2060')
    if (amount === undefined) return text('front.free', { version: dated })
    const price = format.amount({ amount, currency: offer.prices.currency })
    return text('front.price-from', { price, version: dated })
  }
  return (
    <ul className="domains">
      {offer.data.map((product) => (
        <li key={product.id}>
          <h3>
            {isIcon(product.id) && <Icon name={product.id} />}
            {word('product', product.id)}
          </h3>
          <p>{word('product-about', product.id)}</p>
          <ul className="operations">
            {product.operations.slice(0, SHOWN).map((operation) => (
              <li key={operation.id}>
                <span className="method">{operation.method}</span>
                <code>{breakable(operation.path)}</code>
              </li>
            ))}
          </ul>
          {product.operations.length > SHOWN && (
            <p className="small">
              <Link to="/reference" hash={product.id}>
                {text('front.more', { count: product.operations.length - SHOWN })}
              </Link>
            </p>
          )}
          <p className="price">{priceOf(product)}</p>
        </li>
      ))}
    </ul>
  )
}

/** An address that may break after each of its slashes. */
const breakable = (path: string) =>
  path.split(/(?<=\/)/).map((part, at) => (
    <Fragment key={at}>
      {part}
      <wbr />
    </Fragment>
  ))

/** The smallest of decimal texts; for showing, so a float is exact enough to compare. */
/** Of what costs anything: a simulator that is free says nothing about a product. */
const lowest = (prices: readonly string[]): string | undefined =>
  prices.filter((price) => Number(price) > 0).toSorted((a, b) => Number(a) - Number(b))[0]

const Tiers = ({ offer }: { offer: Offer }) => {
  const text = useText()
  const format = useFormat()
  const sold = offer.tiers.filter((tier) => tier.sold || tier.name === 'Sandbox')
  const rows: readonly (readonly [string, (tier: Tier) => string])[] = [
    [
      text('tier.rate'),
      ({ limits }) =>
        `${format.number(limits.rate.perSecond)}, ${format.number(limits.rate.burst)}`,
    ],
    [text('tier.concurrency'), ({ limits }) => format.number(limits.concurrency)],
    [
      text('tier.quota'),
      ({ limits }) =>
        limits.dailyQuota === null ? text('tier.no-quota') : format.number(limits.dailyQuota),
    ],
    [text('tier.verifications'), perMinute('ownership-verifications')],
    [text('tier.reveals'), perMinute('card-reveals')],
  ]
  function perMinute(budget: string) {
    return ({ limits }: Tier) =>
      format.number(Math.round((limits.budgets[budget]?.perSecond ?? 0) * 60))
  }
  return (
    <Table caption={text('front.tiers.title')} className="tiers">
      <thead>
        <tr>
          <th scope="col">
            <span className="unseen">{text('tier.term')}</span>
          </th>
          {sold.map((tier) => (
            <th scope="col" key={tier.name}>
              <b>{tier.name}</b>
              {tier.sold ? text('tier.sold') : text('tier.free')}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {sold.map((tier) => (
              <td key={tier.name}>{value(tier)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const FirstCall = () => {
  const text = useText()
  const steps = ['register', 'key', 'call', 'live'] as const
  return (
    <section className="band" id="first-call" aria-labelledby="first-call-title">
      <div className="band-head">
        <h2 id="first-call-title">{text('front.first-call.title')}</h2>
        <p>{text('front.first-call.about')}</p>
      </div>
      <ol className="steps">
        {steps.map((step) => (
          <li key={step}>
            <span className="when">{text(`front.step.${step}.when`)}</span>
            <h3>{text(`front.step.${step}`)}</h3>
            <p>{text(`front.step.${step}.about`)}</p>
          </li>
        ))}
      </ol>
    </section>
  )
}
