/** Hours of refusal as a calendar: by day, what is still ahead first. */
import { Link } from '@tanstack/react-router'
import { useFormat } from '../../kit/language.tsx'
import { CellChip, Chip, type Tone } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'
import type { Hours } from './wire.ts'
import './versions.css'

const tones: Readonly<Record<Hours['state'], Tone>> = {
  proposed: 'info',
  planned: 'warn',
  running: 'bad',
  over: 'quiet',
}

export const HoursCalendar = (props: { hours: readonly Hours[]; withVersion?: boolean }) => {
  const text = useText()
  const format = useFormat()
  const { hours, withVersion } = props
  if (hours.length === 0) return <p className="small dim">{text('versions.hours.none')}</p>
  const [over, ahead] = [
    hours.filter(({ state }) => state === 'over'),
    hours.filter(({ state }) => state !== 'over'),
  ]
  const inOrder = [
    ...ahead.toSorted((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt)),
    ...over.toSorted((a, b) => Date.parse(b.startsAt) - Date.parse(a.startsAt)),
  ]
  const byDay = new Map<string, Hours[]>()
  for (const one of inOrder) {
    const day = format.dateOf(one.startsAt)
    byDay.set(day, [...(byDay.get(day) ?? []), one])
  }
  return (
    <ol className="agenda">
      {[...byDay].map(([day, of]) => (
        <li key={day}>
          <h3>{day}</h3>
          <ul>
            {of.map((one) => (
              <OneSpan
                key={one.id ?? one.changeId}
                hours={one}
                {...(withVersion && { withVersion })}
              />
            ))}
          </ul>
        </li>
      ))}
    </ol>
  )
}

const OneSpan = (props: { hours: Hours; withVersion?: boolean }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const { version, cell, startsAt, endsAt, paymentsOf, state, changeId } = props.hours
  return (
    <li>
      <b className="nowrap">
        {text('versions.hours.span', { from: format.timeOf(startsAt), to: format.timeOf(endsAt) })}
      </b>
      <div className="row">
        <Chip tone={tones[state]}>{text(`versions.hours.${state}`)}</Chip>
        <CellChip cell={cell} />
        {props.withVersion && (
          <Link to="/versions/$version" params={{ version }}>
            <code>{version}</code>
          </Link>
        )}
      </div>
      <small className="dim">
        {paymentsOf.length === 0
          ? text('versions.hours.go-on')
          : text('versions.hours.payments', {
              partners: paymentsOf.map((id) => names.partner(id) ?? id).join(', '),
            })}
      </small>
      {state === 'proposed' && changeId && (
        <small>
          <Link to="/decisions/$id" params={{ id: changeId }}>
            {text('act.see')}
          </Link>
        </small>
      )}
    </li>
  )
}
