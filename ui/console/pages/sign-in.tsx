import { useNavigate } from '@tanstack/react-router'
import { Field, Form } from '../../kit/fields.tsx'
import { nextPlace, useSignIn } from '../../kit/session.ts'
import { Threshold } from '../../kit/threshold.tsx'
import { useText } from '../messages/index.ts'

export const SignIn = () => {
  const text = useText()
  const navigate = useNavigate()
  const signIn = useSignIn(() => void navigate({ to: nextPlace('/decisions') }))
  return (
    <Threshold
      about={text('front.about')}
      title={text('sign-in.title')}
      lead={text('sign-in.lead')}
      says={{ sentence: text('sign-in.says'), about: text('sign-in.says-about') }}
    >
      <Form
        label={text('sign-in.title')}
        busy={signIn.isPending}
        error={signIn.error}
        onSubmit={({ one }) => signIn.mutate({ email: one('email'), password: one('password') })}
        acts={
          <button className="button primary large full" disabled={signIn.isPending}>
            {text('sign-in.act')}
          </button>
        }
      >
        <Field
          name="email"
          type="email"
          label={text('person.email')}
          autoComplete="username"
          required
        />
        <Field
          name="password"
          type="password"
          label={text('person.password')}
          autoComplete="current-password"
          required
        />
      </Form>
    </Threshold>
  )
}
