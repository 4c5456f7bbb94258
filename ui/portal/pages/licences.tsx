/** What the organisation is, by what evidence, and what it may therefore do: every permission with its gates. */
import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { Choices, faultAt, Form } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { Icon } from '../../kit/icons.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { PermissionList } from '../../kit/permissions.tsx'
import { Card, Empty, Note, shortHash, State, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { Evidence, Licences as LicencesAnswer, List } from '../wire.ts'
import { statuses } from '../words.ts'
import { AddEvidence } from './add-evidence.tsx'

export const useLicences = () =>
  useQuery({ queryKey: ['licences'], queryFn: () => read<LicencesAnswer>('/api/licences') })

export const useEvidence = () =>
  useQuery({ queryKey: ['evidence'], queryFn: () => read<List<Evidence>>('/api/evidence') })

export const Licences = () => {
  const text = useText()
  const cell = useCell()
  const licences = useLicences()
  return (
    <>
      <PageHead title={text('licences.title')} cell={cell} about={text(`licences.about.${cell}`)} />
      <div className="columns">
        <div className="stack wide">
          <Answer to={licences}>
            {(found) => (
              <PermissionList
                title={text('licences.permissions')}
                matrix={found.matrix}
                permissions={found.permissions[cell]}
              />
            )}
          </Answer>
          <EvidenceCard />
        </div>
        <div className="stack">
          <Answer to={licences}>{(found) => <Statuses licences={found} />}</Answer>
        </div>
      </div>
    </>
  )
}

const Statuses = ({ licences }: { licences: LicencesAnswer }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const { held, declared, requested } = licences.statuses
  return (
    <Card title={text('licences.statuses')}>
      <div className="pad stack">
        {held.length === 0 && declared.length === 0 && <p>{text('licences.no-status')}</p>}
        <ul className="stack close">
          {held.map((holding) => (
            <li key={holding.status}>
              <State of={holding.suspended ? 'suspended' : 'held'} />{' '}
              {word('status', holding.status)}
              <p className="tiny dim">
                {text('licences.since', { date: format.dateOf(holding.since) })}
              </p>
            </li>
          ))}
          {declared
            .filter((status) => !held.some((holding) => holding.status === status))
            .map((status) => (
              <li key={status}>
                <State of="declared" /> {word('status', status)}
              </li>
            ))}
        </ul>
        {requested.length > 0 ? (
          <Note tone="warn">
            <b>{text('mover.bank')}.</b>{' '}
            {text('licences.asked', {
              statuses: requested.map((status) => word('status', status)).join(', '),
            })}
          </Note>
        ) : (
          <Ask licences={licences} />
        )}
      </div>
    </Card>
  )
}

/** Asks the bank to hold the organisation as what it says it is. */
const Ask = ({ licences }: { licences: LicencesAnswer }) => {
  const text = useText()
  const word = useWord()
  const queries = useQueryClient()
  const { held, declared } = licences.statuses
  const left = statuses.filter((status) => !held.some((holding) => holding.status === status))
  const ask = useMutation({
    mutationFn: (chosen: string[]) => send('/api/licence-applications', { statuses: chosen }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['licences'] }),
  })
  return (
    <Form
      label={text('licences.ask')}
      busy={ask.isPending}
      error={ask.error}
      onSubmit={({ many }) => ask.mutate(many('statuses'))}
      acts={
        <button className="button" disabled={ask.isPending}>
          {text('licences.ask')}
        </button>
      }
    >
      <Choices
        name="statuses"
        label={text('licences.ask.which')}
        hint={text('licences.ask.hint')}
        many
        chosen={declared}
        options={left.map((status) => ({ value: status, label: word('status', status) }))}
        fault={faultAt(ask.error, '/statuses')}
      />
    </Form>
  )
}

const EvidenceCard = () => {
  const text = useText()
  const evidence = useEvidence()
  const [adding, setAdding] = useState(false)
  const add = (
    <button
      type="button"
      className="button small-button"
      aria-expanded={adding}
      onClick={() => setAdding(!adding)}
    >
      <Icon name="plus" />
      {text('evidence.add')}
    </button>
  )
  return (
    <Card title={text('evidence.title')} beside={add}>
      {adding && <AddEvidence done={() => setAdding(false)} />}
      <Answer to={evidence}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={text('evidence.none')}>{text('evidence.none.about')}</Empty>
          ) : (
            <EvidenceTable evidence={data} />
          )
        }
      </Answer>
    </Card>
  )
}

const EvidenceTable = ({ evidence }: { evidence: readonly Evidence[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Table caption={text('evidence.title')}>
      <thead>
        <tr>
          <th scope="col">{text('evidence-about.document')}</th>
          <th scope="col">{text('application.state')}</th>
          <th scope="col">{text('evidence-about.issuer')}</th>
          <th scope="col">{text('evidence-about.valid')}</th>
        </tr>
      </thead>
      <tbody>
        {evidence.map((item) => (
          <tr key={item.id}>
            <th scope="row">
              {word('evidence', item.type)}
              <small>
                <code title={item.documentSha256}>sha256 {shortHash(item.documentSha256)}</code>
              </small>
            </th>
            <td>
              <State of={item.state} />
              {item.remark && <small lang="en">{item.remark}</small>}
            </td>
            <td>{item.issuer}</td>
            <td className="nowrap">
              {item.endsAt
                ? text('evidence-about.until', { date: format.dateOf(item.endsAt) })
                : text('evidence-about.open-ended')}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
