/** What only the other worlds' own programs can judge: kustomize, Kubernetes' types, BuildKit's linter, the Compose schema, systemd. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import { z } from 'zod'

const there = (program: string): boolean =>
  spawnSync(program, ['version'], { stdio: 'ignore' }).error === undefined
const run = (program: string, args: string[], cwd = '.') =>
  spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 900_000 })

test(
  'kustomize builds all three places, every field is one of Kubernetes’ own, and BuildKit’s linter has nothing to say',
  { skip: !there('go') && 'no Go here' },
  (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-lint-'))
    cpSync(join(import.meta.dirname, 'lint'), folder, { recursive: true })
    const { status, stdout, stderr } = run('go', ['run', '.', resolve('deploy')], folder)
    t.diagnostic(stdout.trim().replaceAll('\n', '; '))
    assert.equal(status, 0, stdout + stderr)
  },
)

test(
  'the compose file is what the Compose specification’s own schema takes',
  { skip: !there('pip') && 'no pip here' },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-compose-'))
    // The last release that carried the schema as a file (Apache-2.0); nothing of it is run.
    const fetched = run('pip', [
      'download',
      '--no-deps',
      '-q',
      '-d',
      folder,
      'docker-compose==1.29.2',
    ])
    assert.equal(fetched.status, 0, fetched.stderr)
    const [wheel = ''] = globSync(join(folder, '*.whl'))
    const unpacked = run('python3', ['-m', 'zipfile', '-e', wheel, folder])
    assert.equal(unpacked.status, 0, unpacked.stderr)
    const schema: unknown = JSON.parse(
      readFileSync(join(folder, 'compose', 'config', 'compose_spec.json'), 'utf8'),
    )
    assert.ok(typeof schema === 'object' && schema !== null)
    // It names its parts as drafts before 6 did; nothing in it refers to them by that name.
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true }).removeKeyword(
      'id',
    )
    const judge = ajv.compile({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' })
    // `name` of the whole came into the specification after this release of its schema.
    const { name, ...file } = z
      .looseObject({ name: z.literal('portico') })
      .parse(parse(readFileSync('deploy/compose.yaml', 'utf8'), { merge: true }))
    assert.ok(name)
    assert.equal(judge(file), true, JSON.stringify(judge.errors?.slice(0, 5), null, 1))
  },
)
