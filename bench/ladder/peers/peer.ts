/** A gateway that does the same work in the same run, as far as it can. */
import { type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export const rungs = ['T0', 'T1', 'T2', 'T3', 'T4', 'T5', 'T6'] as const
export type Rung = (typeof rungs)[number]

/** The surroundings that every peer is given. Files are paths. */
export interface Surroundings {
  /** An empty folder of its own. */
  readonly folder: string
  readonly port: number
  readonly certificate: string
  readonly key: string
  /** Authority of the client certificates. */
  readonly clientAuthority: string
  readonly upstream: { readonly port: number; readonly socket: string }
  /** SubjectPublicKeyInfo (PEM) and JWKS of the tokens’ issuer. */
  readonly issuer: {
    readonly issuer: string
    readonly audience: string
    readonly publicKey: string
    readonly jwks: string
    readonly kid: string
  }
}

export interface Running {
  readonly child: ChildProcess
  stop(): Promise<void>
}

export interface Peer {
  readonly name: string
  /** Whether it was compiled before it was started, so that its first calls cost what its last ones do. */
  readonly compiled: boolean
  /** Of the tokens that it can verify, where it is not ours. */
  readonly algorithm?: 'RS256'
  /** What it does at each rung, and `weaker` where its guarantee is less than the rung's. */
  readonly rungs: Partial<Readonly<Record<Rung, { readonly weaker: string | null }>>>
  /** Ready to be started; throws with what is missing and how to get it. */
  prepare(): Promise<void>
  version(): string
  start(rung: Rung, surroundings: Surroundings): Promise<Running>
}

/** Its first line of complaint, where it wrote a log. */
const complaintIn = (log: string | undefined): string =>
  log === undefined ? '' : `: ${readFileSync(log, 'utf8').trim().split('\n')[0]}`

export const untilListening = async (
  port: number,
  child: ChildProcess,
  log?: string,
): Promise<void> => {
  for (let i = 0; i < 300; i++) {
    if (child.exitCode !== null)
      throw new Error(`it ended with ${child.exitCode}${complaintIn(log)}`)
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (open) return
    await sleep(50)
  }
  throw new Error(`nothing listens on ${port}`)
}

export const stopping = (child: ChildProcess): Running => ({
  child,
  stop: async () => {
    if (child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const hard = setTimeout(() => child.kill('SIGKILL'), 3_000)
    await ended
    clearTimeout(hard)
  },
})
