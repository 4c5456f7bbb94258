/** A network namespace for each cell: its processes see a loopback of their own, and no interface, route or port beside it. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Cell } from '#kernel/cell.ts'
import type { Layout } from '#platform/layout.ts'
import { cannotStart } from '../preflight.ts'

const FOLDER = '/run/netns'

/** Of this installation alone: two houses on one machine have four. */
export const namespaceOf = ({ data }: Layout, cell: Cell): string =>
  `portico-${createHash('sha256').update(data).digest('hex').slice(0, 12)}-${cell}`

/** What stands before a command so that it runs in the namespace. */
export const inNamespace = (name: string): string[] => [
  'nsenter',
  `--net=${join(FOLDER, name)}`,
  '--',
]

export const namespaceExists = (name: string): boolean => existsSync(join(FOLDER, name))

const run = (command: string, ...words: string[]): { ok: boolean; said: string } => {
  const { status, stderr, error } = spawnSync(command, words, { encoding: 'utf8' })
  return { ok: status === 0, said: error?.message ?? stderr.trim() }
}

/** Makes it anew: one that a killed house left behind is empty or about to be. Throws where this user may not. */
export const makeNamespace = (name: string): void => {
  dropNamespace(name)
  const made = run('ip', 'netns', 'add', name)
  const up = made.ok
    ? run('ip', '-n', name, 'link', 'set', 'lo', 'up')
    : { ok: false, said: made.said }
  if (!up.ok) {
    dropNamespace(name)
    throw cannotStart(
      `the network namespace ${name} cannot be made (${up.said}); run as root with iproute2 and util-linux, or set PORTICO_NETWORK_NAMESPACES=off`,
    )
  }
}

export const dropNamespace = (name: string): void => {
  if (namespaceExists(name)) run('ip', 'netns', 'delete', name)
}
