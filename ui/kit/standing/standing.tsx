/** How a part stands and how its ninety days were: the same strip as on the status page, for those who are signed in. */
import { componentName, textOf, titleOf } from '../../../src/status/naming.ts'
import { useFormat, useSpeech, useTextOf } from '../language.tsx'
import { dayAfter, today } from '../moments.ts'
import { Chip, type Tone } from '../show.tsx'
import type { en } from './messages/en.ts'
import type { Component, Incident, Level } from './wire.ts'
import './standing.css'

const useStandingText = () => useTextOf<typeof en>()

const tones: Readonly<Record<Component['state'], Tone>> = {
  operational: 'good',
  degraded_performance: 'warn',
  partial_outage: 'warn',
  major_outage: 'bad',
  under_maintenance: 'info',
  unknown: 'quiet',
}

export const StateChip = ({ of: state }: { of: Component['state'] }) => {
  const text = useStandingText()
  return <Chip tone={tones[state]}>{text(`standing.${state}`)}</Chip>
}

/** Names of parts in the reader's language. */
export const usePartName = () => {
  const { language } = useSpeech()
  return (part: string, title: string | null = null) => componentName(language, { part, title })
}

/** What the bank said of an incident, in the reader's language where it wrote it. */
export const useTold = () => {
  const { language } = useSpeech()
  return {
    title: ({ title, titles }: Pick<Incident, 'title' | 'titles'>) =>
      titleOf(language, { title, titles }),
    text: ({ text, words }: Pick<Incident['updates'][number], 'text' | 'words'>) =>
      textOf(language, { text, words }),
  }
}

const DAYS = 90
const PITCH = 6
const HEIGHT = 28
const heights: Readonly<Record<Level, number>> = {
  good: 18,
  partly: 24,
  down: 28,
  planned: 14,
  unknown: 6,
}
const levels = ['good', 'partly', 'down', 'planned', 'unknown'] as const

/** Ninety bars, the oldest first; height and word say what colour says too. */
export const Strip = (props: { part: string; days: Component['days']; share: string | null }) => {
  const { part, days, share } = props
  const text = useStandingText()
  const format = useFormat()
  const known = new Map(days.map(({ day, level }) => [day, level]))
  const last = today(format.zone)
  const shown = Array.from({ length: DAYS }, (_, at) => dayAfter(last, at - DAYS + 1))
  const strip = shown.map((day): Level => known.get(day) ?? 'unknown')
  const sum = levels
    .map((level) => [level, strip.filter((one) => one === level).length] as const)
    .filter(([, count]) => count > 0)
    .map(([level, count]) =>
      text('standing.days', { level: text(`standing.level.${level}`), count }),
    )
    .join(', ')
  return (
    <div className="ninety">
      <svg
        viewBox={`0 0 ${DAYS * PITCH - 2} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={text('standing.strip', { part, sum })}
      >
        {levels.map((level) => (
          <path key={level} className={`of-${level}`} d={barsOf(strip, level)} />
        ))}
      </svg>
      <div className="ninety-foot">
        <span>{format.day(shown[0] ?? last)}</span>
        <b>{share === null ? text('standing.unmeasured') : `${format.number(share)}\u00a0%`}</b>
        <span>{text('standing.today')}</span>
      </div>
    </div>
  )
}

const barsOf = (strip: readonly Level[], level: Level): string =>
  strip
    .map((own, at) =>
      own === level ? `M${at * PITCH} ${HEIGHT - heights[level]}h4v${heights[level]}h-4z` : '',
    )
    .join('')

/** What the heights and colours of the bars mean. */
export const StripKey = () => {
  const text = useStandingText()
  return (
    <ul className="ninety-key">
      {levels.map((level) => (
        <li key={level}>
          <i className={`key-${level}`} aria-hidden="true" />
          {text(`standing.level.${level}`)}
        </li>
      ))}
    </ul>
  )
}

export const indicatorTone = {
  none: 'good',
  minor: 'warn',
  major: 'warn',
  critical: 'bad',
  maintenance: 'info',
  unknown: 'info',
} as const
