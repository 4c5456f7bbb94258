import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { send } from '../../kit/api.ts'
import { Failure } from '../../kit/answer.tsx'
import { Field, Form } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { SecurityCards } from '../../kit/security.tsx'
import { useMe } from '../../kit/session.ts'
import { Card, Chip, Note } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { Me } from '../wire.ts'

export const SecurityPage = () => {
  const text = useText()
  const me = useMe<Me>().data
  return (
    <>
      <PageHead title={text('security.title')} cell={useCell()} about={text('security.about')} />
      <SecurityCards above={me && <Address me={me} />} />
    </>
  )
}

/** The address, until it is proven by the code that was mailed there. */
const Address = ({ me }: { me: Me }) => {
  const text = useText()
  const queries = useQueryClient()
  const [shown, setShown] = useState(() => queries.getQueryData<string>(['mailed']))
  const mail = useMutation({
    mutationFn: () => send<{ shown?: string }>('/api/me/email-code'),
    onSuccess: (sent) => setShown(sent.shown),
  })
  const prove = useMutation({
    mutationFn: (code: string) => send<void>('/api/me/email-verification', { code }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const { emailProven } = me.standing
  return (
    <Card
      title={text('security.email')}
      beside={
        <Chip tone={emailProven ? 'good' : 'warn'}>
          {text(emailProven ? 'security.email.proven' : 'security.email.unproven')}
        </Chip>
      }
    >
      <div className="pad stack">
        <p>{me.person.email}</p>
        {!emailProven && (
          <>
            <p>{text('security.email.about')}</p>
            {shown && (
              <Note live>
                {text('security.email.shown')} <code>{shown}</code>
              </Note>
            )}
            <Form
              label={text('security.email')}
              busy={prove.isPending}
              error={prove.error}
              onSubmit={({ one }) => prove.mutate(one('code'))}
              acts={
                <>
                  <button className="button primary" disabled={prove.isPending}>
                    {text('security.email.prove')}
                  </button>
                  <button
                    type="button"
                    className="button"
                    disabled={mail.isPending}
                    onClick={() => mail.mutate()}
                  >
                    {text('security.email.send')}
                  </button>
                </>
              }
            >
              <Field
                name="code"
                label={text('security.email.code')}
                autoComplete="one-time-code"
                maxLength={6}
                code
                required
              />
            </Form>
            {mail.error && <Failure error={mail.error} />}
          </>
        )}
      </div>
    </Card>
  )
}
