/** Our gateway at a rung: the real process with the real pipeline, cut short below T5. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { openCell } from '#test/gateway/cell.ts'
import { startLoaded } from './machine.ts'
import { type Rung, type Running, stopping } from './peers/peer.ts'

type Cell = Awaited<ReturnType<typeof openCell>>

const settingsOf = (cell: Cell): Record<string, string> =>
  Object.fromEntries(
    Object.entries(cell.world.settings).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  )

/** What was made in memory goes with the process that made it, however it ends. */
const inMemory = new Set<string>()
const clearMemory = (): void => {
  for (const folder of inMemory) rmSync(folder, { recursive: true, force: true })
  inMemory.clear()
}
process.once('exit', clearMemory)

/** Below T5 a call is recorded where it costs next to nothing and does not last: in memory. */
const placeSpool = (spool: string, rung: Rung): void => {
  rmSync(spool, { recursive: true, force: true })
  mkdirSync(dirname(spool), { recursive: true })
  if (rung >= 'T5' || !existsSync('/dev/shm')) return
  const folder = mkdtempSync('/dev/shm/portico-bench-')
  inMemory.add(folder)
  symlinkSync(folder, spool)
}

const tailOf = ({ data }: Cell): string =>
  readFileSync(join(data, 'gateway.log'), 'utf8').trim().split('\n').at(-1) ?? ''

export interface Climbing extends Running {
  /** Another rung from now on; T5 and T6 differ by who calls. Where calls are recorded stays as it was at the start. */
  climb(rung: Rung): Promise<void>
}

const climbing = (child: ChildProcess): Climbing => {
  const running = stopping(child)
  return {
    child,
    stop: () => running.stop().finally(clearMemory),
    climb: async (rung) => {
      const heard = once(child, 'message')
      child.send(rung)
      await heard
    },
  }
}

export const portico = {
  /** `flags` are V8's, for whoever looks into it. */
  start: async (rung: Rung, cell: Cell, flags: readonly string[] = []): Promise<Climbing> => {
    placeSpool(cell.files.spool, rung)
    const epoch = cell.publish()
    // Into a file, as a house has it: the bench's own terminal is for its figures.
    const log = openSync(join(cell.data, 'gateway.log'), 'a')
    const child = startLoaded(
      process.execPath,
      [
        ...flags,
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, 'gateway.ts'),
        rung,
      ],
      {
        stdio: ['ignore', 'ignore', log, 'ipc'],
        env: {
          PATH: process.env['PATH'],
          NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
          ...settingsOf(cell),
          PORTICO_LOG_LEVEL: 'info',
        },
      },
    )
    closeSync(log)
    for (let i = 0; i < 400; i++) {
      const health = await cell.health().catch(() => undefined)
      if (health?.status === 200 && health.epoch >= epoch) return climbing(child)
      if (child.exitCode !== null)
        throw new Error(`the gateway ended with ${child.exitCode}: ${tailOf(cell)}`)
      await sleep(50)
    }
    throw new Error('the gateway is not ready')
  },
}
