import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form } from '../../kit/fields.tsx'
import { useWord } from '../../kit/language.tsx'
import { Threshold } from '../../kit/threshold.tsx'
import { useText } from '../messages/index.ts'
import type { Person } from '../wire.ts'

interface Offered {
  readonly organisation: string
  readonly email: string
  readonly roles: Person['roles']
}

/** Takes a place that was offered by mail. The token stands behind the hash: it is in no request for a page. */
export const Join = () => {
  const text = useText()
  const token = location.hash.slice(1)
  const offered = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => send<Offered>('/api/invitations/reading', { token }),
    retry: false,
  })
  return (
    <Threshold
      about={text('front.about')}
      title={text('join.title')}
      lead={text('join.lead')}
      says={{ sentence: text('front.title'), about: text('sign-in.says') }}
    >
      <Answer to={offered}>{(offer) => <Take token={token} offer={offer} />}</Answer>
    </Threshold>
  )
}

const Take = ({ token, offer }: { token: string; offer: Offered }) => {
  const text = useText()
  const word = useWord()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const take = useMutation({
    mutationFn: ({ one }: Filled) =>
      send<unknown>('/api/invitations/acceptance', {
        token,
        name: one('name'),
        password: one('password'),
      }),
    onSuccess: () => {
      queries.clear()
      void navigate({ to: '/$cell/security', params: { cell: 'sandbox' } })
    },
  })
  return (
    <>
      <p>
        <b>{offer.organisation}</b> · {offer.email} ·{' '}
        {offer.roles.map((role) => word('role', role)).join(', ')}
      </p>
      <Form
        label={text('join.title')}
        busy={take.isPending}
        error={take.error}
        onSubmit={(filled) => take.mutate(filled)}
        acts={<button className="button primary large full">{text('join.act')}</button>}
      >
        <Field
          name="name"
          label={text('person.name')}
          autoComplete="name"
          required
          maxLength={120}
          fault={faultAt(take.error, '/name')}
        />
        <Field
          name="password"
          type="password"
          label={text('person.password')}
          hint={text('person.password.hint')}
          autoComplete="new-password"
          required
          fault={faultAt(take.error, '/password')}
        />
      </Form>
    </>
  )
}
