/** What the machine tells about processes, and how work is kept on a core of its own. Linux; elsewhere nothing is pinned. */
import { execFileSync, type SpawnOptions, spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'

/** The loaded process has the first core alone; loader, upstream, database and control share the last. */
export const LOADED_CORE = 0
export const OTHER_CORE = Math.max(0, availableParallelism() - 1)

const has = (command: string) => {
  try {
    execFileSync('which', [command], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
export const canPin = process.platform === 'linux' && availableParallelism() > 1 && has('taskset')

/** Moves this process, and so all that it starts, to the core of the others. */
export const stepAside = (): void => {
  if (canPin)
    execFileSync('taskset', ['-acp', String(OTHER_CORE), String(process.pid)], { stdio: 'ignore' })
}

/** Starts a process on the loaded core. */
export const startLoaded = (
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess =>
  canPin
    ? spawn('taskset', ['-c', String(LOADED_CORE), command, ...args], options)
    : spawn(command, args, options)

const childrenOf = (pid: number): number[] => {
  try {
    const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    const own = listed === '' ? [] : listed.split(' ').map(Number)
    return own.flatMap((child) => [child, ...childrenOf(child)])
  } catch {
    return []
  }
}

const told = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
const nanosecondsOf = (path: string): number => Number(told(path).split(' ')[0])
/** Whether the kernel counts nanoseconds on a core; else its ticks of 1/100 s have to do. */
const countsNanoseconds = nanosecondsOf('/proc/self/schedstat') > 0

const cpuSecondsOfOne = (pid: number): number => {
  if (!countsNanoseconds) return ticksOf(pid) / 100
  try {
    return readdirSync(`/proc/${pid}/task`).reduce(
      (sum, thread) => sum + nanosecondsOf(`/proc/${pid}/task/${thread}/schedstat`) / 1e9,
      0,
    )
  } catch {
    return 0
  }
}

/** User and system time of the whole process. */
const ticksOf = (pid: number): number => {
  const stat = told(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return stat === '' ? 0 : Number(fields[11]) + Number(fields[12])
}

export const cpuSecondsOf = (pids: readonly number[]): number =>
  pids
    .flatMap((pid) => [pid, ...childrenOf(pid)])
    .reduce((sum, pid) => sum + cpuSecondsOfOne(pid), 0)

export const residentMiBOf = (pids: readonly number[]): number =>
  pids
    .flatMap((pid) => [pid, ...childrenOf(pid)])
    .reduce((sum, pid) => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      return sum + Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
    }, 0)

export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  // Of the machine, not of the core to which this process stepped aside.
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  pinned: canPin,
})
