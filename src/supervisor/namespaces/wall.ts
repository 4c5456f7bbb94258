/** The wall between the networks of the cells, tried from inside: every address of the house, and one of the world. */
import { spawnSync } from 'node:child_process'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { type Cell, cells } from '#kernel/cell.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { inNamespace, namespaceExists, namespaceOf } from './namespace.ts'

export interface NetworkWall {
  readonly wall: string
  readonly tried: number
  /** What was reached and should not be, and what makes the proof worth nothing. */
  readonly open: readonly string[]
}

const Reached = z.array(z.string())

/** Whatever of these an attacker inside of the namespace gets a connection to. */
export const reachedFrom = (namespace: string, addresses: readonly string[]): string[] => {
  const [program = '', ...before] = inNamespace(namespace)
  const reach = join(import.meta.dirname, 'reach.ts')
  const words = [...before, process.execPath, '--disable-warning=ExperimentalWarning', reach]
  const { stdout } = spawnSync(program, [...words, ...addresses], { encoding: 'utf8' })
  return Reached.parse(JSON.parse(stdout))
}

/** Where this machine itself answers from the outside, as a neighbour would address it. */
const machine = (): string[] =>
  Object.values(networkInterfaces()).flatMap((held) =>
    (held ?? []).flatMap(({ internal, family, address }) =>
      internal || family !== 'IPv4' ? [] : [address],
    ),
  )

const wall = 'addresses from inside of a cell that are not its own'

/** Undefined where the cells share the network of the machine. */
export const networkWall = (world: ProcessWorld): NetworkWall | undefined => {
  const { ports, layout } = world
  const each = cells.map((cell) => ({ cell, namespace: namespaceOf(layout, cell) }))
  if (!each.every(({ namespace }) => namespaceExists(namespace))) return undefined
  const own = (cell: Cell) => [
    ports.postgres,
    ...Object.values(ports[cell]),
    ...(cell === 'production' ? [ports.core] : []),
  ]
  const all = [
    ports.portal,
    ports.console,
    ports.postgres,
    ports.core,
    ports.coreControl,
    ...cells.flatMap((cell) => Object.values(ports[cell])),
  ]
  const open: string[] = []
  let tried = 0
  for (const { cell, namespace } of each) {
    const mine = new Set(own(cell).map((port) => `127.0.0.1:${port}`))
    const addresses = [
      ...['127.0.0.1', ...machine()].flatMap((host) => all.map((port) => `${host}:${port}`)),
      // RFC 5737 has no machine: this asks for a route, and sends nothing.
      '192.0.2.1:443',
    ]
    const reached = reachedFrom(namespace, addresses)
    const foreign = addresses.filter((address) => !mine.has(address))
    tried += foreign.length
    open.push(
      ...reached
        .filter((address) => !mine.has(address))
        .map((address) => `${cell} reaches ${address}`),
    )
    // Nothing reached at all would make every refusal worth nothing.
    if (!reached.includes(`127.0.0.1:${ports.postgres}`))
      open.push(`${cell} does not reach its own database: what it does not reach proves nothing`)
  }
  return { wall, tried, open }
}

/** What the report and the doctor say where there is no such wall. */
export const sharedNetwork =
  'the cells share the network of this machine: a process of one may connect to ports of the other, where it is refused by keys'
