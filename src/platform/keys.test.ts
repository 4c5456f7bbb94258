/** Keys that are made on first use, by processes that start at once. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { makeRandomKey, readRandomKey } from './keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'keys-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Makes the keys `0` to `99` as soon as a moment has come that is the same for all, and tells what it holds. */
const maker = `
  const { makeRandomKey, makeSigningKey } = await import(${JSON.stringify(join(import.meta.dirname, 'keys.ts'))})
  const [folder, startMs] = process.argv.slice(1)
  while (Date.now() < Number(startMs));
  const held = []
  for (let i = 0; i < 100; i++) held.push(makeRandomKey(folder + '/' + i).toString('hex'))
  const signing = []
  for (let i = 0; i < 10; i++) signing.push((await makeSigningKey(folder + '/s' + i, folder + '/p' + i, 'ES256')).x)
  process.stdout.write(JSON.stringify([held, signing]))
`

test('of four processes that make the same keys at once, all hold the same ones, and nothing else is left', async () => {
  const startMs = String(Date.now() + 2_500)
  const held = await Promise.all(
    Array.from({ length: 4 }, () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', maker, folder, startMs]),
    ),
  )
  const [first = '', ...others] = held.map(({ stdout }) => stdout)
  assert.ok(first.length > 6_000, first)
  for (const other of others) assert.equal(other, first)
  assert.equal(readdirSync(folder).length, 120)
  assert.equal(
    makeRandomKey(join(folder, '7')).toString('hex'),
    /"(\w{64})"/.exec(first.split(',')[7] ?? '')?.[1],
  )
  assert.equal(readRandomKey(join(folder, '7')).length, 32)
  assert.equal(statSync(join(folder, '7')).mode & 0o777, 0o600)
})
