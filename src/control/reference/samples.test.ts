import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { z } from 'zod'
import { type Call, languages, sampleOf } from './samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'portico-samples-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Everything that a language or a shell could take for its own. */
const torture = `o'zbek "x" $HOME \`id\` \\n %s {0} ${'${y}'} ʻ — \n second line`
const call: Call = {
  method: 'POST',
  url: 'https://localhost:8411/payments/v1/payments?q=%27',
  headers: [
    ['Content-Type', 'application/json'],
    ['X-Reason', `o'zbek "x" $HOME \`id\``],
  ],
  body: JSON.stringify({ text: torture, yes: true, none: null, list: [1, {}] }, null, 2),
  once: true,
}
const samples = sampleOf(call)
const has = (program: string, argument = '--version') =>
  spawnSync(program, [argument]).error === undefined

test('every language has a sample', () => {
  assert.deepEqual(Object.keys(samples), [...languages])
})

test('a shell hands curl each value as it is', () => {
  // A program called curl that prints what it was given, each word ended by a zero.
  const path = join(folder, 'curl')
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\0' "$@"\n`, { mode: 0o755 })
  const { stdout, stderr } = spawnSync('sh', ['-c', samples.curl], {
    env: { PATH: `${folder}:${process.env['PATH']}`, TOKEN: 'the token' },
    encoding: 'utf8',
  })
  const words = stdout.split('\0')
  assert.ok(words.includes('Authorization: Bearer the token'), stderr)
  assert.ok(words.includes(`X-Reason: o'zbek "x" $HOME \`id\``))
  assert.equal(words[words.indexOf('--data-raw') + 1], call.body)
  assert.equal(words.at(-2), call.url)
})

test('TypeScript sends the same body', async () => {
  const sent: unknown[] = []
  // The sample without its imports: what it would have asked for is kept.
  const body = samples.TypeScript.replaceAll(/^import .*\n/gm, '')
    .replace(/^const pem[\s\S]*?\n\n/m, '')
    .replace('dispatcher,', '')
  const run = Object.getPrototypeOf(async () => {}).constructor as new (
    ...names: string[]
  ) => (request: unknown, console: unknown) => Promise<void>
  await new run('request', 'console', body)(
    (url: string, options: object) => {
      sent.push({ url, ...options })
      return Promise.resolve({ statusCode: 200, body: { json: () => Promise.resolve({}) } })
    },
    { log: () => {} },
  )
  const [asked] = z
    .array(
      z.object({
        url: z.string(),
        method: z.string(),
        body: z.string(),
        headers: z.record(z.string(), z.string()),
      }),
    )
    .parse(sent)
  assert.equal(asked?.url, call.url)
  assert.deepEqual(JSON.parse(asked?.body ?? ''), JSON.parse(call.body ?? ''))
  assert.equal(asked?.headers['X-Reason'], `o'zbek "x" $HOME \`id\``)
})

test('Python sends the same body', { skip: !has('python3') && 'NO PYTHON HERE' }, () => {
  writeFileSync(
    join(folder, 'requests.py'),
    `import json, sys
def request(method, url, **rest):
    print(json.dumps([method, url, rest["json"], rest["headers"]["X-Reason"]]))
    sys.exit(0)
`,
  )
  const { stdout, stderr } = spawnSync('python3', ['-c', samples.Python], {
    cwd: folder,
    env: { ...process.env, TOKEN: 't', PYTHONPATH: folder },
    encoding: 'utf8',
  })
  assert.deepEqual(
    JSON.parse(stdout || 'null'),
    ['POST', call.url, JSON.parse(call.body ?? ''), `o'zbek "x" $HOME \`id\``],
    stderr,
  )
})

test('Go and Java hold the values as literals that both read alike', () => {
  for (const sample of [samples.Go, samples.Java]) {
    const literals = [...sample.matchAll(/"(?:[^"\\]|\\.)*"/g)].map(([literal]) => literal)
    const values = literals.map((literal) => String(JSON.parse(literal)))
    assert.ok(values.includes(call.body ?? ''))
    assert.ok(values.includes(`o'zbek "x" $HOME \`id\``))
  }
})

const file: Call = { method: 'GET', url: call.url, headers: [], once: false, file: 'answer.pdf' }

test('an answer that is a file is kept as one, and printed nowhere', () => {
  for (const [language, sample] of Object.entries(sampleOf(file))) {
    assert.match(sample, /answer\.pdf/, language)
    assert.doesNotMatch(sample, /print|console\.log|Println/, language)
  }
})

test('Go is as gofmt writes it', { skip: !has('gofmt', '-h') && 'NO GO HERE' }, () => {
  for (const input of [samples.Go, sampleOf(file).Go]) {
    const { status, stdout, stderr } = spawnSync('gofmt', ['-e', '-d'], {
      input: `${input}\n`,
      encoding: 'utf8',
    })
    assert.equal(status, 0, stderr)
    assert.equal(stdout, '')
  }
})

test('Python compiles', { skip: !has('python3') && 'NO PYTHON HERE' }, () => {
  for (const input of [samples.Python, sampleOf(file).Python]) {
    const { status, stderr } = spawnSync(
      'python3',
      ['-c', 'import ast,sys;ast.parse(sys.stdin.read())'],
      {
        input,
        encoding: 'utf8',
      },
    )
    assert.equal(status, 0, stderr)
  }
})
