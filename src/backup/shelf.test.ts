import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findShelf, openShelf } from './shelf.ts'

test('a back-up is found where one was made; at a mistyped path nothing is, and nothing is made', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-shelf-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const mistyped = join(folder, 'bakcup')
  assert.throws(() => findShelf(mistyped), { code: 'backup/unusable', message: /bakcup/ })
  assert.equal(existsSync(mistyped), false)
  openShelf(join(folder, 'backup'))
  assert.deepEqual(findShelf(join(folder, 'backup')).bases(), [])
})
