/** How much CPU a PostgreSQL of our own took: a busy machine makes times longer, and this much less. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Seconds so far, of the server whose data lie in the folder. */
export const serverCpuSeconds = (folder: string): number => {
  if (process.platform !== 'linux') return Number.NaN
  const [pid = ''] = readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')
  const backends = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  // proc_pid_stat(5), hundredths of a second: of what lives now, and of the children of the server that are over.
  const times = backends.map((backend) => cpuTimes(backend).slice(0, 2))
  return [...times, cpuTimes(pid)].flat().reduce((sum, ticks) => sum + ticks, 0) / 100
}

/** Seconds so far, of one process and its children that are over. */
export const processCpuSeconds = (pid: number): number =>
  process.platform === 'linux'
    ? cpuTimes(String(pid)).reduce((sum, ticks) => sum + ticks, 0) / 100
    : Number.NaN

/** utime, stime, and those of children that are over; zeros for what ended meanwhile. */
const cpuTimes = (pid: string): number[] => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return fields.slice(11, 15).map(Number)
  } catch {
    return [0, 0, 0, 0]
  }
}
