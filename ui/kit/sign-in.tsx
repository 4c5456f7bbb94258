/** Signing in: what one knows, then what one has; or a passkey, which is both. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { send } from './api.ts'
import { Failure } from './answer.tsx'
import { Field, Form } from './fields.tsx'
import { Icon } from './icons.tsx'
import { useKitText } from './messages/index.ts'
import { canUsePasskeys, signInByPasskey } from './passkey.ts'
import { ProveForm } from './prove.tsx'

export interface Standing {
  readonly factor: 'proven' | 'asked' | 'missing'
  readonly emailProven: boolean
  readonly freshUntil: string | null
}

/** `arrived` is told what the session has proven: who has no second factor yet may have to set one up first. */
export const SignInForm = ({ arrived }: { arrived: (factor: Standing['factor']) => void }) => {
  const text = useKitText()
  const queries = useQueryClient()
  const [asked, setAsked] = useState(false)
  const enter = (factor: Standing['factor']) => {
    queries.clear()
    arrived(factor)
  }
  const signIn = useMutation({
    mutationFn: (credentials: { email: string; password: string }) =>
      send<{ standing: Standing }>('/api/sessions', credentials),
    onSuccess: ({ standing }) =>
      standing.factor === 'asked' ? setAsked(true) : enter(standing.factor),
  })
  const passkey = useMutation({ mutationFn: signInByPasskey, onSuccess: () => enter('proven') })
  if (asked)
    return (
      <>
        <p>{text('factor.about')}</p>
        <ProveForm large onProven={() => enter('proven')} />
      </>
    )
  return (
    <>
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
      {canUsePasskeys() && (
        <div className="form-acts below-form">
          <button
            type="button"
            className="button large full"
            disabled={passkey.isPending}
            onClick={() => passkey.mutate()}
          >
            <Icon name="fingerprint" />
            {text('sign-in.passkey')}
          </button>
        </div>
      )}
      {passkey.error && <Failure error={passkey.error} />}
    </>
  )
}
