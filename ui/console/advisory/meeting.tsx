/** One meeting: its steps with the next one in front, the pack, minutes, decisions and actions. */
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import {
  Actions,
  Agenda,
  Decisions,
  MeetingState,
  Minutes,
  PackCard,
} from '../../kit/advisory/show.tsx'
import type { WholeMeeting } from '../../kit/advisory/wire.ts'
import { Answer, Failure } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { faultAt, Field, Form, Select, TextArea } from '../../kit/fields.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import { useStaff } from '../queries.ts'
import type { Asked } from '../wire.ts'
import { agendaOf, linesOf } from './agenda.ts'
import { ChairSelect, runners } from './board.tsx'

const teams = [
  'api-product',
  'api-engineering',
  'developer-relations',
  'partner-success',
  'compliance',
  'finance',
] as const

const at = ({ meeting }: WholeMeeting, act = '') => `/api/advisory/meetings/${meeting.id}${act}`

export const MeetingPage = () => {
  const text = useText()
  const format = useFormat()
  const { id = '' } = useParams({ strict: false })
  const meeting = useQuery({
    queryKey: ['advisory', id],
    queryFn: () => read<WholeMeeting>(`/api/advisory/meetings/${id}`),
  })
  const found = meeting.data?.meeting
  return (
    <>
      <Crumbs
        above={{ to: '/advisory', name: text('board.title') }}
        here={found?.quarter ?? text('meeting.one')}
      />
      <PageHead
        title={found ? text('meeting.title', { quarter: found.quarter }) : text('meeting.one')}
        about={
          found && text('meeting.about', { day: format.day(found.heldOn), chair: found.chairName })
        }
        acts={found && <MeetingState of={found.status} />}
      />
      <Answer to={meeting} lines={8}>
        {(whole) => <Whole whole={whole} />}
      </Answer>
    </>
  )
}

const Whole = ({ whole }: { whole: WholeMeeting }) => {
  const runs = useMay(runners)
  const { meeting, pack, decisions, actions } = whole
  const writes = runs && meeting.status === 'held'
  return (
    <div className="columns">
      <div className="stack wide">
        {writes ? (
          <MinutesForm whole={whole} />
        ) : (
          meeting.minutes && <Minutes minutes={meeting.minutes} />
        )}
        {meeting.status !== 'planned' && (
          <>
            <Decisions of={decisions} acts={writes && <DecisionForm whole={whole} />} />
            <Actions
              of={actions}
              finish={(action) => meeting.status === 'published' && <Finish id={action.id} />}
              acts={writes && <ActionForm whole={whole} />}
            />
          </>
        )}
        <PackCard meeting={meeting} pack={pack} />
      </div>
      <div className="stack">
        {runs && <Next whole={whole} />}
        {runs && meeting.status === 'planned' ? (
          <PlanForm whole={whole} />
        ) : (
          <Agenda of={meeting} />
        )}
      </div>
    </div>
  )
}

type Step = 'pack' | 'held' | 'minutes' | 'publish' | 'done'

const stepOf = ({ meeting }: WholeMeeting): Step => {
  if (meeting.status === 'published') return 'done'
  if (meeting.status === 'held') return meeting.minutes ? 'publish' : 'minutes'
  return meeting.packSha256 ? 'held' : 'pack'
}

/** Whose move it is: the one act that brings the meeting on. */
const Next = ({ whole }: { whole: WholeMeeting }) => {
  const text = useText()
  const format = useFormat()
  const step = stepOf(whole)
  const make = useCommand(() => send(at(whole, '/pack')))
  const hold = useCommand(() => send(at(whole, '/opening')))
  const publish = useCommand(() => send<Asked>(at(whole, '/publication')))
  if (step === 'done')
    return (
      <Card title={text('meeting.next')}>
        <p className="pad small">
          {text('meeting.step.done', { moment: format.momentOf(whole.meeting.publishedAt ?? '') })}
        </p>
      </Card>
    )
  const act = { pack: make, held: hold, publish, minutes: null }[step]
  return (
    <Card title={text('meeting.next')}>
      <div className="pad stack">
        <p className="small">{text(`meeting.step.${step}.about`)}</p>
        <div className="row">
          {act && (
            <button
              type="button"
              className="button primary"
              disabled={act.isPending}
              onClick={() => act.mutate(undefined)}
            >
              {text(`meeting.step.${step}`)}
            </button>
          )}
          {step === 'held' && (
            <button
              type="button"
              className="button"
              disabled={make.isPending}
              onClick={() => make.mutate(undefined)}
            >
              {text('meeting.step.pack.again')}
            </button>
          )}
          {step === 'minutes' && <b>{text('meeting.step.minutes')}</b>}
        </div>
        {[make, hold, publish].map(
          (tried, nth) => tried.isError && <Failure key={nth} error={tried.error} />,
        )}
        <Waits asked={publish.data} />
      </div>
    </Card>
  )
}

