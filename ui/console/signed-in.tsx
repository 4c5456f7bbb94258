/** The frame of the console. What is decided here takes effect in production, so that is its lintel. */
import { Link, Navigate, Outlet, useRouterState, useSearch } from '@tanstack/react-router'
import { Answer } from '../kit/answer.tsx'
import { isSignedOut, lacksFactor } from '../kit/api.ts'
import { type Cell, isCell } from '../kit/cell.ts'
import { Shell } from '../kit/frame.tsx'
import { Icon } from '../kit/icons.tsx'
import { useWord } from '../kit/language.tsx'
import { useMe, useSignOut } from '../kit/session.ts'
import { Note } from '../kit/show.tsx'
import { useText } from './messages/index.ts'
import { usePlaces } from './places.ts'
import type { Me, Staff } from './wire.ts'

/** The cell that a list is narrowed to by its address; what has no cell is about production. */
export const useCellOfSearch = (): Cell => {
  const search: Record<string, unknown> = useSearch({ strict: false })
  return isCell(search['cell']) ? search['cell'] : 'production'
}

/** Who is signed in; pages below the frame stand only when somebody is. */
export const useStaffMember = (): Staff | undefined => useMe<Me>().data?.staff

export const SignedIn = () => {
  const text = useText()
  const me = useMe<Me>()
  const path = useRouterState({ select: (state) => state.location.pathname })
  if (!me.data && isSignedOut(me.error))
    // On its way out the frame is drawn once more, at the address that it leads to.
    return path === '/sign-in' ? null : <Navigate to="/sign-in" search={{ next: path }} replace />
  if (!me.data && lacksFactor(me.error)) return <Navigate to="/enrol" replace />
  return (
    <Frame staff={me.data?.staff}>
      {me.data && isSignedOut(me.error) && (
        <Note tone="warn" live>
          {text('session.ended')}{' '}
          <Link to="/sign-in" target="_blank">
            {text('session.again')}
          </Link>
        </Note>
      )}
      <Answer to={me} lines={8}>
        {() => <Outlet />}
      </Answer>
    </Frame>
  )
}

const Frame = ({ staff, children }: { staff: Staff | undefined; children: React.ReactNode }) => {
  const text = useText()
  const word = useWord()
  const cell = useCellOfSearch()
  const leave = useSignOut()
  return (
    <Shell
      front="console"
      about={text('front.about')}
      cell={cell}
      groups={usePlaces(staff)}
      foot={
        staff && (
          <>
            <div>
              <b>{staff.name}</b>
              {staff.roles.map((role) => word('role', role)).join(', ')}
            </div>
            <button type="button" className="button text" onClick={() => leave.mutate()}>
              <Icon name="leave" />
              {text('frame.leave')}
            </button>
          </>
        )
      }
    >
      {children}
    </Shell>
  )
}
