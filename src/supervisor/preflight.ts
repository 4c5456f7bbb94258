/** What can be known to be wrong before anything is started or touched. One sentence each: what, and what to do. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { spawnSync } from 'node:child_process'
import { problem } from '#kernel/problem.ts'
import type { Layout } from '#platform/layout.ts'
import { isFree } from '#platform/ports.ts'
import type { Ports } from '#platform/config.ts'

export const cannotStart = problem('supervisor/cannot-start', 500, 'Portico cannot start')

const SPACE_NEEDED = 512 * 1024 * 1024

/** The data directory exists, is a directory, can be written and has room. Throws `supervisor/cannot-start`. */
export const checkDataDirectory = (layout: Layout): void => {
  try {
    mkdirSync(layout.data, { recursive: true })
    if (!statSync(layout.data).isDirectory()) throw new Error('it is a file')
    accessSync(layout.data, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw cannotStart(
      `the data directory ${layout.data} cannot be read and written (${(cause as Error).message}); give this user rights to it or set PORTICO_DATA`,
      { cause },
    )
  }
  const { bavail, bsize } = statfsSync(layout.data)
  if (bavail * bsize < SPACE_NEEDED)
    throw cannotStart(
      `${Math.floor((bavail * bsize) / 1_048_576)} MiB are free under ${layout.data} and 512 are needed; free some, or set PORTICO_DATA to another disk`,
    )
}

/** Every port with the name of what listens there. */
export const namedPorts = (ports: Ports, withCore: boolean): [name: string, port: number][] => [
  ['portal', ports.portal],
  ['console', ports.console],
  ['status page', ports.status],
  ...(['sandbox', 'production'] as const).flatMap((cell): [string, number][] => [
    [`${cell} gateway`, ports[cell].gateway],
    [`${cell} gateway with client certificates`, ports[cell].gatewayMtls],
    [`${cell} authorization server`, ports[cell].authorization],
    [`${cell} authorization server with client certificates`, ports[cell].authorizationMtls],
    [`${cell} page of card details`, ports[cell].vault],
  ]),
  ...(withCore
    ? ([
        ['core simulator', ports.core],
        ['core simulator’s switches', ports.coreControl],
      ] as [string, number][])
    : []),
]

/** Names the first port that something else holds. PostgreSQL’s own is looked at by its starter, which may adopt. */
export const checkPorts = async (ports: [name: string, port: number][]): Promise<void> => {
  for (const [name, port] of ports)
    if (!(await isFree(port)))
      throw cannotStart(
        `port ${port} (${name}) is taken by another program; stop that program, or set PORTICO_PORT_BASE to another first port`,
      )
}

const Supervised = (text: string): { pid: number; children: number[] } | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('pid' in value)) return undefined
    const children =
      'children' in value && Array.isArray(value.children) ? value.children.map(Number) : []
    return { pid: Number(value.pid), children }
  } catch {
    return undefined
  }
}

/** What an earlier supervisor wrote about itself, if anything. */
export const earlierSupervisor = (layout: Layout) =>
  existsSync(layout.supervisorPid)
    ? Supervised(readFileSync(layout.supervisorPid, 'utf8'))
    : undefined

/** Whether a process lives and is one of ours: a number may have been given to a stranger since. */
export const isOurs = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const command = commandOf(pid)
  return command.includes('main.ts') || command.includes('portico')
}

/** The command line of a process; empty where this system does not tell it, and then nobody is taken for ours. */
const commandOf = (pid: number): string => {
  const file = `/proc/${pid}/cmdline`
  if (existsSync(file)) return readFileSync(file, 'utf8')
  const said = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  return said.status === 0 ? said.stdout : ''
}
