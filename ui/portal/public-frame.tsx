/** What stands around every public page: the head with its places, and where one goes from here. */
import type { ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import { AppearanceSwitch, Brand, LanguageSwitch, SkipLink } from '../kit/frame.tsx'
import { useText } from './messages/index.ts'

export const PublicTop = ({ children }: { children?: ReactNode }) => {
  const text = useText()
  return (
    <>
      <SkipLink />
      <header className="top">
        <Brand about={text('front.about')} />
        <nav aria-label={text('frame.pages')}>
          {children}
          <Link to="/reference" activeProps={{ 'aria-current': 'page' }}>
            {text('public.reference')}
          </Link>
          <Link to="/guides" activeProps={{ 'aria-current': 'page' }}>
            {text('public.guides')}
          </Link>
          {/* A page of another process, which outlives this one. */}
          <a href="/status">{text('public.status')}</a>
        </nav>
        <div className="end">
          <LanguageSwitch />
          <AppearanceSwitch />
          <Link to="/sign-in">{text('sign-in.act')}</Link>
          <Link className="button primary small-button" to="/register">
            {text('front.get-keys')}
          </Link>
        </div>
      </header>
    </>
  )
}
