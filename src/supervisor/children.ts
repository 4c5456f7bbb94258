/** The processes of the house as children of one supervisor: started, watched, started again, stopped. */
import { type ChildProcess, fork } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '#platform/log.ts'

export interface ChildPlan {
  /** Unique: `gateway-sandbox`. Names the log file. */
  readonly name: string
  /** What follows `main.ts` on the command line, or another program with its arguments. */
  readonly args: readonly string[]
  readonly program?: string
  readonly environment: Readonly<Record<string, string>>
  /** Heap that this process may use, MiB. */
  readonly heapMb: number
  /** Room for what lives as long as a call, MiB: the less there is, the more often it is swept. */
  readonly youngMb?: number
  /** What stands before the runtime on the command line: how a process gets into its namespace. */
  readonly before?: readonly string[]
}

export interface Child {
  readonly plan: ChildPlan
  pid(): number | undefined
  send(message: object): void
  stop(): Promise<void>
}

const STOP_WAIT_MS = 8_000
const YOUNG_MB = 2
/** A process that lives this long starts with a short wait again when it dies. */
const STEADY_MS = 10_000

/** What a child needs of our own environment: nothing that is secret, nothing of ours that is not its own. */
const inherited = ['PATH', 'HOME', 'TZ', 'LANG', 'SystemRoot', 'TEMP', 'TMPDIR']

/**
 * glibc keeps what argon2 and TLS took for a moment in an arena for each thread. One arena, and large blocks given
 * back at once, halve the resident memory of a process that signs people in; other systems ignore these names.
 */
const frugalAllocator = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
}

/** Starts a process and keeps it running until `stop`. Its output goes to its own log file. */
export const keepRunning = (
  plan: ChildPlan,
  options: { main: string; logs: string; log: Log; onChange: () => void },
): Child => {
  mkdirSync(options.logs, { recursive: true })
  const output = createWriteStream(join(options.logs, `${plan.name}.log`), { flags: 'a' })
  let child: ChildProcess | undefined
  let stopping = false
  let waitMs = 200
  let restart: NodeJS.Timeout | undefined
  const pendingMessages: object[] = []

  const start = () => {
    const startedMs = performance.now()
    const base = Object.fromEntries(
      inherited.flatMap((n) => (process.env[n] === undefined ? [] : [[n, process.env[n]]])),
    )
    const [execPath, ...before] = [...(plan.before ?? []), process.execPath]
    child = fork(plan.program ?? options.main, [...plan.args], {
      execPath,
      env: { ...base, ...frugalAllocator, ...plan.environment },
      execArgv: [
        ...before,
        `--max-old-space-size=${plan.heapMb}`,
        `--max-semi-space-size=${plan.youngMb ?? YOUNG_MB}`,
        '--disable-warning=ExperimentalWarning',
      ],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    child.stdout?.pipe(output, { end: false })
    child.stderr?.pipe(output, { end: false })
    for (const message of pendingMessages) child.send(message)
    options.onChange()
    child.once('error', (cause) =>
      options.log.error({ child: plan.name, cause }, 'cannot be started'),
    )
    child.once('exit', (code, signal) => {
      child = undefined
      options.onChange()
      if (stopping) return
      waitMs = performance.now() - startedMs > STEADY_MS ? 200 : Math.min(waitMs * 2, 10_000)
      options.log.warn(
        { child: plan.name, code, signal, waitMs },
        'ended by itself; it is started again',
      )
      restart = setTimeout(start, waitMs)
    })
  }
  start()
  return {
    plan,
    pid: () => child?.pid,
    send: (message) => {
      pendingMessages.splice(0, pendingMessages.length, message)
      if (child?.connected) child.send(message)
    },
    stop: async () => {
      stopping = true
      clearTimeout(restart)
      const running = child
      if (!running) return
      const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()))
      running.kill('SIGTERM')
      const force = setTimeout(() => running.kill('SIGKILL'), STOP_WAIT_MS)
      await ended
      clearTimeout(force)
    },
  }
}
