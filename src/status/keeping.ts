/** The facts that the page speaks from: asked of control, kept on a disk of its own, and read from there when it starts. */
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { makeRandomKey, writeWhole } from '#platform/keys.ts'
import type { Log } from '#platform/log.ts'
import type { Layout } from '#platform/layout.ts'
import { peerUnavailable } from '#platform/rpc.ts'
import { StatusFacts } from './facts.ts'

/** How often control is asked. */
export const EVERY_MS = 10_000
const ANSWER_MS = 10_000
const FACTS_BYTES_MAX = 16_777_216

export interface Kept {
  /** The last that control said; undefined before the first. */
  facts(): StatusFacts | undefined
  /** Asks control now; answers whether it said something. */
  ask(): Promise<boolean>
  stop(): Promise<void>
}

interface KeepingOptions {
  readonly layout: Pick<Layout, 'status'>
  readonly log: Log
  /** Called after facts were taken and kept. */
  readonly onFacts?: (facts: StatusFacts) => Promise<void>
  /** How long between two questions; without it nobody asks but `ask`. */
  readonly everyMs?: number
}

/** Facts from the disk; a file that is broken is left aside, and the page does not know. */
const fromDisk = (path: string, log: Log): StatusFacts | undefined => {
  if (!existsSync(path)) return undefined
  try {
    return StatusFacts.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    log.error({ cause, path }, 'the facts on disk cannot be read; control is asked for new ones')
    return undefined
  }
}

export const keepFacts = ({
  layout: { status },
  log,
  onFacts = async () => {},
  everyMs,
}: KeepingOptions): Kept => {
  const key = makeRandomKey(status.linkKey).toString('base64url')
  const dispatcher = new Agent({
    connect: { socketPath: status.socket },
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
    maxResponseSize: FACTS_BYTES_MAX,
  })
  let facts = fromDisk(status.facts, log)
  let stopped = false
  let heard = true

  const fetched = async (): Promise<string> => {
    const answer = await request('http://control/status/facts', {
      dispatcher,
      headers: { authorization: `Bearer ${key}` },
    })
    const text = await answer.body.text()
    if (answer.statusCode !== 200) throw peerUnavailable(`control answered ${answer.statusCode}`)
    return text
  }
  const ask = async (): Promise<boolean> => {
    try {
      const text = await fetched()
      const taken = StatusFacts.parse(JSON.parse(text))
      writeWhole(status.facts, text, 0o644)
      facts = taken
      if (!heard) log.info({}, 'control is heard again')
      heard = true
    } catch (cause) {
      if (heard && !stopped)
        log.warn({ cause }, 'control is not heard; the page speaks from what it kept')
      heard = false
      return false
    }
    await onFacts(facts).catch((cause: unknown) =>
      log.error({ cause }, 'what is new was not told to subscribers; it is tried again'),
    )
    return true
  }
  const run = async (intervalMs: number) => {
    while (!stopped) {
      await ask()
      await sleep(stopped ? 0 : intervalMs, undefined, { signal: ending.signal }).catch(() => {})
    }
  }
  const ending = new AbortController()
  const running = everyMs === undefined ? Promise.resolve() : run(everyMs)
  return {
    facts: () => facts,
    ask,
    stop: async () => {
      stopped = true
      ending.abort()
      await dispatcher.destroy()
      await running
    },
  }
}
