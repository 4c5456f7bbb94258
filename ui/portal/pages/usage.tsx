/** What was called and what it costs: two days by hour, and the latest calls one by one. */
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { UsageCalls, UsageHours } from '../../kit/usage.tsx'
import type { Cell } from '../../kit/cell.ts'
import type { UsageAnswer, UsageCall } from '../../kit/usage.ts'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { List } from '../wire.ts'
import { useApplications } from './applications.tsx'

const REFRESH_MS = 5_000

export const useLatestCalls = (cell: Cell) =>
  useQuery({
    queryKey: ['usage', 'calls', cell],
    queryFn: () => read<List<UsageCall>>(`/api/usage/calls${query({ cell, limit: 50 })}`),
    refetchInterval: REFRESH_MS,
  })

const useHours = (cell: Cell) =>
  useQuery({
    queryKey: ['usage', 'hours', cell],
    queryFn: () => {
      const from = new Date(Date.now() - 47 * 3_600_000).toISOString()
      const to = new Date(Date.now() + 3_600_000).toISOString()
      return read<UsageAnswer>(`/api/usage${query({ cell, from, to })}`)
    },
    refetchInterval: REFRESH_MS,
  })

export const Usage = () => {
  const text = useText()
  const cell = useCell()
  const hours = useHours(cell)
  const calls = useLatestCalls(cell)
  const applications = useApplications()
  const names = new Map(applications.data?.data.map(({ id, name }) => [`${id}`, name]))
  return (
    <>
      <PageHead title={text('usage.title')} cell={cell} about={text(`usage.about.${cell}`)} />
      <div className="stack wide">
        <Answer to={hours}>
          {({ data, currency }) => <UsageHours hours={data} currency={currency ?? ''} />}
        </Answer>
        <Answer to={calls}>
          {({ data }) => (
            <UsageCalls calls={data} currency="UZS" applicationName={(id) => names.get(id) ?? id} />
          )}
        </Answer>
      </div>
    </>
  )
}
