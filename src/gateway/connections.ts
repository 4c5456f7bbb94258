/**
 * Who may hold a connection: so many from one address, so many handshakes at a time and in a second. Decided before a
 * byte of TLS is read, because a handshake is the dearest thing that a stranger can ask for (S16).
 */
import { isIPv6, type Socket } from 'node:net'

export interface ConnectionLimits {
  readonly perAddress: number
  /** Handshakes under way at a time, of all listeners together. */
  readonly handshakes: number
  /** Handshakes of one address: so many in a second, five times as many at once. */
  readonly handshakesPerAddress: number
}

export interface Connections {
  /** Starts the handshake of a fresh connection, now or when its turn comes; ends the connection where it may not. */
  admit(socket: Socket, startHandshake: () => void): void
  /** The handshake of this connection has succeeded; one that fails ends with its connection. */
  secured(socket: Socket): void
  state(): { readonly addresses: number; readonly handshakes: number; readonly waiting: number }
}

const WAITING_MAX = 1_024
/** Full means refuse the new address, never forget a live one (G36). */
const ADDRESSES_MAX = 100_000
const BURST = 5

interface Address {
  connections: number
  /** Handshakes left, and when that was so. */
  tokens: number
  atMs: number
}

/** One customer of an access network has a /64 to itself; counted by single addresses it would have no limit. */
export const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1]) return mapped[1]
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].slice(0, 4).join(':')
}

export const openConnections = (
  limits: ConnectionLimits,
  nowMs: () => number = () => performance.now(),
): Connections => {
  const addresses = new Map<string, Address>()
  const waiting: { socket: Socket; start: () => void }[] = []
  const underWay = new Set<string>()
  const burst = limits.handshakesPerAddress * BURST

  /** Takes a place and a handshake of this address, or answers that there is none. */
  const taken = (key: string): Address | undefined => {
    const atMs = nowMs()
    const held = addresses.get(key)
    if (!held && addresses.size >= ADDRESSES_MAX && forgetIdle(atMs) === 0) return undefined
    const address = held ?? { connections: 0, tokens: burst, atMs }
    address.tokens = Math.min(
      burst,
      address.tokens + ((atMs - address.atMs) / 1000) * limits.handshakesPerAddress,
    )
    address.atMs = atMs
    if (address.connections >= limits.perAddress || address.tokens < 1) return undefined
    address.tokens--
    address.connections++
    addresses.set(key, address)
    return address
  }
  /** Addresses without a connection whose handshakes have all come back are as if they had never been. */
  const forgetIdle = (atMs: number): number => {
    const before = addresses.size
    for (const [key, address] of addresses)
      if (address.connections === 0 && atMs - address.atMs > BURST * 1000) addresses.delete(key)
    return before - addresses.size
  }
  let sweptMs = nowMs()
  const sweep = () => {
    if (nowMs() - sweptMs < 10_000) return
    sweptMs = nowMs()
    forgetIdle(sweptMs)
  }
  const next = () => {
    while (underWay.size < limits.handshakes) {
      const first = waiting.shift()
      if (!first) return
      if (!first.socket.destroyed) begin(first.socket, first.start)
    }
  }
  const begin = (socket: Socket, start: () => void) => {
    underWay.add(endsOf(socket))
    start()
  }
  const ended = (ends: string) => {
    if (underWay.delete(ends)) next()
  }

  return {
    admit: (socket, start) => {
      sweep()
      const from = socket.remoteAddress
      const address = from === undefined ? undefined : taken(networkOf(from))
      if (!address) {
        socket.resetAndDestroy()
        return
      }
      const ends = endsOf(socket)
      socket.once('close', () => {
        address.connections--
        ended(ends)
      })
      if (underWay.size < limits.handshakes) begin(socket, start)
      else if (waiting.length < WAITING_MAX) {
        // It may break while it waits, and nobody else listens yet.
        socket.on('error', () => socket.destroy())
        waiting.push({ socket, start })
      } else socket.resetAndDestroy()
    },
    secured: (socket) => ended(endsOf(socket)),
    state: () => ({
      addresses: addresses.size,
      handshakes: underWay.size,
      waiting: waiting.length,
    }),
  }
}

/** What a raw connection and the secured one on top of it have in common. */
const endsOf = ({ remoteAddress, remotePort, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localPort}`
