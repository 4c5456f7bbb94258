/** The way down when evidence ends and nobody renews it: where one stands, and the day of the next step. */
import { Icon } from '../../kit/icons.tsx'
import { useFormat } from '../../kit/language.tsx'
import { useText } from '../messages/index.ts'
import type { Task } from './wire.ts'

const steps = ['warned', 'no-new-consents', 'read-only', 'suspended'] as const

export const Decline = ({ task }: { task: Pick<Task, 'step' | 'next'> }) => {
  const text = useText()
  const format = useFormat()
  const at = steps.indexOf(task.step)
  return (
    <ol className="decline" aria-label={text('decline.label')}>
      {steps.map((step, place) => (
        <li
          key={step}
          className={place < at ? 'past' : place === at ? 'now' : ''}
          {...(place === at && { 'aria-current': 'step' as const })}
        >
          <span className="mark" aria-hidden="true">
            {place < at && <Icon name="check" />}
          </span>
          <span>
            {text(`decline.${step}`)}
            {task.next?.step === step && <small>{format.dateOf(task.next.at)}</small>}
          </span>
        </li>
      ))}
    </ol>
  )
}
