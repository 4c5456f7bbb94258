/** Pages for when there is no page: an address that leads nowhere, and a page that broke. */
import { Link } from '@tanstack/react-router'
import { Failure } from './answer.tsx'
import { SkipLink, useWindowTitle } from './frame.tsx'
import { useKitText } from './messages/index.ts'
import { Empty } from './show.tsx'

export const Absent = () => {
  const text = useKitText()
  useWindowTitle(text('frame.absent.title'))
  return (
    <>
      <SkipLink />
      <main className="main" id="main">
        <h1 className="unseen">{text('frame.absent.title')}</h1>
        <div className="card">
          <Empty
            title={text('frame.absent.title')}
            act={
              <Link className="button primary" to="/">
                {text('frame.absent.act')}
              </Link>
            }
          >
            {text('frame.absent.about')}
          </Empty>
        </div>
      </main>
    </>
  )
}

export const Broken = ({ error }: { error: unknown }) => {
  const text = useKitText()
  useWindowTitle(text('frame.broken.title'))
  return (
    <main className="main stack" id="main">
      <h1>{text('frame.broken.title')}</h1>
      <p>{text('frame.broken.about')}</p>
      <Failure error={error} retry={() => location.reload()} />
    </main>
  )
}
