import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inForceFaults } from './in-force-faults.ts'

const proof: string[] = []
const published = (seq: number, subject = 'production/gateway') => ({
  seq,
  body: JSON.stringify({ event: 'publication.published', subject }),
  proof,
})
const written = (seq: number, line: number, reader = 'production/gateway') => ({
  seq,
  body: '{}',
  proof,
  inForce: { [reader]: line },
})
const faults = (
  lines: ReturnType<typeof written>[],
  publications: ReturnType<typeof published>[],
) => inForceFaults({ checkpoint: null, lines, publications })

test('a line stands under the last publication before it, and under its own where it is one', () => {
  const publications = [published(3), published(7), published(8, 'sandbox/gateway')]
  const lines = [written(3, 3), written(6, 3), written(7, 7), written(9, 7)]
  assert.deepEqual(faults([...lines, written(9, 8, 'sandbox/gateway')], publications), [])
})

test('a publication that is not there, came later, was followed by another or is of another reader, is a fault', () => {
  const publications = [published(3), published(7), published(8, 'sandbox/gateway')]
  for (const line of [written(6, 5), written(6, 7), written(9, 3), written(9, 8)])
    assert.equal(faults([line], publications).length, 1, JSON.stringify(line))
  const disguised = {
    ...published(3),
    body: '{"event":"tests.done","subject":"production/gateway"}',
  }
  assert.equal(faults([written(6, 3)], [disguised]).length, 1, 'its text says it is none')
})
