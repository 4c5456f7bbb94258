/** Two gateway processes of one cell behind a TCP balancer, restarted in turns while partners call. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { get } from 'node:http'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cell } from '#kernel/cell.ts'
import { layoutOf } from '#platform/layout.ts'
import { openCell, type TestCell } from './cell.ts'
import { answerJson } from './played.ts'

const LOOK_EVERY_MS = 100
/** Longer than the balancer takes to notice. */
const DRAIN_SECONDS = 1
const cards = { path: '/cards/v1/cards' }

export interface NodeMore {
  readonly environment?: Readonly<Record<string, string>>
  readonly flags?: readonly string[]
  /** What stands before the runtime on the command line: how it gets into a network of its own. */
  readonly before?: readonly string[]
  /** Where it is reached, if not on loopback. */
  readonly host?: string
  /** Where it finds control, if not at the cell's own socket. */
  readonly control?: string
}

export interface Node {
  readonly host: string
  readonly port: number
  /** Where it keeps what it did not tell control yet. */
  readonly spool: string
  /** Whether its process is over, whoever ended it. */
  readonly hasEnded: () => boolean
  readonly isReady: () => Promise<boolean>
  start(): Promise<void>
  /** Ends it as an orchestrator does; answers its exit code. */
  stop(): Promise<number | null>
  /** Ends it as a power cut does, and answers when it is gone. */
  kill(): Promise<void>
  remove(): void
}

