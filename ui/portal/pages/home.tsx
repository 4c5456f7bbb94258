/** What is done, what is next, and whose move it is: a path computed from what stands, never a fixed wizard. */
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { PageHead } from '../../kit/frame.tsx'
import { Icon } from '../../kit/icons.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { useMe } from '../../kit/session.ts'
import { Card, CellChip, Chip, Copyable, Facts, shortId } from '../../kit/show.tsx'
import type { Cell } from '../../kit/cell.ts'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { Me } from '../wire.ts'
import { useApplications } from './applications.tsx'
import { useContracts } from './contracts.tsx'
import { useEvidence, useLicences } from './licences.tsx'
import { useLatestCalls } from './usage.tsx'

interface Step {
  readonly title: string
  readonly about: string
  readonly done: boolean
  /** Whose move it is while it is not done. */
  readonly mover: 'partner' | 'bank'
  /** What the partner can do about it now. */
  readonly act?: ReactNode
}

export const Home = () => {
  const text = useText()
  const cell = useCell()
  const me = useMe<Me>().data
  const sandbox = useSandboxSteps()
  const production = useProductionSteps()
  return (
    <>
      <PageHead
        title={me ? text('home.hello', { name: me.partner.organisation }) : text('place.home')}
        cell={cell}
        about={text(`home.about.${cell}`)}
      />
      <div className="columns left-main">
        <Path steps={cell === 'sandbox' ? sandbox : production} />
        <div className="stack">
          {me && <Organisation me={me} />}
          <Other
            cell={cell === 'sandbox' ? 'production' : 'sandbox'}
            steps={cell === 'sandbox' ? production : sandbox}
          />
        </div>
      </div>
    </>
  )
}

const Go = ({
  to,
  kind,
  children,
}: {
  to: string
  kind?: 'primary' | 'production'
  children: ReactNode
}) => (
  <Link className={`button ${kind ?? ''}`} to={to}>
    {children}
  </Link>
)

const useSandboxSteps = (): Step[] => {
  const text = useText()
  const format = useFormat()
  const me = useMe<Me>().data
  const applications = useApplications().data?.data.filter(({ cell }) => cell === 'sandbox') ?? []
  const calls = useLatestCalls('sandbox').data?.data ?? []
  const live = applications.find(({ status }) => status === 'active')
  const first = calls.find(({ status }) => status < 400)
  return [
    {
      title: text('step.organisation'),
      about: me
        ? text('step.organisation.done', { date: format.dateOf(me.partner.registeredAt) })
        : '',
      done: true,
      mover: 'partner',
    },
    {
      title: text('step.sandbox-application'),
      about: live
        ? text('step.sandbox-application.done', { name: live.name })
        : text('step.sandbox-application.about'),
      done: live !== undefined,
      mover: 'partner',
      act: (
        <Go to="/sandbox/applications/new" kind="primary">
          {text('applications.new.sandbox')}
        </Go>
      ),
    },
    {
      title: text('step.first-call'),
      about: first
        ? text('step.first-call.done', { time: format.momentOf(first.occurredAt) })
        : calls.length > 0
          ? text('step.first-call.refused')
          : text('step.first-call.about'),
      done: first !== undefined,
      mover: 'partner',
      act: live && (
        <Go to={`/sandbox/applications/${live.id}`} kind="primary">
          {text('step.first-call.act')}
        </Go>
      ),
    },
    {
      title: text('step.go-live'),
      about: text('step.go-live.about'),
      done: false,
      mover: 'partner',
      act: first && <Go to="/production/home">{text('step.go-live.act')}</Go>,
    },
  ]
}

