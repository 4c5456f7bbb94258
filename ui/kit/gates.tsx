/** Gates from top to bottom: which are open, which is missing, and who can give it. */
import type { Gate } from '#control/publication/explain.ts'
import { Icon } from './icons.tsx'
import { useWord } from './language.tsx'

const look = {
  open: { className: 'good', icon: 'check' },
  missing: { className: 'bad', icon: 'cross' },
  'at-call': { className: 'quiet', icon: 'pending' },
} as const

export const Gates = ({ gates }: { gates: readonly Gate[] }) => {
  const word = useWord()
  return (
    <ol className="gates">
      {gates.map((gate) => (
        <li key={gate.gate} className={look[gate.verdict].className}>
          <Icon name={look[gate.verdict].icon} />
          <div>
            <b>{word('gate', gate.gate)}</b>{' '}
            <span className="dim">{word('gate-verdict', gate.verdict)}</span>
            <p lang="en">{gate.detail}</p>
            {gate.verdict === 'missing' && (
              <p className="tiny dim">
                {gate.giver && <b>{word('mover', gate.giver)}</b>} <code>{gate.code}</code>
              </p>
            )}
          </div>
        </li>
      ))}
    </ol>
  )
}
