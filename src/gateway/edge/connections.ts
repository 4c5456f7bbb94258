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
  /** How long a connection may wait for its turn. */
  readonly waitMs: number
}

export interface Connections {
  /** Starts the handshake of a fresh connection, now or when its turn comes; ends the connection where it may not. */
  admit(socket: Socket, startHandshake: () => void): void
  /** The handshake of this connection has succeeded; one that fails ends with its connection. */
  secured(socket: Socket): void
  state(): {
    readonly addresses: number
    readonly connections: number
    readonly handshakes: number
    readonly waiting: number
  }
}

const WAITING_MAX = 1_024
/** A handshake that has not ended by then waits for its client, and takes nobody else's turn. */
const TURN_MS = 1_000
/** The part of all turns that one address may have. */
const TURNS_PER_ADDRESS = 1 / 4
/** Full means refuse the new address, never forget a live one (G36). */
const ADDRESSES_MAX = 100_000
const BURST = 5

interface Address {
  connections: number
  /** Its handshakes under way. */
  turns: number
  /** Handshakes left, and when that was so. */
  tokens: number
  atMs: number
}

interface Waiting {
  readonly socket: Socket
  readonly address: Address
  readonly start: () => void
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
  const waiting: Waiting[] = []
  let open = 0
  const underWay = new Map<string, () => void>()
  const turnsPerAddress = Math.ceil(limits.handshakes * TURNS_PER_ADDRESS)
  const burst = limits.handshakesPerAddress * BURST

  /** Takes a place and a handshake of this address, or answers that there is none. */
  const taken = (key: string): Address | undefined => {
    const atMs = nowMs()
    const held = addresses.get(key)
    if (!held && addresses.size >= ADDRESSES_MAX && forgetIdle(atMs) === 0) return undefined
    const address = held ?? { connections: 0, turns: 0, tokens: burst, atMs }
    address.tokens = Math.min(
      burst,
      address.tokens + ((atMs - address.atMs) / 1000) * limits.handshakesPerAddress,
    )
    address.atMs = atMs
    if (address.connections >= limits.perAddress || address.tokens < 1) return undefined
    address.tokens--
    address.connections++
    open++
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
  const hasTurn = ({ turns }: Address) =>
    underWay.size < limits.handshakes && turns < turnsPerAddress
  const begin = ({ socket, address, start }: Waiting) => {
    const ends = endsOf(socket)
    const late = setTimeout(() => ended(ends), TURN_MS).unref()
    address.turns++
    underWay.set(ends, () => {
      clearTimeout(late)
      address.turns--
    })
    start()
  }
  const ended = (ends: string) => {
    const end = underWay.get(ends)
    if (!end) return
    end()
    underWay.delete(ends)
    const next = waiting.findIndex(({ address }) => hasTurn(address))
    const [first] = next < 0 ? [] : waiting.splice(next, 1)
    if (first) begin(first)
  }

  return {
    admit: (socket, startHandshake) => {
      sweep()
      const from = socket.remoteAddress
      const address = from === undefined ? undefined : taken(networkOf(from))
      if (!address) {
        socket.resetAndDestroy()
        return
      }
      const one = { socket, address, start: startHandshake }
      const ends = endsOf(socket)
      socket.once('close', () => {
        address.connections--
        open--
        const place = waiting.indexOf(one)
        if (place >= 0) waiting.splice(place, 1)
        ended(ends)
      })
      if (hasTurn(address)) begin(one)
      else if (waiting.length < WAITING_MAX) {
        // It may break while it waits, and nobody else listens yet.
        socket.on('error', () => socket.destroy())
        waiting.push(one)
        const late = setTimeout(() => {
          if (waiting.includes(one)) socket.resetAndDestroy()
        }, limits.waitMs).unref()
        socket.once('close', () => clearTimeout(late))
      } else socket.resetAndDestroy()
    },
    secured: (socket) => ended(endsOf(socket)),
    state: () => ({
      addresses: addresses.size,
      connections: open,
      handshakes: underWay.size,
      waiting: waiting.length,
    }),
  }
}

/** What a raw connection and the secured one on top of it have in common. */
const endsOf = ({ remoteAddress, remotePort, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localPort}`
