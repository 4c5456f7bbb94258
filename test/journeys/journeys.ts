/** `portico journey`: whole partner stories, walked by an outsider who knows only the public addresses. */
import { type Cell, cells } from '#kernel/cell.ts'
import { government } from './government.ts'
import { marketplace } from './marketplace.ts'
import { casts, places } from './people.ts'
import type { Story } from './story.ts'
import { telecom } from './telecom.ts'
import { type Walk, walk, type WalkedStep } from './walker.ts'
import { readWellKnown } from './web.ts'

export const journeys: Readonly<Record<string, Story>> = { telecom, marketplace, government }

const said = ({ ok, step, ms, why }: WalkedStep) =>
  `  ${ok ? '✓' : '✗'} ${step}  ${ms} ms${why ? `\n      ${why}` : ''}\n`

/** Walks the stories one after the other, in the cells asked for; 1 at the first step that fails. */
export const walkJourneys = async (asked: {
  story: string
  portal: string
  cell?: Cell
  json: boolean
}): Promise<number> => {
  const wellKnown = await readWellKnown(asked.portal)
  if (!wellKnown.ready)
    process.stderr.write('Portico says that it is not ready yet; trying all the same\n')
  const names = asked.story === 'all' ? Object.keys(journeys) : [asked.story]
  const walks: Walk[] = []
  for (const name of names)
    for (const cell of asked.cell ? [asked.cell] : cells) {
      process.stderr.write(`${name} in ${cell}\n`)
      const setting = { wellKnown, cell, cast: casts[cell], places: places[cell] }
      const done = await walk(
        name,
        cell,
        (walker) => journeys[name]!(walker, setting),
        (step) => process.stderr.write(said(step)),
      )
      walks.push(done)
      if (!done.ok) {
        if (asked.json) process.stdout.write(`${JSON.stringify({ ok: false, walks })}\n`)
        return 1
      }
      process.stderr.write(`  ${done.steps.length} steps, ${(done.ms / 1000).toFixed(1)} s\n\n`)
    }
  if (asked.json) process.stdout.write(`${JSON.stringify({ ok: true, walks })}\n`)
  return 0
}
