/** The frame of the reference: its head, the list of all operations with a search above it, and the page beside. */
import { type ReactNode, useDeferredValue, useEffect, useRef, useState } from 'react'
import { Link, Outlet } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { Icon } from '../../kit/icons.tsx'
import { Rich } from '../../kit/language.tsx'
import { useText } from '../messages/index.ts'
import { PublicTop } from '../public-frame.tsx'
import { useReference, useSearch } from './queries.ts'
import type { Entry, ProductEntry } from './wire.ts'
import './reference.css'

export const ReferenceFrame = () => {
  const text = useText()
  const reference = useReference()
  const [words, setWords] = useState('')
  return (
    <div className="reference">
      <PublicTop />
      <div className="reference-side">
        <Find words={words} onChange={setWords} />
        {words.trim() === '' ? (
          <nav aria-label={text('public.reference')} lang="en">
            <Answer to={reference}>
              {(products) =>
                products.map((product) => <ProductPlaces key={product.id} product={product} />)
              }
            </Answer>
            <ul>
              <li>
                <Link to="/reference/refusals" activeProps={{ 'aria-current': 'page' }}>
                  {text('reference.refusals')}
                </Link>
              </li>
            </ul>
          </nav>
        ) : (
          <Results words={words} onGone={() => setWords('')} />
        )}
      </div>
      <Outlet />
    </div>
  )
}

/** A product and what it offers; closed unless one is there, so that two hundred lines do not stand at once. */
const ProductPlaces = ({ product }: { product: ProductEntry }) => {
  const here = location.pathname.startsWith(`/reference/${product.id}/`)
  return (
    <details open={here}>
      <summary>{product.title}</summary>
      <ul>
        {product.operations.map((operation) => (
          <li key={operation.id}>
            <Link
              to="/reference/$product/$operation"
              params={{ product: product.id, operation: operation.id }}
              activeProps={{ 'aria-current': 'page' }}
            >
              <Method of={operation} />
              {operation.summary}
            </Link>
          </li>
        ))}
      </ul>
    </details>
  )
}

export const Method = ({ of: { method } }: { of: Pick<Entry, 'method'> }) => (
  <span className="method">{method}</span>
)

const Find = ({ words, onChange }: { words: string; onChange: (words: string) => void }) => {
  const text = useText()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest('input, textarea, select')
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      field.current?.focus()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <div className="find" role="search">
      <label className="unseen" htmlFor="find">
        {text('reference.find')}
      </label>
      <Icon name="search" />
      <input
        id="find"
        type="search"
        ref={field}
        value={words}
        placeholder={text('reference.find.hint')}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && onChange('')}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  )
}

const Results = ({ words, onGone }: { words: string; onGone: () => void }) => {
  const text = useText()
  const found = useSearch(useDeferredValue(words))
  return (
    <Answer to={found}>
      {(places) => (
        <>
          <p className="tiny dim" role="status">
            {places.length === 0 ? (
              <Rich text={text('reference.find.none', { words })} />
            ) : (
              text('reference.find.found', { count: places.length })
            )}
          </p>
          <ul className="found" lang="en">
            {places.map(({ address, title, within }) => {
              const [to, hash] = address.split('#')
              return (
                <li key={address}>
                  <Link to={to ?? '/reference'} {...(hash && { hash })} onClick={onGone}>
                    <b>{title}</b>
                    <span>{within}</span>
                  </Link>
                </li>
              )
            })}
          </ul>
        </>
      )}
    </Answer>
  )
}

/** A page of the reference: its text, and what stays in view beside it. */
export const ReferencePage = ({
  children,
  beside,
}: {
  children: ReactNode
  beside?: ReactNode
}) => (
  <>
    <main id="main" tabIndex={-1} className={beside ? 'reference-page' : 'reference-page wide'}>
      {children}
    </main>
    {beside && <aside className="reference-beside">{beside}</aside>}
  </>
)
