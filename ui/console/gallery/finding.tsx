/** What one finds one's way by, and what stands on its own: tabs, crumbs, clauses, files, how parts stand. */
import { Clauses } from '../../kit/contract.tsx'
import { Download } from '../../kit/download.tsx'
import { Crumbs } from '../../kit/frame.tsx'
import { dayAfter, today } from '../../kit/moments.ts'
import { useFormat } from '../../kit/language.tsx'
import { Card } from '../../kit/show.tsx'
import { StateChip, Strip, StripKey, usePartName } from '../../kit/standing/standing.tsx'
import type { Component } from '../../kit/standing/wire.ts'
import { Tabs } from '../../kit/tabs.tsx'
import { useText } from '../messages/index.ts'

const states: readonly Component['state'][] = [
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'under_maintenance',
  'unknown',
]

export const Finding = () => {
  const text = useText()
  return (
    <>
      <Card title={text('gallery.finding')}>
        <div className="pad stack">
          <Crumbs
            above={{ to: '/partners', name: text('place.partners') }}
            here={text('gallery.title')}
          />
          <Tabs
            label={text('gallery.tabs')}
            tabs={[
              { to: '/gallery', name: text('gallery.title') },
              { to: '/decisions', name: text('place.decisions'), count: 3 },
              { to: '/partners', name: text('place.partners') },
            ]}
          />
        </div>
      </Card>
      <Card title={text('gallery.files')}>
        <div className="pad row">
          {(['primary', 'plain', 'text'] as const).map((kind) => (
            <Download key={kind} path="/api/openapi.json" kind={kind}>
              {text('gallery.file')}
            </Download>
          ))}
          <Download path="/api/no-such-file">{text('gallery.file.refused')}</Download>
        </div>
      </Card>
      <Clauses
        sha256={'0193f5fe2c4d7a10b8e1f3a29c4d7e55'.repeat(2)}
        text={{
          format: 'portico.contract/1',
          bank: { name: 'Namuna Bank' },
          partner: { legalName: 'Anor Telecom' },
          tier: { name: 'Gold' },
          prices: { version: '2026-11', currency: 'UZS', unitPrices: {} },
          clauses: (['scope', 'term'] as const).map((id) => ({
            id,
            title: text(`gallery.clause.${id}`),
            text: text('gallery.sample'),
          })),
        }}
      />
      <Parts />
    </>
  )
}

const Parts = () => {
  const text = useText()
  const name = usePartName()
  const { zone } = useFormat()
  const last = today(zone)
  const levels = ['good', 'partly', 'down', 'planned'] as const
  return (
    <Card title={text('gallery.parts')}>
      <ul className="parts">
        {states.map((state, at) => (
          <li key={state}>
            <div className="part-head">
              <h3>
                {name(['gateway', 'accounts', 'payments', 'cards', 'lending', 'fx'][at] ?? '')}
              </h3>
              <StateChip of={state} />
            </div>
            <Strip
              part={name('gateway')}
              share={state === 'unknown' ? null : '99.96'}
              days={
                state === 'unknown'
                  ? []
                  : Array.from({ length: 60 }, (_, back) => ({
                      day: dayAfter(last, -back),
                      level: (back + at) % 17 === 3 ? (levels[at % 4] ?? 'good') : 'good',
                    }))
              }
            />
          </li>
        ))}
      </ul>
      <div className="pad">
        <StripKey />
      </div>
    </Card>
  )
}
