/** The advisory board as a partner sees it: requests with votes for everybody, meetings for those with a seat. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { MeetingState, RequestItem } from '../../kit/advisory/show.tsx'
import type { Meeting, Member, OwnRequest } from '../../kit/advisory/wire.ts'
import { Answer, Failure } from '../../kit/answer.tsx'
import { read, readAll, send } from '../../kit/api.ts'
import { faultAt, Field, Form, TextArea } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { useMe } from '../../kit/session.ts'
import { Card, Chip, Empty, Note, Sigil } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { Me } from '../wire.ts'

interface BoardView {
  readonly member: boolean
  readonly members: readonly Omit<Member, 'personId'>[]
  readonly meetings: readonly Meeting[]
}

/** Who files requests and votes for their organisation. */
const useMayAct = (): boolean =>
  useMe<Me>().data?.person.roles.some((role) => ['owner', 'admin', 'developer'].includes(role)) ??
  false

const useCommand = <Given, Outcome>(ask: (given: Given) => Promise<Outcome>) => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ask,
    onSuccess: () => queries.invalidateQueries({ queryKey: ['advisory'] }),
  })
}

export const AdvisoryBoard = () => {
  const text = useText()
  const board = useQuery({
    queryKey: ['advisory', 'board'],
    queryFn: () => read<BoardView>('/api/advisory'),
  })
  const requests = useQuery({
    queryKey: ['advisory', 'requests'],
    queryFn: () => readAll<OwnRequest>('/api/advisory/requests', {}, 'before'),
  })
  const acts = useMayAct()
  return (
    <>
      <PageHead title={text('advisory.title')} cell={useCell()} about={text('advisory.about')} />
      <div className="columns">
        <div className="stack wide">
          <Card title={text('advisory.requests')}>
            <Answer to={requests}>{(found) => <Requests requests={found} acts={acts} />}</Answer>
          </Card>
        </div>
        <div className="stack">
          {acts ? <FileForm /> : <Note>{text('advisory.may-not')}</Note>}
          <Answer to={board}>{(found) => <Board board={found} />}</Answer>
        </div>
      </div>
    </>
  )
}

const Requests = ({ requests, acts }: { requests: readonly OwnRequest[]; acts: boolean }) => {
  const text = useText()
  return requests.length === 0 ? (
    <Empty title={text('advisory.requests.none')}>{text('advisory.requests.none.about')}</Empty>
  ) : (
    <ul className="requests">
      {requests.map((request) => (
        <RequestItem
          key={request.id}
          request={request}
          acts={<Vote request={request} acts={acts} />}
        />
      ))}
    </ul>
  )
}

const choices = ['for', 'against'] as const

const Vote = ({ request, acts }: { request: OwnRequest; acts: boolean }) => {
  const text = useText()
  const vote = useCommand((choice: (typeof choices)[number]) =>
    send(`/api/advisory/requests/${request.id}/vote`, { choice }),
  )
  const withdraw = useCommand(() => send(`/api/advisory/requests/${request.id}/withdrawal`))
  return (
    <div className="row">
      {request.voting && acts ? (
        <div
          className="segments"
          role="group"
          aria-label={`${text('advisory.vote')}: ${request.title}`}
        >
          {choices.map((choice) => (
            <button
              key={choice}
              type="button"
              aria-pressed={request.vote === choice}
              disabled={vote.isPending}
              onClick={() => vote.mutate(choice)}
            >
              {text(`advisory.vote.${choice}`)}
            </button>
          ))}
        </div>
      ) : (
        request.vote && (
          <span className="small dim">
            {text('advisory.vote.voted', { choice: text(`advisory.vote.word.${request.vote}`) })}
          </span>
        )
      )}
      {request.own && <Chip icon={null}>{text('advisory.own')}</Chip>}
      {request.own && acts && request.status === 'open' && (
        <button
          type="button"
          className="button text small-button"
          disabled={withdraw.isPending}
          onClick={() => withdraw.mutate(undefined)}
        >
          {text('advisory.withdraw')}
        </button>
      )}
      {vote.isError && <Failure error={vote.error} />}
      {withdraw.isError && <Failure error={withdraw.error} />}
    </div>
  )
}

const FileForm = () => {
  const text = useText()
  const file = useCommand((asked: { title: string; body: string }) =>
    send('/api/advisory/requests', asked),
  )
  return (
    <Card title={text('advisory.file')} foot={text('advisory.vote.hint')}>
      <div className="pad">
        <Form
          key={file.submittedAt}
          label={text('advisory.file')}
          busy={file.isPending}
          error={file.error}
          onSubmit={({ one }) => file.mutate({ title: one('title'), body: one('body') })}
          acts={
            <button className="button primary" disabled={file.isPending}>
              {text('advisory.file')}
            </button>
          }
        >
          <Field
            name="title"
            label={text('advisory.file.title')}
            value={file.isError ? (file.variables?.title ?? '') : ''}
            required
            minLength={3}
            maxLength={200}
            fault={faultAt(file.error, '/title')}
          />
          <TextArea
            name="body"
            label={text('advisory.file.body')}
            hint={text('advisory.file.hint')}
            value={file.isError ? (file.variables?.body ?? '') : ''}
            required
            rows={5}
            fault={faultAt(file.error, '/body')}
          />
        </Form>
      </div>
    </Card>
  )
}

const Board = ({ board: { member, members, meetings } }: { board: BoardView }) => {
  const text = useText()
  return member ? (
    <>
      <Meetings meetings={meetings} />
      <Card title={text('advisory.members')}>
        <ul className="pad stack">
          {members.map((seat) => (
            <li key={seat.id} className="row named">
              <Sigil name={seat.organisation} />
              <span>
                <b>{seat.name}</b>
                <br />
                <small className="dim">{seat.organisation}</small>
              </span>
            </li>
          ))}
        </ul>
      </Card>
    </>
  ) : (
    <Note>{text('advisory.not-member')}</Note>
  )
}

const Meetings = ({ meetings }: { meetings: readonly Meeting[] }) => {
  const text = useText()
  const format = useFormat()
  const cell = useCell()
  return (
    <Card title={text('advisory.meetings')}>
      {meetings.length === 0 ? (
        <Empty title={text('advisory.meetings.none')}>{text('advisory.meetings.none.about')}</Empty>
      ) : (
        <ul className="pad stack">
          {meetings.map((meeting) => (
            <li key={meeting.id}>
              <span className="row between">
                <Link to="/$cell/advisory/$id" params={{ cell, id: meeting.id }}>
                  {meeting.quarter}
                </Link>
                <MeetingState of={meeting.status} />
              </span>
              <small className="dim">
                {text('advisory.meeting.about', {
                  day: format.day(meeting.heldOn),
                  chair: meeting.chairName,
                })}
              </small>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
