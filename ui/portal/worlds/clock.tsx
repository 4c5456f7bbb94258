/** The clock of the world in use: forward only, by a span or to a moment; a long turn goes on by itself. */
import { useQueryClient } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { useFormat } from '../../kit/language.tsx'
import { instantAt } from '../../kit/moments.ts'
import { Card, Facts } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { lookAnew, useAct, useClock } from './asking.ts'
import type { Clock } from './wire.ts'

const SPANS = ['PT1H', 'P1D', 'P7D', 'P30D', 'P90D', 'P365D'] as const

export const ClockCard = () => {
  const text = useText()
  const clock = useClock()
  return (
    <Card title={text('worlds.clock')}>
      <div className="pad">
        <Answer to={clock} lines={3}>
          {(now) => <Shown clock={now} />}
        </Answer>
      </div>
    </Card>
  )
}

const Shown = ({ clock }: { clock: Clock }) => {
  const text = useText()
  const format = useFormat()
  return (
    <div className="stack close">
      <Facts
        rows={[
          [text('worlds.clock.now'), format.momentOf(clock.now)],
          [text('worlds.clock.real'), format.momentOf(clock.realTime)],
          clock.aheadSeconds > 0
            ? [text('worlds.clock.ahead'), format.span(clock.aheadSeconds * 1_000)]
            : null,
        ]}
      />
      {clock.worldId === null ? (
        <p className="small dim">{text('worlds.clock.shared')}</p>
      ) : (
        <Turn />
      )}
    </div>
  )
}

const Turn = () => {
  const text = useText()
  const { zone } = useFormat()
  const queries = useQueryClient()
  const act = useAct()
  const turnOf = ({ one }: Filled) =>
    one('to') ? { advanceTo: instantAt(one('to'), zone) } : { advanceBy: one('by') }
  return (
    <Form
      label={text('worlds.clock.turn')}
      busy={act.isPending}
      error={act.error}
      onSubmit={(filled) =>
        act.mutate(
          { operation: 'turnClock', name: '', body: turnOf(filled), sinceMs: Date.now() },
          { onSuccess: () => void lookAnew(queries) },
        )
      }
      acts={
        <button className="button primary" disabled={act.isPending}>
          {text('worlds.clock.turn')}
        </button>
      }
    >
      <Select
        name="by"
        label={text('worlds.clock.by')}
        value="P1D"
        options={SPANS.map((span) => ({ value: span, label: text(`worlds.span.${span}`) }))}
      />
      <Field
        name="to"
        type="datetime-local"
        label={text('worlds.clock.to')}
        hint={text('worlds.clock.hint')}
        fault={faultAt(act.error, '/advanceTo')}
      />
    </Form>
  )
}
