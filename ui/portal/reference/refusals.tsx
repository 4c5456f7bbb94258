/** Refusals: those of one operation, and all of them with where each is met. */
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { useWindowTitle } from '../../kit/frame.tsx'
import { useWord } from '../../kit/language.tsx'
import { Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { ReferencePage } from './frame.tsx'
import { useRefusals } from './queries.ts'
import type { RefusalEntry, RefusalLine } from './wire.ts'

/** The place of a code on the page of all codes. */
const anchorOf = (code: string) => code.replace('/', '-')

export const RefusalTable = (props: { refusals: readonly RefusalLine[]; caption: string }) => {
  const text = useText()
  return (
    <div className="card">
      <Table caption={props.caption}>
        <thead>
          <tr>
            <th scope="col">{text('reference.status')}</th>
            <th scope="col">{text('reference.code')}</th>
            <th scope="col">{text('reference.when')}</th>
            <th scope="col">{text('reference.again')}</th>
          </tr>
        </thead>
        <tbody>
          {props.refusals.map((refusal) => (
            <tr key={`${refusal.status} ${refusal.code}`}>
              <td>{refusal.status}</td>
              <td>
                {refusal.code && (
                  <Link to="/reference/refusals" hash={anchorOf(refusal.code)}>
                    <code>{refusal.code}</code>
                  </Link>
                )}
              </td>
              <td>
                <Meaning of={refusal} />
              </td>
              <td>{text(refusal.retryable ? 'reference.again.yes' : 'reference.again.no')}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  )
}

/** What a code means, in the reader's language where we have the words; an example of how it is said. */
const Meaning = ({ of: { code, title, detail } }: { of: RefusalLine }) => {
  const word = useWord()
  const known = word('problem', code)
  return (
    <>
      <span {...(known === code && { lang: 'en' })}>{known === code ? title : known}</span>
      {detail && (
        <small className="dim" lang="en">
          {detail}
        </small>
      )}
    </>
  )
}

export const RefusalsPage = () => {
  const text = useText()
  const refusals = useRefusals()
  useWindowTitle(text('reference.refusals'))
  return (
    <ReferencePage>
      <h1>{text('reference.refusals')}</h1>
      <p className="lead">{text('reference.no.about')}</p>
      <Answer to={refusals}>
        {(found) => (
          <div className="card">
            <Table caption={text('reference.refusals')}>
              <thead>
                <tr>
                  <th scope="col">{text('reference.status')}</th>
                  <th scope="col">{text('reference.code')}</th>
                  <th scope="col">{text('reference.when')}</th>
                  <th scope="col">{text('reference.again')}</th>
                  <th scope="col">{text('reference.named-by')}</th>
                </tr>
              </thead>
              <tbody>
                {found.map((refusal) => (
                  <tr key={refusal.code} id={anchorOf(refusal.code)}>
                    <td>{refusal.status}</td>
                    <td>
                      <code>{refusal.code}</code>
                    </td>
                    <td>
                      <Meaning of={refusal} />
                    </td>
                    <td>
                      {text(refusal.retryable ? 'reference.again.yes' : 'reference.again.no')}
                    </td>
                    <td>
                      <NamedBy refusal={refusal} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </Table>
          </div>
        )}
      </Answer>
    </ReferencePage>
  )
}

const SHOWN = 3

const NamedBy = ({ refusal: { operations } }: { refusal: RefusalEntry }) => {
  const text = useText()
  const [first] = operations
  if (operations.length > SHOWN && first)
    return <>{text('reference.operations.count', { count: operations.length })}</>
  return (
    <span className="words">
      {operations.map(({ product, id }) => (
        <Link
          key={`${product} ${id}`}
          to="/reference/$product/$operation"
          params={{ product, operation: id }}
        >
          <code>{id}</code>
        </Link>
      ))}
    </span>
  )
}
