/** What stands while an answer is awaited, when it is there, and when it is no. */
import type { ReactNode } from 'react'
import type { UseQueryResult } from '@tanstack/react-query'
import { Refusal } from './api.ts'
import { useFormat, useSpeech, useWord } from './language.tsx'
import { useKitText } from './messages/index.ts'
import { Copyable, Note } from './show.tsx'

/** What happened, what to do, and the id to name when asking. The server's own words are English. */
export const Failure = ({ error, retry }: { error: unknown; retry?: () => void }) => {
  const text = useKitText()
  const word = useWord()
  const { language } = useSpeech()
  const refusal = error instanceof Refusal ? error : new Refusal(0, { code: 'ui/bug' })
  const known = word('problem', refusal.code)
  const translated = known !== refusal.code
  return (
    <Note tone="bad" live>
      <b {...(!translated && language !== 'en' && { lang: 'en' })}>
        {translated ? known : refusal.title || text('failure.title')}
      </b>
      {refusal.detail && <p lang="en">{refusal.detail}</p>}
      {refusal.hint && <p lang="en">{refusal.hint}</p>}
      {refusal.faults.length > 0 && (
        <ul lang="en">
          {refusal.faults.map((fault) => (
            <li key={`${fault.pointer} ${fault.code}`}>
              {fault.pointer && <code>{fault.pointer}</code>} {fault.detail}
            </li>
          ))}
        </ul>
      )}
      {refusal.interactionId && (
        <p className="tiny dim">
          {text('failure.id')} <Copyable value={refusal.interactionId} what={text('failure.id')} />
        </p>
      )}
      {retry && (
        <button type="button" className="button text" onClick={retry}>
          {text('failure.retry')}
        </button>
      )}
    </Note>
  )
}

export const Skeleton = ({ lines = 5 }: { lines?: number }) => {
  const text = useKitText()
  return (
    <div className="skeleton" role="status" aria-label={text('loading')}>
      {Array.from({ length: lines }, (_, line) => (
        <i key={line} />
      ))}
    </div>
  )
}

/** The page's part that needs an answer. Old data stays, with its time, when a newer answer fails. */
export const Answer = <T,>(props: {
  to: UseQueryResult<T>
  lines?: number
  children: (data: T) => ReactNode
}) => {
  const { to, lines, children } = props
  const text = useKitText()
  const format = useFormat()
  const retry = () => void to.refetch()
  if (to.data === undefined)
    return to.isError ? (
      <Failure error={to.error} retry={retry} />
    ) : (
      <Skeleton {...(lines && { lines })} />
    )
  return (
    <>
      {to.isError && (
        <Note tone="warn" live>
          {text('failure.stale', {
            time: format.timeOf(new Date(to.dataUpdatedAt).toISOString(), 'second'),
          })}{' '}
          <button type="button" className="button text" onClick={retry}>
            {text('failure.retry')}
          </button>
        </Note>
      )}
      {children(to.data)}
    </>
  )
}
