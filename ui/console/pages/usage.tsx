import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { UsageHours } from '../../kit/usage.tsx'
import type { UsageAnswer } from '../../kit/usage.ts'
import { CellFilter } from '../cell-filter.tsx'
import { useText } from '../messages/index.ts'
import { useCellOfSearch } from '../signed-in.tsx'

export const Usage = () => {
  const text = useText()
  const cell = useCellOfSearch()
  const hours = useQuery({
    queryKey: ['usage', cell],
    queryFn: () => {
      const from = new Date(Date.now() - 47 * 3_600_000).toISOString()
      const to = new Date(Date.now() + 3_600_000).toISOString()
      return read<UsageAnswer>(`/api/usage${query({ cell, from, to })}`)
    },
    refetchInterval: 10_000,
  })
  return (
    <>
      <PageHead
        title={text('usage.title')}
        cell={cell}
        about={text('usage.about')}
        acts={<CellFilter />}
      />
      <div className="stack wide">
        <Answer to={hours}>
          {({ data, currency }) => <UsageHours hours={data} currency={currency ?? ''} />}
        </Answer>
      </div>
    </>
  )
}
