/** The client as a partner installs it: what `npm pack` makes, in a program that is none of ours. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { z } from 'zod'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'portico-client-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const run = (program: string, words: readonly string[], cwd: string): string => {
  const { PATH = '' } = process.env
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    cwd,
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${PATH}` },
    encoding: 'utf8',
    timeout: 300_000,
  })
  assert.equal(status, 0, `${error?.message ?? ''}${stdout}${stderr}`)
  return stdout
}

const Packed = z.array(
  z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }),
)

/** A partner writes this: the published vector, a typed call, and one that no document describes. */
const program = `import { openPortico, openWebhookVerifier, Refusal } from '@portico/client'

const genuine = openWebhookVerifier(['whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='], {
  now: () => 1_614_265_330_000,
})
const { id } = genuine({
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature':
      'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
  },
  body: '{"test": 2432232314}',
})
export const answer = async (portico: ReturnType<typeof openPortico>): Promise<string> => {
  const tokens = portico.issuer.own('accounts:verify')
  // @ts-expect-error no document describes it
  await portico.call('noSuchOperation', { tokens })
  const { status } = await portico.call('getPayment', { tokens, path: { paymentId: 'payment_1' } })
  return status
}
if (typeof Refusal !== 'function') throw new Error('it has no Refusal')
process.stdout.write(id)
`

test('the package holds what it needs and nothing else, and a program of JavaScript or TypeScript imports it', () => {
  const packed = run(
    'npm',
    ['pack', '--json', '--silent', '--pack-destination', folder],
    join(root, 'sdk/typescript'),
  )
  const [{ filename, files } = { filename: '', files: [] }] = Packed.parse(
    JSON.parse(packed.slice(packed.indexOf('['))),
  )
  const paths = files.map(({ path }) => path)
  for (const path of ['dist/index.js', 'dist/index.d.ts', 'README.md', 'LICENSE', 'package.json'])
    assert.ok(paths.includes(path), path)
  const strangers = paths.filter(
    (path) => !/^(dist\/[\w/-]+\.(js|d\.ts)|README\.md|LICENSE|package\.json)$/.test(path),
  )
  assert.deepEqual(strangers, [])
  assert.ok(!paths.includes('dist/generate.js'))

  const modules = join(folder, 'node_modules')
  const client = join(modules, '@portico/client')
  mkdirSync(client, { recursive: true })
  run('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', client], folder)
  for (const name of ['undici', '@types', 'undici-types'])
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'program.ts'), program)
  const strict = ['--strict', '--target', 'esnext', '--module', 'nodenext', '--types', 'node']
  run(join(root, 'node_modules/.bin/tsc'), [...strict, 'program.ts'], folder)
  assert.equal(run(process.execPath, ['program.js'], folder), 'msg_p5jXN8AQM9LWM0D4loKWxJek')
})
