import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { send } from '../../kit/api.ts'
import { Choices, faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { useWord } from '../../kit/language.tsx'
import { Threshold } from '../../kit/threshold.tsx'
import { useText } from '../messages/index.ts'
import { countries, statuses } from '../words.ts'

const registrationOf = ({ one, many }: Filled) => ({
  organisation: one('organisation'),
  ...(one('legalName') && { legalName: one('legalName') }),
  country: one('country'),
  declaredStatuses: many('declaredStatuses'),
  person: { name: one('name'), email: one('email'), password: one('password') },
})

export const Register = () => {
  const text = useText()
  const word = useWord()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const register = useMutation({
    mutationFn: (filled: Filled) =>
      send<{ shown?: string }>('/api/registrations', registrationOf(filled)),
    onSuccess: ({ shown }) => {
      queries.clear()
      queries.setQueryData(['mailed'], shown)
      void navigate({ to: '/$cell/home', params: { cell: 'sandbox' } })
    },
  })
  return (
    <Threshold
      about={text('front.about')}
      title={text('register.title')}
      lead={text('register.lead')}
      roomy
      says={{ sentence: text('register.says'), about: text('register.says-about') }}
    >
      <Form
        label={text('register.title')}
        busy={register.isPending}
        error={register.error}
        onSubmit={(filled) => register.mutate(filled)}
        acts={
          <button className="button primary large full" disabled={register.isPending}>
            {text('register.act')}
          </button>
        }
      >
        <div className="form-two">
          <Field
            name="organisation"
            label={text('organisation.name')}
            autoComplete="organization"
            required
            maxLength={120}
            fault={faultAt(register.error, '/organisation')}
          />
          <Select
            name="country"
            label={text('organisation.country')}
            value="UZ"
            options={countries.map((code) => ({ value: code, label: word('country', code) }))}
            fault={faultAt(register.error, '/country')}
          />
        </div>
        <Field
          name="legalName"
          label={text('organisation.legal-name')}
          hint={text('organisation.legal-name.hint')}
          maxLength={200}
          fault={faultAt(register.error, '/legalName')}
        />
        <Choices
          name="declaredStatuses"
          label={text('organisation.statuses')}
          hint={text('organisation.statuses.hint')}
          many
          pairs
          options={statuses.map((status) => ({ value: status, label: word('status', status) }))}
          fault={faultAt(register.error, '/declaredStatuses')}
        />
        <Field
          name="name"
          label={text('person.name')}
          autoComplete="name"
          required
          maxLength={120}
          fault={faultAt(register.error, '/person/name')}
        />
        <Field
          name="email"
          type="email"
          label={text('person.email')}
          autoComplete="username"
          required
          fault={faultAt(register.error, '/person/email')}
        />
        <Field
          name="password"
          type="password"
          label={text('person.password')}
          hint={text('person.password.hint')}
          autoComplete="new-password"
          required
          fault={faultAt(register.error, '/person/password')}
        />
      </Form>
      <p className="small below-form">
        {text('register.known')} <Link to="/sign-in">{text('sign-in.act')}</Link>
      </p>
    </Threshold>
  )
}
