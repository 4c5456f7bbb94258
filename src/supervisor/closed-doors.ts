/** Which processes of the house take no connection yet: a call through both gateways asks no portal, vault or courier. */
import { connect, type NetConnectOpts } from 'node:net'
import { cells } from '#kernel/cell.ts'
import type { ProcessWorld } from '#platform/process.ts'

const takes = (to: NetConnectOpts): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(to)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

/** Where each process of the house answers, by name. */
const doorsOfHouse = ({
  layout,
  ports,
}: Pick<ProcessWorld, 'layout' | 'ports'>): [string, NetConnectOpts][] => {
  const host = /^(::|0\.0\.0\.0)$/.test(ports.listen) ? 'localhost' : ports.listen
  return [
    ...(['portal', 'console', 'status'] as const).map((name): [string, NetConnectOpts] => [
      name,
      { host, port: ports[name] },
    ]),
    ['control', { path: layout.control.socket }],
    ...cells.flatMap((cell) =>
      (['gateway', 'authorization', 'bank', 'vault', 'courier'] as const).map(
        (name): [string, NetConnectOpts] => [
          `${name}-${cell}`,
          { path: layout.cell(cell).socket(name) },
        ],
      ),
    ),
  ]
}

export const closedDoors = async (
  world: Pick<ProcessWorld, 'layout' | 'ports'>,
): Promise<string[]> => {
  const doors = doorsOfHouse(world)
  const open = await Promise.all(doors.map(([, to]) => takes(to)))
  return doors.flatMap(([name], n) => (open[n] ? [] : [name]))
}
