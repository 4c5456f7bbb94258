/** The simulator as a process of its own, for tests: started, talked to through its control port, killed, restarted. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Secret } from '#platform/secret.ts'
import { type LegacyCoreOptions, openLegacyCore } from './legacy-core.ts'

export interface Simulator {
  readonly port: number
  /** Where it puts down the files of its days. */
  readonly statements: string
  /** One command of its control port; throws where it says no. */
  control(command: string): Promise<string>
  /** What its data file says of a reference, read by nobody's help. */
  taken(reference: string): readonly { readonly state: string; readonly amount: string }[]
  /** How many card accounts its data file has for a reference. */
  opened(reference: string): number
  /** `kill -9`. */
  kill(): Promise<void>
  /** Again on the same port, over the same data. */
  start(): Promise<void>
}

/** A test, or a whole file of them: what is opened for it ends after it. */
export interface Lifetime {
  readonly after: (ending: () => Promise<void>) => void
}

/** What all tests of a file share. Called once, at the top of the file. */
export const wholeFile = (): Lifetime => {
  const endings: (() => Promise<void>)[] = []
  after(async () => {
    for (const ending of endings.toReversed()) await ending()
  })
  return { after: (ending) => void endings.push(ending) }
}

export const startSimulator = async (
  test: Lifetime,
  ...settings: readonly string[]
): Promise<Simulator> => {
  const data = mkdtempSync(join(tmpdir(), 'portico-abs-'))
  let child: ChildProcess | undefined
  let ports = { port: 0, control: 0 }

  const start = async () => {
    const main = join(import.meta.dirname, 'simulator', 'main.ts')
    const at = ['--port', `${ports.port}`, '--control-port', `${ports.control}`, '--data', data]
    const quick = ['--window', 'never', '--drop-rate', '0', '--latency', '1-4', '--follow-stdin']
    const started = spawn(process.execPath, [main, ...at, ...quick, ...settings], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    child = started
    const [line = ''] = await once(createInterface({ input: started.stdout }), 'line')
    const [port = 0, control = 0] = [...String(line).matchAll(/\d+/g)].map(Number)
    ports = { port, control }
  }

  const kill = async () => {
    const dying = child
    if (!dying || dying.exitCode !== null || dying.signalCode !== null) return
    dying.kill('SIGKILL')
    await once(dying, 'exit')
  }

  const control = async (command: string) => {
    const socket = connect(ports.control, '127.0.0.1')
    socket.write(`${command}\n`)
    const [answer = ''] = await once(createInterface({ input: socket }), 'line')
    socket.destroy()
    if (!String(answer).startsWith('ok')) throw new Error(`${command}: ${answer}`)
    return String(answer).slice(3)
  }

  const lines = () => readFileSync(join(data, 'journal.dat'), 'utf8').split('\n').slice(0, -1)
  const about = (reference: string) =>
    lines().flatMap((line) => {
      const event: unknown = JSON.parse(line.slice(9))
      return isEvent(event) && event.reference === reference ? [event] : []
    })

  test.after(async () => {
    await kill()
    rmSync(data, { recursive: true, force: true })
  })
  await start()
  return {
    get port() {
      return ports.port
    },
    statements: join(data, 'vypiska'),
    control,
    taken: (reference) =>
      about(reference).flatMap(({ kind, state = '', amount = '' }) =>
        kind === 'transfer' ? [{ state, amount }] : [],
      ),
    opened: (reference) => about(reference).filter(({ kind }) => kind === 'account').length,
    kill,
    start,
  }
}

interface Event {
  readonly kind: string
  readonly reference?: string
  readonly state?: string
  readonly amount?: string
}

const isEvent = (value: unknown): value is Event =>
  typeof value === 'object' && value !== null && 'kind' in value

/** A slow machine is no fault of the core: only tests of hanging calls wait for less. */
const patient = { connectMs: 30_000, answerMs: 30_000, waitMs: 60_000 }

/** An adapter on a simulator, with what it logged. It is closed when the test is over, however that ends. */
export const openCoreOn = (
  { port, statements }: { readonly port: number; readonly statements?: string },
  test: Lifetime,
  options: Partial<Pick<LegacyCoreOptions, 'timeouts' | 'sessionsMax' | 'signOn' | 'now'>> = {},
) => {
  const warnings: { readonly about: object; readonly message: string }[] = []
  const core = openLegacyCore({
    host: '127.0.0.1',
    port,
    ...(statements !== undefined && { statements }),
    signOn: { operator: 'PORTICO', password: new Secret('NAMUNA-09999') },
    now: () => Temporal.Now.instant(),
    log: { warn: (about, message) => void warnings.push({ about, message }) },
    ...options,
    timeouts: { ...patient, ...options.timeouts },
  })
  test.after(() => core.close())
  return { core, warnings }
}

/** Waits for something to become true, and fails when it does not. */
export const eventually = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 60_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('it did not happen within a minute')
    await pause(10)
  }
}
