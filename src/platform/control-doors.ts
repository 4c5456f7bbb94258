/** Where a cell's process finds control: its socket on the same machine, or the addresses of its copies over TLS. */
import { readFileSync } from 'node:fs'
import { Agent, buildConnector } from 'undici'
import type { Cell } from '#kernel/cell.ts'
import type { CellWorld } from './process.ts'
import { Secret } from './secret.ts'

export interface Link {
  readonly cell: Cell
  readonly socketPath: string
  readonly key: Secret<string>
  /** Control's copies on other machines, in the order in which they are tried; without any the socket is the door. */
  readonly doors?: readonly ControlDoor[]
}

export interface ControlDoor {
  readonly host: string
  readonly port: number
  /** PEM of who vouches for it. */
  readonly ca: string
}

/** A machine that is off answers nothing: the next door is tried after so long. */
const CONNECT_WITHIN_MS = 2_000

/** The line of this cell to control, as the settings say. */
export const linkTo = ({ cell, layout, settings }: CellWorld): Link => {
  const key = new Secret(readFileSync(layout.cell(cell).linkKey, 'utf8').trim())
  const link = { cell, socketPath: layout.control.socket, key }
  if (settings.PORTICO_CONTROL_URL === undefined) return link
  const ca = readFileSync(settings.PORTICO_CONTROL_CA_FILE ?? layout.serverCa.certificate, 'utf8')
  const doors = settings.PORTICO_CONTROL_URL.split(',').map((address) => {
    const { hostname, port } = new URL(address)
    return { host: hostname, port: Number(port || 443), ca }
  })
  return { ...link, doors }
}

/** The same line to each copy of control alone: for what every one of them wants to hear. */
export const eachDoor = (link: Link): Link[] =>
  link.doors ? link.doors.map((door) => ({ ...link, doors: [door] })) : [link]

/** Connections go to the door that opened last; where it stays shut, to the next. Stop it with `destroy`. */
export const dispatcherTo = (link: Link, bodyTimeout: number): Agent =>
  new Agent({ connect: connectorTo(link), connections: 4, bodyTimeout, headersTimeout: 10_000 })

const connectorTo = ({ doors, socketPath }: Link): buildConnector.connector => {
  if (!doors) return buildConnector({ socketPath })
  const ways = doors.map(({ host, port, ca }): buildConnector.connector => {
    const connect = buildConnector({ ca, timeout: CONNECT_WITHIN_MS })
    return (options, callback) =>
      connect(
        { ...options, hostname: host, port: String(port), protocol: 'https:', servername: host },
        callback,
      )
  })
  let good = 0
  return (options, callback) => {
    const attempt = (tries: number): void => {
      const at = (good + tries) % ways.length
      ways[at]?.(options, (...[cause, socket]) => {
        if (cause && tries + 1 < ways.length) return attempt(tries + 1)
        if (cause) return callback(cause, null)
        good = at
        callback(null, socket)
      })
    }
    attempt(0)
  }
}
