/** The units: for every process of the house, with what it needs of the keys, as hard as Node can bear. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { cells } from '#kernel/cell.ts'
import { cellProcesses } from './reach.ts'

const folder = 'deploy/systemd'
const unit = (name: string) => readFileSync(join(folder, name), 'utf8')
const instances = cellProcesses.flatMap((process) => cells.map((cell) => `${process}-${cell}`))
const valuesOf = (text: string, key: string) =>
  text
    .split('\n')
    .flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []))

test('the target wants every process of the house, and each process of a cell has its drop-in', () => {
  const wanted = valuesOf(unit('portico.target'), 'Wants').flatMap((list) => list.split(' '))
  assert.deepEqual(
    wanted.toSorted(),
    [
      'portico-control.service',
      'portico-status.service',
      ...instances.map((name) => `portico@${name}.service`),
    ].toSorted(),
  )
  const dropIns = globSync(`${folder}/portico@*.service.d/own.conf`)
  assert.equal(dropIns.length, instances.length)
})

test('a process sees the keys of its own cell, and card keys only the vault', () => {
  for (const name of instances) {
    const text = unit(`portico@${name}.service.d/own.conf`)
    const keys = [...valuesOf(text, 'BindReadOnlyPaths'), ...valuesOf(text, 'BindPaths')].join(' ')
    const other = name.endsWith('sandbox') ? 'production' : 'sandbox'
    assert.ok(!keys.includes(`/${other}/`), name)
    assert.equal(/\/keys\/[a-z]+\/vault(\s|$)/.test(keys), name.startsWith('vault-'), name)
  }
})

const services = globSync(`${folder}/*.service`)

test('every unit is hardened the same way', () => {
  for (const file of services) {
    const text = readFileSync(file, 'utf8')
    for (const line of [
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'CapabilityBoundingSet=',
      'RestrictNamespaces=yes',
      'SystemCallFilter=@system-service',
      'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
      'IPAddressDeny=any',
      'User=portico',
      // V8 is a compiler: with yes no process starts.
      'MemoryDenyWriteExecute=no',
    ])
      assert.ok(text.split('\n').includes(line), `${basename(file)}: ${line}`)
  }
})

const analyze = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' })
const absent = analyze.error ? 'no systemd-analyze here' : false

/** The units as they are, but for paths that a machine without an installation has not. */
const laidOut = (): string[] => {
  const place = mkdtempSync(join(tmpdir(), 'portico-units-'))
  cpSync(folder, place, { recursive: true })
  const node = join(place, 'node')
  writeFileSync(node, '')
  chmodSync(node, 0o755)
  const local = (text: string) => text.replaceAll('/usr/local/bin/node', node)
  for (const file of services)
    writeFileSync(join(place, basename(file)), local(readFileSync(file, 'utf8')))
  const [template = ''] = globSync(join(place, 'portico@.service'))
  for (const name of instances) cpSync(template, join(place, `portico@${name}.service`))
  return globSync(join(place, '*.service')).filter((file) => !file.endsWith('@.service'))
}

test('systemd understands every line of every unit', { skip: absent }, () => {
  const files = laidOut()
  const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  // Of other units of this machine it may say what it likes.
  const said = (stdout + stderr).split('\n').filter((line) => line.includes('portico'))
  assert.deepEqual(
    said.filter((line) => !/Failed to (connect|prepare)|user .* not found/i.test(line)),
    [],
  )
})

test('systemd calls the exposure of every process low', { skip: absent }, () => {
  for (const file of laidOut()) {
    const { status, stdout, stderr } = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', '--threshold=20', '--no-pager', file],
      { encoding: 'utf8', timeout: 60_000 },
    )
    const level = /exposure level for .*: ([\d.]+)/.exec(stdout)?.[1]
    assert.equal(status, 0, `${basename(file)}: ${level} ${stderr}`)
  }
})
