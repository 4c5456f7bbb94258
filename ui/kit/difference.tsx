import { difference } from './difference.ts'
import { useKitText } from './messages/index.ts'

const sign = { same: '', gone: '−', new: '+' } as const

/** A set's members stand under its name; the state itself needs none. */
const named = (place: string) => place.replace(/\[\]$/, '')

/** What changes, as an approver reads it. */
export const Difference = ({ before, after }: { before: unknown; after: unknown }) => {
  const text = useKitText()
  const lines = difference(before, after)
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label={text('difference.title')}>
      <table className="difference">
        <caption className="unseen">{text('difference.title')}</caption>
        <tbody>
          {lines.map((line) => (
            <tr key={`${line.kind} ${line.place} ${line.value}`} className={line.kind}>
              <td>
                <span aria-hidden="true">{sign[line.kind]}</span>
                {line.kind !== 'same' && (
                  <span className="unseen">{text(`difference.${line.kind}`)}</span>
                )}
              </td>
              <td>
                {named(line.place) && <span className="place">{named(line.place)}: </span>}
                <u>{line.value}</u>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
