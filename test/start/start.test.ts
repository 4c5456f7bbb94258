import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { spawnSync } from 'node:child_process'
import { freshData, portico } from '#test/house.ts'

const portBase = 18_800

/** One line that names what is wrong and what to do; and nothing was made. */
const refusedInOneLine = (said: { code: number | null; stderr: string }, what: RegExp) => {
  assert.equal(said.code, 1, said.stderr)
  const lines = said.stderr
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('portico:'))
  assert.equal(lines.length, 1, said.stderr)
  assert.match(lines[0]!, what)
}

test('a taken port is named, with what to do', async () => {
  const data = freshData()
  const holder = createServer().listen(portBase + 20, '127.0.0.1')
  await new Promise((resolve) => holder.once('listening', resolve))
  try {
    const said = await portico({ data, portBase }, 'start')
    refusedInOneLine(said, /port 18820 \(production gateway\) is taken.*PORTICO_PORT_BASE/)
    assert.ok(!existsSync(join(data, 'postgres')))
  } finally {
    holder.close()
  }
})

test('a data directory that is a file, or cannot be written, is named', async () => {
  const folder = freshData()
  writeFileSync(join(folder, 'file'), 'mine')
  refusedInOneLine(
    await portico({ data: join(folder, 'file'), portBase }, 'start'),
    /data directory .*file cannot be read and written.*PORTICO_DATA/,
  )

  if (process.getuid?.() === 0) return // root writes everywhere
  const closed = join(folder, 'closed')
  mkdirSync(closed)
  chmodSync(closed, 0o500)
  refusedInOneLine(await portico({ data: closed, portBase }, 'start'), /cannot be read and written/)
})

test('a full disk is named before anything is written to it', async (t) => {
  const folder = freshData()
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder])
  if (mounted.status !== 0) return t.skip('this user cannot mount a small disk')
  try {
    refusedInOneLine(
      await portico({ data: join(folder, 'data'), portBase }, 'start'),
      /16 MiB are free .* 512 are needed.*PORTICO_DATA/,
    )
    assert.ok(!existsSync(join(folder, 'data', 'postgres')))
  } finally {
    spawnSync('umount', [folder])
  }
})

test('a wrong setting and an unknown one are named', async () => {
  const data = freshData()
  refusedInOneLine(await portico({ data, portBase: 80 }, 'start'), /PORTICO_PORT_BASE=80/)
  refusedInOneLine(
    await portico({ data, portBase, environment: { PORTICO_PROT_BASE: '1' } }, 'start'),
    /unknown setting PORTICO_PROT_BASE.*PORTICO_PORT_BASE/,
  )
})

test('an old Node says in one line what to do', () => {
  const old = ['/usr/bin/node', '/usr/local/bin/node'].find(
    (path) =>
      existsSync(path) &&
      /^v(1\d|2[0-3])\./.test(spawnSync(path, ['-v'], { encoding: 'utf8' }).stdout),
  )
  if (!old) return
  const said = spawnSync(old, ['bin/portico.js', 'help'], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', PORTICO_NODE_CHOSEN: '1' },
  })
  assert.equal(said.status, 1)
  assert.match(said.stderr, /^portico: Node .* is too old.*npm ci.*\n$/)
})

test('wrong usage exits 2 and says how it is used', async () => {
  const data = freshData()
  for (const words of [
    ['dance'],
    ['start', 'gateway'],
    ['journey', 'nobody'],
    ['start', '--cell', 'moon'],
  ]) {
    const said = await portico({ data, portBase }, ...words)
    assert.equal(said.code, 2, words.join(' '))
    assert.match(said.stderr, /portico start \[process…\]/)
  }
})
