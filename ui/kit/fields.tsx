/** Fields of a form: a label above, a hint below, and the fault beside the field that has it. */
import { type ChangeEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import { Refusal } from './api.ts'
import { Failure } from './answer.tsx'
import { Icon } from './icons.tsx'

interface About {
  readonly label: string
  readonly hint?: string
  readonly fault?: string | undefined
}

const Below = ({ id, hint, fault }: { id: string; hint?: string; fault?: string | undefined }) => (
  <>
    {hint && (
      <span className="hint" id={`${id}-hint`}>
        {hint}
      </span>
    )}
    {fault && (
      <span className="wrong" id={`${id}-fault`}>
        <Icon name="alert" />
        {fault}
      </span>
    )}
  </>
)

const described = (id: string, about: About) => ({
  'aria-invalid': about.fault !== undefined,
  'aria-describedby':
    [about.hint && `${id}-hint`, about.fault && `${id}-fault`].filter(Boolean).join(' ') ||
    undefined,
})

export const Field = (
  props: About & {
    name: string
    type?: 'text' | 'email' | 'password' | 'date' | 'datetime-local' | 'month' | 'number' | 'file'
    value?: string
    autoComplete?: string
    required?: boolean
    minLength?: number
    maxLength?: number
    code?: boolean
    placeholder?: string
    accept?: string
    min?: string
    max?: string
    onFile?: (file: File) => void
  },
) => {
  const id = useId()
  const { label, hint, fault, code, value, onFile, type = 'text', ...input } = props
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type={type}
        className={code ? 'input code-input' : 'input'}
        spellCheck={code ? false : undefined}
        {...(value !== undefined && { defaultValue: value })}
        {...(onFile && {
          onChange: (event: ChangeEvent<HTMLInputElement>) => {
            const file = event.currentTarget.files?.[0]
            if (file) onFile(file)
          },
        })}
        {...input}
        {...described(id, props)}
      />
      <Below id={id} {...(hint && { hint })} fault={fault} />
    </div>
  )
}

export const TextArea = (
  props: About & {
    name: string
    rows?: number
    code?: boolean
    required?: boolean
    value?: string
  },
) => {
  const id = useId()
  const { label, hint, fault, code, value, rows = 3, ...input } = props
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        rows={rows}
        className={code ? 'input code-input' : 'input'}
        spellCheck={code ? false : undefined}
        {...(value !== undefined && { defaultValue: value })}
        {...input}
        {...described(id, props)}
      />
      <Below id={id} {...(hint && { hint })} fault={fault} />
    </div>
  )
}

export interface Option {
  readonly value: string
  readonly label: string
  readonly about?: string
}

export const Select = (
  props: About & {
    name: string
    options: readonly Option[]
    value?: string
    required?: boolean
    onPick?: (value: string) => void
  },
) => {
  const id = useId()
  const { label, hint, fault, options, value, onPick, ...input } = props
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="input"
        defaultValue={value ?? ''}
        {...(onPick && {
          onChange: (event: ChangeEvent<HTMLSelectElement>) => onPick(event.currentTarget.value),
        })}
        {...input}
        {...described(id, props)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <Below id={id} {...(hint && { hint })} fault={fault} />
    </div>
  )
}

/** One of several, or several of many: `many` turns radios into check boxes. */
export const Choices = (
  props: About & {
    name: string
    options: readonly Option[]
    many?: boolean
    boxed?: boolean
    /** Two beside each other. */
    pairs?: boolean
    chosen?: readonly string[]
    onChoose?: (value: string) => void
  },
) => {
  const id = useId()
  const { label, hint, fault, name, options, many, boxed, pairs } = props
  const { chosen = [], onChoose } = props
  return (
    <fieldset className="field" {...described(id, props)} aria-invalid={undefined}>
      <legend>{label}</legend>
      <div className={`choices ${boxed ? 'boxed' : ''} ${pairs ? 'pairs' : ''}`}>
        {options.map((option) => (
          <label className="choice" key={option.value}>
            <input
              type={many ? 'checkbox' : 'radio'}
              name={name}
              value={option.value}
              defaultChecked={chosen.includes(option.value)}
              onChange={() => onChoose?.(option.value)}
            />
            <span>
              {option.label}
              {option.about && <small>{option.about}</small>}
            </span>
          </label>
        ))}
      </div>
      <Below id={id} {...(hint && { hint })} fault={fault} />
    </fieldset>
  )
}

/** What the form holds, as text by name. */
export interface Filled {
  /** One value; empty text when it was left out. */
  readonly one: (name: string) => string
  readonly many: (name: string) => string[]
}

const filledIn = (form: HTMLFormElement): Filled => {
  const data = new FormData(form)
  const text = (value: FormDataEntryValue | null) => (typeof value === 'string' ? value.trim() : '')
  return {
    one: (name) => text(data.get(name)),
    many: (name) => data.getAll(name).map(text).filter(Boolean),
  }
}

/** A form that hands over what was filled in. The refusal stands above its buttons and is what one hears next. */
export const Form = (props: {
  label: string
  busy: boolean
  error: unknown
  onSubmit: (filled: Filled) => void
  children: ReactNode
  acts: ReactNode
}) => {
  const refused = useRef<HTMLDivElement>(null)
  const { label, busy, error, onSubmit, children, acts } = props
  useEffect(() => {
    if (error) refused.current?.scrollIntoView({ block: 'nearest' })
  }, [error])
  return (
    <form
      className="form"
      aria-label={label}
      aria-busy={busy}
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy) onSubmit(filledIn(event.currentTarget))
      }}
    >
      {children}
      {error !== null && error !== undefined && (
        <div ref={refused}>
          <Failure error={error} />
        </div>
      )}
      <div className="form-acts">{acts}</div>
    </form>
  )
}

/** What the server said of one field of the form, by the last part of its pointer. */
export const faultAt = (error: unknown, pointer: string): string | undefined =>
  error instanceof Refusal
    ? error.faults.find((fault) => fault.pointer === pointer || fault.pointer === `/body${pointer}`)
        ?.detail
    : undefined
