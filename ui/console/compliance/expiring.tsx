/** Evidence that runs out anywhere: the nearest end first, the step now and the next one with its day. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query, read, send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, TextArea } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { lastOfDay } from '../../kit/moments.ts'
import { Card, Empty, Figures, Note, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import { useNames } from '../queries.ts'
import type { Asked, List } from '../wire.ts'
import { Decline } from './decline.tsx'
import { LicenceTabs } from './licence-tabs.tsx'
import { Rechecks } from './rechecks.tsx'
import type { Task } from './wire.ts'

export const useTasks = (partner?: string) =>
  useQuery({
    queryKey: ['licence-tasks', partner],
    queryFn: () => read<List<Task>>(`/api/licence-tasks${query({ partner })}`),
  })

export const Expiring = () => {
  const text = useText()
  const tasks = useTasks()
  return (
    <>
      <PageHead title={text('expiring.title')} about={text('expiring.about')} />
      <LicenceTabs />
      <div className="stack wide">
        <Answer to={tasks}>{({ data }) => <Tasks tasks={data} />}</Answer>
        <Rechecks />
      </div>
    </>
  )
}

const Tasks = ({ tasks }: { tasks: readonly Task[] }) => {
  const text = useText()
  const format = useFormat()
  const fallen = tasks.filter((task) => task.step !== 'warned')
  return (
    <div className="stack wide">
      {tasks.length > 0 && (
        <Figures
          figures={[
            { label: text('expiring.soon'), value: format.number(tasks.length - fallen.length) },
            {
              label: text('expiring.fallen'),
              value: format.number(fallen.length),
              about: text('expiring.fallen.about'),
            },
            {
              label: text('expiring.bank'),
              value: format.number(tasks.filter(({ owner }) => owner === 'bank').length),
              about: text('expiring.bank.about'),
            },
          ]}
        />
      )}
      <Card title={text('expiring.list')}>
        <TaskTable tasks={tasks} />
      </Card>
    </div>
  )
}

/** `ofOne`: all of the same partner, which then needs no naming. */
export const TaskTable = ({ tasks, ofOne }: { tasks: readonly Task[]; ofOne?: boolean }) => {
  const text = useText()
  if (tasks.length === 0)
    return <Empty title={text('expiring.none')}>{text('expiring.none.about')}</Empty>
  return (
    <Table caption={text('expiring.list')}>
      <thead>
        <tr>
          <th scope="col">{text('evidence-about.document')}</th>
          {!ofOne && <th scope="col">{text('partner.one')}</th>}
          <th scope="col">{text('expiring.ends')}</th>
          <th scope="col">{text('expiring.steps')}</th>
          <th scope="col">{text('expiring.move')}</th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <TaskRow key={task.evidenceId} task={task} ofOne={ofOne ?? false} />
        ))}
      </tbody>
    </Table>
  )
}

const TaskRow = ({ task, ofOne }: { task: Task; ofOne: boolean }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const names = useNames()
  const extends_ = useMay(['compliance'])
  const [open, setOpen] = useState(false)
  return (
    <>
      <tr>
        <th scope="row">
          {word('evidence', task.type)}
          <Lost permissions={task.permissions} />
        </th>
        {!ofOne && (
          <td>
            <Link to="/partners/$id/licences" params={{ id: task.partnerId }}>
              {names.partner(task.partnerId) ?? task.partnerId}
            </Link>
          </td>
        )}
        <td className="nowrap">{format.dateOf(task.endsAt)}</td>
        <td>
          <Decline task={task} />
        </td>
        <td>
          {text(`expiring.owner.${task.owner}`)}
          {extends_ && (
            <div>
              <button
                type="button"
                className="button text"
                aria-expanded={open}
                onClick={() => setOpen(!open)}
              >
                {text('extension.act')}
              </button>
            </div>
          )}
        </td>
      </tr>
      {open && (
        <tr className="opened">
          <td colSpan={ofOne ? 4 : 5}>
            <Extend task={task} />
          </td>
        </tr>
      )}
    </>
  )
}

/** What is lost with it: named where it is little, counted where it is much. */
const Lost = ({ permissions }: { permissions: Task['permissions'] }) => {
  const text = useText()
  const word = useWord()
  const named = permissions.map((name) => word('permission', name))
  if (named.length <= 2) return <small>{named.join(' · ')}</small>
  return (
    <details>
      <summary>{text('expiring.permissions', { count: named.length })}</summary>
      <ul className="small dim">
        {named.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
    </details>
  )
}

/** Once, not for long, and by two people: the document counts although it has ended. */
const Extend = ({ task }: { task: Task }) => {
  const text = useText()
  const format = useFormat()
  const extend = useCommand(({ one }: Filled) =>
    send<Asked>(`/api/evidence/${task.evidenceId}/extension`, {
      until: lastOfDay(one('until'), format.zone),
      reason: one('reason'),
    }),
  )
  return (
    <Form
      label={text('extension.act')}
      busy={extend.isPending}
      error={extend.error}
      onSubmit={(filled) => extend.mutate(filled)}
      acts={
        <button className="button primary" disabled={extend.isPending}>
          {text('act.propose')}
        </button>
      }
    >
      <Note>{text('extension.about')}</Note>
      <div className="form-two">
        <Field
          name="until"
          type="date"
          label={text('extension.until')}
          required
          fault={faultAt(extend.error, '/until')}
        />
        <TextArea
          name="reason"
          rows={1}
          label={text('extension.reason')}
          required
          fault={faultAt(extend.error, '/reason')}
        />
      </div>
      <Waits asked={extend.data} />
    </Form>
  )
}