const PlanForm = ({ whole }: { whole: WholeMeeting }) => {
  const text = useText()
  const staff = useStaff().data?.data
  const { heldOn, chair, agenda } = whole.meeting
  const keep = useCommand((plan: object) => send(at(whole, '/plan'), plan))
  return (
    <Card title={text('meeting.plan')}>
      <div className="pad">
        {staff && (
          <Form
            label={text('meeting.plan')}
            busy={keep.isPending}
            error={keep.error}
            onSubmit={({ one }) =>
              keep.mutate({
                heldOn: one('heldOn'),
                chair: one('chair'),
                agenda: agendaOf(one('agenda'), agenda),
              })
            }
            acts={
              <button className="button" disabled={keep.isPending}>
                {text('meeting.plan.save')}
              </button>
            }
          >
            <Field
              name="heldOn"
              type="date"
              label={text('board.held-on')}
              value={heldOn}
              required
              fault={faultAt(keep.error, '/heldOn')}
            />
            <ChairSelect staff={staff} value={chair} />
            <TextArea name="agenda" label={text('board.agenda')} value={linesOf(agenda)} rows={6} />
          </Form>
        )}
      </div>
    </Card>
  )
}

const MinutesForm = ({ whole }: { whole: WholeMeeting }) => {
  const text = useText()
  const keep = useCommand((minutes: string) => send(at(whole, '/minutes'), { minutes }))
  return (
    <Card title={text('meeting.minutes.label')}>
      <div className="pad">
        <Form
          label={text('meeting.minutes.label')}
          busy={keep.isPending}
          error={keep.error}
          onSubmit={({ one }) => keep.mutate(one('minutes'))}
          acts={
            <button className="button" disabled={keep.isPending}>
              {text('meeting.minutes.save')}
            </button>
          }
        >
          <TextArea
            name="minutes"
            label={text('meeting.minutes.label')}
            hint={text('meeting.minutes.hint')}
            value={whole.meeting.minutes ?? ''}
            rows={12}
            required
            fault={faultAt(keep.error, '/minutes')}
          />
        </Form>
      </div>
    </Card>
  )
}

const DecisionForm = ({ whole }: { whole: WholeMeeting }) => {
  const text = useText()
  const add = useCommand((said: string) => send(at(whole, '/decisions'), { said }))
  return (
    <Form
      key={whole.decisions.length}
      label={text('meeting.decision.add')}
      busy={add.isPending}
      error={add.error}
      onSubmit={({ one }) => add.mutate(one('said'))}
      acts={
        <button className="button" disabled={add.isPending}>
          {text('meeting.decision.add')}
        </button>
      }
    >
      <Field
        name="said"
        label={text('meeting.decision.label')}
        required
        maxLength={4000}
        fault={faultAt(add.error, '/said')}
      />
    </Form>
  )
}

const ActionForm = ({ whole }: { whole: WholeMeeting }) => {
  const text = useText()
  const word = useWord()
  const add = useCommand((asked: object) => send(at(whole, '/actions'), asked))
  return (
    <Form
      key={whole.actions.length}
      label={text('meeting.action.add')}
      busy={add.isPending}
      error={add.error}
      onSubmit={({ one }) =>
        add.mutate({ said: one('said'), owner: one('owner'), dueOn: one('dueOn') })
      }
      acts={
        <button className="button" disabled={add.isPending}>
          {text('meeting.action.add')}
        </button>
      }
    >
      <Field
        name="said"
        label={text('meeting.action.label')}
        required
        maxLength={4000}
        fault={faultAt(add.error, '/said')}
      />
      <div className="form-two">
        <Select
          name="owner"
          label={text('meeting.action.owner')}
          value={teams[0]}
          options={teams.map((team) => ({ value: team, label: word('role', team) }))}
        />
        <Field
          name="dueOn"
          type="date"
          label={text('meeting.action.due')}
          required
          fault={faultAt(add.error, '/dueOn')}
        />
      </div>
    </Form>
  )
}

const Finish = ({ id }: { id: string }) => {
  const text = useText()
  const may = useMay(['head-of-platform', ...teams])
  const finish = useCommand((outcome: string) =>
    send(`/api/advisory/actions/${id}/outcome`, { outcome }),
  )
  return (
    may && (
      <Form
        label={text('meeting.action.finish')}
        busy={finish.isPending}
        error={finish.error}
        onSubmit={({ one }) => finish.mutate(one('outcome'))}
        acts={
          <button className="button small-button" disabled={finish.isPending}>
            {text('meeting.action.finish')}
          </button>
        }
      >
        <Field
          name="outcome"
          label={text('meeting.action.outcome')}
          required
          maxLength={4000}
          fault={faultAt(finish.error, '/outcome')}
        />
      </Form>
    )
  )
}
