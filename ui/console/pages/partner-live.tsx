/** What one partner does at this moment: the last minute at all gateways together, told anew each second. */
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Empty, Figures, Table } from '../../kit/show.tsx'
import type { Wire } from '../../kit/wire.ts'
import type { LiveView } from '#control/usage/live.ts'
import { CellFilter } from '../cell-filter.tsx'
import { useText } from '../messages/index.ts'
import { PartnerHead, usePartnerId } from '../partner-tabs.tsx'
import { useCellOfSearch } from '../signed-in.tsx'

type Live = Wire<LiveView>
const SECONDS = 60

export const PartnerLive = () => {
  const text = useText()
  const id = usePartnerId()
  const cell = useCellOfSearch()
  const live = useQuery({
    queryKey: ['live', cell, id],
    queryFn: () => read<Live>(`/api/live${query({ cell, partner: id, seconds: SECONDS })}`),
    refetchInterval: 1_000,
  })
  return (
    <>
      <PartnerHead cell={cell} about={text('live.about')} acts={<CellFilter />} />
      <div className="stack wide">
        <Answer to={live}>{(view) => <Minute view={view} />}</Answer>
      </div>
    </>
  )
}

const Minute = ({ view }: { view: Live }) => {
  const text = useText()
  const format = useFormat()
  const took = (ms: number | null) => (ms === null ? '—' : `${format.number(ms)} ms`)
  return (
    <>
      <Card title={text('live.minute')}>
        <div className="pad stack">
          <Figures
            figures={[
              { label: text('live.calls'), value: format.number(view.calls) },
              { label: text('live.refused'), value: format.number(view.refused) },
              { label: text('live.p50'), value: took(view.p50Ms) },
              { label: text('live.p95'), value: took(view.p95Ms) },
              { label: text('live.p99'), value: took(view.p99Ms) },
            ]}
          />
          <SecondBars view={view} />
        </div>
      </Card>
      {view.calls === 0 ? (
        <Empty title={text('live.none')} />
      ) : (
        <>
          <Operations operations={view.operations} />
          <Refusals refusals={view.refusals} />
          <Limits limits={view.limits} />
        </>
      )}
    </>
  )
}

const TALL = 88

/** Calls a second. The sentence says what the picture shows. */
const SecondBars = ({ view: { seconds, calls, refused } }: { view: Live }) => {
  const text = useText()
  const most = Math.max(1, ...seconds.map((one) => one.calls))
  const says = text('live.chart', { calls, refused, seconds: SECONDS })
  const height = (count: number) => (count / most) * (TALL - 2)
  return (
    <figure className="hours">
      <figcaption>{says}</figcaption>
      <svg
        viewBox={`0 0 ${SECONDS} ${TALL}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={says}
      >
        {seconds.map((one, at) => (
          <rect
            key={one.second}
            x={at + 0.1}
            width={0.8}
            y={TALL - 1 - height(one.calls)}
            height={height(one.calls)}
          />
        ))}
        <line
          className="base"
          x1="0"
          x2={SECONDS}
          y1={TALL - 0.5}
          y2={TALL - 0.5}
          vectorEffect="non-scaling-stroke"
        />
      </svg>
    </figure>
  )
}

const byCount = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).toSorted(([, one], [, other]) => other - one)

const Operations = ({ operations }: { operations: Live['operations'] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Card title={text('live.operations')}>
      <Table caption={text('live.operations')}>
        <thead>
          <tr>
            <th scope="col">{text('live.operation')}</th>
            <th scope="col" className="number">
              {text('live.calls')}
            </th>
          </tr>
        </thead>
        <tbody>
          {byCount(operations).map(([operation, calls]) => (
            <tr key={operation}>
              <th scope="row">
                {word('operation', operation)}
                <small>
                  <code>{operation}</code>
                </small>
              </th>
              <td className="number">{format.number(calls)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}

const Refusals = ({ refusals }: { refusals: Live['refusals'] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const rows = byCount(refusals)
  if (rows.length === 0) return null
  return (
    <Card title={text('live.refusals')}>
      <Table caption={text('live.refusals')}>
        <thead>
          <tr>
            <th scope="col">{text('live.why')}</th>
            <th scope="col" className="number">
              {text('live.calls')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([code, calls]) => (
            <tr key={code}>
              <th scope="row">
                {word('problem', code)}
                <small>
                  <code>{code}</code>
                </small>
              </th>
              <td className="number">{format.number(calls)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}

const Limits = ({ limits }: { limits: Live['limits'] }) => {
  const text = useText()
  const format = useFormat()
  if (limits.length === 0) return null
  return (
    <Card title={text('live.limits')}>
      <Table caption={text('live.limits')}>
        <thead>
          <tr>
            <th scope="col">{text('live.limit')}</th>
            <th scope="col" className="number">
              {text('live.left')}
            </th>
            <th scope="col" className="number">
              {text('live.quota')}
            </th>
            <th scope="col" className="number">
              {text('live.reset')}
            </th>
          </tr>
        </thead>
        <tbody>
          {limits.map(({ name, remaining, quota, resetSeconds }) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td className="number">{format.number(remaining)}</td>
              <td className="number">{quota === null ? '—' : format.number(quota)}</td>
              <td className="number">{format.number(resetSeconds)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}
