/** What if: prices tried on everybody's past months before they are published; and what each operation earns. */
import { useState } from 'react'
import { useIsMutating, useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read, send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { monthAfter, thisMonth } from '../../kit/moments.ts'
import { Card, Empty, Figures, Note, Table, Verdict } from '../../kit/show.tsx'
import { Tasks } from '../../kit/tasks/tasks.tsx'
import { useText } from '../messages/index.ts'
import { useMay } from '../proposing.tsx'
import { useCatalogue, useNames } from '../queries.ts'
import type { Catalogue } from '../wire.ts'
import { scaledPrice } from './scaled-price.ts'
import type { Margin, Report } from './wire.ts'

export const Prices = () => {
  const text = useText()
  const may = useMay(['finance', 'head-of-platform'])
  const catalogue = useCatalogue()
  return (
    <>
      <PageHead title={text('prices.title')} about={text('prices.about')} />
      <div className="stack wide">
        <UnderWay />
        {may && <Answer to={catalogue}>{(known) => <Replay catalogue={known} />}</Answer>}
        <Margins />
      </div>
    </>
  )
}

const TRY = ['price-replay']

/** The report that is looked at is named by the page's address: it is found again, and shown to a colleague. */
const useLookedAt = () => {
  const search: Record<string, unknown> = useSearch({ strict: false })
  const id = search['replay']
  return typeof id === 'string' && /^replay_[0-9a-f]{32}$/.test(id) ? id : undefined
}

const UnderWay = () => {
  const text = useText()
  const names = useNames()
  return (
    <Tasks
      kind="price-replay"
      begins={useIsMutating({ mutationKey: TRY }) > 0}
      who={names.actor}
      name={({ about }) =>
        text('tasks.replay', { version: about['version'] ?? '', months: about['months'] ?? '' })
      }
      came={(replay) => (
        <Link to="/prices" search={{ replay }}>
          {text('tasks.see')}
        </Link>
      )}
    />
  )
}

const Found = ({ id }: { id: string }) => {
  const replay = useQuery({
    queryKey: ['price-replays', id],
    queryFn: () => read<{ report: Report }>(`/api/price-replays/${id}`),
  })
  return <Answer to={replay}>{({ report }) => <Winners report={report} />}</Answer>
}

/** A published list, moved by so many per cent; single prices may be written over. */
const Replay = ({ catalogue }: { catalogue: Catalogue }) => {
  const text = useText()
  const word = useWord()
  const versions = catalogue.priceVersions
  const [base, setBase] = useState(catalogue.prices.version)
  const [percent, setPercent] = useState('10')
  const version = versions.find(({ id }) => id === base)
  const navigate = useNavigate()
  const looked = useLookedAt()
  const replay = useMutation({
    mutationKey: TRY,
    onSuccess: ({ id }) => navigate({ to: '/prices', search: { replay: id } }),
    mutationFn: ({ one }: Filled) =>
      send<{ id: string; report: Report }>('/api/price-replays', {
        prices: {
          id: one('name'),
          currency: version?.currency ?? '',
          terms: version?.terms ?? {},
          unitPrices: Object.fromEntries(
            Object.keys(version?.unitPrices ?? {}).map((operation) => [operation, one(operation)]),
          ),
        },
        months: Number(one('months')),
      }),
  })
  if (!version) return null
  return (
    <div className="columns even">
      <Card title={text('prices.try')}>
        <div className="pad stack">
          <p className="small">{text('prices.try.about')}</p>
          <div className="form-two">
            <label className="field">
              <span className="label">{text('prices.base')}</span>
              <select
                className="input"
                value={base}
                onChange={(event) => setBase(event.target.value)}
              >
                {versions.map(({ id }) => (
                  <option key={id}>{id}</option>
                ))}
              </select>
            </label>
            <label className="field">
              <span className="label">{text('prices.percent')}</span>
              <input
                className="input"
                type="number"
                min="-100"
                max="1000"
                step="1"
                value={percent}
                onChange={(event) => setPercent(event.target.value)}
              />
            </label>
          </div>
          <Form
            key={`${base} ${percent}`}
            label={text('prices.try')}
            busy={replay.isPending}
            error={replay.error}
            onSubmit={(filled) => replay.mutate(filled)}
            acts={
              <button className="button primary" disabled={replay.isPending}>
                {text(replay.isPending ? 'prices.trying' : 'prices.act')}
              </button>
            }
          >
            <div className="form-two">
              <Field
                name="name"
                label={text('prices.name')}
                hint={text('prices.name.hint')}
                value={`${base.replace(/\.\d+$/, '')}.${versions.length + 1}`}
                code
                required
                fault={faultAt(replay.error, '/prices/id')}
              />
              <Select
                name="months"
                label={text('prices.months')}
                value="3"
                options={['1', '3', '6', '12'].map((value) => ({ value, label: value }))}
              />
            </div>
            <details>
              <summary>
                {text('prices.each', { count: Object.keys(version.unitPrices).length })}
              </summary>
              <div className="form-two">
                {Object.entries(version.unitPrices).map(([operation, price]) => (
                  <Field
                    key={operation}
                    name={operation}
                    label={word('operation', operation)}
                    value={scaledPrice(price, Number(percent) || 0)}
                    code
                    required
                    fault={faultAt(replay.error, `/prices/unitPrices/${operation}`)}
                  />
                ))}
              </div>
            </details>
          </Form>
        </div>
      </Card>
      {looked ? (
        <Found id={looked} />
      ) : (
        <Card title={text('prices.report')}>
          <Empty title={text('prices.report.none')}>{text('prices.report.none.about')}</Empty>
        </Card>
      )}
    </div>
  )
}

const Winners = ({ report }: { report: Report }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const money = (amount: string) => format.amount({ amount, currency: report.currency })
  return (
    <Card title={text('prices.report')}>
      <div className="pad stack">
        <Figures
          figures={[
            { label: text('prices.before'), value: money(report.before) },
            { label: text('prices.after'), value: money(report.after) },
          ]}
        />
        <Figures
          figures={[
            { label: text('prices.winners'), value: format.number(report.winners) },
            { label: text('prices.losers'), value: format.number(report.losers) },
            { label: text('prices.unchanged'), value: format.number(report.unchanged) },
          ]}
        />
        {report.losers > 0 && (
          <Note tone="warn">
            {text('prices.losers.from', { date: format.day(report.losersFrom) })}
          </Note>
        )}
        {report.unpriced.length > 0 && (
          <Note tone="bad">{text('prices.unpriced', { count: report.unpriced.length })}</Note>
        )}
      </div>
      {report.moved.length > 0 && (
        <Table caption={text('prices.moved')}>
          <thead>
            <tr>
              <th scope="col">{text('partner.one')}</th>
              <th scope="col" className="number">
                {text('prices.before')}
              </th>
              <th scope="col" className="number">
                {text('prices.after')}
              </th>
              <th scope="col">{text('prices.difference')}</th>
            </tr>
          </thead>
          <tbody>
            {report.moved.map(({ partnerId, before, after, difference }) => (
              <tr key={partnerId}>
                <th scope="row">
                  <Link to="/partners/$id/money" params={{ id: partnerId }}>
                    {names.partner(partnerId) ?? partnerId}
                  </Link>
                </th>
                <td className="number">{format.number(before)}</td>
                <td className="number">{format.number(after)}</td>
                <td>
                  <Verdict tone={difference.startsWith('-') ? 'good' : 'warn'}>
                    {text(difference.startsWith('-') ? 'prices.pays-less' : 'prices.pays-more', {
                      amount: money(difference.replace(/^-/, '')),
                    })}
                  </Verdict>
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {report.cliffs.length > 0 && (
        <ul className="plain-list pad small">
          {report.cliffs.map(({ charge, at, before, after }) => (
            <li key={`${charge} ${at}`}>
              {text('prices.cliff', {
                charge,
                at: format.number(at),
                before: money(before),
                after: money(after),
              })}
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

const Margins = () => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const [month, setMonth] = useState(thisMonth(format.zone))
  const currency = useCatalogue().data?.prices.currency ?? ''
  const margins = useQuery({
    queryKey: ['margins', month],
    queryFn: () =>
      read<{ month: string; data: readonly Margin[] }>(`/api/margins${query({ month })}`),
  })
  return (
    <Card
      title={text('margins.title')}
      beside={
        <label className="row small">
          <span>{text('invoices.month')}</span>
          <select
            className="input"
            value={month}
            onChange={(event) => setMonth(event.target.value)}
          >
            {[0, -1, -2, -3, -4, -5].map((back) => (
              <option key={back}>{monthAfter(thisMonth(format.zone), back)}</option>
            ))}
          </select>
        </label>
      }
    >
      <Answer to={margins}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={text('margins.none')}>{text('margins.none.about')}</Empty>
          ) : (
            <Table caption={text('margins.title')}>
              <thead>
                <tr>
                  <th scope="col">{text('live.operation')}</th>
                  <th scope="col" className="number">
                    {text('live.calls')}
                  </th>
                  <th scope="col" className="number">
                    {text('margins.revenue', { currency: format.currency(currency) })}
                  </th>
                  <th scope="col" className="number">
                    {text('margins.cost', { currency: format.currency(currency) })}
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.map((row) => (
                  <tr key={`${row.product} ${row.operation}`}>
                    <th scope="row">
                      {word('operation', row.operation)}
                      <small>{word('product', row.product)}</small>
                    </th>
                    <td className="number">{format.number(row.calls)}</td>
                    <td className="number">{format.number(row.revenue)}</td>
                    <td className="number">
                      {row.cost === null ? (
                        <span className="dim">{text('margins.unknown')}</span>
                      ) : (
                        format.number(row.cost)
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Answer>
    </Card>
  )
}
