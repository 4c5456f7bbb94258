/** The guide of verification tells what the document and the make-believe registers do. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { examined } from '../cores/synthetic/examiner.ts'
import { deadlineFrom, expiresAt } from './verification.ts'

const read = (path: string) => readFileSync(`${import.meta.dirname}/../../../${path}`, 'utf8')
const guide = read('docs/partners/verification.md')
const openapi = z
  .looseObject({
    'x-transitions': z.object({ verification: z.record(z.string(), z.array(z.string())) }),
  })
  .parse(parse(read('src/bank/kyc/openapi.yaml')))

/** The rows of a table under a heading, as cells. */
const rowsUnder = (heading: string): string[][] => {
  const [, chapter = ''] = guide.split(`\n${heading}\n`)
  const [own = ''] = chapter.split(/\n##+ /)
  return own
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}
const wordsIn = (cell = ''): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)

test('it has every status that goes on, and where it goes', () => {
  const told = Object.fromEntries(
    rowsUnder('## Whom you bring').map(([from, to]) => [wordsIn(from)[0], wordsIn(to).toSorted()]),
  )
  const published = Object.entries(openapi['x-transitions'].verification)
    .filter(([, to]) => to.length > 0)
    .map(([from, to]) => [from, to.toSorted()])
  assert.deepEqual(told, Object.fromEntries(published))
})

test('what it says of a word in a name is what the registers of the sandbox say', () => {
  const now = Temporal.Instant.from('2026-11-22T12:00:00Z')
  const subject = {
    kind: 'person',
    nationalId: '90209901000777',
    bornOn: null,
    since: now,
  } as const
  const outcome = (word: string) => {
    const name = `${word} Karimova`
    const [first, later] = [now, now.add({ minutes: 2 })].map((at) =>
      examined({ ...subject, name }, undefined, at),
    )
    return [first?.identity, later?.identity, first?.screening]
  }
  const rows = rowsUnder('## Try everything in the sandbox').filter(([, how = '']) =>
    how.includes('in the'),
  )
  assert.deepEqual(
    rows.flatMap(([, how]) => wordsIn(how)).map((word) => [word, ...outcome(word)]),
    [
      ['Rejected', 'contradicted', 'contradicted', 'clear'],
      ['Review', 'unclear', 'confirmed', 'clear'],
      ['Declined', 'unclear', 'contradicted', 'clear'],
      ['Unclear', 'unclear', 'unclear', 'clear'],
      ['Listed', 'confirmed', 'confirmed', 'review'],
      ['Offline', 'confirmed', 'confirmed', 'unavailable'],
    ],
  )
})

test('its days are those that the clocks count', () => {
  const now = Temporal.Instant.from('2026-11-22T12:00:00Z')
  const deadline = deadlineFrom(now)
  assert.equal(deadline.since(now).total('hours'), 14 * 24)
  assert.match(guide, /after 14 days \| what is due becomes `pastDue`/)
  const open = { deadline, submittedAt: null }
  assert.equal(expiresAt(open).since(deadline).total('hours'), 7 * 24)
  assert.equal(expiresAt({ deadline, submittedAt: now }).since(now).total('hours'), 30 * 24)
  assert.match(guide, /a week later, or 30 days after a submission/)
})
