/** Pages about one thing, side by side: each has an address of its own. */
import { Link } from '@tanstack/react-router'

export interface Tab {
  readonly to: string
  readonly name: string
  readonly count?: number | undefined
  /** It is the way back from pages below it, too. */
  readonly above?: true
}

export const Tabs = ({ label, tabs }: { label: string; tabs: readonly Tab[] }) => (
  <nav className="tabs" aria-label={label}>
    <ul>
      {tabs.map((tab) => (
        <li key={tab.to}>
          <Link
            to={tab.to}
            activeOptions={{ exact: !tab.above, includeSearch: false }}
            activeProps={{ 'aria-current': 'page' }}
          >
            {tab.name}
            {tab.count ? <span className="count">{tab.count}</span> : null}
          </Link>
        </li>
      ))}
    </ul>
  </nav>
)
