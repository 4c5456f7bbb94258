/** One gateway is cut off from database and control: by a line that swallows everything, and by a network that is down. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestCell } from '../gateway/cell.ts'
import type { NodeMore } from '../gateway/rolling.ts'
import { ended, foundIn, openPlace, type Place, skipped } from './place.ts'
import type { Found } from './run.ts'
import { until } from './town.ts'

/** Carries bytes from a port of its own until it is told to swallow them. */
const openRelay = async (to: NetConnectOpts, host = '127.0.0.1') => {
  let swallows = false
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(to)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('data', (bytes: Buffer) => {
        if (!swallows) other.write(bytes)
      })
      one.once('error', () => other.destroy())
      one.once('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  })
  await new Promise<void>((done) => server.listen(0, host, done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the relay has no port')
  return {
    port: address.port,
    swallow: () => {
      swallows = true
    },
    /** As a network does that is whole again: what stood is broken, what is new gets through. */
    mend: () => {
      swallows = false
      for (const socket of sockets) socket.destroy()
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

type Relay = Awaited<ReturnType<typeof openRelay>>

/** Calls while it is cut off and after; what was begun under a key meanwhile is done in the end, and once. */
const carriedOut = async (
  place: Place,
  { short, cut, mend }: { short: boolean; cut: () => Promise<void>; mend: () => Promise<void> },
): Promise<string> => {
  const isWritten = async (key: string) => (await place.write(key))?.status === 200
  await until('a write is taken', 60_000, () => isWritten(crypto.randomUUID()))
  await cut()
  const before = place.tally.sent
  const endMs = performance.now() + (short ? 15_000 : 120_000)
  const keys: string[] = []
  let takenReads = 0
  for (let n = 0; performance.now() < endMs; n++) {
    if (n % 5 === 4) {
      const key = crypto.randomUUID()
      keys.push(key)
      await place.write(key)
    } else if ((await place.read())?.status === 200) takenReads++
    await sleep(50)
  }
  const writesTaken = keys.filter((key) => place.tally.done.has(key)).length
  const calls = place.tally.sent - before
  await mend()
  const mendedMs = performance.now()
  await until('a write is taken again', 120_000, () => isWritten(crypto.randomUUID()))
  const back = Math.round(performance.now() - mendedMs)
  for (const key of keys) await until('every key is done', 60_000, () => isWritten(key))
  return `${takenReads} reads and ${writesTaken} of ${keys.length} writes taken while cut off (${calls} calls in all), writes again ${back} ms after it was mended`
}

const keeps =
  'reads for holders of live tokens; writes and what is of high risk are refused by name'

/** Where a cell's gateway finds its database, through a relay. */
const databaseOf = (cell: TestCell) => new URL(cell.world.settings.PORTICO_DATABASE_URL_GATEWAY!)

export const swallowed = async ({ short }: { short: boolean }): Promise<Found> => {
  const about = {
    name: 'partition',
    breaks:
      'one gateway is cut off from database and control: bytes are swallowed, nothing is refused',
    keeps,
  }
  let relay: Relay | undefined
  const place = await openPlace(async (cell) => {
    const url = databaseOf(cell)
    relay = await openRelay({ host: url.hostname, port: Number(url.port) })
    url.port = String(relay.port)
    return { environment: { PORTICO_DATABASE_URL_GATEWAY: url.href } }
  })
  const balancer = await place.start()
  try {
    const figure = await carriedOut(place, {
      short,
      cut: async () => {
        relay?.swallow()
        await place.cell.closeControl()
      },
      mend: async () => {
        relay?.mend()
        await place.cell.openControl()
      },
    })
    return await foundIn(place, about, [figure])
  } finally {
    relay?.close()
    await ended(place, balancer)
  }
}

const ip = (...words: string[]): boolean => spawnSync('ip', words).status === 0

/** A network of its own for one gateway, with two cables: partners come by the one, all that is the bank's by the other. */
const openNetwork = () => {
  const name = `portico-cut-${process.pid}`
  const cables = { front: '10.231.77', back: '10.231.78' }
  const near = (cable: keyof typeof cables) => `pc-${cable}`
  const lay = ([cable, net]: [keyof typeof cables, string]) =>
    ip('link', 'add', near(cable), 'type', 'veth', 'peer', 'name', cable, 'netns', name) &&
    ip('address', 'add', `${net}.1/30`, 'dev', near(cable)) &&
    ip('-n', name, 'address', 'add', `${net}.2/30`, 'dev', cable) &&
    ip('link', 'set', near(cable), 'up') &&
    ip('-n', name, 'link', 'set', cable, 'up')
  const close = () => {
    for (const cable of ['front', 'back'] as const) ip('link', 'delete', near(cable))
    ip('netns', 'delete', name)
  }
  const isLaid =
    ip('netns', 'add', name) &&
    ip('-n', name, 'link', 'set', 'lo', 'up') &&
    lay(['front', cables.front]) &&
    lay(['back', cables.back])
  if (!isLaid) close()
  return {
    isLaid,
    close,
    before: ['ip', 'netns', 'exec', name],
    /** Of the gateway, as partners reach it; of this machine, as the gateway reaches it. */
    gateway: `${cables.front}.2`,
    bank: `${cables.back}.1`,
    /** The far end of the cable is down: packets go nowhere, and nobody says so. */
    cut: () => ip('link', 'set', near('back'), 'down'),
    mend: () => ip('link', 'set', near('back'), 'up'),
    /** Whether a port of this machine is reached from the gateway’s network. */
    carries: (port: number) =>
      spawnSync(
        'timeout',
        `2 ip netns exec ${name} bash -c`
          .split(' ')
          .concat(`: > /dev/tcp/${cables.back}.1/${port}`),
      ).status === 0,
  }
}
type Network = ReturnType<typeof openNetwork>

/** Database and control of the cell, at addresses that only the cable leads to. */
const layLines = async (cell: TestCell, network: Network) => {
  const url = databaseOf(cell)
  const to = { host: url.hostname, port: Number(url.port) }
  const database = await openRelay(to, network.bank)
  const control = await openRelay({ path: cell.world.layout.control.socket }, network.bank)
  url.hostname = network.bank
  url.port = String(database.port)
  // A socket of the file system knows no networks: inside, a program carries its bytes to the cable.
  const folder = mkdtempSync(join(tmpdir(), 'cut-'))
  const socket = join(folder, 'control.sock')
  const [program = '', ...words] = network.before
  const carrier: ChildProcess = spawn(
    program,
    [
      ...words,
      process.execPath,
      resolve(import.meta.dirname, 'carrier.mjs'),
      socket,
      network.bank,
      String(control.port),
    ],
    { stdio: 'inherit' },
  )
  const node: NodeMore = {
    environment: { PORTICO_DATABASE_URL_GATEWAY: url.href },
    before: network.before,
    host: network.gateway,
    control: socket,
  }
  return {
    node,
    port: database.port,
    close: () => {
      carrier.kill('SIGKILL')
      database.close()
      control.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const networkPartition = async ({ short }: { short: boolean }): Promise<Found> => {
  const about = {
    name: 'partition-network',
    breaks:
      'one gateway in a network of its own: the cable to database and control is down, that to its partners is not',
    keeps,
  }
  const network = openNetwork()
  if (!network.isLaid) return skipped(about, 'needs root and ip(8) with network namespaces')
  let lines: Awaited<ReturnType<typeof layLines>> | undefined
  try {
    const place = await openPlace(async (cell) => {
      lines = await layLines(cell, network)
      return lines.node
    })
    const balancer = await place.start()
    const wrong: string[] = []
    const carries = () => lines !== undefined && network.carries(lines.port)
    try {
      if (!carries()) wrong.push('the cable carried nothing from the first')
      const figure = await carriedOut(place, {
        short,
        cut: async () => {
          network.cut()
          if (carries()) wrong.push('the cable was not cut')
        },
        mend: async () => void network.mend(),
      })
      return await foundIn(place, about, [figure], wrong)
    } finally {
      await ended(place, balancer)
    }
  } finally {
    lines?.close()
    network.close()
  }
}
