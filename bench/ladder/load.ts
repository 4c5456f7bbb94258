/** Runs the loader beside what it loads, and reads what the loaded processes used of their core meanwhile. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { cpuSecondsOf } from './machine.ts'
import { type Measured, type Plan, Said } from './plan.ts'

export interface Reading extends Measured {
  readonly perSecond: number
  readonly cpuMicrosPerCall: number
}

/** By the name of the phase. `pids` are the roots of the process trees that are under load. */
export const load = async (
  plan: Plan,
  pids: readonly number[],
): Promise<Readonly<Record<string, Reading>>> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'loader.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.stdin.end(JSON.stringify(plan))
  const readings: Record<string, Reading> = {}
  let before = 0
  for await (const line of createInterface({ input: child.stdout })) {
    const said = Said.parse(JSON.parse(line))
    if (said.said === 'begin') before = cpuSecondsOf(pids)
    else {
      const { measured } = said
      const used = cpuSecondsOf(pids) - before
      readings[said.phase] = {
        ...measured,
        perSecond: measured.calls / measured.seconds,
        cpuMicrosPerCall: (used * 1_000_000) / Math.max(1, measured.calls),
      }
    }
  }
  const code = await ended
  if (code !== 0) throw new Error(`the loader ended with ${code}`)
  return readings
}
