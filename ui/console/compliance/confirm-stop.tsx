/** What a stop does, said before it is done; it is done once its name is written out. */
import { type ReactNode, useId, useState } from 'react'
import { Field, type Filled, Form } from '../../kit/fields.tsx'
import { useText } from '../messages/index.ts'

export const ConfirmStop = (props: {
  /** What is stopped, and what one writes to mean it. */
  name: string
  act: string
  busy: boolean
  error: unknown
  onStop: (filled: Filled) => void
  /** What else is asked: a reason. */
  asks?: ReactNode
  /** What happens. */
  children: ReactNode
}) => {
  const { name, act, busy, error, onStop, asks, children } = props
  const text = useText()
  const about = useId()
  const [open, setOpen] = useState(false)
  const [fault, setFault] = useState<string>()
  if (!open)
    return (
      <button
        type="button"
        className="button small-button stop"
        aria-expanded={false}
        aria-label={`${act}: ${name}`}
        onClick={() => setOpen(true)}
      >
        {act}
      </button>
    )
  return (
    <div className="confirm" role="group" aria-labelledby={about}>
      <p id={about} className="small">
        {children}
      </p>
      <Form
        label={`${act}: ${name}`}
        busy={busy}
        error={error}
        onSubmit={(filled) =>
          filled.one('confirmed') === name
            ? onStop(filled)
            : setFault(text('confirm.differs', { name }))
        }
        acts={
          <>
            <button className="button stop" disabled={busy}>
              {act}
            </button>
            <button type="button" className="button text" onClick={() => setOpen(false)}>
              {text('act.cancel')}
            </button>
          </>
        }
      >
        {asks}
        <Field
          name="confirmed"
          label={text('confirm.write', { name })}
          autoComplete="off"
          required
          code
          fault={fault}
        />
      </Form>
    </div>
  )
}
