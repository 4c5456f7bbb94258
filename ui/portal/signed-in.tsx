/** The frame of the signed-in portal: whose organisation, which environment, which pages. */
import { Link, Navigate, Outlet, useParams, useRouterState } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../kit/answer.tsx'
import { isSignedOut, read } from '../kit/api.ts'
import { type Cell, isCell } from '../kit/cell.ts'
import { Shell } from '../kit/frame.tsx'
import { Icon } from '../kit/icons.tsx'
import { useFormat, useWord } from '../kit/language.tsx'
import { useMe, useSignOut } from '../kit/session.ts'
import { Note, Sigil } from '../kit/show.tsx'
import { useText } from './messages/index.ts'
import type { Notice } from './webhooks/queries.ts'
import type { List, Me } from './wire.ts'

/** The cell that the page's address names. */
export const useCell = (): Cell => {
  const { cell } = useParams({ strict: false })
  return isCell(cell) ? cell : 'sandbox'
}

export const SignedIn = () => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const cell = useCell()
  const me = useMe<Me>()
  const leave = useSignOut()
  const unread = useUnread(me.data !== undefined)
  const path = useRouterState({ select: (state) => state.location.pathname })
  if (!me.data && isSignedOut(me.error))
    // On its way out the frame is drawn once more, at the address that it leads to.
    return path === '/sign-in' ? null : <Navigate to="/sign-in" search={{ next: path }} replace />

  const groups = [
    {
      name: null,
      places: [{ to: `/${cell}/home`, icon: 'house' as const, name: text('place.home') }],
    },
    {
      name: text('place.build'),
      places: [
        { to: `/${cell}/applications`, icon: 'key' as const, name: text('place.applications') },
        ...(cell === 'sandbox'
          ? [{ to: '/sandbox/worlds', icon: 'sandbox' as const, name: text('worlds.title') }]
          : []),
      ],
    },
    {
      name: text('place.go-live'),
      places: [
        { to: '/production/go-live', icon: 'check' as const, name: text('place.checklist') },
        { to: `/${cell}/licences`, icon: 'badge' as const, name: text('place.licences') },
        { to: '/production/contracts', icon: 'contract' as const, name: text('place.contracts') },
      ],
    },
    {
      name: text('place.run'),
      places: [
        { to: `/${cell}/calls`, icon: 'activity' as const, name: text('calls.title') },
        { to: `/${cell}/consents`, icon: 'badge' as const, name: text('consents.title') },
        { to: `/${cell}/webhooks`, icon: 'webhook' as const, name: text('webhooks.title') },
        { to: `/${cell}/usage`, icon: 'gauge' as const, name: text('place.usage') },
        { to: `/${cell}/status`, icon: 'radar' as const, name: text('own.title') },
        ...(cell === 'production'
          ? [
              { to: '/production/invoices', icon: 'receipt' as const, name: text('money.title') },
              { to: '/production/budgets', icon: 'coins' as const, name: text('budgets.title') },
              { to: '/production/levels', icon: 'timer' as const, name: text('levels.title') },
            ]
          : []),
      ],
    },
    {
      name: text('place.organisation'),
      places: [
        {
          to: `/${cell}/notices`,
          icon: 'inbox' as const,
          name: text('notices.title'),
          count: unread,
        },
        { to: `/${cell}/support`, icon: 'dispute' as const, name: text('support.title') },
        { to: `/${cell}/versions`, icon: 'history' as const, name: text('versions.title') },
        { to: `/${cell}/team`, icon: 'building' as const, name: text('place.team') },
        { to: `/${cell}/advisory`, icon: 'compass' as const, name: text('place.advisory') },
        { to: `/${cell}/proofs`, icon: 'evidence' as const, name: text('proofs.title') },
        { to: `/${cell}/security`, icon: 'fingerprint' as const, name: text('security.title') },
      ],
    },
  ]
  return (
    <Shell
      front="portal"
      about={text('front.about')}
      cell={cell}
      environments={(other) => `/${other}/${samePlace(path)}`}
      groups={groups}
      above={
        me.data && (
          <div className="organisation">
            <Sigil name={me.data.partner.organisation} />
            {me.data.partner.organisation}
          </div>
        )
      }
      foot={
        me.data && (
          <>
            <div>
              <b>{me.data.person.name}</b>
              {me.data.person.roles.includes('owner')
                ? word('role', 'owner')
                : me.data.person.roles.map((role) => word('role', role)).join(', ')}
            </div>
            <button type="button" className="button text" onClick={() => leave.mutate()}>
              <Icon name="leave" />
              {text('frame.leave')}
            </button>
          </>
        )
      }
    >
      {me.data && isSignedOut(me.error) && (
        <Note tone="warn" live>
          {text('session.ended')}{' '}
          <Link to="/sign-in" target="_blank">
            {text('session.again')}
          </Link>
        </Note>
      )}
      {me.data?.visitEndsAt && (
        <Note>
          {text('try.visiting', { time: format.momentOf(me.data.visitEndsAt) })}{' '}
          <Link to="/register">{text('try.keep')}</Link>
        </Note>
      )}
      {me.data && !me.data.visitEndsAt && needs(me.data) && !path.endsWith('/security') && (
        <Note>
          {text(`security.needs.${needs(me.data) ?? 'factor'}`)}{' '}
          <Link to="/$cell/security" params={{ cell }}>
            {text('security.title')}
          </Link>
        </Note>
      )}
      {me.data?.partner.status === 'suspended' && (
        <Note tone="bad">{text('partner.suspended')}</Note>
      )}
      <Answer to={me} lines={8}>
        {() => <Outlet />}
      </Answer>
    </Shell>
  )
}

/** How many notices wait for somebody to say that they have read them. */
const useUnread = (signedIn: boolean) =>
  useQuery({
    queryKey: ['notices'],
    queryFn: () => read<List<Notice>>('/api/notices'),
    enabled: signedIn,
  }).data?.data.filter((notice) => notice.acknowledge && notice.acknowledgedAt === null).length

/** What stands between this person and production. */
const needs = ({ standing }: Me): 'email' | 'factor' | null =>
  !standing.emailProven ? 'email' : standing.factor === 'missing' ? 'factor' : null

/** The page of the same kind in the other environment; a single thing lives in one environment only. */
const samePlace = (path: string): string => {
  const [, , place = 'home'] = path.split('/')
  return ['contracts', 'invoices', 'budgets', 'levels', 'worlds'].includes(place) ? 'home' : place
}