/** A gateway with a data folder of its own; keys and the sockets of control, bank and vault are the cell's. */
export const openNode = (
  cell: Pick<TestCell, 'world' | 'files'> & { readonly cell: Cell },
  port: number,
  /** Settings of its own, and words for the runtime. */
  { environment = {}, flags = [], before = [], host = '127.0.0.1', control }: NodeMore = {},
): Node => {
  const data = mkdtempSync(join(tmpdir(), 'node-'))
  const layout = layoutOf(data)
  const files = layout.cell(cell.cell)
  mkdirSync(layout.run)
  symlinkSync(join(cell.world.layout.data, 'keys'), join(data, 'keys'))
  symlinkSync(control ?? cell.world.layout.control.socket, layout.control.socket)
  for (const peer of ['bank', 'vault'] as const)
    symlinkSync(cell.files.socket(peer), files.socket(peer))
  let child: ChildProcess | undefined
  const isReady = () =>
    new Promise<boolean>((resolve) => {
      const socketPath = files.socket('gateway')
      get({ socketPath, path: '/internal/ready', agent: false }, (answer) => {
        answer.resume()
        resolve(answer.statusCode === 200)
      }).once('error', () => resolve(false))
    })
  return {
    host,
    port,
    spool: files.spool,
    isReady,
    hasEnded: () => child !== undefined && (child.exitCode !== null || child.signalCode !== null),
    start: async () => {
      const { settings } = cell.world
      const [program, ...words] = [...before, process.execPath]
      child = spawn(
        program,
        [
          ...words,
          ...flags,
          '--disable-warning=ExperimentalWarning',
          join(import.meta.dirname, '../../src/main.ts'),
          'start',
          'gateway',
          '--cell',
          cell.cell,
        ],
        {
          env: {
            PATH: process.env['PATH'],
            PORTICO_DATA: data,
            PORTICO_PORT_BASE: String(settings.PORTICO_PORT_BASE),
            PORTICO_DATABASE_URL_GATEWAY: settings.PORTICO_DATABASE_URL_GATEWAY,
            PORTICO_GATEWAY_PORT: String(port),
            PORTICO_EDGE_DRAIN_SECONDS: String(DRAIN_SECONDS),
            // Restarts are tried here: a machine that leases slowly is waited for.
            PORTICO_LIMITS_PATIENCE_MS: '20000',
            PORTICO_LOG_LEVEL: 'error',
            ...environment,
          },
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      )
      const endMs = performance.now() + 90_000
      while (!(await isReady())) {
        assert.equal(child.exitCode, null, 'a gateway ended as it started')
        assert.ok(performance.now() < endMs, 'a gateway was not ready in time')
        await sleep(50)
      }
    },
    stop: () =>
      new Promise((resolve) => {
        if (!child || child.exitCode !== null || child.signalCode !== null)
          return resolve(child?.exitCode ?? null)
        child.once('exit', resolve)
        child.kill('SIGTERM')
      }),
    kill: () =>
      new Promise((resolve) => {
        if (!child || child.exitCode !== null || child.signalCode !== null) return resolve()
        child.once('exit', () => resolve())
        child.kill('SIGKILL')
      }),
    remove: () => rmSync(data, { recursive: true, force: true }),
  }
}

/** Passes connections to ready nodes in turn, and asks each ten times a second whether it is. Knows no HTTP. */
export const openBalancer = async (nodes: readonly Node[], port: number): Promise<Server> => {
  const ready = new Set<Node>()
  const looking = setInterval(() => {
    for (const node of nodes)
      void node.isReady().then((is) => (is ? ready.add(node) : ready.delete(node)))
  }, LOOK_EVERY_MS)
  let turn = 0
  const server = createServer((caller) => {
    const up = [...ready]
    const node = up[turn++ % up.length]
    if (!node) return void caller.destroy()
    const onward = connect(node.port + 1, node.host)
    caller.pipe(onward).pipe(caller)
    for (const [one, other] of [
      [caller, onward],
      [onward, caller],
    ] as const) {
      one.once('error', () => other.destroy())
      one.once('close', () => other.destroy())
    }
  })
  server.once('close', () => clearInterval(looking))
  await new Promise<void>((resolve) => server.listen(port, resolve))
  while (ready.size < nodes.length) await sleep(20)
  return server
}

export interface Rolled {
  readonly restarts: number
  readonly answered: number
  readonly failures: readonly string[]
  /** How the processes ended. */
  readonly exits: readonly (number | null)[]
}

/** Restarts the nodes in turns, so many times together, under the calls of `callers` partners at a time. */
export const roll = async (
  restarts: number,
  callers: number,
  told: (line: string) => void = () => {},
): Promise<Rolled> => {
  const cell = await openCell()
  const base = cell.world.settings.PORTICO_PORT_BASE
  const nodes = [openNode(cell, base + 32), openNode(cell, base + 42)]
  let balancer: Server | undefined
  try {
    const holder = await cell.addHolder('mtls')
    cell.publish()
    cell.setPlay((_, response) => {
      setTimeout(() => answerJson(response, 200, { data: [], next: null }), 5)
    })
    await Promise.all(nodes.map((node) => node.start()))
    balancer = await openBalancer(nodes, cell.world.ports[cell.cell].gatewayMtls)
    let done = false
    let answered = 0
    const failures: string[] = []
    const calling = Array.from({ length: callers }, async () => {
      while (!done) {
        const token = await cell.token(holder)
        for (let i = 0; i < 50 && !done; i++)
          await cell.callMtls(holder, token, cards).then(
            ({ status, text }) =>
              status === 200 ? answered++ : failures.push(`${status} ${text}`),
            (error: unknown) => failures.push(String(error)),
          )
      }
    })
    const exits: (number | null)[] = []
    for (let i = 0; i < restarts; i++) {
      const node = nodes[i % nodes.length]
      if (!node) continue
      exits.push(await node.stop())
      await node.start()
      await sleep(3 * LOOK_EVERY_MS)
      told(
        `${i + 1} of ${restarts} restarts, ${answered} calls answered, ${failures.length} failed`,
      )
    }
    done = true
    await Promise.all(calling)
    return { restarts, answered, failures, exits }
  } finally {
    cell.hangUp()
    balancer?.close()
    await Promise.all(nodes.map((node) => node.stop()))
    nodes.forEach((node) => node.remove())
    await cell.close()
  }
}
