/** The demonstration bank: seeded once for each state of what it is made of, by short-lived processes. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cells } from '#kernel/cell.ts'
import { writeWhole } from '#platform/keys.ts'
import type { ProcessWorld } from '#platform/process.ts'
import type { ChildPlan } from './children.ts'
import { cannotStart } from './preflight.ts'

const root = join(import.meta.dirname, '..', '..')

interface Seed {
  readonly name: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Where the digest of the last finished run stands. */
  readonly mark: string
  /** Of what it is made of now. */
  readonly digest: string
}

/** What the seeds are made of: when any of it changes, they run again. They change nothing that is already there. */
const digest = (demonstration: 'on' | 'off'): string => {
  const sources = globSync(
    [
      'src/bank/*/openapi.yaml',
      'src/**/seed*.ts',
      'src/**/matrix/*.json',
      'src/sandbox/*.ts',
      'src/bank/cores/legacy/*people*.ts',
    ],
    {
      cwd: root,
    },
  ).toSorted()
  const hash = createHash('sha256').update(demonstration)
  for (const source of sources) hash.update(source).update(readFileSync(join(root, source)))
  return hash.digest('hex')
}

/**
 * The seeds that have not finished for what they are made of now; each runs as the process whose rooms it fills.
 * Without the demonstration control still gets its catalogue and its policy, and the banks get nobody.
 */
export const seedsOf = (world: ProcessWorld, plans: readonly ChildPlan[]): Seed[] => {
  const environmentOf = (name: string) =>
    plans.find((plan) => plan.name === name)?.environment ?? {}
  const markOf = (name: string) => join(world.layout.run, `seeded-${name}`)
  const now = digest(world.settings.PORTICO_DEMO)
  const seeds: Seed[] = [
    {
      name: 'control',
      args: ['seed', 'control'],
      environment: environmentOf('control'),
      mark: markOf('control'),
      digest: now,
    },
    ...(world.settings.PORTICO_DEMO === 'off' ? [] : cells).map((cell) => ({
      name: `bank-${cell}`,
      args: ['seed', 'bank', '--cell', cell],
      environment: environmentOf(`bank-${cell}`),
      mark: markOf(`bank-${cell}`),
      digest: now,
    })),
  ]
  return seeds.filter((seed) => !(existsSync(seed.mark) && readFileSync(seed.mark, 'utf8') === now))
}

/** Runs a seed to its end and marks it as done. */
export const runOnce = async (seed: Seed, main: string): Promise<void> => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', main, ...seed.args],
    {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...seed.environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let errors = ''
  child.stderr.on(
    'data',
    (chunk: Buffer) => (errors = (errors + chunk.toString('utf8')).slice(-4_000)),
  )
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  if (code !== 0)
    throw cannotStart(
      `the ${seed.name} part of the demonstration bank could not be seeded: ${errors.trim().split('\n').at(-1)}`,
    )
  writeWhole(seed.mark, seed.digest)
}
