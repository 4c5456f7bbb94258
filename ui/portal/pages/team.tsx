import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Answer, Failure } from '../../kit/answer.tsx'
import { read, request, send } from '../../kit/api.ts'
import { Choices, faultAt, Field, type Filled, Form } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { useMe } from '../../kit/session.ts'
import { Card, Chip, Copyable, Note, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { Invitation, List, Me, Person } from '../wire.ts'

const roles = [
  'owner',
  'admin',
  'security-admin',
  'developer',
  'finance',
  'signatory',
  'auditor',
] as const

const useTeam = <Input, Outcome>(act: (input: Input) => Promise<Outcome>) => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: act,
    onSuccess: () => queries.invalidateQueries({ queryKey: ['team'] }),
  })
}

export const Team = () => {
  const text = useText()
  const me = useMe<Me>().data?.person
  const people = useQuery({
    queryKey: ['team', 'people'],
    queryFn: () => read<List<Person>>('/api/people'),
  })
  const invites = me?.roles.some((role) => role === 'owner' || role === 'admin') ?? false
  return (
    <>
      <PageHead title={text('team.title')} cell={useCell()} about={text('team.about')} />
      <div className="stack">
        <Card title={text('team.people')}>
          <Answer to={people}>
            {({ data }) => <People people={data} owns={me?.roles.includes('owner') ?? false} />}
          </Answer>
        </Card>
        {invites && <Invite />}
        {invites && <Invitations />}
      </div>
    </>
  )
}

const People = ({ people, owns }: { people: readonly Person[]; owns: boolean }) => {
  const text = useText()
  const word = useWord()
  const [chosen, setChosen] = useState<string | null>(null)
  const end = useTeam((id: string) => send<Person>(`/api/people/${id}/departure`))
  const here = people.filter((person) => person.status === 'active')
  const person = here.find(({ id }) => id === chosen)
  return (
    <>
      <Table caption={text('team.people')}>
        <thead>
          <tr>
            <th scope="col">{text('person.name')}</th>
            <th scope="col">{text('team.roles')}</th>
            {owns && <th scope="col">{text('team.acts')}</th>}
          </tr>
        </thead>
        <tbody>
          {here.map(({ id, name, email, emailProven, roles: held }) => (
            <tr key={id}>
              <th scope="row">
                {name}
                <small>{email}</small>
              </th>
              <td>
                {held.map((role) => word('role', role)).join(', ')}
                {!emailProven && <Chip tone="warn">{text('security.email.unproven')}</Chip>}
              </td>
              {owns && (
                <td>
                  <button
                    type="button"
                    className="button text"
                    aria-label={text('team.change.whose', { name })}
                    onClick={() => setChosen(id)}
                  >
                    {text('team.change')}
                  </button>
                  <button
                    type="button"
                    className="button text"
                    aria-label={text('team.end.whose', { name })}
                    onClick={() => end.mutate(id)}
                  >
                    {text('team.end')}
                  </button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </Table>
      {(end.error !== null || person) && (
        <div className="pad stack">
          {end.error && <Failure error={end.error} />}
          {person && <Roles key={person.id} of={person} done={() => setChosen(null)} />}
        </div>
      )}
    </>
  )
}

const useRoleOptions = () => {
  const word = useWord()
  return roles.map((role) => ({ value: role, label: word('role', role) }))
}

const Roles = ({ of: person, done }: { of: Person; done: () => void }) => {
  const text = useText()
  const options = useRoleOptions()
  const change = useTeam(async (held: readonly string[]) => {
    await request<Person>('PUT', `/api/people/${person.id}/roles`, { roles: held })
    done()
  })
  return (
    <Form
      label={text('team.change.whose', { name: person.name })}
      busy={change.isPending}
      error={change.error}
      onSubmit={({ many }) => change.mutate(many('roles'))}
      acts={
        <>
          <button className="button primary">{text('team.change.act')}</button>
          <button type="button" className="button text" onClick={done}>
            {text('factor.cancel')}
          </button>
        </>
      }
    >
      <Choices
        name="roles"
        label={text('team.roles.of', { name: person.name })}
        many
        pairs
        options={options}
        chosen={person.roles}
      />
    </Form>
  )
}

const Invite = () => {
  const text = useText()
  const options = useRoleOptions()
  const [shown, setShown] = useState<string | undefined>()
  const invite = useTeam(async ({ one, many }: Filled) => {
    const sent = await send<{ shown?: string }>('/api/invitations', {
      email: one('email'),
      roles: many('roles'),
    })
    setShown(sent.shown)
  })
  return (
    <Card title={text('team.invite')}>
      <div className="pad stack">
        <p>{text('team.invite.about')}</p>
        <Form
          label={text('team.invite')}
          busy={invite.isPending}
          error={invite.error}
          onSubmit={(filled) => invite.mutate(filled)}
          acts={<button className="button primary">{text('team.invite.act')}</button>}
        >
          <Field
            name="email"
            type="email"
            label={text('person.email')}
            required
            fault={faultAt(invite.error, '/email')}
          />
          <Choices
            name="roles"
            label={text('team.roles')}
            many
            pairs
            options={options}
            chosen={['developer']}
            fault={faultAt(invite.error, '/roles')}
          />
        </Form>
        {invite.isSuccess && (
          <Note tone="good" live>
            {text('team.invite.sent')}{' '}
            {shown && (
              <Copyable value={shown} shown={new URL(shown).pathname} what={text('team.invite')} />
            )}
          </Note>
        )}
      </div>
    </Card>
  )
}

const Invitations = () => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const open = useQuery({
    queryKey: ['team', 'invitations'],
    queryFn: () => read<List<Invitation>>('/api/invitations'),
  })
  const withdraw = useTeam((id: string) => request<void>('DELETE', `/api/invitations/${id}`))
  if (!open.data || open.data.data.length === 0) return null
  return (
    <Card title={text('team.invitations')}>
      <div className="pad stack">
        <ul className="plain-list">
          {open.data.data.map(({ id, email, roles: offered, expiresAt }) => (
            <li key={id} className="row between">
              <span>
                <b>{email}</b>{' '}
                <small>
                  {offered.map((role) => word('role', role)).join(', ')} ·{' '}
                  {text('team.invitations.until', { time: format.dateOf(expiresAt) })}
                </small>
              </span>
              <button
                type="button"
                className="button text"
                aria-label={text('team.withdraw.whose', { email })}
                onClick={() => withdraw.mutate(id)}
              >
                {text('team.withdraw')}
              </button>
            </li>
          ))}
        </ul>
        {withdraw.error && <Failure error={withdraw.error} />}
      </div>
    </Card>
  )
}
