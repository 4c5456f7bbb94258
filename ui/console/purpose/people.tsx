/** The people of a partner: masked, until the reader has said what they are read for. Who has left can be forgotten. */
import { send } from '../../kit/api.ts'
import { Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { useWord } from '../../kit/language.tsx'
import { Card, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import type { Asked, List, PartnerWhole } from '../wire.ts'
import { AskPurpose, useReading } from './ask-purpose.tsx'

type Person = PartnerWhole['people'][number]

export const People = ({ known: { partner, people } }: { known: PartnerWhole }) => {
  const text = useText()
  const word = useWord()
  const reading = useReading<List<Person>>(`/api/partners/${partner.id}/people`)
  const shown = reading.data?.data ?? people
  return (
    <Card title={text('partner.people')}>
      <Table caption={text('partner.people')}>
        <thead>
          <tr>
            <th scope="col">{text('person.name')}</th>
            <th scope="col">{text('person.roles')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((person) => (
            <tr key={person.id}>
              <th scope="row">
                {person.name}
                <small>{person.email}</small>
              </th>
              <td>
                {person.roles.map((role) => word('role', role)).join(', ')}
                {person.status === 'left' && <small>{text('purpose.left')}</small>}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
      {!reading.data && people.length > 0 && <AskPurpose reading={reading} usual="support" />}
      <Forget left={shown.filter((person) => person.status === 'left' && !isForgotten(person))} />
    </Card>
  )
}

const isForgotten = ({ email }: Person) => email.endsWith('@erased.invalid')

const Forget = ({ left }: { left: readonly Person[] }) => {
  const text = useText()
  const erases = useMay(['compliance', 'head-of-platform'])
  const erasure = useCommand(({ one }: Filled) =>
    send<Asked>(`/api/people/${one('person')}/erasure`, { reason: one('reason') }),
  )
  if (!erases || left.length === 0) return null
  return (
    <details className="pad">
      <summary>{text('purpose.erase')}</summary>
      <p className="hint">{text('purpose.erase.about')}</p>
      <Waits asked={erasure.data} />
      <Form
        label={text('purpose.erase')}
        busy={erasure.isPending}
        error={erasure.error}
        onSubmit={(filled) => erasure.mutate(filled)}
        acts={
          <button className="button stop" disabled={erasure.isPending}>
            {text('purpose.erase')}
          </button>
        }
      >
        <Select
          name="person"
          label={text('person.name')}
          {...(left[0] && { value: left[0].id })}
          options={left.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <Field name="reason" label={text('purpose.erase.why')} required maxLength={1000} />
      </Form>
    </details>
  )
}
