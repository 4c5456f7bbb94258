/** What lies in front: whose it is, by when, and what one may do with it. */
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Failure } from '../../kit/answer.tsx'
import { send } from '../../kit/api.ts'
import { faultAt, Field, Form, Select } from '../../kit/fields.tsx'
import { Icon } from '../../kit/icons.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { dayAfter, startOfDay, today } from '../../kit/moments.ts'
import { Card, Chip, Facts, Note, Sigil } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand } from '../proposing.tsx'
import { useStaff } from '../queries.ts'
import { useStaffMember } from '../signed-in.tsx'
import { pageOf } from './addresses.ts'
import { Due, useAbout } from './item.tsx'
import type { Item } from './wire.ts'

const itemAt = (item: Item, act: string) =>
  `/api/work-queues/items/${encodeURIComponent(item.id)}/${act}`

export const Front = ({ item }: { item: Item }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const about = useAbout()(item)
  const organisation = item.organisation ?? text('work.bank')
  return (
    <Card title={word('work-kind', item.kind)} beside={<Due item={item} />}>
      <div className="pad stack">
        <div className="row">
          <Sigil name={organisation} />
          <b>{organisation}</b>
          {item.late && <Chip tone="bad">{text('work.is-late')}</Chip>}
        </div>
        <p>{about}</p>
        <Facts
          rows={[
            [
              text('work.team'),
              item.queues.length === 0
                ? word('role', 'head-of-platform')
                : item.queues.map((queue) => word('role', queue)).join(', '),
            ],
            [
              text('work.since'),
              text('work.since.span', {
                moment: format.momentOf(item.since),
                span: format.span(Date.now() - Date.parse(item.since)),
              }),
            ],
            [text('work.due'), format.momentOf(item.dueAt)],
            [text('work.owner'), item.ownerName ?? text('work.nobody')],
            item.snoozedUntil
              ? [text('work.asleep-until'), format.momentOf(item.snoozedUntil)]
              : null,
            item.reason ? [text('work.reason'), item.reason] : null,
          ]}
        />
        <Note>
          {text('work.closes')} {word('work-how', item.kind)}
        </Note>
        <Acts item={item} />
      </div>
    </Card>
  )
}

const Acts = ({ item }: { item: Item }) => {
  const text = useText()
  const me = useStaffMember()
  const [open, setOpen] = useState<'give' | 'sleep' | null>(null)
  const take = useCommand(() => send(itemAt(item, 'claim')))
  const isMine = item.owner !== null && item.owner === me?.id
  const isHead = me?.roles.includes('head-of-platform') ?? false
  const free = item.owner === null
  const toggle = (what: 'give' | 'sleep') => setOpen(open === what ? null : what)
  return (
    <>
      <div className="row">
        <Link className="button primary" to={pageOf(item)}>
          {text('work.open')}
          <Icon name="arrow-right" />
        </Link>
        {item.may && free && (
          <button
            type="button"
            id="take"
            className="button"
            disabled={take.isPending}
            onClick={() => take.mutate(undefined)}
          >
            {text('work.take')}
          </button>
        )}
        {(isMine || isHead) && (
          <button
            type="button"
            className="button"
            aria-expanded={open === 'give'}
            onClick={() => toggle('give')}
          >
            {text('work.give')}
          </button>
        )}
        {item.may && (isMine || free) && !item.late && (
          <button
            type="button"
            className="button"
            aria-expanded={open === 'sleep'}
            onClick={() => toggle('sleep')}
          >
            {text('work.sleep')}
          </button>
        )}
      </div>
      {!item.may && (
        <p className="small dim">{text(item.mine ? 'work.barred' : 'work.not-yours')}</p>
      )}
      {take.isError && <Failure error={take.error} />}
      {open === 'give' && <GiveForm item={item} />}
      {open === 'sleep' && <SleepForm item={item} />}
    </>
  )
}

/** Another person of the item's teams, or everybody of them again. */
const GiveForm = ({ item }: { item: Item }) => {
  const text = useText()
  const word = useWord()
  const me = useStaffMember()
  const staff = useStaff().data?.data ?? []
  const others = staff.filter(
    ({ id, roles, status }) =>
      status === 'active' &&
      id !== me?.id &&
      roles.some((role) => role === 'head-of-platform' || item.queues.some((q) => q === role)),
  )
  const give = useCommand(({ to, reason }: { to: string; reason: string }) =>
    send(itemAt(item, 'handover'), { to: to === '' ? null : to, reason }),
  )
  return (
    <Form
      label={text('work.give')}
      busy={give.isPending}
      error={give.error}
      onSubmit={({ one }) => give.mutate({ to: one('to'), reason: one('reason') })}
      acts={
        <button className="button" disabled={give.isPending}>
          {text('work.give')}
        </button>
      }
    >
      <Select
        name="to"
        label={text('work.give.to')}
        options={[
          { value: '', label: text('work.give.back') },
          ...others.map(({ id, name, roles }) => ({
            value: id,
            label: `${name}, ${roles.map((role) => word('role', role)).join(', ')}`,
          })),
        ]}
        fault={faultAt(give.error, '/to')}
      />
      <Field
        name="reason"
        label={text('work.reason')}
        required
        minLength={3}
        maxLength={1000}
        fault={faultAt(give.error, '/reason')}
      />
    </Form>
  )
}

const SleepForm = ({ item }: { item: Item }) => {
  const text = useText()
  const { zone } = useFormat()
  const sleep = useCommand(({ day, reason }: { day: string; reason: string }) =>
    send(itemAt(item, 'snooze'), { until: startOfDay(day, zone), reason }),
  )
  return (
    <Form
      label={text('work.sleep')}
      busy={sleep.isPending}
      error={sleep.error}
      onSubmit={({ one }) => sleep.mutate({ day: one('day'), reason: one('reason') })}
      acts={
        <button className="button" disabled={sleep.isPending}>
          {text('work.sleep')}
        </button>
      }
    >
      <Field
        name="day"
        type="date"
        label={text('work.sleep.day')}
        hint={text('work.sleep.hint')}
        value={dayAfter(today(zone), 1)}
        required
        fault={faultAt(sleep.error, '/until')}
      />
      <Field
        name="reason"
        label={text('work.reason')}
        required
        minLength={3}
        maxLength={1000}
        fault={faultAt(sleep.error, '/reason')}
      />
    </Form>
  )
}
