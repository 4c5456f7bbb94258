/** What can be set from the command line, and what it is when nobody sets it. */
import { parseArgs } from 'node:util'

export interface Settings {
  readonly port: number
  readonly controlPort: number
  readonly data: string
  readonly seed: number
  /** Sessions at once; the next one is refused. */
  readonly sessions: number
  /** Milliseconds a request takes, from and to. */
  readonly latency: readonly [low: number, high: number]
  /** How likely a request is to lose its session. */
  readonly dropRate: number
  /** `23:55-00:05` in the bank's time zone, or `never`. */
  readonly window: string
  /** Seconds until a transfer to another bank has gone through the clearing. */
  readonly clearing: number
  readonly operator: string
  readonly password: string
  /** Ends when standard input does, so that it never outlives the program that started it. */
  readonly followStdin: boolean
}

export const zone = 'Asia/Tashkent'

/** Operator and password come from the environment: a command line can be read by every user of the machine. */
export const settingsOf = (argv: readonly string[], environment: NodeJS.ProcessEnv): Settings => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string' },
      'control-port': { type: 'string' },
      data: { type: 'string' },
      seed: { type: 'string', default: '1991' },
      sessions: { type: 'string', default: '8' },
      latency: { type: 'string', default: '20-80' },
      'drop-rate': { type: 'string', default: '0.002' },
      window: { type: 'string', default: '23:55-00:05' },
      clearing: { type: 'string', default: '20' },
      'follow-stdin': { type: 'boolean', default: false },
    },
  })
  if (!values.data) throw new Error('--data DIR is needed: where the books are kept')
  const [low, high] = values.latency.split('-').map((text) => number('latency', text))
  return {
    port: number('port', values.port),
    controlPort: number('control-port', values['control-port']),
    data: values.data,
    seed: number('seed', values.seed),
    sessions: number('sessions', values.sessions),
    latency: [low ?? 0, high ?? low ?? 0],
    dropRate: number('drop-rate', values['drop-rate']),
    window: values.window,
    clearing: number('clearing', values.clearing),
    operator: environment['ABS_OPERATOR'] ?? 'PORTICO',
    password: environment['ABS_PASSWORD'] ?? 'NAMUNA-09999',
    followStdin: values['follow-stdin'],
  }
}

const number = (name: string, text: string | undefined): number => {
  const value = Number(text ?? Number.NaN)
  if (!Number.isFinite(value) || value < 0)
    throw new Error(`--${name} must be a number, not ${text ?? 'missing'}`)
  return value
}
