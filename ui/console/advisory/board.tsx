/** The partner advisory board: requests, meetings, members. */
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { MeetingState, RequestItem } from '../../kit/advisory/show.tsx'
import type { Meeting, Member, Request, WholeMeeting } from '../../kit/advisory/wire.ts'
import { Answer } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { faultAt, Field, Form, Select, TextArea } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { today } from '../../kit/moments.ts'
import { Card, Empty, Sigil, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import { usePartners, useStaff } from '../queries.ts'
import { usePartner } from '../partner-tabs.tsx'
import { agendaOf, quarterOf } from './agenda.ts'

interface BoardView {
  readonly members: readonly Member[]
  readonly meetings: readonly Meeting[]
  readonly requests: readonly Request[]
}

export const runners = [
  'head-of-platform',
  'developer-relations',
  'partner-success',
  'api-product',
] as const

export const Board = () => {
  const text = useText()
  const board = useQuery({
    queryKey: ['advisory'],
    queryFn: () => read<BoardView>('/api/advisory'),
  })
  const runs = useMay(runners)
  return (
    <>
      <PageHead title={text('board.title')} about={text('board.about')} />
      <Answer to={board} lines={8}>
        {({ members, meetings, requests }) => (
          <div className="columns">
            <div className="stack wide">
              <Meetings meetings={meetings} />
              <Requests requests={requests} />
            </div>
            <div className="stack">
              {runs && <Plan />}
              <Members members={members} runs={runs} />
            </div>
          </div>
        )}
      </Answer>
    </>
  )
}

const Meetings = ({ meetings }: { meetings: readonly Meeting[] }) => {
  const text = useText()
  const format = useFormat()
  return (
    <Card title={text('board.meetings')}>
      {meetings.length === 0 ? (
        <Empty title={text('board.meetings.none')}>{text('board.meetings.none.about')}</Empty>
      ) : (
        <Table caption={text('board.meetings')}>
          <thead>
            <tr>
              <th scope="col">{text('board.quarter')}</th>
              <th scope="col">{text('board.held-on')}</th>
              <th scope="col">{text('board.chair')}</th>
              <th scope="col">{text('board.state')}</th>
            </tr>
          </thead>
          <tbody>
            {meetings.map((meeting) => (
              <tr key={meeting.id}>
                <th scope="row">
                  <Link to="/advisory/meetings/$id" params={{ id: meeting.id }}>
                    {meeting.quarter}
                  </Link>
                </th>
                <td>{format.day(meeting.heldOn)}</td>
                <td>{meeting.chairName}</td>
                <td>
                  <MeetingState of={meeting.status} />
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  )
}

const Requests = ({ requests }: { requests: readonly Request[] }) => {
  const text = useText()
  const answers = useMay(['head-of-platform', 'api-product'])
  return (
    <Card title={text('board.requests')}>
      {requests.length === 0 ? (
        <Empty title={text('board.requests.none')}>{text('board.requests.none.about')}</Empty>
      ) : (
        <ul className="requests">
          {requests.map((request) => (
            <RequestItem
              key={request.id}
              request={request}
              acts={
                answers &&
                (request.status === 'open' || request.status === 'accepted') && (
                  <AnswerForm request={request} />
                )
              }
            />
          ))}
        </ul>
      )}
    </Card>
  )
}

const AnswerForm = ({ request }: { request: Request }) => {
  const text = useText()
  const [open, setOpen] = useState(false)
  const answer = useCommand((said: { status: string; answer: string }) =>
    send(`/api/advisory/requests/${request.id}/answer`, said),
  )
  const choices =
    request.status === 'open'
      ? (['accepted', 'declined', 'delivered'] as const)
      : (['delivered'] as const)
  if (!open)
    return (
      <div>
        <button type="button" className="button small-button" onClick={() => setOpen(true)}>
          {text('board.answer')}
        </button>
      </div>
    )
  return (
    <Form
      label={`${text('board.answer')}: ${request.title}`}
      busy={answer.isPending}
      error={answer.error}
      onSubmit={({ one }) => answer.mutate({ status: one('status'), answer: one('answer') })}
      acts={
        <button className="button" disabled={answer.isPending}>
          {text('board.answer')}
        </button>
      }
    >
      <Select
        name="status"
        label={text('board.answer.what')}
        value={choices[0]}
        options={choices.map((value) => ({ value, label: text(`board.answer.${value}`) }))}
      />
      <TextArea
        name="answer"
        label={text('board.answer.text')}
        required
        fault={faultAt(answer.error, '/answer')}
      />
    </Form>
  )
}

const Plan = () => {
  const text = useText()
  const navigate = useNavigate()
  const { zone } = useFormat()
  const staff = useStaff().data?.data ?? []
  const plan = useCommand((asked: object) => send<WholeMeeting>('/api/advisory/meetings', asked))
  const day = today(zone)
  return (
    <Card title={text('board.plan')}>
      <div className="pad">
        <Form
          label={text('board.plan')}
          busy={plan.isPending}
          error={plan.error}
          onSubmit={({ one }) =>
            plan.mutate(
              {
                quarter: one('quarter'),
                heldOn: one('heldOn'),
                chair: one('chair'),
                agenda: agendaOf(one('agenda')),
              },
              {
                onSuccess: ({ meeting }) =>
                  void navigate({ to: '/advisory/meetings/$id', params: { id: meeting.id } }),
              },
            )
          }
          acts={
            <button className="button primary" disabled={plan.isPending}>
              {text('board.plan')}
            </button>
          }
        >
          <Field
            name="quarter"
            label={text('board.quarter')}
            value={quarterOf(day)}
            required
            fault={faultAt(plan.error, '/quarter')}
          />
          <Field
            name="heldOn"
            type="date"
            label={text('board.held-on')}
            value={day}
            required
            fault={faultAt(plan.error, '/heldOn')}
          />
          <ChairSelect staff={staff} />
          <TextArea name="agenda" label={text('board.agenda')} />
        </Form>
      </div>
    </Card>
  )
}

export const ChairSelect = (props: {
  staff: readonly { id: string; name: string; roles: readonly string[]; status: string }[]
  value?: string
}) => {
  const text = useText()
  return (
    <Select
      name="chair"
      label={text('board.chair')}
      {...(props.value && { value: props.value })}
      options={props.staff
        .filter(({ roles, status }) => status === 'active' && roles.some((r) => r !== 'auditor'))
        .map(({ id, name }) => ({ value: id, label: name }))}
      {...(!props.value && props.staff[0] && { value: props.staff[0].id })}
    />
  )
}

const Members = ({ members, runs }: { members: readonly Member[]; runs: boolean }) => {
  const text = useText()
  const format = useFormat()
  const end = useCommand((id: string) => send(`/api/advisory/members/${id}/departure`))
  return (
    <Card title={text('board.members')}>
      <div className="pad stack">
        {members.length === 0 && <p className="small dim">{text('board.members.none')}</p>}
        <ul className="stack">
          {members.map((member) => (
            <li key={member.id} className="row between">
              <span className="row named">
                <Sigil name={member.organisation} />
                <span>
                  <b>{member.name}</b>
                  <br />
                  <small className="dim">
                    {member.organisation},{' '}
                    {text('board.since', { day: format.dateOf(member.since) })}
                  </small>
                </span>
              </span>
              {runs && (
                <button
                  type="button"
                  className="button text small-button"
                  aria-label={`${text('board.end-seat')}: ${member.name}`}
                  disabled={end.isPending}
                  onClick={() => end.mutate(member.id)}
                >
                  {text('board.end-seat')}
                </button>
              )}
            </li>
          ))}
        </ul>
        {runs && <SeatForm />}
      </div>
    </Card>
  )
}

const SeatForm = () => {
  const text = useText()
  const partners = usePartners().data ?? []
  const [chosen, setChosen] = useState('')
  const partnerId = chosen || (partners[0]?.id ?? '')
  return (
    <details>
      <summary>{text('board.seat')}</summary>
      <div className="stack">
        <div className="field">
          <label htmlFor="seat-partner">{text('board.seat.partner')}</label>
          <select
            id="seat-partner"
            className="input"
            value={partnerId}
            onChange={(event) => setChosen(event.currentTarget.value)}
          >
            {partners.map(({ id, organisation }) => (
              <option key={id} value={id}>
                {organisation}
              </option>
            ))}
          </select>
        </div>
        {partnerId && <SeatPerson key={partnerId} partnerId={partnerId} />}
      </div>
    </details>
  )
}

const SeatPerson = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const people = usePartner(partnerId).data?.people.filter((p) => p.status === 'active')
  const seat = useCommand((personId: string) => send('/api/advisory/members', { personId }))
  if (!people) return null
  if (people.length === 0) return <p className="small dim">{text('board.seat.none')}</p>
  return (
    <Form
      label={text('board.seat')}
      busy={seat.isPending}
      error={seat.error}
      onSubmit={({ one }) => seat.mutate(one('person'))}
      acts={
        <button className="button" disabled={seat.isPending}>
          {text('board.seat')}
        </button>
      }
    >
      <Select
        name="person"
        label={text('board.seat.person')}
        {...(people[0] && { value: people[0].id })}
        options={people.map(({ id, name }) => ({ value: id, label: name }))}
        fault={faultAt(seat.error, '/personId')}
      />
    </Form>
  )
}
