/** Gates from top to bottom: which are passed, which is missing, and who can give it. */
import { Icon } from './icons.tsx'
import { useWord } from './language.tsx'

export interface Gate {
  readonly gate: string
  readonly passed: boolean
  readonly detail: string
  readonly code?: string
  readonly giver?: string
}

export const Gates = ({ gates }: { gates: readonly Gate[] }) => {
  const word = useWord()
  return (
    <ol className="gates">
      {gates.map((gate) => (
        <li key={gate.gate} className={gate.passed ? 'good' : 'bad'}>
          <Icon name={gate.passed ? 'check' : 'cross'} />
          <div>
            <b>{word('gate', gate.gate)}</b> <span lang="en">{gate.detail}</span>
            {!gate.passed && (
              <p className="tiny dim">
                {gate.giver && word('mover', gate.giver)}
                {gate.code && (
                  <>
                    {' · '}
                    <code>{gate.code}</code>
                  </>
                )}
              </p>
            )}
          </div>
        </li>
      ))}
    </ol>
  )
}
