/** A whole Portico for tests, started as a person starts it, in a folder and on ports of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

const root = resolve(import.meta.dirname, '..')
const command = join(root, 'bin', 'portico.js')

export interface HouseOptions {
  readonly data: string
  readonly portBase: number
  readonly environment?: Readonly<Record<string, string>>
}

export const freshData = (): string => mkdtempSync(join(tmpdir(), 'portico-test-'))

const environmentOf = ({ data, portBase, environment = {} }: HouseOptions) => ({
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  PORTICO_DATA: data,
  PORTICO_PORT_BASE: String(portBase),
  PORTICO_LOG_LEVEL: 'warn',
  // A test that begins at midnight is no test of the core's end of day.
  PORTICO_DEMO_CORE_WINDOW: 'never',
  ...environment,
})

/** Runs a command of Portico to its end. */
export const portico = async (
  options: HouseOptions,
  ...words: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', command, ...words],
    {
      cwd: root,
      env: environmentOf(options),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
  const code = await new Promise<number | null>((done) => child.once('close', done))
  return { code, stdout, stderr }
}

const Ready = z.object({ ready: z.boolean() })

const isReady = async (portBase: number): Promise<boolean> => {
  try {
    const answer = await fetch(`http://localhost:${portBase}/.well-known/portico`)
    return Ready.parse(await answer.json()).ready
  } catch {
    return false
  }
}

export interface StartedHouse {
  readonly portal: string
  readonly pid: number
  /** Milliseconds from the command to `ready`. */
  readonly readyMs: number
  /** Ctrl-C; resolves when the supervisor has ended. */
  stop(): Promise<number | null>
  /** Its terminal goes away: whatever it says now, it says into a closed pipe. */
  closeTerminal(): void
  /** `kill -9` of the supervisor. */
  kill(): Promise<void>
}

/** Starts it and waits until a business call through both gateways works. */
export const startedHouse = async (options: HouseOptions): Promise<StartedHouse> => {
  const fromMs = performance.now()
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', command, 'start'],
    {
      cwd: root,
      env: environmentOf(options),
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let said = ''
  child.stderr?.on(
    'data',
    (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-8_000)),
  )
  const ended = new Promise<number | null>((done) => child.once('exit', done))
  let over = false
  void ended.then(() => (over = true))
  while (!(await isReady(options.portBase))) {
    if (over) throw new Error(`portico start ended: ${said}`)
    if (performance.now() - fromMs > 300_000) {
      child.kill('SIGKILL')
      throw new Error(`not ready after five minutes: ${said}`)
    }
    await sleep(100)
  }
  return {
    portal: `http://localhost:${options.portBase}`,
    pid: child.pid!,
    readyMs: performance.now() - fromMs,
    stop: async () => {
      child.kill('SIGINT')
      return ended
    },
    closeTerminal: () => void child.stderr?.destroy(),
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
