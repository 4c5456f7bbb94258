import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDenials } from './denials.ts'

test('a denial is applied in any order and any number of times, and ends when its time has come', () => {
  const revocation = (
    seq: number,
    at: string,
    expiresAt: string,
    source: 'control' | 'cell' = 'cell',
  ) => ({ source, seq, kind: 'partner' as const, id: 'p', at, expiresAt })
  const early = revocation(1, '2026-11-22T10:00:00Z', '2026-11-22T10:10:00Z')
  const late = revocation(2, '2026-11-22T10:05:00Z', '2026-11-22T10:15:00Z', 'control')
  const atMs = (text: string) => Date.parse(`2026-11-22T${text}Z`)
  for (const all of [
    [early, late],
    [late, early],
    [late, early, late, early],
  ]) {
    const denials = openDenials()
    all.forEach((r) => denials.add(r))
    assert.ok(
      denials.denies('partner', 'p', atMs('10:14:00'), atMs('10:14:00')),
      'the cell’s own word does not give way to a snapshot',
    )
    assert.equal(denials.denies('partner', 'p', atMs('10:15:00'), 0), false)
    assert.equal(denials.denies('client', 'p', atMs('10:06:00'), 0), false)
    denials.sweep(atMs('10:15:00'))
    assert.equal(denials.size(), 0)
  }
  const denials = openDenials()
  denials.add(late)
  assert.ok(denials.denies('partner', 'p', atMs('10:06:00'), atMs('10:05:04')))
  assert.equal(
    denials.denies('partner', 'p', atMs('10:06:00'), atMs('10:05:06')),
    false,
    'a snapshot compiled well after speaks for itself',
  )
})
