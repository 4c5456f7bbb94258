/** What stands around every page: lintel, side, head, switches. */
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Link, useRouterState } from '@tanstack/react-router'
import { cells, type Cell } from './cell.ts'
import { appearance, chooseAppearance } from './appearance.ts'
import { bank } from './bank.ts'
import { Icon, type IconName } from './icons.tsx'
import { Rich, useSpeech } from './language.tsx'
import { useKitText } from './messages/index.ts'
import { languages } from '#kernel/format.ts'

export const SkipLink = () => {
  const text = useKitText()
  return (
    <a className="skip" href="#main">
      {text('frame.skip')}
    </a>
  )
}

export const Lintel = ({ cell }: { cell: Cell }) => {
  const text = useKitText()
  return (
    <div className={`lintel ${cell}`} role="region" aria-label={text('frame.environment')}>
      <span className="row">
        <Icon name={cell} />
        <b>{text(`cell.${cell}`)}</b>
      </span>
      <span>{text(`lintel.${cell}`)}</span>
    </div>
  )
}

export const Mark = () => (
  <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="7" fill="#0A6875" />
    <path d="M6 7.5h20" stroke="#fff" strokeWidth="2.2" strokeLinecap="round" />
    <path d="M8.6 11.5V25M23.4 11.5V25" stroke="#fff" strokeWidth="2.2" strokeLinecap="round" />
    <path d="M12.6 26v-7.6c0-2.7 1.7-3.9 3.4-6.4 1.7 2.5 3.4 3.7 3.4 6.4V26z" fill="#8FDDE5" />
  </svg>
)

/** The bank's name and what this front of it is. */
export const Brand = ({ about, short }: { about: string; short?: boolean }) => (
  <Link className={short ? 'brand short' : 'brand'} to="/">
    <Mark />
    <span>
      {bank().name}
      <small>{about}</small>
    </span>
  </Link>
)

const languageNames = { en: 'English', ru: 'Русский', uz: 'Oʻzbekcha' } as const

export const LanguageSwitch = () => {
  const text = useKitText()
  const { language, speak } = useSpeech()
  return (
    <div className="languages" role="group" aria-label={text('frame.language')}>
      {languages.map((offered) => (
        <button
          key={offered}
          type="button"
          lang={offered}
          aria-pressed={offered === language}
          aria-label={`${offered.toUpperCase()}, ${languageNames[offered]}`}
          onClick={() => speak(offered)}
        >
          {offered.toUpperCase()}
        </button>
      ))}
    </div>
  )
}

export const AppearanceSwitch = () => {
  const text = useKitText()
  const [shown, setShown] = useState(appearance)
  const other = shown === 'light' ? 'dark' : 'light'
  return (
    <button
      type="button"
      className="theme-switch"
      aria-label={text(`frame.${other}`)}
      onClick={() => {
        chooseAppearance(other)
        setShown(other)
      }}
    >
      <Icon name={other === 'dark' ? 'moon' : 'sun'} />
    </button>
  )
}

export interface Place {
  readonly to: string
  readonly icon: IconName
  readonly name: string
  readonly count?: number | undefined
}
export interface PlaceGroup {
  readonly name: string | null
  readonly places: readonly Place[]
  /** Whether it can be folded, and stands folded until one opens it or is there. */
  readonly folds?: 'open' | 'closed'
}

/** The list of pages. A place is current for everything below it. */
export const Places = ({ groups }: { groups: readonly PlaceGroup[] }) => {
  const text = useKitText()
  return (
    <nav className="main-nav" aria-label={text('frame.pages')}>
      {groups.map((group) =>
        group.name && group.folds ? (
          <FoldingGroup key={`${group.name} ${group.folds}`} group={group} />
        ) : (
          <div key={group.name ?? ''}>
            {group.name && <h2>{group.name}</h2>}
            <PlaceLinks places={group.places} />
          </div>
        ),
      )}
    </nav>
  )
}

const PlaceLinks = ({ places }: { places: readonly Place[] }) => (
  <ul>
    {places.map((place) => (
      <li key={place.to}>
        <Link to={place.to} activeProps={{ 'aria-current': 'page' }}>
          <Icon name={place.icon} />
          {place.name}
          {place.count ? <span className="count">{place.count}</span> : null}
        </Link>
      </li>
    ))}
  </ul>
)

