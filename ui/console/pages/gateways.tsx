/** The gateways as they say they are, what each reader of published documents took, and who calls now. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Empty, Id, Note, Table, Verdict } from '../../kit/show.tsx'
import type { Wire } from '../../kit/wire.ts'
import type { LiveGateway } from '#control/usage/live.ts'
import { CellFilter } from '../cell-filter.tsx'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'
import { useCellOfSearch } from '../signed-in.tsx'
import type { List } from '../wire.ts'

interface Published {
  readonly cell: string
  readonly audience: string
  readonly epoch: number
  readonly sha256: string
  readonly compiledAt: string
}
interface Receipt {
  readonly cell: string
  readonly audience: string
  readonly reader: string
  readonly taken: boolean
  readonly epoch: number | null
  readonly reason: string | null
  readonly at: string
}
interface Publications {
  readonly data: readonly Published[]
  readonly receipts: readonly Receipt[]
}

const EVERY_MS = 2_000

export const Gateways = () => {
  const text = useText()
  const cell = useCellOfSearch()
  const gateways = useQuery({
    queryKey: ['live', 'gateways'],
    queryFn: () => read<List<Wire<LiveGateway>>>('/api/live/gateways'),
    refetchInterval: EVERY_MS,
  })
  const publications = useQuery({
    queryKey: ['publications'],
    queryFn: () => read<Publications>('/api/publications'),
    refetchInterval: EVERY_MS,
  })
  return (
    <>
      <PageHead
        title={text('gateways.title')}
        cell={cell}
        about={text('gateways.about')}
        acts={<CellFilter />}
      />
      <div className="stack wide">
        <Answer to={gateways}>
          {({ data }) => <Heard gateways={data.filter((one) => one.cell === cell)} />}
        </Answer>
        <Answer to={publications}>
          {({ data, receipts }) => (
            <Receipts
              published={data.filter((one) => one.cell === cell)}
              receipts={receipts.filter((one) => one.cell === cell)}
            />
          )}
        </Answer>
        <Busiest />
      </div>
    </>
  )
}

const Heard = ({ gateways }: { gateways: readonly Wire<LiveGateway>[] }) => {
  const text = useText()
  const word = useWord()
  return (
    <Card title={text('gateways.heard')}>
      {gateways.length === 0 ? (
        <Empty title={text('gateways.none')}>{text('gateways.none.about')}</Empty>
      ) : (
        <Table caption={text('gateways.heard')}>
          <thead>
            <tr>
              <th scope="col">{text('gateways.one')}</th>
              <th scope="col">{text('gateways.state')}</th>
              <th scope="col">{text('gateways.why')}</th>
              <th scope="col" className="number">
                {text('gateways.ago')}
              </th>
            </tr>
          </thead>
          <tbody>
            {gateways.map(({ gateway, ready, degraded, reasons, heardSecondsAgo }) => (
              <tr key={gateway}>
                <th scope="row">
                  <Id of={gateway} />
                </th>
                <td>
                  <Verdict tone={ready ? (degraded ? 'warn' : 'good') : 'bad'}>
                    {text(
                      ready
                        ? degraded
                          ? 'gateways.degraded'
                          : 'gateways.ready'
                        : 'gateways.unready',
                    )}
                  </Verdict>
                </td>
                <td>{reasons.map((code) => word('problem', code)).join(', ')}</td>
                <td className="number">{heardSecondsAgo}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  )
}

const Receipts = (props: { published: readonly Published[]; receipts: readonly Receipt[] }) => {
  const { published, receipts } = props
  const text = useText()
  const format = useFormat()
  const newest = (audience: string) => published.find((one) => one.audience === audience)?.epoch
  return (
    <Card title={text('receipts.title')}>
      <div className="pad">
        <Note>{text('receipts.about')}</Note>
      </div>
      {receipts.length === 0 ? (
        <Empty title={text('receipts.none')} />
      ) : (
        <Table caption={text('receipts.title')}>
          <thead>
            <tr>
              <th scope="col">{text('receipts.reader')}</th>
              <th scope="col">{text('receipts.verdict')}</th>
              <th scope="col" className="number">
                {text('receipts.epoch')}
              </th>
              <th scope="col" className="number">
                {text('receipts.newest')}
              </th>
              <th scope="col">{text('receipts.when')}</th>
            </tr>
          </thead>
          <tbody>
            {receipts.map(({ audience, reader, taken, epoch, reason, at }) => (
              <tr key={`${audience} ${reader}`}>
                <th scope="row">
                  <Id of={reader} />
                  <small>{audience}</small>
                </th>
                <td>
                  <Verdict tone={taken ? (epoch === newest(audience) ? 'good' : 'warn') : 'bad'}>
                    {text(
                      taken
                        ? epoch === newest(audience)
                          ? 'receipts.taken'
                          : 'receipts.behind'
                        : 'receipts.refused',
                    )}
                  </Verdict>
                  {reason !== null && <small lang="en">{reason}</small>}
                </td>
                <td className="number">{epoch === null ? '' : format.number(epoch)}</td>
                <td className="number">{format.number(newest(audience) ?? 0)}</td>
                <td>{format.momentOf(at)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  )
}

const SECONDS = 30

/** Who calls now, each with the way to its own view. */
const Busiest = () => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const cell = useCellOfSearch()
  const partners = useQuery({
    queryKey: ['live', 'partners', cell],
    queryFn: () =>
      read<List<{ partnerId: string; calls: number }>>(
        `/api/live/partners${query({ cell, seconds: SECONDS })}`,
      ),
    refetchInterval: EVERY_MS,
  })
  return (
    <Card title={text('live.busiest')}>
      <Answer to={partners}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={text('live.none')} />
          ) : (
            <Table caption={text('live.busiest')}>
              <thead>
                <tr>
                  <th scope="col">{text('partner.one')}</th>
                  <th scope="col" className="number">
                    {text('live.calls')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.map(({ partnerId, calls }) => (
                  <tr key={partnerId}>
                    <th scope="row">
                      <Link to="/partners/$id/live" params={{ id: partnerId }} search={{ cell }}>
                        {names.partner(partnerId) ?? <Id of={partnerId} />}
                      </Link>
                    </th>
                    <td className="number">{format.number(calls)}</td>
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
