/** The second factor: asked for at the sign-in, and once more before what takes effect in production. */
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { proveWith, send } from './api.ts'
import { Field, Form } from './fields.tsx'
import { Icon } from './icons.tsx'
import { useKitText } from './messages/index.ts'
import { canUsePasskeys, proveByPasskey } from './passkey.ts'

/** A code or a passkey; calls `onProven` when the server has accepted either. */
export const ProveForm = (props: {
  onProven: () => void
  onCancel?: () => void
  large?: boolean
}) => {
  const { onProven, onCancel, large } = props
  const text = useKitText()
  const prove = useMutation({
    mutationFn: (code: string | null) =>
      code === null ? proveByPasskey() : send<unknown>('/api/sessions/current/factor', { code }),
    onSuccess: onProven,
  })
  const size = large ? 'large full' : ''
  return (
    <Form
      label={text('factor.title')}
      busy={prove.isPending}
      error={prove.error}
      onSubmit={({ one }) => prove.mutate(one('code'))}
      acts={
        <>
          <button className={`button primary ${size}`} disabled={prove.isPending}>
            {text('factor.act')}
          </button>
          {canUsePasskeys() && (
            <button
              type="button"
              className={`button ${size}`}
              disabled={prove.isPending}
              onClick={() => prove.mutate(null)}
            >
              <Icon name="fingerprint" />
              {text('factor.passkey')}
            </button>
          )}
          {onCancel && (
            <button type="button" className="button text" onClick={onCancel}>
              {text('factor.cancel')}
            </button>
          )}
        </>
      }
    >
      <Field
        name="code"
        label={text('factor.code')}
        hint={text('factor.code.hint')}
        autoComplete="one-time-code"
        maxLength={32}
        code
        required
      />
    </Form>
  )
}

/** How long a button that waited for its answer may take to be one again. */
const AGAIN_MS = 2_000

/** The last that had the focus outside of the dialog: while it waits it is disabled, and the browser forgets it. */
const useComeFrom = () => {
  const last = useRef<HTMLElement | null>(null)
  useEffect(() => {
    const seen = ({ target }: FocusEvent) => {
      if (target instanceof HTMLElement && !target.closest('dialog')) last.current = target
    }
    document.addEventListener('focusin', seen)
    return () => document.removeEventListener('focusin', seen)
  }, [])
  /** Gives the focus back, as soon as it can be taken, unless the reader has gone on meanwhile. */
  return () => {
    const until = performance.now() + AGAIN_MS
    const again = () => {
      const from = last.current
      if (!from?.isConnected || (document.activeElement ?? document.body) !== document.body) return
      from.focus()
      if (document.activeElement !== from && performance.now() < until) requestAnimationFrame(again)
    }
    requestAnimationFrame(again)
  }
}

/** Stands beside all pages: whatever request is asked for a fresh factor waits here, and then goes on by itself. */
export const StepUp = () => {
  const text = useKitText()
  const dialog = useRef<HTMLDialogElement>(null)
  const giveBack = useComeFrom()
  const [settle, setSettle] = useState<((proven: boolean) => void) | null>(null)
  useEffect(
    () =>
      proveWith(
        () =>
          new Promise<boolean>((resolve) => {
            setSettle(() => resolve)
          }),
      ),
    [],
  )
  useEffect(() => {
    if (settle) dialog.current?.showModal()
  }, [settle])
  const end = (proven: boolean) => {
    dialog.current?.close()
    settle?.(proven)
    setSettle(null)
    giveBack()
  }
  if (!settle) return null
  return (
    <dialog
      ref={dialog}
      className="step-up"
      aria-labelledby="step-up-title"
      onCancel={() => end(false)}
    >
      <h2 id="step-up-title">{text('factor.again')}</h2>
      <p>{text('factor.again.about')}</p>
      <ProveForm onProven={() => end(true)} onCancel={() => end(false)} />
    </dialog>
  )
}
