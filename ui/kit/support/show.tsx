/** The support desk as partners and the bank see it alike: states, promises in words, the conversation, figures. */
import type { ReactNode } from 'react'
import { useFormat, useTextOf, useWord } from '../language.tsx'
import { Card, Chip, Table, type Tone } from '../show.tsx'
import type { en } from './messages/en.ts'
import type { Message, Request, SupportFigures } from './wire.ts'
import './support.css'

const useText = () => useTextOf<typeof en>()

const toneOfState: Record<Request['status'], Tone> = {
  open: 'warn',
  answered: 'good',
  closed: 'quiet',
}

export const SupportState = ({ of }: { of: Pick<Request, 'status' | 'overdue'> }) => {
  const word = useWord()
  return (
    <Chip tone={of.overdue ? 'bad' : toneOfState[of.status]}>
      {word('support-state', of.status)}
    </Chip>
  )
}

/** The promise in words: until when, or how it ended. */
export const usePromise = () => {
  const text = useText()
  const { momentOf } = useFormat()
  return ({ kept, overdue, dueAt, firstAnsweredAt }: Request): string => {
    if (kept === null || dueAt === null) return text('support.no-promise')
    const due = momentOf(dueAt)
    if (firstAnsweredAt === null)
      return kept === 'open'
        ? text('support.due', { moment: due })
        : overdue
          ? text('support.overdue', { moment: due })
          : text('support.silent', { due })
    const moment = momentOf(firstAnsweredAt)
    return kept === 'kept'
      ? text('support.kept', { moment })
      : text('support.missed', { moment, due })
  }
}

export const Thread = ({ messages }: { messages: readonly Message[] }) => {
  const text = useText()
  const format = useFormat()
  return (
    <Card title={text('support.conversation')}>
      <ol className="thread">
        {messages.map(({ n, side, name, said, at }) => (
          <li key={n} className={side}>
            <small className="dim">
              <b>{text(`support.${side}`)}</b>
              {name && `, ${name}`} · {format.momentOf(at)}
            </small>
            <p>{said}</p>
          </li>
        ))}
      </ol>
    </Card>
  )
}

/** How the first answers of a month were kept, of all that was asked. */
export const FiguresCard = ({ figures }: { figures: SupportFigures }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const { all, byUrgency, opened, unpromised } = figures
  const rows = [
    { name: text('support.figures.all'), ...all },
    ...byUrgency.map(({ urgency, ...count }) => ({
      name: word('support-urgency', urgency),
      ...count,
    })),
  ]
  return (
    <Card
      title={text('support.figures')}
      foot={text('support.figures.opened', { count: opened, unpromised })}
    >
      {all.due === 0 ? (
        <p className="pad small dim">{text('support.figures.none')}</p>
      ) : (
        <Table caption={text('support.figures')}>
          <thead>
            <tr>
              <th scope="col">{text('support.urgency')}</th>
              <th scope="col" className="number">
                {text('support.figures.due')}
              </th>
              <th scope="col" className="number">
                {text('support.figures.kept')}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, due, inTime }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td className="number">{format.number(due)}</td>
                <td className="number">{format.number(inTime)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  )
}

interface ShownAnswer {
  readonly requestId: string
  readonly dueAt: string
  readonly answeredAt: string | null
  readonly inTime: boolean
}

/** What a judgement of first answers stands on, the late ones first. */
export const AnswersDue = (props: {
  answers: readonly ShownAnswer[] | undefined
  link: (id: string) => ReactNode
}) => {
  const { answers = [], link } = props
  const text = useText()
  const { momentOf } = useFormat()
  if (answers.length === 0) return null
  return (
    <details className="pad">
      <summary>{text('support.evidence')}</summary>
      <ul className="plain-list small">
        {answers.slice(0, 50).map(({ requestId, dueAt, answeredAt, inTime }) => (
          <li key={requestId}>
            {link(requestId)}:{' '}
            {answeredAt === null
              ? text('support.evidence.silent', { due: momentOf(dueAt) })
              : text(inTime ? 'support.evidence.in-time' : 'support.evidence.late', {
                  due: momentOf(dueAt),
                  moment: momentOf(answeredAt),
                })}
          </li>
        ))}
      </ul>
    </details>
  )
}
