/** The guides: a list in the order of reading, and each as a page. */
import { Link, useParams } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { useWindowTitle } from '../../kit/frame.tsx'
import { Icon } from '../../kit/icons.tsx'
import { Rich } from '../../kit/language.tsx'
import { useText } from '../messages/index.ts'
import { PublicTop } from '../public-frame.tsx'
import { useGuide, useGuides } from './queries.ts'
import './reference.css'

export const GuidesPage = () => {
  const text = useText()
  const guides = useGuides()
  useWindowTitle(text('guides.title'))
  return (
    <div className="reference guides">
      <PublicTop />
      <main id="main" tabIndex={-1} className="reference-page wide">
        <h1>{text('guides.title')}</h1>
        <p className="lead">
          <Rich text={text('guides.about')} />
        </p>
        <Answer to={guides}>
          {(found) => (
            <ul className="products" lang="en">
              {found.map((guide) => (
                <li key={guide.id} className="card">
                  <h2>
                    <Icon name="document" />
                    <Link to="/guides/$guide" params={{ guide: guide.id }}>
                      {guide.title}
                    </Link>
                  </h2>
                  <p>{guide.about}</p>
                </li>
              ))}
            </ul>
          )}
        </Answer>
      </main>
    </div>
  )
}

export const GuidePage = () => {
  const text = useText()
  const { guide: id = '' } = useParams({ strict: false })
  const guide = useGuide(id)
  const guides = useGuides()
  useWindowTitle(guide.data?.title ?? text('guides.title'))
  return (
    <div className="reference guides">
      <PublicTop />
      <div className="reference-side">
        <nav aria-label={text('guides.title')} lang="en">
          <ul>
            {guides.data?.map((other) => (
              <li key={other.id}>
                <Link
                  to="/guides/$guide"
                  params={{ guide: other.id }}
                  activeProps={{ 'aria-current': 'page' }}
                >
                  {other.title}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      </div>
      <Answer to={guide}>
        {(found) => (
          <>
            <main id="main" tabIndex={-1} className="reference-page">
              <nav className="crumbs" aria-label={text('reference.crumbs')}>
                <Link to="/guides">{text('guides.title')}</Link>
              </nav>
              <h1 lang="en">{found.title}</h1>
              {/* Our own Markdown, rendered by our own server with HTML switched off. */}
              <article
                className="guide"
                lang="en"
                dangerouslySetInnerHTML={{ __html: found.html }}
              />
            </main>
            <aside className="reference-beside">
              <nav aria-label={text('guides.contents')}>
                <h2>{text('guides.contents')}</h2>
                <ul lang="en">
                  {found.headings.map((heading) => (
                    <li key={heading.id}>
                      <a href={`#${heading.id}`}>{heading.title}</a>
                    </li>
                  ))}
                </ul>
              </nav>
              <p className="small">
                <a href={`/guides/${found.id}.md`}>{text('guides.markdown')}</a>
              </p>
            </aside>
          </>
        )}
      </Answer>
    </div>
  )
}
