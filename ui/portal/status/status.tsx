/** How things stand for this organisation: the parts that it uses, its own calls, incidents, work and webhooks. */
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import type { Cell } from '../../kit/cell.ts'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { useMe } from '../../kit/session.ts'
import { Card, Empty, Facts, Note } from '../../kit/show.tsx'
import {
  indicatorTone,
  StateChip,
  Strip,
  StripKey,
  usePartName,
} from '../../kit/standing/standing.tsx'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { Me } from '../wire.ts'
import { PlannedWork, Promised, Touched, Webhooks } from './beside.tsx'
import type { Live, OwnStatus as Status } from './wire.ts'

export const OwnStatus = () => {
  const text = useText()
  const cell = useCell()
  const proven = useMe<Me>().data?.standing
  // Production answers nobody whose address is not proven; the frame says so.
  const opened = cell === 'sandbox' || (proven?.emailProven && proven.factor !== 'missing')
  const status = useQuery({
    queryKey: ['own-status', cell],
    queryFn: () => read<Status>(`/api/status/${cell}`),
    refetchInterval: 20_000,
  })
  return (
    <>
      <PageHead
        title={text('own.title')}
        cell={cell}
        about={text('own.about')}
        acts={
          <a className="button" href="/status" target="_blank" rel="noreferrer">
            {text('own.public')}
          </a>
        }
      />
      <Answer to={status} lines={10}>
        {(now) => (
          <div className="columns">
            <div className="stack wide">
              <Standing status={now} />
              <Parts cell={cell} parts={now.components} />
            </div>
            <div className="stack wide">
              {opened && <Now cell={cell} />}
              <Touched cell={cell} incidents={now.incidents} />
              {cell === 'production' && <PlannedWork work={now.maintenance} />}
              {cell === 'production' && <Promised />}
              <Webhooks cell={cell} />
            </div>
          </div>
        )}
      </Answer>
    </>
  )
}

const Standing = ({ status: { at, stale, indicator } }: { status: Status }) => {
  const text = useText()
  const format = useFormat()
  return (
    <Note tone={indicatorTone[indicator]}>
      <b>{text(`standing.now.${indicator}`)}</b>{' '}
      {at && text(stale ? 'standing.stale' : 'standing.measured', { moment: format.momentOf(at) })}
    </Note>
  )
}

const Parts = ({ cell, parts }: { cell: Cell; parts: Status['components'] }) => {
  const text = useText()
  const used = parts.filter(({ uses }) => uses)
  const others = parts.filter(({ uses }) => !uses)
  return (
    <>
      <Card title={text('own.use')}>
        {used.length === 0 ? (
          <Empty title={text('own.none')}>{text('own.none.about')}</Empty>
        ) : (
          <PartList cell={cell} parts={used} />
        )}
      </Card>
      <StripKey />
      {cell === 'sandbox' && <p className="small dim">{text('own.sandbox')}</p>}
      {others.length > 0 && (
        <details>
          <summary>{text('own.others')}</summary>
          <Card>
            <PartList cell={cell} parts={others} />
          </Card>
        </details>
      )}
    </>
  )
}

const PartList = ({ cell, parts }: { cell: Cell; parts: Status['components'] }) => {
  const text = useText()
  const format = useFormat()
  const name = usePartName()
  return (
    <ul className="parts">
      {parts.map(({ part, title, state, own, days, reached }) => (
        <li key={part}>
          <div className="part-head">
            <h3>{name(part, title)}</h3>
            <StateChip of={state} />
          </div>
          <Strip
            part={name(part, title)}
            days={own ? own.days : days}
            share={own ? own.reached : reached}
          />
          {own && (
            <p>
              {text('own.calls', { count: own.calls, bad: format.number(own.bad) })}{' '}
              {text('own.today', {
                calls: format.number(own.today.calls),
                bad: format.number(own.today.bad),
              })}
              {reached !== null &&
                `. ${text('own.platform', { percent: `${format.number(reached)}\u00a0%` })}`}
            </p>
          )}
          {!own && cell === 'production' && title !== null && <p>{text('own.uncalled')}</p>}
        </li>
      ))}
    </ul>
  )
}

/** Calls of the last minute, second by second as the gateways tell them. */
const Now = ({ cell }: { cell: Cell }) => {
  const text = useText()
  const format = useFormat()
  const live = useQuery({
    queryKey: ['live', cell, 60],
    queryFn: () => read<Live>(`/api/live?cell=${cell}&seconds=60`),
    refetchInterval: 2_000,
  })
  return (
    <Card title={text('own.now')}>
      <Answer to={live} lines={2}>
        {({ calls, refused, p95Ms }) => (
          <Facts
            rows={[
              [text('own.live.calls'), format.number(calls)],
              [text('own.live.refused'), format.number(refused)],
              [
                text('own.live.p95'),
                p95Ms === null
                  ? text('own.live.none')
                  : text('own.live.ms', { ms: format.number(p95Ms) }),
              ],
            ]}
          />
        )}
      </Answer>
    </Card>
  )
}
