/**
 * A house of many nodes on one machine: three gateways of the sandbox behind a balancer, two processes of control, three
 * NATS servers, a Valkey. Everything can be killed, and is started again as an init system would.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { layoutOf } from '#platform/layout.ts'
import { openTown } from '../faults/town.ts'
import { balance } from './balancer.ts'

const main = resolve(import.meta.dirname, '../../src/main.ts')
const AGAIN_MS = 500

/** A process, started again whenever it ends. */
const kept = (words: readonly string[], environment: Readonly<Record<string, string>>) => {
  let child: ChildProcess | undefined
  let stopping = false
  const start = () => {
    child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...words], {
      env: environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    child.once('exit', () => {
      if (!stopping) setTimeout(start, AGAIN_MS)
    })
  }
  start()
  return {
    kill: () => child?.kill('SIGKILL'),
    stop: () => {
      stopping = true
      child?.kill('SIGKILL')
    },
  }
}

/** The words and settings that a process of the house was started with. */
const environmentOf = (pid: number): Record<string, string> =>
  Object.fromEntries(
    readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

/** A data folder of its own, with the keys of the house and the sockets that it may reach. */
const folderBeside = (data: string, sockets: readonly string[]): string => {
  const beside = mkdtempSync(join(tmpdir(), 'node-'))
  mkdirSync(layoutOf(beside).run)
  symlinkSync(join(data, 'keys'), join(beside, 'keys'))
  for (const name of sockets) symlinkSync(join(data, 'run', name), join(beside, 'run', name))
  return beside
}

export const openThree = async (portBase: number) => {
  const ports = {
    gateways: [portBase + 50, portBase + 70, portBase + 80],
    production: portBase + 60,
  }
  const balancers: Server[] = []
  const opening = openTown({
    portBase,
    carried: true,
    environment: { PORTICO_GATEWAY_PORT: String(ports.gateways[0]), PORTICO_GATEWAYS_MAX: '3' },
  })
  // The house looks whether its ports are free before it begins; afterwards they are the balancer's.
  const balancing = async () => {
    for (;;) {
      const up = await balance(portBase + 30, []).catch(() => undefined)
      up?.close()
      if (!up) break
      await sleep(200)
    }
    for (const mutual of [0, 1]) {
      const sandbox = ports.gateways.map((port) => port + mutual)
      balancers.push(await balance(portBase + 10 + mutual, sandbox))
      balancers.push(await balance(portBase + 20 + mutual, [ports.production + mutual]))
    }
  }
  const [town] = await Promise.all([opening, balancing()])
  const gatewayPid = town.processOf('start gateway --cell sandbox')
  const controlPid = town.processOf('start control')
  if (gatewayPid === undefined || controlPid === undefined)
    throw new Error('the house stands still')
  const folders: string[] = []
  const beside = (sockets: readonly string[]) => {
    const folder = folderBeside(town.data, sockets)
    folders.push(folder)
    return folder
  }
  const gateways = ports.gateways.slice(1).map((port) =>
    kept(['start', 'gateway', '--cell', 'sandbox'], {
      ...environmentOf(gatewayPid),
      PORTICO_DATA: beside(['control.sock', 'sandbox-bank.sock', 'sandbox-vault.sock']),
      PORTICO_GATEWAY_PORT: String(port),
    }),
  )
  const control = kept(['start', 'control'], {
    ...environmentOf(controlPid),
    PORTICO_DATA: beside([]),
    PORTICO_LISTEN: '127.0.0.2',
  })
  const ofHouse = (name: string, words: string) => [name, () => town.kill(words)] as const
  const ofNats = (which: number) =>
    [
      `NATS server ${which + 1}`,
      async () => {
        await town.nats?.kill(which)
        await sleep(5_000)
        await town.nats?.start(which)
      },
    ] as const
  const victims: readonly (readonly [name: string, kill: () => unknown])[] = [
    ofHouse('gateway 1', 'start gateway --cell sandbox'),
    ['gateway 2', () => gateways[0]?.kill()],
    ['gateway 3', () => gateways[1]?.kill()],
    ofHouse('control 1', 'start control'),
    ['control 2', () => control.kill()],
    ofNats(0),
    ofNats(1),
    ofNats(2),
    [
      'the leader of control',
      async () => {
        const pid = await town.leader()
        if (pid === undefined) throw new Error('nobody leads')
        process.kill(pid, 'SIGKILL')
      },
    ],
    ['Valkey', () => town.killValkey()],
    ofHouse('bank', 'start bank --cell sandbox'),
    ofHouse('vault', 'start vault --cell sandbox'),
    ofHouse('courier', 'start courier --cell sandbox'),
    ofHouse('authorization', 'start authorization --cell sandbox'),
    ofHouse('status', 'start status'),
    ['PostgreSQL', () => town.killPostgres()],
  ]
  return {
    town,
    victims,
    gatewayPorts: ports.gateways,
    close: async () => {
      for (const one of [...gateways, control]) one.stop()
      for (const one of balancers) one.close()
      await town.close()
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    },
  }
}
