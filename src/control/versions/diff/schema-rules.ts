/** Every rule about a schema, over every pair of schemas below a body or parameter. */
import { boundRules } from './bounds.ts'
import { compositionRules } from './composition.ts'
import { documentUnreadable } from './document.ts'
import type { Say } from './finding.ts'
import { isBefore, isDeprecated, stabilityMove, stabilityOf, sunsetOf } from './lifecycle.ts'
import { own } from './node.ts'
import { type Pair, subject, walk } from './pair.ts'
import { propertyRules } from './property.ts'
import { sameSchemas, type Schema } from './schema.ts'
import { typeRules } from './type-change.ts'
import { defaultRules, valueRules } from './values.ts'

/** What one comparison knows. */
export interface Comparison {
  readonly today: Temporal.PlainDate
  readonly same: (a: Schema, b: Schema) => boolean
  /** What operations take is what the partner gets: they are events, and it receives them. */
  readonly received: boolean
  /** Counts the pair, and refuses more of them than any honest description has. */
  readonly enter: (pair: Pair) => void
}

/** Shared schemas that fan out at each of many levels unfold without end; so only so many different pairs are compared. */
export const newComparison = (today: Temporal.PlainDate, pairsMax: number): Comparison => {
  let entered = 0
  return {
    today,
    same: sameSchemas(),
    received: false,
    enter: (pair) => {
      entered += 1
      if (entered > pairsMax)
        throw documentUnreadable(
          `${pair.root.what} unfolds, with what is compared before it, into more than ${pairsMax} changed schemas`,
        )
    },
  }
}

export const schemaRules = (
  root: Pair,
  { comparison, say, demanded }: { comparison: Comparison; say: Say; demanded?: boolean },
): void =>
  walk(root, comparison, (pair) => {
    typeRules(pair, say)
    valueRules(pair, say)
    defaultRules(pair, say, demanded)
    boundRules(pair, say)
    propertyRules(pair, say)
    compositionRules(pair, say, comparison.same)
    if (pair.position === 'request-property' || pair.position === 'response-property') {
      deprecation(pair, say, comparison.today)
      stability(pair, say)
    }
  })

const deprecation = (pair: Pair, say: Say, today: Temporal.PlainDate): void => {
  const { position, base, revision } = pair
  const about = subject(pair)
  if (isDeprecated(base.node) && !isDeprecated(revision.node))
    say(`${position}-reactivated`, `${about} is no longer deprecated`)
  if (isDeprecated(base.node) || !isDeprecated(revision.node)) return
  const sunset = sunsetOf(revision.node)
  if (sunset.stated === 'nowhere') say(`${position}-deprecated`, `${about} is deprecated`)
  else if (sunset.stated === 'unreadably')
    say(
      `${position}-deprecated-sunset-invalid`,
      `${about} is deprecated, and its sunset ${sunset.words} is no date`,
    )
  else if (isBefore(sunset.day, today))
    say(
      `${position}-sunset-date-too-small`,
      `${about} is deprecated, and its sunset ${sunset.day.toString()} has passed`,
    )
  else
    say(
      `${position}-deprecated-with-sunset`,
      `${about} is deprecated until ${sunset.day.toString()}`,
    )
}

const stability = (pair: Pair, say: Say): void => {
  const [before, after] = [pair.base.node, pair.revision.node]
  const move = stabilityMove(before, after)
  if (move && stabilityOf(after).is !== 'unknown')
    say(
      `${pair.position}-stability-${move}`,
      `the stability of ${subject(pair)} ${move} from ${JSON.stringify(own(before, 'x-stability-level'))} to ${JSON.stringify(own(after, 'x-stability-level') ?? 'none')}`,
    )
}
