/** What goes on by itself: a change of a world that was begun on any of these pages, and a clock on its way. */
import { useFormat, useWord } from '../../kit/language.tsx'
import { Note } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useClock, useUnderWay } from './asking.ts'

export const UnderWay = () => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const acts = useUnderWay()
  const clock = useClock().data
  return (
    <>
      {acts.map(({ operation, name, sinceMs }) => (
        <Note key={sinceMs} live>
          <b>{word('operation', operation)}</b> {name && <code>{name}</code>}
          <progress aria-label={word('operation', operation)} />
          <p className="small">
            {text('worlds.under-way', {
              time: format.timeOf(new Date(sinceMs).toISOString(), 'second'),
            })}
          </p>
        </Note>
      ))}
      {clock?.turningTo && (
        <Note live>
          <b>{text('worlds.clock.turning', { time: format.momentOf(clock.turningTo) })}</b>
          <progress aria-label={text('worlds.clock')} />
          <p className="small">
            {text('worlds.clock.left', {
              span: format.span(Date.parse(clock.turningTo) - Date.parse(clock.now)),
            })}
          </p>
        </Note>
      )}
    </>
  )
}
