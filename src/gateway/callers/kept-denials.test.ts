/** What a gateway knows of revocations when it starts and nobody can tell it: from its disk, proven, or nothing. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pino } from 'pino'
import type { Revocation } from '#platform/publication.ts'
import { type Heard, openKeptDenials } from './kept-denials.ts'

const atMs = Date.parse('2026-11-22T10:00:00Z')
const instant = (ms: number) => new Date(ms).toISOString()
const revocation = (id: string, forMs = 600_000): Revocation => ({
  source: 'cell',
  seq: 1,
  kind: 'consent',
  id,
  at: instant(atMs),
  expiresAt: instant(atMs + forMs),
})
const newFolder = () => mkdtempSync(join(tmpdir(), 'denials-'))
const key = Buffer.alloc(32, 7)
const open = (folder: string, nowMs = atMs, more: { key?: Buffer; cell?: string } = {}) =>
  openKeptDenials({
    folder,
    cell: 'production',
    key,
    nowMs: () => nowMs,
    log: pino({ level: 'silent' }),
    ...more,
  })
const heard: Heard = { control: atMs - 300, cell: atMs - 200 }
const nobody: Heard = { control: null, cell: null }

/** Keeps these, in one life of a gateway each. */
const keep = async (folder: string, ...lives: readonly (readonly Revocation[])[]) => {
  for (const added of lives) {
    const kept = open(folder)
    for (const one of kept.revocations) kept.add(one)
    kept.follow(() => heard)
    for (const one of added) kept.add(one)
    await kept.stop()
  }
}
const ids = ({ revocations }: { revocations: readonly Revocation[] }) =>
  revocations.map(({ id }) => id).toSorted()
const logOf = (folder: string) => join(folder, 'denials.log')
const heardOf = (folder: string) => join(folder, 'denials.heard')

test('what was denied is denied by the next life, until its end, and when it was heard is known', async () => {
  const folder = newFolder()
  assert.deepEqual(open(folder).heard, nobody, 'a first start knows nothing')
  await keep(folder, [revocation('a'), revocation('short', 1_000)], [revocation('b')])

  const next = open(folder, atMs + 2_000)

  assert.deepEqual(ids(next), ['a', 'b'])
  assert.deepEqual(next.heard, heard)
})

test('a line that is changed, cut off, taken out or put back is not believed, and then nobody knows', async () => {
  for (const spoil of [
    (folder: string) => {
      const text = readFileSync(logOf(folder), 'utf8')
      writeFileSync(logOf(folder), text.replace('"id":"b"', '"id":"x"'))
    },
    (folder: string) =>
      writeFileSync(logOf(folder), readFileSync(logOf(folder), 'utf8').slice(0, -9)),
    (folder: string) => {
      const [, ...rest] = readFileSync(logOf(folder), 'utf8').split('\n')
      writeFileSync(logOf(folder), rest.join('\n'))
    },
    (folder: string) => writeFileSync(logOf(folder), ''),
    (folder: string) =>
      writeFileSync(
        heardOf(folder),
        readFileSync(heardOf(folder), 'utf8').replace(/\d{13}/, '9999999999999'),
      ),
  ]) {
    const folder = newFolder()
    await keep(folder, [revocation('a'), revocation('b')])
    spoil(folder)
    assert.deepEqual(open(folder).heard, nobody, String(spoil))
  }
})

test('an older log under a newer word, and both of another cell or key, are not believed', async () => {
  const folder = newFolder()
  await keep(folder, [revocation('a')])
  const older = readFileSync(logOf(folder))
  await keep(folder, [revocation('b')])
  assert.deepEqual(open(folder, atMs, { key: Buffer.alloc(32, 8) }).heard, nobody)
  assert.deepEqual(open(folder, atMs, { cell: 'sandbox' }).heard, nobody)
  assert.deepEqual(open(folder).heard, heard)
  writeFileSync(logOf(folder), older)
  assert.deepEqual(open(folder).heard, nobody)
})

test('a clock that stands before what was kept makes nothing young', async () => {
  const folder = newFolder()
  await keep(folder, [revocation('a')])
  assert.deepEqual(open(folder, atMs - 60_000).heard, nobody)
})

test('what another life has not followed yet stands as it was', async () => {
  const folder = newFolder()
  await keep(folder, [revocation('a')])
  const begun = open(folder)
  begun.add(revocation('c'))
  await begun.stop()
  assert.deepEqual(ids(open(folder)), ['a'])
  assert.deepEqual(open(folder).heard, heard)
})

test('twenty thousand denials that have ended do not stay on the disk', async () => {
  const folder = newFolder()
  await keep(
    folder,
    Array.from({ length: 20_000 }, (_, n) => revocation(`c${n}`, 1_000)),
  )
  const size = readFileSync(logOf(folder)).length
  const later = open(folder, atMs + 5_000)
  later.follow(() => heard)
  await later.stop()
  assert.ok(existsSync(logOf(folder)) && size > 1_000_000)
  assert.equal(readFileSync(logOf(folder)).length, 0)
})
