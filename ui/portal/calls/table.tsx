import { Link } from '@tanstack/react-router'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Table, Verdict } from '../../kit/show.tsx'
import type { UsageCall } from '../../kit/usage.ts'
import { useText } from '../messages/index.ts'
import { useApplications } from '../pages/applications.tsx'
import { useCell } from '../signed-in.tsx'

export const toneOf = (status: number) => (status < 400 ? 'good' : status < 500 ? 'warn' : 'bad')

export const CallTable = ({ calls }: { calls: readonly UsageCall[] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const cell = useCell()
  const applications = useApplications().data?.data ?? []
  const nameOf = (id: string) => applications.find((one) => one.id === id)?.name ?? id
  return (
    <Table caption={text('calls.title')}>
      <thead>
        <tr>
          <th scope="col">{text('usage.time')}</th>
          <th scope="col">{text('usage.operation')}</th>
          <th scope="col">{text('usage.answer')}</th>
          <th scope="col">{text('usage.application')}</th>
          <th scope="col" className="number">
            {text('usage.took')}
          </th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <tr key={call.callId}>
            <th scope="row" className="nowrap figure">
              <Link to="/$cell/calls/$call" params={{ cell, call: call.callId }}>
                {format.timeOf(call.occurredAt, 'second')}
              </Link>
              <small>{format.dateOf(call.occurredAt)}</small>
            </th>
            <td>
              {word('operation', call.operation)}
              <small>
                <code>{call.operation}</code>
              </small>
            </td>
            <td>
              <Verdict tone={toneOf(call.status)}>
                {call.status} {call.code && <code>{call.code}</code>}
              </Verdict>
            </td>
            <td>{nameOf(call.applicationId)}</td>
            <td className="number">{text('usage.ms', { ms: Math.round(call.latencyMs) })}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
