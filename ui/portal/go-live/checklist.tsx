/** What stands between this organisation and production: step by step, whose move it is, since when, promised by when. */
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { ChecklistView } from '#control/go-live/routes.ts'
import { Answer } from '../../kit/answer.tsx'
import { query, read } from '../../kit/api.ts'
import { Choices, Form } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { Icon } from '../../kit/icons.tsx'
import { Rich, useFormat, useWord } from '../../kit/language.tsx'
import { Card, Chip, Empty, Facts, Note, type Tone } from '../../kit/show.tsx'
import type { Wire } from '../../kit/wire.ts'
import { useText } from '../messages/index.ts'
import type { Offer } from '../wire.ts'

type Checklist = Wire<ChecklistView>
type Step = Checklist['steps'][number]

/** The question is its address. */
const useAsked = (): string | undefined => {
  const search: Record<string, unknown> = useSearch({ strict: false })
  return typeof search['products'] === 'string' ? search['products'] : undefined
}

export const GoLive = () => {
  const text = useText()
  const products = useAsked()
  const checklist = useQuery({
    queryKey: ['go-live', products],
    queryFn: () => read<Checklist>(`/api/go-live${query({ products })}`),
    refetchInterval: 30_000,
  })
  return (
    <>
      <PageHead title={text('checklist.title')} cell="production" about={text('checklist.about')} />
      <Answer to={checklist} lines={8}>
        {(found) => (
          <div className="columns left-main">
            <Steps checklist={found} />
            <div className="stack">
              <Products key={found.products.join()} chosen={found.products} />
              <Clock checklist={found} />
            </div>
          </div>
        )}
      </Answer>
    </>
  )
}

const Steps = ({ checklist: { steps, products, liveAt } }: { checklist: Checklist }) => {
  const text = useText()
  const format = useFormat()
  if (products.length === 0)
    return (
      <div className="card">
        <Empty title={text('checklist.none')}>{text('checklist.none.about')}</Empty>
      </div>
    )
  const now = steps.findIndex((step) => step.state === 'open')
  return (
    <div className="stack">
      {liveAt && (
        <Note tone="good">{text('checklist.live', { moment: format.momentOf(liveAt) })}</Note>
      )}
      <ol className="path" aria-label={text('checklist.steps')}>
        {steps.map((step, at) => (
          <Stone
            key={`${step.step} ${step.about ?? ''}`}
            step={step}
            number={at + 1}
            current={at === now}
          />
        ))}
      </ol>
    </div>
  )
}

const Stone = (props: { step: Step; number: number; current: boolean }) => {
  const { step, number, current } = props
  const word = useWord()
  const done = step.state === 'done'
  const title = useTitle()(step)
  const about = useAbout()(step)
  return (
    <li
      className={done ? 'done' : current ? 'now' : ''}
      {...(current && { 'aria-current': 'step' as const })}
    >
      <span className="stone">
        {done ? <Icon name="check" /> : number}
        {done && <span className="unseen">{word('checklist-state', 'done')}</span>}
      </span>
      <h2>{title}</h2>
      {about && <p className="small dim">{about}</p>}
      <Missing checks={step.checks} />
      {!done && <Move step={step} current={current} />}
    </li>
  )
}

/** What the sandbox traffic has still to show, and how. */
const Missing = ({ checks }: Pick<Step, 'checks'>) => {
  const text = useText()
  if (checks.length === 0) return null
  return (
    <ul className="small dim">
      {checks.map((check) => (
        <li key={check}>
          <Rich text={text(`check-how.${check}`)} />
        </li>
      ))}
    </ul>
  )
}

const toneOf: Record<Step['state'], Tone> = {
  done: 'good',
  open: 'info',
  waiting: 'warn',
  later: 'quiet',
}

