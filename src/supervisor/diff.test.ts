import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'portico-diff-'))
after(() => rmSync(folder, { recursive: true }))

const written = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const base = written('base.yaml', 'openapi: 3.1.0\npaths:\n  /cards: { get: {}, post: {} }\n')
const revision = written('revision.json', '{"openapi":"3.0.3","paths":{"/cards":{"get":{}}}}')
const broken = written(
  'broken.yaml',
  'openapi: 3.1.0\npaths:\n  /a: { get: { parameters: [{ $ref: x.yaml }] } }\n',
)

const diff = (...words: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'src/main.ts', 'diff', ...words],
    { encoding: 'utf8', timeout: 60_000 },
  )
  return { status, stdout, stderr }
}

test('portico diff --json prints every finding with rule, level, path, operation and text, and exits 0', () => {
  const { status, stdout, stderr } = diff(base, revision, '--json')
  assert.deepEqual(JSON.parse(stdout), [
    {
      id: 'api-removed-without-deprecation',
      level: 'ERR',
      path: '/cards',
      operation: 'POST',
      text: 'the operation is gone without having been deprecated',
    },
  ])
  assert.equal(status, 0, stderr)
})

test('documents without a difference give an empty list', () => {
  assert.deepEqual(JSON.parse(diff(base, base, '--json').stdout), [])
})

test('without --json a person reads lines, the worst first, and a count', () => {
  const { stdout } = diff(base, revision)
  assert.match(
    stdout,
    /^ERR {2}POST \/cards: .*\[api-removed-without-deprecation\]\n1 break a client/,
  )
})

test('a reference to the outside ends the comparison with exit 1, naming file and reference', () => {
  const { status, stdout, stderr } = diff(base, broken)
  assert.deepEqual([status, stdout], [1, ''])
  assert.match(stderr, /broken\.yaml: x\.yaml at #\/paths/)
})

test('a file that is not there is exit 1; a file that is not named is exit 2', () => {
  assert.equal(diff(base, join(folder, 'none.yaml')).status, 1)
  assert.equal(diff(base).status, 2)
})
