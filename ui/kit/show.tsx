/** What pages show: cards, chips, facts, figures, notes, ids, code. */
import { type ReactNode, useId, useState } from 'react'
import { Icon, type IconName } from './icons.tsx'
import { Rich, useWord } from './language.tsx'
import type { Cell } from '#kernel/cell.ts'
import { useKitText } from './messages/index.ts'
import { Tiles } from './tiles.tsx'

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet'

const toneIcon: Record<Tone, IconName> = {
  good: 'check',
  warn: 'clock',
  bad: 'cross',
  info: 'activity',
  quiet: 'pending',
}

/** A state in a word, with a sign of its own: the colour comes third. */
export const Chip = (props: { tone?: Tone; icon?: IconName | null; children: ReactNode }) => {
  const { tone = 'quiet', icon = toneIcon[tone], children } = props
  return (
    <span className={`chip ${tone}`}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  )
}

export const CellChip = ({ cell }: { cell: Cell }) => {
  const text = useKitText()
  return (
    <span className={`chip ${cell}`}>
      <Icon name={cell} />
      {text(`cell.${cell}`)}
    </span>
  )
}

/** Words that states are written in, by what they mean for the one who reads. */
const toneOfState: Record<string, Tone> = {
  active: 'good',
  accepted: 'good',
  applied: 'good',
  approved: 'good',
  held: 'good',
  allowed: 'good',
  paid: 'good',
  final: 'warn',
  partly_paid: 'warn',
  open: 'warn',
  signed: 'info',
  offered: 'info',
  requested: 'warn',
  proposed: 'warn',
  submitted: 'warn',
  'in-review': 'warn',
  draft: 'quiet',
  declared: 'quiet',
  conditional: 'warn',
  rejected: 'bad',
  suspended: 'bad',
  declined: 'bad',
  revoked: 'bad',
  refused: 'bad',
  denied: 'bad',
  frozen: 'bad',
}

export const wordsOfState = Object.keys(toneOfState)

/** The state of a thing, as its room names it. */
export const State = ({ of: state }: { of: string }) => {
  const word = useWord()
  return <Chip tone={toneOfState[state] ?? 'quiet'}>{word('state', state)}</Chip>
}

export const Verdict = ({ tone, children }: { tone: Tone; children: ReactNode }) => (
  <span className={`verdict ${tone}`}>
    <Icon name={tone === 'warn' ? 'alert' : toneIcon[tone]} />
    <span>{children}</span>
  </span>
)

export const Card = (props: {
  title?: string
  beside?: ReactNode
  foot?: ReactNode
  kind?: 'sand' | 'lapis'
  children: ReactNode
}) => {
  const heading = useId()
  const { title, beside, foot, kind, children } = props
  return (
    <section className={`card ${kind ?? ''}`} {...(title && { 'aria-labelledby': heading })}>
      {title && (
        <header>
          <h2 id={heading}>{title}</h2>
          {beside}
        </header>
      )}
      {children}
      {foot && <footer>{foot}</footer>}
    </section>
  )
}

export const Facts = ({ rows }: { rows: readonly (readonly [string, ReactNode] | null)[] }) => (
  <dl className="facts">
    {rows.map(
      (row) =>
        row && (
          <div key={row[0]} className="fact">
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </div>
        ),
    )}
  </dl>
)

export interface Figure {
  readonly label: string
  readonly value: ReactNode
  readonly about?: string
}

export const Figures = ({ figures }: { figures: readonly Figure[] }) => (
  <dl className="figures">
    {figures.map((figure) => (
      <div key={figure.label}>
        <dt>{figure.label}</dt>
        <dd>
          {figure.value}
          {figure.about && <small>{figure.about}</small>}
        </dd>
      </div>
    ))}
  </dl>
)

const noteIcon: Record<'info' | 'warn' | 'bad' | 'good', IconName> = {
  info: 'arrow-right',
  warn: 'alert',
  bad: 'alert',
  good: 'check',
}

