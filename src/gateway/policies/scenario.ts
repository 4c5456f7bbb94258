/** What a partner asks the sandbox to play: `Sandbox-Scenario: insufficient_funds;delay=2000`. No other cell knows the word. */
import { problem } from '#kernel/problem.ts'
import type { Call } from '../call.ts'
import type { Head } from '../edge/edge.ts'
import type { Table } from '../snapshots/table.ts'

export const controlRefused = problem(
  'gateway/sandbox-control-refused',
  400,
  'Nothing is played in this environment',
)
export const scenarioUnknown = problem(
  'gateway/scenario-unknown',
  400,
  'The operation has no such scenario',
)

/** What the upstream is told to play, sealed with who calls. */
export interface Scenario {
  readonly name: string
  readonly delayMs: number
}

const DELAY_MS_MAX = 10_000
const shape = /^([a-z][a-z_]{0,39})(?:;\s?delay=(\d{1,5}))?$/

/** In front of everything: a snapshot that lists no scenario is one of a cell in which nothing is played. */
export const mayBePlayed = (head: Head, table: Table): boolean =>
  head.headers['sandbox-scenario'] === undefined || table.scenarios.size > 0

export const scenario = (call: Call): void => {
  const asked = call.head.headers['sandbox-scenario']
  if (asked === undefined) return
  const { scenarios } = call.operation
  const [, name, delay = '0'] = shape.exec(asked) ?? []
  const delayMs = Number(delay)
  if (
    name === undefined ||
    delayMs > DELAY_MS_MAX ||
    !scenarios.has(name) ||
    !call.table.scenarios.has(name)
  )
    throw scenarioUnknown(
      scenarios.size === 0
        ? `${call.operation.id} plays none`
        : `${call.operation.id} plays ${[...scenarios].join(', ')}`,
      {
        gate: 'partner',
        hint: `Name one of them, with ;delay= and at most ${DELAY_MS_MAX} milliseconds where it should take its time.`,
      },
    )
  call.scenario = { name, delayMs }
}
