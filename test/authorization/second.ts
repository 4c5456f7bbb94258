/** Another process of the same authorization server: same database and keys, a port and a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, buildConnector, request } from 'undici'
import { z } from 'zod'
import { layoutOf } from '#platform/layout.ts'
import type { House } from './house.ts'

export interface Second {
  /** A way to it, under the issuer's name. */
  readonly agent: Agent
  /** Starts it, and waits until it serves what the house serves. */
  start(): Promise<void>
  kill(): Promise<void>
  close(): Promise<void>
}

const Ready = z.object({ epoch: z.number() })

export const openSecond = async (house: House): Promise<Second> => {
  const { cell, layout, settings } = house.world
  const data = mkdtempSync(join(tmpdir(), 'az2-'))
  const own = layoutOf(data)
  mkdirSync(own.run)
  symlinkSync(join(layout.data, 'keys'), join(data, 'keys'))
  symlinkSync(layout.control.socket, own.control.socket)
  symlinkSync(layout.cell(cell).socket('bank'), own.cell(cell).socket('bank'))
  // Of the hundred ports that the house has for itself.
  const port = house.world.ports[cell].authorization + 4

  const connect = buildConnector({ ca: house.ca })
  const agent = new Agent({
    connections: 64,
    connect: (to, done) => connect({ ...to, port: String(port) }, done),
  })
  const inside = new Agent({ connect: { socketPath: own.cell(cell).socket('authorization') } })
  const epoch = async (): Promise<number> => {
    const answer = await request('http://peer/internal/ready', { dispatcher: inside })
    return Ready.parse(await answer.body.json()).epoch
  }

  let child: ChildProcess | undefined
  const kill = async () => {
    const running = child
    child = undefined
    if (!running) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGKILL')
    await ended
  }
  return {
    agent,
    kill,
    start: async () => {
      child = spawn(
        process.execPath,
        [
          '--disable-warning=ExperimentalWarning',
          join(import.meta.dirname, '../../src/main.ts'),
          'start',
          'authorization',
          '--cell',
          cell,
        ],
        {
          env: {
            PATH: process.env['PATH'],
            PORTICO_DATA: data,
            PORTICO_PORT_BASE: String(settings.PORTICO_PORT_BASE),
            PORTICO_DATABASE_URL_AUTHORIZATION: settings.PORTICO_DATABASE_URL_AUTHORIZATION,
            PORTICO_AUTHORIZATION_PORT: String(port),
            PORTICO_LOG_LEVEL: 'error',
          },
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      )
      const held = await house.epoch()
      while ((await epoch().catch(() => 0)) < held) await sleep(50)
    },
    close: async () => {
      await kill()
      await Promise.all([agent.destroy(), inside.destroy()])
      rmSync(data, { recursive: true, force: true })
    },
  }
}
