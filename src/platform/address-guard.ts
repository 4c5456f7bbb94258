/**
 * Which addresses a process may connect to on somebody's word: none of this machine, of its link, of a cloud's metadata,
 * and none that is nobody's (S27). A name is judged by what it resolves to, in the same lookup that is connected by.
 */
import { lookup as resolveName, type LookupAddress, type LookupAllOptions } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'
import { problem } from '#kernel/problem.ts'

export const addressRefused = problem(
  'platform/address-refused',
  422,
  'The address is not one that may be connected to',
)

export interface AddressGuard {
  /** `host:port`, as they are written in the address, that may be anywhere: for development. */
  readonly allowed: ReadonlySet<string>
  /** Ports of this installation: what listens there on this machine is ours and never an upstream. */
  readonly ownPorts: ReadonlySet<number>
  /** Only public addresses: for those that partners name, whose network is never ours. */
  readonly outward?: boolean
}

const nobodys = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Metadata services that stand outside of link-local addresses.
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
] as const)
  nobodys.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  ['2001:db8::', 32],
  ['fd00:ec2::254', 128],
  // Addresses of IPv4 in other clothes: translated and tunnelled ones are written plainly or not at all.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['2001::', 32],
] as const)
  nobodys.addSubnet(network, prefix, 'ipv6')

/** Networks behind somebody's door; of IPv6 nothing but global unicast is public. */
const inward = new BlockList()
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
] as const)
  inward.addSubnet(network, prefix, 'ipv4')
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')
inward.addSubnet('2001::', 23, 'ipv6')
inward.addSubnet('3fff::', 20, 'ipv6')

const isInward = (address: string): boolean => {
  const written = plain(address)
  if (isIP(written) === 4) return inward.check(written, 'ipv4')
  return !globalUnicast.check(written, 'ipv6') || inward.check(written, 'ipv6')
}

const plain = (address: string): string =>
  /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address

const isNobodys = (address: string): boolean => {
  const written = plain(address)
  const family = isIP(written)
  if (family === 0) return true
  // What is left of ::ffff:0:0/96 is IPv4 in hexadecimal clothes; a block list reads it as what it is.
  return nobodys.check(written, family === 4 ? 'ipv4' : 'ipv6')
}

const isLoopback = (address: string): boolean => {
  const written = plain(address)
  return written === '::1' || written.startsWith('127.')
}

const isThisMachine = (address: string): boolean =>
  isLoopback(address) ||
  Object.values(networkInterfaces()).some((list) =>
    list?.some((one) => one.address === plain(address)),
  )

/** Why an address is not connected to; undefined where it may be. */
export const refusalOfAddress = (
  guard: AddressGuard,
  written: string,
  port: number,
  address: string,
): string | undefined => {
  if (guard.ownPorts.has(port) && isThisMachine(address))
    return `${written}:${port} is this installation itself`
  if (guard.allowed.has(`${written}:${port}`)) return undefined
  if (guard.outward && !isNobodys(address) && isInward(address))
    return `${written} is ${address}: no public address`
  return isNobodys(address)
    ? `${written} is ${address}: of this machine, of its link, or nobody's`
    : undefined
}

/** All addresses of a name. */
export type Resolve = (
  name: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void

/** A lookup that answers only addresses that may be connected to; and the same judgement of an address in figures. */
export const guardedLookup = (
  guard: AddressGuard,
  port: number,
  resolve: Resolve = resolveName,
): LookupFunction & { refusalOf: (host: string) => Error | undefined } => {
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0)
      const addresses = found
      // One bad address among good ones is a name that turns: none of them is used.
      for (const { address } of addresses) {
        const why = refusalOfAddress(guard, hostname, port, address)
        if (why !== undefined) return callback(addressRefused(why), '', 0)
      }
      const [first] = addresses
      if (!first) return callback(addressRefused(`${hostname} has no address`), '', 0)
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
  return Object.assign(lookup, {
    refusalOf: (host: string): Error | undefined => {
      const bare = host.replace(/^\[|\]$/g, '')
      if (isIP(bare) === 0) return undefined
      const why = refusalOfAddress(guard, bare, port, bare)
      return why === undefined ? undefined : addressRefused(why)
    },
  })
}