export const Note = (props: {
  tone?: 'info' | 'warn' | 'bad' | 'good'
  live?: boolean
  children: ReactNode
}) => {
  const { tone = 'info', live, children } = props
  return (
    <div className={`note ${tone}`} {...(live && { role: tone === 'bad' ? 'alert' : 'status' })}>
      <Icon name={noteIcon[tone]} />
      <div>{children}</div>
    </div>
  )
}

/** What will stand here, and the act that fills it. */
export const Empty = (props: { title: string; children?: ReactNode; act?: ReactNode }) => (
  <div className="empty">
    <Tiles columns={8} rows={6} />
    <p className="empty-title">{props.title}</p>
    {props.children && <p>{props.children}</p>}
    {props.act}
  </div>
)

/** Text that one takes elsewhere, with the button that does it. */
export const Copyable = (props: { value: string; shown?: string; what: string }) => (
  <span className="copy">
    <code className={props.shown ? 'nowrap' : ''} title={props.value}>
      {props.shown ?? props.value}
    </code>
    <CopyButton value={props.value} what={props.what} />
  </span>
)

const useCopied = (value: string) => {
  const [copied, setCopied] = useState(false)
  const copy = () =>
    void navigator.clipboard.writeText(value).then(() => {
      setCopied(true)
      setTimeout(() => setCopied(false), 2000)
    })
  return { copied, copy }
}

const CopyButton = ({ value, what }: { value: string; what: string }) => {
  const text = useKitText()
  const { copied, copy } = useCopied(value)
  return (
    <button type="button" onClick={copy} aria-label={text('copy.what', { what })}>
      <Icon name={copied ? 'check' : 'copy'} />
      <span className="unseen" role="status">
        {copied ? text('copy.done') : ''}
      </span>
    </button>
  )
}

/** Code in the shade; `shown` may mark the reader's own values, `value` is what is copied. */
export const Code = (props: { title: string; value: string; shown?: ReactNode }) => {
  const text = useKitText()
  const { copied, copy } = useCopied(props.value)
  return (
    <div className="code shade">
      <div className="bar">
        {props.title}
        <button type="button" onClick={copy}>
          <Icon name={copied ? 'check' : 'copy'} />
          <span aria-live="polite">{copied ? text('copy.done') : text('copy.act')}</span>
        </button>
      </div>
      <pre tabIndex={0} role="group" aria-label={props.title}>
        {props.shown ?? props.value}
      </pre>
    </div>
  )
}

/** A hash for the eye: its two ends. */
export const shortHash = (hash: string) =>
  hash.length > 14 ? `${hash.slice(0, 6)}…${hash.slice(-4)}` : hash

/** An id for the eye: its word, and the ends of what follows. The whole of it stands in the title. */
export const Id = ({ of: id }: { of: string }) => (
  <code className="nowrap" title={id}>
    {shortId(id)}
  </code>
)

export const shortId = (id: string): string =>
  id.replace(/_([0-9a-f]{4})[0-9a-f]{20,}([0-9a-f]{4})$/, '_$1…$2')

/** An organisation's initial on a colour of its own. */
export const Sigil = ({ name }: { name: string }) => {
  const hue = new TextEncoder().encode(name).reduce((sum, octet) => sum + octet, 0) % 5
  return (
    <span className={`sigil hue-${hue}`} aria-hidden="true">
      {name.slice(0, 1).toUpperCase()}
    </span>
  )
}

/** A table that scrolls inside its card; the caption is for those who hear it. */
export const Table = (props: { caption: string; className?: string; children: ReactNode }) => (
  <div className="scroll" tabIndex={0} role="group" aria-label={props.caption}>
    <table className={props.className}>
      <caption className="unseen">{props.caption}</caption>
      {props.children}
    </table>
  </div>
)

export const Say = ({ text }: { text: string }) => (
  <p>
    <Rich text={text} />
  </p>
)