const useProductionSteps = (): Step[] => {
  const text = useText()
  const format = useFormat()
  const word = useWord()
  const evidence = useEvidence().data?.data ?? []
  const licences = useLicences().data
  const contracts = useContracts().data?.data ?? []
  const applications =
    useApplications().data?.data.filter(({ cell }) => cell === 'production') ?? []
  const calls = useLatestCalls('production').data?.data ?? []
  const held = licences?.statuses.held ?? []
  const asked = (licences?.statuses.requested.length ?? 0) > 0
  const contract = contracts.find(({ status }) => ['active', 'signed', 'offered'].includes(status))
  const live = applications.find(({ status }) => status === 'active')
  const waiting = applications.find(({ status }) => status === 'requested')
  const first = calls.find(({ status }) => status < 400)
  return [
    {
      title: text('step.evidence'),
      about:
        evidence.length === 0
          ? text('step.evidence.about')
          : text('step.evidence.some', {
              count: evidence.length,
              accepted: evidence.filter(({ state }) => state === 'accepted').length,
            }),
      done: evidence.length > 0 && evidence.every(({ state }) => state === 'accepted'),
      mover: evidence.some(({ state }) => state === 'submitted' || state === 'in-review')
        ? 'bank'
        : 'partner',
      act: <Go to="/production/licences">{text('step.evidence.act')}</Go>,
    },
    {
      title: text('step.licence'),
      about:
        held.length > 0
          ? held.map(({ status }) => word('status', status)).join(', ')
          : asked
            ? text('step.licence.asked')
            : text('step.licence.about'),
      done: held.length > 0,
      mover: asked ? 'bank' : 'partner',
      act: !asked && evidence.length > 0 && (
        <Go to="/production/licences">{text('licences.ask')}</Go>
      ),
    },
    {
      title: text('step.contract'),
      about:
        contract?.status === 'active'
          ? text('step.contract.done', { tier: contract.tier })
          : contract?.status === 'offered'
            ? text('step.contract.offered')
            : contract?.status === 'signed'
              ? text('signature.waits')
              : text('step.contract.about'),
      done: contract?.status === 'active',
      mover: contract?.status === 'offered' ? 'partner' : 'bank',
      act: contract?.status === 'offered' && (
        <Go to={`/production/contracts/${contract.id}`} kind="production">
          {text('step.contract.act')}
        </Go>
      ),
    },
    {
      title: text('step.production-application'),
      about: live
        ? text('step.sandbox-application.done', { name: live.name })
        : waiting
          ? text('application.production.about')
          : text('step.production-application.about'),
      done: live !== undefined,
      mover: waiting ? 'bank' : 'partner',
      act: !waiting && contract?.status === 'active' && (
        <Go to="/production/applications/new" kind="production">
          {text('applications.new.production')}
        </Go>
      ),
    },
    {
      title: text('step.production-call'),
      about: first
        ? text('step.first-call.done', { time: format.momentOf(first.occurredAt) })
        : text('step.production-call.about'),
      done: first !== undefined,
      mover: 'partner',
    },
  ]
}

/** Done stones fold to a line; the first that is not done has what it needs. */
const Path = ({ steps }: { steps: readonly Step[] }) => {
  const text = useText()
  const now = steps.findIndex((step) => !step.done)
  return (
    <ol className="path">
      {steps.map((step, at) => (
        <li
          key={step.title}
          className={step.done ? 'done' : at === now ? 'now' : ''}
          {...(at === now && { 'aria-current': 'step' as const })}
        >
          <span className="stone">
            {step.done ? <Icon name="check" /> : at + 1}
            {step.done && <span className="unseen">{text('home.done')}</span>}
          </span>
          <h2>{step.title}</h2>
          <p className={step.done ? 'small dim' : ''}>{step.about}</p>
          {(at === now || (!step.done && step.act)) && (
            <div className="row step-act">
              {step.act}
              <Chip tone={step.mover === 'bank' ? 'warn' : 'info'} icon="arrow-right">
                {text(`mover.${step.mover}`)}
              </Chip>
            </div>
          )}
        </li>
      ))}
    </ol>
  )
}

const Organisation = ({ me }: { me: Me }) => {
  const text = useText()
  const word = useWord()
  return (
    <Card title={text('home.organisation')}>
      <div className="pad">
        <Facts
          rows={[
            [text('organisation.legal-name.short'), me.partner.legalName],
            [text('organisation.country'), word('country', me.partner.country)],
            [
              text('home.declared'),
              me.partner.declaredStatuses.map((status) => word('status', status)).join(', ') ||
                word('status', 'unregulated'),
            ],
            [
              'partner_id',
              <Copyable value={me.partner.id} shown={shortId(me.partner.id)} what="partner_id" />,
            ],
          ]}
        />
      </div>
    </Card>
  )
}

/** How far the other environment is. */
const Other = ({ cell, steps }: { cell: Cell; steps: readonly Step[] }) => {
  const text = useText()
  const done = steps.filter((step) => step.done).length
  return (
    <Card
      title={text('home.other')}
      beside={<CellChip cell={cell} />}
      kind={cell === 'sandbox' ? 'sand' : 'lapis'}
    >
      <div className="pad stack close">
        <p>{text('home.other.steps', { done, count: steps.length })}</p>
        <div>
          <Link to={`/${cell}/home`}>{text('home.other.act')}</Link>
        </div>
      </div>
    </Card>
  )
}