/** Whose move it is, who that is, and what can be done. */
const Move = ({ step, current }: { step: Step; current: boolean }) => {
  const text = useText()
  const word = useWord()
  const waits = step.state === 'waiting'
  const who = step.owners.map((role) => word('role', role)).join(', ')
  return (
    <div className="row step-act">
      {step.state === 'open' && (
        <Link className={current ? 'button primary' : 'button'} to={placeOf(step)}>
          {word('checklist-act', step.step)}
        </Link>
      )}
      <Chip tone={toneOf[step.state]} icon={waits ? 'clock' : 'arrow-right'}>
        {word('checklist-state', step.state)}
      </Chip>
      <span className="small dim">
        {waits && step.team
          ? text('checklist.bank-who', { team: word('role', step.team) })
          : text('checklist.who', { who })}
      </span>
    </div>
  )
}

const placeOf = ({ step, about }: Step): string => {
  switch (step) {
    case 'people':
      return '/production/team'
    case 'evidence':
    case 'licence':
      return '/production/licences'
    case 'certification':
      return '/sandbox/home'
    case 'contract':
      return about ? `/production/contracts/${about}` : '/production/contracts'
    case 'application':
      return '/production/applications/new'
    case 'first-call':
      return '/production/applications'
  }
}

const useTitle = () => {
  const word = useWord()
  return ({ step, about }: Step): string => {
    const name = word('checklist-step', step)
    if (step === 'evidence' && about) return word('evidence', about)
    if (step === 'certification' && about) return `${name}: ${word('product', about)}`
    return name
  }
}

/** Since when, promised by when, and what is missing. */
const useAbout = () => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return ({ step, about, state, since, dueAt, detail }: Step): string => {
    const parts: string[] = []
    if (step === 'licence' && about)
      parts.push(
        text('checklist-step.licence.closed', {
          permissions: about
            .split(', ')
            .map((one) => word('permission', one))
            .join(', '),
        }),
      )
    if (step === 'contract' && state !== 'done' && !since)
      parts.push(text('checklist-step.contract.none'))
    if (step === 'application' && about) parts.push(about)
    if (since) parts.push(text('checklist.since', { moment: format.momentOf(since) }))
    if (dueAt) {
      const moment = format.momentOf(dueAt)
      if (state === 'waiting')
        parts.push(
          Date.parse(dueAt) < Date.now()
            ? text('checklist.late', { moment })
            : text('checklist.promised', { moment }),
        )
      else if (state === 'done') parts.push(text('checklist.ends', { day: format.dateOf(dueAt) }))
      else parts.push(text('checklist.by', { moment }))
    }
    // Of certification the server's own sentence is English: the checks say it in the reader's language.
    if (detail && step !== 'certification') parts.push(detail)
    return parts.join(' · ')
  }
}

const Products = ({ chosen }: { chosen: readonly string[] }) => {
  const text = useText()
  const word = useWord()
  const navigate = useNavigate()
  const offer = useQuery({ queryKey: ['products'], queryFn: () => read<Offer>('/api/products') })
  return (
    <Card title={text('checklist.products')}>
      <div className="pad">
        <Answer to={offer}>
          {({ data }) => (
            <Form
              label={text('checklist.products')}
              busy={false}
              error={null}
              onSubmit={({ many }) =>
                void navigate({
                  to: '/production/go-live',
                  search: { products: many('products').join(',') },
                })
              }
              acts={<button className="button">{text('checklist.show')}</button>}
            >
              <Choices
                name="products"
                label={text('checklist.products')}
                hint={text('checklist.products.hint')}
                many
                chosen={chosen}
                options={data
                  // What turns the sandbox's clock is nothing to go live with.
                  .filter(({ id }) => id !== 'sandbox')
                  .map(({ id }) => ({ value: id, label: word('product', id) }))}
              />
            </Form>
          )}
        </Answer>
      </div>
    </Card>
  )
}

const Clock = ({ checklist: { bankMs, partnerMs, steps } }: { checklist: Checklist }) => {
  const text = useText()
  const format = useFormat()
  const done = steps.filter((step) => step.state === 'done').length
  return (
    <Card title={text('checklist.clock')} foot={text('checklist.clock.about')}>
      <div className="pad">
        <Facts
          rows={[
            [text('checklist.bank'), format.span(bankMs)],
            [text('checklist.partner'), format.span(partnerMs)],
            [text('checklist.steps'), text('checklist.done', { count: done })],
          ]}
        />
      </div>
    </Card>
  )
}
