/** The pages of the partner's own worlds: the bank to try things in, who lives there, and what can be made to happen. */
import type { ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import { PageHead } from '../../kit/frame.tsx'
import { Card, Empty } from '../../kit/show.tsx'
import { Tabs } from '../../kit/tabs.tsx'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import { UnderWay } from './under-way.tsx'
import './worlds.css'

export const WorldsFrame = ({ children }: { children: ReactNode }) => {
  const text = useText()
  const cell = useCell()
  return (
    <>
      <PageHead title={text('worlds.title')} cell={cell} about={text('worlds.about')} />
      {cell === 'production' ? (
        <Card>
          <Empty
            title={text('worlds.sandbox-only')}
            act={
              <Link className="button primary" to="/$cell/worlds" params={{ cell: 'sandbox' }}>
                {text('worlds.go-sandbox')}
              </Link>
            }
          >
            {text('worlds.sandbox-only.about')}
          </Empty>
        </Card>
      ) : (
        <>
          <Tabs
            label={text('worlds.title')}
            tabs={[
              { to: '/sandbox/worlds', name: text('worlds.tab.worlds') },
              { to: '/sandbox/worlds/simulators', name: text('worlds.tab.simulators') },
              { to: '/sandbox/worlds/people', name: text('worlds.tab.people') },
            ]}
          />
          <div className="stack wide">
            <UnderWay />
            {children}
          </div>
        </>
      )}
    </>
  )
}
