/** What a change would have done to the calls of the last days and to last month's cost: looked at before one says yes. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Chip, Figures, Note, Table } from '../../kit/show.tsx'
import type { Wire } from '../../kit/wire.ts'
import type { Impact as ImpactNoun } from '#control/impact/impact.ts'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'
import type { Change } from '../wire.ts'

type Impact = Wire<ImpactNoun>

/** It is measured anew for whoever looks, and may take a while: the page does not wait for it. */
export const ImpactCard = ({ change }: { change: Change }) => {
  const text = useText()
  const format = useFormat()
  const impact = useQuery({
    enabled: change.status === 'proposed',
    queryKey: ['impact', change.id, change.hash],
    queryFn: () => read<Impact>(`/api/approvals/${change.id}/impact`),
    staleTime: 60_000,
  })
  if (change.status !== 'proposed') return null
  return (
    <Card
      title={text('impact.title')}
      beside={
        impact.data && (
          <span className="small dim">
            {text('impact.since', { time: format.momentOf(impact.data.since) })}
          </span>
        )
      }
    >
      <Answer to={impact}>
        {(found) => (found.not === null ? <Found impact={found} /> : <Nothing impact={found} />)}
      </Answer>
    </Card>
  )
}

const Nothing = ({ impact: { not } }: { impact: Impact }) => {
  const text = useText()
  return (
    <div className="pad">
      <Note>
        {text('impact.not')} <span lang="en">{not}</span>
      </Note>
    </div>
  )
}

const sum = (turned: Impact['refused']) => turned.reduce((total, { calls }) => total + calls, 0)

const Found = ({ impact }: { impact: Impact }) => {
  const text = useText()
  const format = useFormat()
  const silent =
    impact.refused.length +
      impact.opened.length +
      impact.throttled.length +
      impact.fields.length +
      impact.costs.length +
      impact.permissions.length +
      impact.commercial.length ===
    0
  return (
    <div className="pad stack">
      <Figures
        figures={[
          { label: text('impact.calls'), value: format.number(impact.calls) },
          { label: text('impact.refused'), value: format.number(sum(impact.refused)) },
          { label: text('impact.opened'), value: format.number(sum(impact.opened)) },
        ]}
      />
      {silent && <p className="small">{text('impact.silent')}</p>}
      <Calls title={text('impact.refused')} turned={impact.refused} />
      <Calls title={text('impact.opened')} turned={impact.opened} />
      <Throttled impact={impact} />
      <Costs impact={impact} />
      <Fields impact={impact} />
      <Permissions impact={impact} />
      <Commercial impact={impact} />
    </div>
  )
}

const Partner = ({ id }: { id: string }) => {
  const names = useNames()
  return (
    <Link to="/partners/$id" params={{ id }}>
      {names.partner(id) ?? id}
    </Link>
  )
}

