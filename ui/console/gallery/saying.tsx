/** What says how a thing is: chips, states, verdicts, notes, ids, names. */
import {
  Card,
  CellChip,
  Chip,
  Copyable,
  Id,
  Note,
  Sigil,
  State,
  type Tone,
  Verdict,
  wordsOfState,
} from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'

const tones: readonly Tone[] = ['good', 'warn', 'bad', 'info', 'quiet']
const noteTones = ['info', 'good', 'warn', 'bad'] as const
const id = 'contract_0193f5fe2c4d7a10b8e1f3a29c4d7e55'
const hash = '9f2c41d07be6a8135c0e4f7d92b6a1835e0c4d7f9b2a6e8135c0d4f7e92b1a68'

export const Saying = () => {
  const text = useText()
  return (
    <>
      <Card title={text('gallery.chips')}>
        <div className="pad stack">
          <p className="row">
            {tones.map((tone) => (
              <Chip key={tone} tone={tone}>
                {text(`gallery.tone.${tone}`)}
              </Chip>
            ))}
            <CellChip cell="sandbox" />
            <CellChip cell="production" />
          </p>
          <p className="row">
            {wordsOfState.map((word) => (
              <State key={word} of={word} />
            ))}
          </p>
          <p className="row">
            {tones.map((tone) => (
              <Verdict key={tone} tone={tone}>
                {text(`gallery.tone.${tone}`)}
              </Verdict>
            ))}
          </p>
        </div>
      </Card>
      <Card title={text('gallery.notes')}>
        <div className="pad stack">
          {noteTones.map((tone) => (
            <Note key={tone} tone={tone}>
              <b>{text(`gallery.tone.${tone}`)}.</b> {text('gallery.sample')}
            </Note>
          ))}
        </div>
      </Card>
      <Card title={text('gallery.names')}>
        <div className="pad stack">
          <p className="row">
            {['Anor', 'Bek', 'Chinor', 'Dilkash', 'Emir'].map((name) => (
              <span key={name} className="row">
                <Sigil name={name} /> {name}
              </span>
            ))}
          </p>
          <p className="row">
            <Id of={id} />
            <Copyable value={hash} shown={`sha256 ${hash.slice(0, 8)}…`} what="SHA-256" />
          </p>
        </div>
      </Card>
    </>
  )
}
