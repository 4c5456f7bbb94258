/** A threshold: one form on the left, the glazed wall on the right. */
import type { ReactNode } from 'react'
import {
  AppearanceSwitch,
  ArrivalHeading,
  Brand,
  LanguageSwitch,
  SkipLink,
  useWindowTitle,
} from './frame.tsx'
import { Tiles } from './tiles.tsx'

export const Threshold = (props: {
  about: string
  title: string
  lead: string
  roomy?: boolean
  says: { sentence: string; about: string }
  children: ReactNode
}) => {
  const { about, title, lead, roomy, says, children } = props
  useWindowTitle(title)
  return (
    <>
      <SkipLink />
      <div className="threshold">
        <div className="in">
          <header>
            <Brand about={about} />
            <div className="row">
              <LanguageSwitch />
              <AppearanceSwitch />
            </div>
          </header>
          <main id="main" className={roomy ? 'roomy' : ''}>
            <ArrivalHeading title={title} />
            <p>{lead}</p>
            {children}
          </main>
        </div>
        <aside className="arch" aria-label={says.sentence}>
          <Tiles />
          <div>
            <blockquote>{says.sentence}</blockquote>
            <p>{says.about}</p>
          </div>
        </aside>
      </div>
    </>
  )
}