/** It opens for whoever arrives in it; folded, it still tells how much waits inside. */
const FoldingGroup = ({ group }: { group: PlaceGroup }) => {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const here = group.places.some(({ to }) => path === to || path.startsWith(`${to}/`))
  const [open, setOpen] = useState(here || group.folds === 'open')
  useEffect(() => {
    if (here) setOpen(true)
  }, [here])
  const waiting = group.places.reduce((sum, place) => sum + (place.count ?? 0), 0)
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="chevron" />
        {group.name}
        {!open && waiting > 0 && <span className="count">{waiting}</span>}
      </summary>
      <PlaceLinks places={group.places} />
    </details>
  )
}

/** Everything around a signed-in page. On a phone the side is a bar, and its menu opens below. */
export const Shell = (props: {
  front: 'portal' | 'console'
  about: string
  cell: Cell | null
  above?: ReactNode
  environments?: (cell: Cell) => string
  groups: readonly PlaceGroup[]
  foot: ReactNode
  children: ReactNode
}) => {
  const { front, about, cell, above, environments, groups, foot, children } = props
  const text = useKitText()
  const [open, setOpen] = useState(false)
  const path = useRouterState({ select: (state) => state.location.pathname })
  useEffect(() => setOpen(false), [path])
  return (
    <div className={front}>
      <SkipLink />
      {cell && <Lintel cell={cell} />}
      <div className="shell">
        <header className={front === 'console' ? 'side shade' : 'side'}>
          <div className="side-inner">
            <Brand about={about} short />
            {above}
            {environments && cell && (
              <nav className="environments" aria-label={text('frame.environment')}>
                {cells.map((offered) => (
                  <Link
                    key={offered}
                    className={offered}
                    to={environments(offered)}
                    {...(offered === cell && { 'aria-current': true })}
                    activeProps={{}}
                  >
                    {text(`cell.${offered}`)}
                  </Link>
                ))}
              </nav>
            )}
            <button
              type="button"
              className={`button small-button menu-button ${environments ? '' : 'alone'}`}
              aria-expanded={open}
              aria-controls="menu"
              onClick={() => setOpen(!open)}
            >
              <Icon name="menu" />
              {text('frame.menu')}
            </button>
            <div className={open ? 'side-menu open' : 'side-menu'} id="menu">
              <Places groups={groups} />
              <div className="foot">
                {foot}
                <div className="row between">
                  <LanguageSwitch />
                  <AppearanceSwitch />
                </div>
              </div>
            </div>
          </div>
        </header>
        <main className="main" id="main">
          <div className="inner">{children}</div>
        </main>
      </div>
    </div>
  )
}

/** Where one is above this page. */
export const Crumbs = ({ above, here }: { above: { to: string; name: string }; here: string }) => {
  const text = useKitText()
  return (
    <nav className="crumbs" aria-label={text('frame.crumbs')}>
      <ol>
        <li>
          <Link to={above.to}>{above.name}</Link>
          <Icon name="chevron" />
        </li>
        <li aria-current="page">{here}</li>
      </ol>
    </nav>
  )
}

/** The page's one heading: takes the focus when one arrives, and gives the window its title. */
export const PageHead = (props: {
  title: string
  cell?: Cell | null
  about?: string | undefined
  acts?: ReactNode
}) => {
  const { title, cell, about, acts } = props
  const text = useKitText()
  useWindowTitle(cell === 'sandbox' ? `[${text('cell.sandbox')}] ${title}` : title)
  return (
    <div className="page-head">
      <div>
        <ArrivalHeading title={title} />
        {about && (
          <p>
            <Rich text={about} />
          </p>
        )}
      </div>
      {acts && <div className="acts">{acts}</div>}
    </div>
  )
}

let hasArrived = false
export const useWindowTitle = (title: string) => {
  useEffect(() => {
    document.title = `${title} · ${bank().name}`
    // Behind the heading's own effect, so the very first page is not taken for a change of page.
    hasArrived = true
  }, [title])
}

/** Focus follows a change of page to its heading, but not the very first load. */
export const ArrivalHeading = ({ title }: { title: string }) => {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (hasArrived) heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {title}
    </h1>
  )
}
