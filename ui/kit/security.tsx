/** How one signs in: second factors, the codes for a bad day, and where one is signed in now. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Answer, Failure } from './answer.tsx'
import { read, request, send } from './api.ts'
import { Field, Form } from './fields.tsx'
import { Icon } from './icons.tsx'
import { useFormat } from './language.tsx'
import { useKitText } from './messages/index.ts'
import { canUsePasskeys, makePasskey } from './passkey.ts'
import { Card, Chip, Copyable, Note } from './show.tsx'
import type { Standing } from './sign-in.tsx'

interface Security {
  readonly email: string
  readonly standing: Standing
  readonly totp: boolean
  readonly recoveryCodes: number
  readonly passkeys: readonly {
    readonly id: string
    readonly name: string
    readonly synced: boolean
    readonly addedAt: string
    readonly lastUsedAt: string | null
  }[]
  readonly sessions: readonly {
    readonly id: string
    readonly agent: string
    readonly seenAt: string
    readonly current: boolean
  }[]
}

const useSecurity = () =>
  useQuery({ queryKey: ['security'], queryFn: () => read<Security>('/api/me/security') })

/** Does, then reads again what stands now. */
const useAct = <Input, Outcome>(act: (input: Input) => Promise<Outcome>) => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: act,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['security'] })
      await queries.invalidateQueries({ queryKey: ['me'] })
    },
  })
}

export const SecurityCards = ({ above }: { above?: ReactNode }) => {
  const security = useSecurity()
  return (
    <Answer to={security}>
      {(held) => (
        <div className="stack">
          {above}
          <Passkeys held={held} />
          <App held={held} />
          <Sessions held={held} />
        </div>
      )}
    </Answer>
  )
}

const Passkeys = ({ held }: { held: Security }) => {
  const text = useKitText()
  const format = useFormat()
  const add = useAct(makePasskey)
  const remove = useAct((id: string) =>
    request<void>('DELETE', `/api/me/passkeys/${encodeURIComponent(id)}`),
  )
  return (
    <Card title={text('security.passkeys')} beside={<Held is={held.passkeys.length > 0} />}>
      <div className="pad stack">
        <p>{text('security.passkeys.about')}</p>
        {held.passkeys.length > 0 && (
          <ul className="plain-list">
            {held.passkeys.map((passkey) => (
              <li key={passkey.id} className="row between">
                <span>
                  <b>{passkey.name}</b>{' '}
                  <small>
                    {passkey.lastUsedAt
                      ? text('security.used', { time: format.momentOf(passkey.lastUsedAt) })
                      : text('security.added', { time: format.momentOf(passkey.addedAt) })}
                  </small>
                </span>
                <button
                  type="button"
                  className="button text"
                  aria-label={text('security.remove.what', { what: passkey.name })}
                  onClick={() => remove.mutate(passkey.id)}
                >
                  {text('security.remove')}
                </button>
              </li>
            ))}
          </ul>
        )}
        {remove.error && <Failure error={remove.error} />}
        {canUsePasskeys() && (
          <Form
            label={text('security.passkeys.add')}
            busy={add.isPending}
            error={add.error}
            onSubmit={({ one }) => add.mutate(one('name'))}
            acts={
              <button className="button" disabled={add.isPending}>
                <Icon name="fingerprint" />
                {text('security.passkeys.add')}
              </button>
            }
          >
            <Field
              name="name"
              label={text('security.passkeys.name')}
              hint={text('security.passkeys.name.hint')}
              maxLength={60}
              required
            />
          </Form>
        )}
      </div>
    </Card>
  )
}

const Held = ({ is }: { is: boolean }) => {
  const text = useKitText()
  return <Chip tone={is ? 'good' : 'quiet'}>{text(is ? 'security.set' : 'security.unset')}</Chip>
}