const Calls = ({ title, turned }: { title: string; turned: Impact['refused'] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  if (turned.length === 0) return null
  return (
    <Table caption={title} className="dense">
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">{text('live.why')}</th>
          <th scope="col" className="number">
            {text('live.calls')}
          </th>
        </tr>
      </thead>
      <tbody>
        {turned.map((one) => (
          <tr key={`${one.application} ${one.operation} ${one.code}`}>
            <th scope="row">
              {word('operation', one.operation)}
              <small>
                <Partner id={one.partner} />
              </small>
            </th>
            <td>
              {word('problem', one.code)}
              <small>
                <code>{one.code}</code>
              </small>
            </td>
            <td className="number">{format.number(one.calls)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const Throttled = ({ impact: { throttled } }: { impact: Impact }) => {
  const text = useText()
  const format = useFormat()
  if (throttled.length === 0) return null
  return (
    <Table caption={text('impact.throttled')} className="dense">
      <thead>
        <tr>
          <th scope="col">{text('impact.throttled')}</th>
          <th scope="col" className="number">
            {text('live.calls')}
          </th>
          <th scope="col" className="number">
            {text('impact.now')}
          </th>
          <th scope="col" className="number">
            {text('impact.then')}
          </th>
        </tr>
      </thead>
      <tbody>
        {throttled.map((one) => (
          <tr key={`${one.partner} ${one.policy}`}>
            <th scope="row">
              <Partner id={one.partner} />
              <small>
                <code>{one.policy}</code>
              </small>
            </th>
            <td className="number">{format.number(one.calls)}</td>
            <td className="number">{format.number(one.before)}</td>
            <td className="number">{format.number(one.after)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const Costs = ({ impact: { costs } }: { impact: Impact }) => {
  const text = useText()
  const format = useFormat()
  if (costs.length === 0) return null
  return (
    <Table caption={text('impact.costs')} className="dense">
      <thead>
        <tr>
          <th scope="col">{text('impact.costs')}</th>
          <th scope="col" className="number">
            {text('impact.now')}
          </th>
          <th scope="col" className="number">
            {text('impact.then')}
          </th>
        </tr>
      </thead>
      <tbody>
        {costs.map(({ partner, month, currency, before, after }) => (
          <tr key={`${partner} ${month} ${currency}`}>
            <th scope="row">
              <Partner id={partner} />
              <small>{month}</small>
            </th>
            <td className="number">
              {before === null ? '—' : format.amount({ amount: before, currency })}
            </td>
            <td className="number">{format.amount({ amount: after, currency })}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const Fields = ({ impact: { fields } }: { impact: Impact }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  if (fields.length === 0) return null
  return (
    <Table caption={text('impact.fields')} className="dense">
      <thead>
        <tr>
          <th scope="col">{text('impact.fields')}</th>
          <th scope="col">{text('impact.becomes')}</th>
          <th scope="col" className="number">
            {text('fields.released')}
          </th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ partner, operation, field, becomes, answers }) => (
          <tr key={`${partner} ${operation} ${field}`}>
            <th scope="row">
              <code>{field}</code>
              <small>
                {word('operation', operation)}, <Partner id={partner} />
              </small>
            </th>
            <td>{text(`impact.becomes.${becomes}`)}</td>
            <td className="number">{format.number(answers)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** What no call shows. The sentence is the rule's own; who is told of it reads it in their language. */
const Commercial = ({ impact: { commercial } }: { impact: Impact }) => {
  const text = useText()
  if (commercial.length === 0) return null
  return (
    <Table caption={text('impact.commercial')} className="dense">
      <thead>
        <tr>
          <th scope="col">{text('impact.commercial')}</th>
          <th scope="col">{text('impact.commercial.whom')}</th>
        </tr>
      </thead>
      <tbody>
        {commercial.map((one) => (
          <tr key={`${one.id} ${one.operation} ${one.path} ${one.text}`}>
            <th scope="row" lang="en">
              <Chip tone={one.level === 'ERR' ? 'bad' : 'warn'}>
                {text(`impact.commercial.${one.level === 'ERR' ? 'breaks' : 'look'}`)}
              </Chip>{' '}
              {one.text}
              <small>
                <code>{[one.id, one.operation, one.path].filter((part) => part).join(' ')}</code>
              </small>
            </th>
            <td>
              {one.partners.length === 0
                ? text('impact.commercial.new')
                : one.partners.map((id) => (
                    <div key={id}>
                      <Partner id={id} />
                    </div>
                  ))}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const Permissions = ({ impact: { permissions } }: { impact: Impact }) => {
  const text = useText()
  const word = useWord()
  if (permissions.length === 0) return null
  return (
    <Table caption={text('impact.permissions')} className="dense">
      <thead>
        <tr>
          <th scope="col">{text('impact.permissions')}</th>
          <th scope="col">{text('impact.now')}</th>
          <th scope="col">{text('impact.then')}</th>
        </tr>
      </thead>
      <tbody>
        {permissions.map(({ partner, permission, before, after }) => (
          <tr key={`${partner} ${permission}`}>
            <th scope="row">
              {word('permission', permission)}
              <small>
                <Partner id={partner} />
              </small>
            </th>
            <td lang="en">{before}</td>
            <td lang="en">{after}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
