/** One call in several languages; the language that was chosen once is the one that is shown everywhere. */
import { useState } from 'react'
import { Code } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'

const KEPT = 'portico.sample-language'

export const Samples = ({ samples }: { samples: Readonly<Record<string, string>> }) => {
  const text = useText()
  const names = Object.keys(samples)
  const [chosen, setChosen] = useState(() => localStorage.getItem(KEPT) ?? 'curl')
  const shown = names.includes(chosen) ? chosen : (names[0] ?? '')
  return (
    <div className="samples">
      <div className="segments" role="group" aria-label={text('reference.samples')}>
        {names.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === shown}
            onClick={() => {
              localStorage.setItem(KEPT, name)
              setChosen(name)
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <Code title={shown} value={samples[shown] ?? ''} />
    </div>
  )
}