const App = ({ held }: { held: Security }) => {
  const text = useKitText()
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const begin = useAct(() => send<{ secret: string; uri: string }>('/api/me/totp'))
  const confirm = useAct(async (code: string) => {
    const { recoveryCodes } = await send<{ recoveryCodes: string[] }>('/api/me/totp/confirmation', {
      code,
    })
    setCodes(recoveryCodes)
  })
  const draw = useAct(async () => {
    const { recoveryCodes } = await send<{ recoveryCodes: string[] }>('/api/me/recovery-codes')
    setCodes(recoveryCodes)
  })
  const remove = useAct(() => request<void>('DELETE', '/api/me/totp'))
  const secret = begin.data?.secret
  return (
    <Card title={text('security.app')} beside={<Held is={held.totp} />}>
      <div className="pad stack">
        <p>{text('security.app.about')}</p>
        {codes && (
          <Note tone="good" live>
            <b>{text('security.codes.now')}</b>
            <ol className="recovery-codes">
              {codes.map((code) => (
                <li key={code}>
                  <code>{code}</code>
                </li>
              ))}
            </ol>
          </Note>
        )}
        {held.totp ? (
          <>
            <p>{text('security.codes.left', { count: held.recoveryCodes })}</p>
            <div className="form-acts">
              <button type="button" className="button" onClick={() => draw.mutate(undefined)}>
                {text('security.codes.draw')}
              </button>
              <button
                type="button"
                className="button text"
                onClick={() => remove.mutate(undefined)}
              >
                {text('security.app.remove')}
              </button>
            </div>
            {(draw.error ?? remove.error) && <Failure error={draw.error ?? remove.error} />}
          </>
        ) : secret === undefined ? (
          <>
            <button type="button" className="button" onClick={() => begin.mutate(undefined)}>
              <Icon name="timer" />
              {text('security.app.begin')}
            </button>
            {begin.error && <Failure error={begin.error} />}
          </>
        ) : (
          <Form
            label={text('security.app')}
            busy={confirm.isPending}
            error={confirm.error}
            onSubmit={({ one }) => confirm.mutate(one('code'))}
            acts={
              <button className="button primary" disabled={confirm.isPending}>
                {text('security.app.confirm')}
              </button>
            }
          >
            <p>
              {text('security.app.secret')}{' '}
              <Copyable value={secret} shown={inFours(secret)} what={text('security.app.key')} />
            </p>
            <Field
              name="code"
              label={text('security.app.code')}
              autoComplete="one-time-code"
              maxLength={12}
              code
              required
            />
          </Form>
        )}
      </div>
    </Card>
  )
}

const inFours = (secret: string) => (secret.match(/.{1,4}/g) ?? []).join(' ')

const Sessions = ({ held }: { held: Security }) => {
  const text = useKitText()
  const format = useFormat()
  const end = useAct((id: string) => request<void>('DELETE', `/api/me/sessions/${id}`))
  const endOthers = useAct(() => send<void>('/api/me/sessions/revocation'))
  return (
    <Card title={text('security.sessions')}>
      <div className="pad stack">
        <ul className="plain-list">
          {held.sessions.map((session) => (
            <li key={session.id} className="row between">
              <span>
                <b>{browserIn(session.agent) || text('security.sessions.unknown')}</b>{' '}
                <small>{text('security.used', { time: format.momentOf(session.seenAt) })}</small>
              </span>
              {session.current ? (
                <Chip tone="good">{text('security.sessions.here')}</Chip>
              ) : (
                <button
                  type="button"
                  className="button text"
                  onClick={() => end.mutate(session.id)}
                >
                  {text('security.sessions.end')}
                </button>
              )}
            </li>
          ))}
        </ul>
        {held.sessions.length > 1 && (
          <button type="button" className="button" onClick={() => endOthers.mutate(undefined)}>
            {text('security.sessions.end-others')}
          </button>
        )}
        {(end.error ?? endOthers.error) && <Failure error={end.error ?? endOthers.error} />}
      </div>
    </Card>
  )
}

/** The browser and the system that a long line of claims most likely means. */
const browserIn = (agent: string): string => {
  const browser = /Edg|Firefox|Chrome|Safari/.exec(agent)?.[0].replace('Edg', 'Edge')
  const system = /Windows|Android|iPhone|iPad|Mac OS X|Linux/.exec(agent)?.[0]
  return [browser, system].filter(Boolean).join(', ') || agent.slice(0, 60)
}
