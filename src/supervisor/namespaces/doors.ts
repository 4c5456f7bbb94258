/** What goes into a cell's network and out of it: its public ports in, its database and core out, and nothing else. */
import { join } from 'node:path'
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { type Settings, settingWrong } from '#platform/config.ts'
import type { ProcessWorld } from '#platform/process.ts'

const Port = z.strictObject({ host: z.string(), port: z.number().int() })
const Path = z.strictObject({ path: z.string() })
const End = z.union([Port, Path])
export type End = z.output<typeof End>

const Door = z.strictObject({ listen: End, to: End })
export type Door = z.output<typeof Door>
export const Doors = z.array(Door)

/** The loopback ports that metrics are scraped at: an offset for each cell, then one for each process. */
const METRICS = { sandbox: 10, production: 20 } as const
const PROCESSES_SCRAPED = 5

/** Ports of a cell that are for whoever is outside of it. */
const portsIn = ({ settings, ports }: ProcessWorld, cell: Cell): number[] => {
  const { gateway, gatewayMtls, gatewayProxy, authorization, authorizationMtls, vault } =
    ports[cell]
  const scraped = settings.PORTICO_METRICS_PORT
  return [
    gateway,
    gatewayMtls,
    authorization,
    authorizationMtls,
    vault,
    ...(settings.PORTICO_TRUSTED_PROXY ? [gatewayProxy] : []),
    ...(scraped === undefined
      ? []
      : Array.from({ length: PROCESSES_SCRAPED }, (_, at) => scraped + METRICS[cell] + at)),
  ]
}

/** Ports of this machine that a cell needs: the database server and, where the core is not synthetic, the core. */
const portsOut = ({ ports }: ProcessWorld, cell: Cell): number[] => [
  ports.postgres,
  ...(cell === 'production' ? [ports.core] : []),
]

/** Both ends of every door: a socket of the file system stands between, which no network reaches. */
export const doorsOf = (world: ProcessWorld, cell: Cell): { inside: Door[]; outside: Door[] } => {
  const between = (way: 'in' | 'out', port: number) => ({
    path: join(world.layout.run, `door-${cell}-${way}-${port}.sock`),
  })
  const listening = (port: number) => ({ host: 'localhost', port })
  const served = (port: number) => ({ host: '127.0.0.1', port })
  const inward = portsIn(world, cell).map((port) => ({
    outside: { listen: listening(port), to: between('in', port) },
    inside: { listen: between('in', port), to: listening(port) },
  }))
  const outward = portsOut(world, cell).map((port) => ({
    inside: { listen: served(port), to: between('out', port) },
    outside: { listen: between('out', port), to: served(port) },
  }))
  const all = [...inward, ...outward]
  return { inside: all.map(({ inside }) => inside), outside: all.map(({ outside }) => outside) }
}

/** Peers elsewhere in the bank's network would need a route, and a route is what a cell has not. */
const needRoutes = [
  'PORTICO_VALKEY_URL',
  'PORTICO_NATS_URL',
  'PORTICO_CONTROL_URL',
  'PORTICO_OTLP_URL',
  'PORTICO_WITNESS_URL',
  'PORTICO_CUSTOMER_ISSUER',
  'PORTICO_KEY_SERVICE_URL',
  'PORTICO_UPSTREAM_ALLOW',
] as const satisfies readonly (keyof Settings)[]

/** Throws where a setting wants what a closed network does not have: better not to start than to fail at the first call. */
export const checkClosed = (settings: Settings): void => {
  const open = needRoutes.find((name) => settings[name] !== undefined)
  if (open)
    throw settingWrong(
      `${open} is an address that a cell with PORTICO_NETWORK_NAMESPACES=on cannot reach; isolate such a house with the firewall of its machines`,
    )
  if (settings.PORTICO_CORE_HOST !== '127.0.0.1')
    throw settingWrong(
      'PORTICO_CORE_HOST must be 127.0.0.1 with PORTICO_NETWORK_NAMESPACES=on: a cell has a door to this machine’s core and no route to another',
    )
}
