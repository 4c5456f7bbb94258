/** Who lives in the sandbox, what the scripted customer's amounts play, and which scenarios operations know. */
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { Rich, useSpeech, useWord } from '../../kit/language.tsx'
import { Card, Copyable, Empty, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useReference } from '../reference/queries.ts'
import type { ProductEntry } from '../reference/wire.ts'
import { usePersonas } from '../try-it/panel.tsx'
import { WorldsFrame } from './frame.tsx'

export const People = () => (
  <WorldsFrame>
    <PersonaCard />
    <Magic />
    <Scenarios />
  </WorldsFrame>
)

const PersonaCard = () => {
  const text = useText()
  const word = useWord()
  const { language } = useSpeech()
  const personas = usePersonas(true)
  /** Where a bank brings people of its own, their story is in the language that it was written in. */
  const story = (login: string, told: string) => {
    const known = word('persona', login)
    return known === login ? (
      <span {...(language !== 'en' && { lang: 'en' })}>{told}</span>
    ) : (
      <Rich text={known} />
    )
  }
  return (
    <Card title={text('people.title')}>
      <p className="pad small">
        <Rich text={text('people.about')} />
      </p>
      <Answer to={personas}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={text('people.none')} />
          ) : (
            <Table caption={text('people.title')}>
              <thead>
                <tr>
                  <th scope="col">{text('people.name')}</th>
                  <th scope="col">{text('people.login')}</th>
                  <th scope="col">{text('people.story')}</th>
                </tr>
              </thead>
              <tbody>
                {data.map((one) => (
                  <tr key={one.login}>
                    <th scope="row" className="nowrap">
                      {one.name}
                    </th>
                    <td>
                      <Copyable value={one.login} what={text('people.login')} />
                    </td>
                    <td>{story(one.login, one.story)}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Answer>
    </Card>
  )
}

/** Minor units of an amount on the scripted customer's accounts (docs/partners/sandbox.md). */
const digits = ['01', '02', '03', '04', '05', '06', '07', '08', '09'] as const

const Magic = () => {
  const text = useText()
  return (
    <Card title={text('magic.title')}>
      <p className="pad small">
        <Rich text={text('magic.about')} />
      </p>
      <Table caption={text('magic.title')} className="dense">
        <thead>
          <tr>
            <th scope="col">{text('magic.digits')}</th>
            <th scope="col">{text('magic.plays')}</th>
          </tr>
        </thead>
        <tbody>
          {digits.map((minor) => (
            <tr key={minor}>
              <th scope="row">
                <code>.{minor}</code>
              </th>
              <td>
                <Rich text={text(`magic.${minor}`)} />
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
      <p className="pad small">
        <Rich text={text('magic.accounts')} />
      </p>
    </Card>
  )
}

/** Of the published documents: by scenario, the operations that play it. */
const byScenario = (products: readonly ProductEntry[]) => {
  const found = new Map<string, { product: string; operation: string }[]>()
  for (const { id: product, operations } of products)
    for (const { id: operation, scenarios } of operations)
      for (const scenario of scenarios)
        found.set(scenario, [...(found.get(scenario) ?? []), { product, operation }])
  return [...found].toSorted(([a], [b]) => a.localeCompare(b))
}

const Scenarios = () => {
  const text = useText()
  const word = useWord()
  const reference = useReference()
  return (
    <Card title={text('scenarios.title')}>
      <p className="pad small">
        <Rich text={text('scenarios.about')} />
      </p>
      <Answer to={reference}>
        {(products) => (
          <Table caption={text('scenarios.title')}>
            <thead>
              <tr>
                <th scope="col">{text('scenarios.header')}</th>
                <th scope="col">{text('scenarios.happens')}</th>
                <th scope="col">{text('scenarios.operations')}</th>
              </tr>
            </thead>
            <tbody>
              {byScenario(products).map(([scenario, operations]) => (
                <tr key={scenario}>
                  <th scope="row">
                    <code>{scenario}</code>
                  </th>
                  <td>
                    <Rich text={word('scenario', scenario)} />
                  </td>
                  <td>
                    <details>
                      <summary>{text('scenarios.count', { count: operations.length })}</summary>
                      <ul className="plain-list">
                        {operations.map(({ product, operation }) => (
                          <li key={`${product} ${operation}`}>
                            <Link
                              to="/reference/$product/$operation"
                              params={{ product, operation }}
                            >
                              {word('operation', operation)}
                            </Link>
                          </li>
                        ))}
                      </ul>
                    </details>
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Answer>
    </Card>
  )
}
