/** The parts of a score: at a glance, and each with what it came of. */
import { Icon, type IconName } from '../../kit/icons.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { useKitText } from '../../kit/messages/index.ts'
import { Chip } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import type { Health, Part } from '../work/wire.ts'

const icons: Record<Part['verdict'], IconName> = {
  good: 'check',
  warn: 'alert',
  bad: 'cross',
  unknown: 'pending',
}

export const VerdictChip = ({ of }: { of: Health['verdict'] }) => {
  const word = useWord()
  return (
    <Chip tone={of === 'unknown' ? 'quiet' : of} icon={icons[of]}>
      {word('health-verdict', of)}
    </Chip>
  )
}

const WIDE = 100
const HIGH = 24

/** A stone for each part, as wide as its weight and as high as its points. */
export const Stones = ({ parts }: { parts: readonly Part[] }) => {
  const text = useText()
  const known = parts.filter((part) => part.points !== null)
  const says = text('health.chart', {
    known: known.length,
    all: parts.length,
    bad: parts.filter((part) => part.verdict === 'bad').length,
  })
  const whole = parts.reduce((sum, part) => sum + part.weight, 0)
  let x = 0
  return (
    <svg
      className="columns-of-health"
      viewBox={`0 0 ${WIDE} ${HIGH}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={says}
    >
      {parts.map((part) => {
        const width = (part.weight / whole) * WIDE
        const at = x
        x += width
        const high = Math.max(2, ((part.points ?? 0) / part.weight) * HIGH)
        return (
          <g key={part.part}>
            <rect className="room" x={at} y={0} width={width - 1} height={HIGH} />
            {part.points !== null && (
              <rect
                className={part.verdict}
                x={at}
                y={HIGH - high}
                width={width - 1}
                height={high}
              />
            )}
          </g>
        )
      })}
    </svg>
  )
}

/** What a part came of, as a sentence. */
const useMeasured = () => {
  const text = useText()
  const kit = useKitText()
  const word = useWord()
  return ({ part, measured, points }: Part): string => {
    const n = (name: string): number => Number(measured[name] ?? 0)
    const where = measured['cell'] === 'production' ? kit('cell.production') : kit('cell.sandbox')
    const isUnknown = points === null
    switch (part) {
      case 'first-call':
        if (n('called') === 1 && n('days') < 1) return text('health.is.first-call.at-once')
        return n('called') === 1
          ? text('health.is.first-call.done', { count: n('days') })
          : text('health.is.first-call.none', { count: n('days') })
      case 'errors':
        return isUnknown
          ? text('health.is.few', { calls: n('calls') })
          : text('health.is.errors', {
              percent: n('percent'),
              calls: n('calls'),
              refused: n('refused'),
              where,
            })
      case 'failures':
        return isUnknown
          ? text('health.is.few', { calls: n('calls') })
          : text('health.is.failures', {
              percent: n('percent'),
              calls: n('calls'),
              failed: n('failed'),
              where,
            })
      case 'trend':
        return isUnknown
          ? text('health.is.few', { calls: n('calls') })
          : text('health.is.trend', {
              percent: n('percent'),
              calls: n('calls'),
              usual: n('usual'),
            })
      case 'levels':
        return isUnknown
          ? text('health.is.levels.none')
          : text('health.is.levels', { missed: n('missed'), promises: n('promises') })
      case 'tasks':
        return text('health.is.tasks', { open: n('open'), late: n('late') })
      case 'terms': {
        if (measured['days'] === null)
          return text(isUnknown ? 'health.is.terms.none' : 'health.is.terms.open')
        const what = word('health-ending', String(measured['ending']))
        return n('days') < 0
          ? text('health.is.terms.over', { what })
          : text('health.is.terms', { what, days: n('days') })
      }
      case 'webhooks':
        return isUnknown
          ? text('health.is.webhooks.none')
          : text('health.is.webhooks', {
              endpoints: n('endpoints'),
              failing: n('failing'),
              disabled: n('disabled'),
            })
      case 'version':
        return isUnknown
          ? text('health.is.version.none')
          : text('health.is.version', { applications: n('applications'), behind: n('behind') })
      case 'certification':
        return isUnknown
          ? text('health.is.certification.none')
          : text('health.is.certification', {
              shown: n('shown'),
              checks: n('checks'),
              failed: n('failed'),
            })
    }
  }
}

export const Parts = ({ parts }: { parts: readonly Part[] }) => {
  const text = useText()
  const word = useWord()
  const measured = useMeasured()
  return (
    <ul className="parts">
      {parts.map((part) => (
        <li key={part.part} className={part.verdict}>
          <Icon name={icons[part.verdict]} />
          <div>
            <b>{word('health-part', part.part)}</b>
            <p>{measured(part)}</p>
            <p className="rule">{word('health-rule', part.part)}</p>
          </div>
          <div className="points">
            {part.points === null
              ? text('health.unmeasured')
              : text('health.points', { points: part.points, weight: part.weight })}
            {part.move && <small>{text(`health.move.${part.move}`)}</small>}
            {part.verdict !== 'good' && part.points !== null && (
              <span className="unseen">{word('health-verdict', part.verdict)}</span>
            )}
          </div>
        </li>
      ))}
    </ul>
  )
}

/** The parts that take the most points away, by name. */
export const useWeakest = () => {
  const word = useWord()
  const text = useText()
  return (parts: readonly Part[]): string =>
    parts
      .filter((part) => part.verdict === 'bad' || part.verdict === 'warn')
      .toSorted((a, b) => b.weight - (b.points ?? 0) - (a.weight - (a.points ?? 0)))
      .slice(0, 2)
      .map((part) => word('health-part', part.part))
      .join(', ') || text('health.nothing')
}

export const Score = ({ health, small }: { health: Health; small?: boolean }) => {
  const text = useText()
  const format = useFormat()
  return health.score === null ? (
    <span className="dim">{text('health.unknown-score')}</span>
  ) : (
    <span className={small ? 'score small' : 'score'}>
      <b>{format.number(health.score)}</b>
      {!small && <span className="dim">{text('health.of-hundred')}</span>}
    </span>
  )
}
