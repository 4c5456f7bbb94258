/** Calls one by one, found by what one knows of them; the search stands in the address. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Failure, Skeleton } from '../../kit/answer.tsx'
import { Field, Form, Select } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useWord } from '../../kit/language.tsx'
import { Card, Empty, Note } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useApplications } from '../pages/applications.tsx'
import { useOffer } from '../pages/front.tsx'
import { useCell } from '../signed-in.tsx'
import { type CallFilter, outcomeOf } from './filter.ts'
import { useCalls } from './queries.ts'
import { CallTable } from './table.tsx'
import './calls.css'

export const CallLog = () => {
  const text = useText()
  const cell = useCell()
  const filter: CallFilter = useSearch({ strict: false })
  const calls = useCalls(cell, filter)
  const rows = calls.data?.pages.flatMap((page) => page.data) ?? []
  return (
    <>
      <PageHead title={text('calls.title')} cell={cell} about={text('calls.about')} />
      <div className="stack wide">
        <Search key={JSON.stringify(filter)} filter={filter} />
        <Card>
          {calls.isPending && <Skeleton />}
          {calls.isError && <Failure error={calls.error} retry={() => void calls.refetch()} />}
          {calls.data &&
            (rows.length === 0 ? (
              <Empty title={text('calls.none')}>{text('calls.none.about')}</Empty>
            ) : (
              <CallTable calls={rows} />
            ))}
        </Card>
        {calls.hasNextPage && (
          <div>
            <button
              type="button"
              className="button"
              disabled={calls.isFetchingNextPage}
              onClick={() => void calls.fetchNextPage()}
            >
              {text('calls.more')}
            </button>
          </div>
        )}
      </div>
    </>
  )
}

const callIdIn = (words: string): string | undefined => {
  const id = words.trim().replaceAll('-', '').toLowerCase()
  return /^[0-9a-f]{32}$/.test(id) ? id : undefined
}

const Search = ({ filter }: { filter: CallFilter }) => {
  const text = useText()
  const word = useWord()
  const cell = useCell()
  const navigate = useNavigate()
  const applications = useApplications().data?.data.filter((one) => one.cell === cell) ?? []
  const operations = (useOffer().data?.data ?? []).flatMap((product) => product.operations)
  const any = { value: '', label: text('calls.any') }
  return (
    <Card>
      <div className="pad calls-search">
        <Form
          label={text('calls.search')}
          busy={false}
          error={null}
          onSubmit={({ one }) => {
            const id = callIdIn(one('words'))
            if (id) return void navigate({ to: `/${cell}/calls/${id}` })
            const outcome = outcomeOf(one('outcome'))
            const words = one('words')
            void navigate({
              to: '.',
              search: {
                ...(one('application') && { application: one('application') }),
                ...(one('operation') && { operation: one('operation') }),
                ...(outcome && { outcome }),
                ...(words.startsWith('consent_') && { consent: words }),
                ...(words.includes('/') && { code: words }),
              },
            })
          }}
          acts={<button className="button">{text('calls.search.act')}</button>}
        >
          <Field
            name="words"
            label={text('calls.words')}
            hint={text('calls.words.hint')}
            code
            autoComplete="off"
            value={filter.code ?? filter.consent ?? ''}
          />
          <Select
            name="outcome"
            label={text('usage.answer')}
            value={filter.outcome ?? ''}
            options={[
              any,
              ...(['answered', 'refused', 'failed'] as const).map((outcome) => ({
                value: outcome,
                label: text(`calls.outcome.${outcome}`),
              })),
            ]}
          />
          <Select
            key={`application ${applications.length}`}
            name="application"
            label={text('usage.application')}
            value={filter.application ?? ''}
            options={[any, ...applications.map(({ id, name }) => ({ value: id, label: name }))]}
          />
          <Select
            key={`operation ${operations.length}`}
            name="operation"
            label={text('usage.operation')}
            value={filter.operation ?? ''}
            options={[
              any,
              ...operations.map(({ id }) => ({ value: id, label: word('operation', id) })),
            ]}
          />
        </Form>
        {filter.code && <Note>{text('calls.of-code', { code: filter.code })}</Note>}
      </div>
    </Card>
  )
}
