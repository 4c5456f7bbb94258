import { Link, useRouterState } from '@tanstack/react-router'
import { cells } from '../kit/cell.ts'
import { useText } from './messages/index.ts'
import { useCellOfSearch } from './signed-in.tsx'

/** Narrows a list to one environment; the lintel follows. */
export const CellFilter = () => {
  const text = useText()
  const cell = useCellOfSearch()
  const path = useRouterState({ select: (state) => state.location.pathname })
  return (
    <nav className="environments standing" aria-label={text('frame.environment')}>
      {cells.map((offered) => (
        <Link
          key={offered}
          className={offered}
          to={path}
          search={{ cell: offered }}
          {...(offered === cell && { 'aria-current': true })}
        >
          {text(`cell.${offered}`)}
        </Link>
      ))}
    </nav>
  )
}
