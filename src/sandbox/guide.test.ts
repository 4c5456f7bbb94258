/** The guide of the sandbox tells all that can be played there, and everybody who lives there. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { around, scenarios } from '#bank/cores/synthetic/magic.ts'
import { scenarioNames } from '#bank/cores/synthetic/scenario.ts'
import { people } from './people.ts'

const read = (path: string) => readFileSync(`${import.meta.dirname}/../../${path}`, 'utf8')
const guide = read('docs/partners/sandbox.md')

/** First cells of the rows of the table under a heading. */
const rowsUnder = (heading: string): string[] => {
  const [, chapter = ''] = guide.split(`\n## ${heading}\n`)
  const [own = ''] = chapter.split('\n## ')
  return [...own.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word),
  )
}

test('it has every scenario that the core plays, and no other', () => {
  assert.deepEqual(rowsUnder('Ask for a scenario').toSorted(), [...scenarioNames].toSorted())
})

test('it has every two digits that play something, and 01, which does not', () => {
  const digits = [1, ...Object.keys({ ...scenarios, ...around }).map(Number)]
  const written = digits.map((at) => `.${String(at).padStart(2, '0')}`)
  assert.deepEqual(rowsUnder('For clients that cannot add a header').toSorted(), written.toSorted())
})

test('it has everybody with their story', () => {
  assert.deepEqual(
    rowsUnder('Who lives there'),
    people.map(({ login }) => login),
  )
  for (const { login, displayName, story } of people)
    assert.ok(guide.includes(`| \`${login}\` | ${displayName}. ${story} |`), login)
})

test('it has every simulation of the document, and what each can be asked', () => {
  const { paths } = z
    .object({ paths: z.record(z.string(), z.unknown()) })
    .parse(parse(read('src/bank/sandbox/openapi.yaml')))
  const simulations = Object.keys(paths).filter((path) => path.includes('/simulations/'))
  assert.ok(simulations.length >= 8)
  for (const path of simulations) assert.ok(guide.includes(path), path)
})

test('every scenario is offered by an operation', () => {
  const offered = ['accounts', 'payments', 'cards'].map((product) =>
    read(`src/bank/${product}/openapi.yaml`),
  )
  for (const name of scenarioNames)
    assert.ok(
      offered.some((text) =>
        new RegExp(`x-sandbox-scenarios:\\s*\\[[^\\]]*\\b${name}\\b`).test(text),
      ),
      name,
    )
})
