/** What stands while an answer is awaited, when it is there, when it is old, and when it is no. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { Refusal } from '../../kit/api.ts'
import { Card } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'

const states = ['there', 'waiting', 'old', 'refused', 'gone'] as const
type Stands = (typeof states)[number]

const answerIn = (state: Stands): Promise<string> => {
  switch (state) {
    case 'there':
      return Promise.resolve('Namuna')
    case 'waiting':
      return new Promise(() => undefined)
    case 'old':
    case 'gone':
      return Promise.reject(new Refusal(0, { code: 'ui/unreachable' }))
    case 'refused':
      return Promise.reject(new Refusal(403, { code: 'control/forbidden', title: 'Not for you' }))
  }
}

export const Waiting = () => {
  const text = useText()
  const [state, setState] = useState<Stands>('there')
  return (
    <Card
      title={text('gallery.answers')}
      beside={
        <div className="segments" role="group" aria-label={text('gallery.answers')}>
          {states.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === state}
              onClick={() => setState(one)}
            >
              {text(`gallery.answer.${one}`)}
            </button>
          ))}
        </div>
      }
    >
      <div className="pad">
        <One key={state} state={state} />
      </div>
    </Card>
  )
}

const One = ({ state }: { state: Stands }) => {
  const text = useText()
  const answer = useQuery({
    queryKey: ['gallery', state],
    queryFn: () => answerIn(state),
    retry: false,
    ...(state === 'old' && { initialData: 'Namuna', initialDataUpdatedAt: 0 }),
  })
  return <Answer to={answer}>{() => <p>{text('gallery.sample')}</p>}</Answer>
}
