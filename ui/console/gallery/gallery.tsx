/** The kit, piece by piece and state by state: what a page is made of, and what a change of the kit changes. */
import './gallery.css'
import { PageHead } from '../../kit/frame.tsx'
import { useText } from '../messages/index.ts'
import { Asking } from './asking.tsx'
import { Finding } from './finding.tsx'
import { Grounds } from './grounds.tsx'
import { Saying } from './saying.tsx'
import { Showing } from './showing.tsx'
import { Waiting } from './waiting.tsx'

export const Gallery = () => {
  const text = useText()
  return (
    <>
      <PageHead title={text('gallery.title')} about={text('gallery.about')} />
      <div className="stack wide">
        <Grounds />
        <Saying />
        <Showing />
        <Asking />
        <Finding />
        <Waiting />
      </div>
    </>
  )
}
