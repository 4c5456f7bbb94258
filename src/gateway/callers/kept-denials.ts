/**
 * The deny-set on this gateway's own disk, and when its two sources were last heard: what a gateway knows that starts while
 * nobody can tell it. Each line carries a MAC over all lines before it. A second file says how far the log had come when the
 * sources were heard, so that a log that is cut short, or older than that word, is taken for what it is: nobody knows.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { appendFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Log } from '#platform/log.ts'
import { Revocation } from '#platform/publication.ts'

type Source = Revocation['source']

/** When each source was last heard, in milliseconds of the epoch; null where it never was. */
export type Heard = Readonly<Record<Source, number | null>>

const never: Heard = { control: null, cell: null }

const Kept = z.strictObject({
  /** Lines of the log that were written when this was said, and the MAC of the last of them. */
  lines: z.number().int().nonnegative(),
  upTo: z.string(),
  heard: z.strictObject({ control: z.number().nullable(), cell: z.number().nullable() }),
})

const KEEP_EVERY_MS = 1_000
/** The log is written anew when it is longer than twice what lived the last time, and this. */
const SLACK_LINES = 10_000
/** A clock that was set back must not make old knowledge young. */
const AHEAD_MS = 2_000

const macOf = (key: Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest('base64url')
const isSame = (one: string, other: string) =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

/** Whatever the key is for besides, it makes no MAC of ours for anything else. */
const ownKey = (key: Buffer, cell: string) =>
  createHmac('sha256', key).update(`portico denials on disk ${cell}`).digest()

interface Held {
  readonly revocations: readonly Revocation[]
  readonly heard: Heard
  /** Why it says less than it should. */
  readonly broken?: string
}

/** All lines up to the first that is not ours: more denials do no harm, fewer are noticed by the second file. */
const readLog = (key: Buffer, path: string) => {
  const revocations: Revocation[] = []
  const macs: string[] = []
  let upTo = ''
  if (!existsSync(path)) return { revocations, macs }
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const space = line.indexOf(' ')
    const [mac, text] = [line.slice(0, Math.max(0, space)), line.slice(space + 1)]
    if (space < 0 || !isSame(mac, macOf(key, `${upTo} ${text}`))) break
    revocations.push(Revocation.parse(JSON.parse(text)))
    macs.push(mac)
    upTo = mac
  }
  return { revocations, macs }
}

const readKept = (key: Buffer, path: string): z.output<typeof Kept> | undefined => {
  if (!existsSync(path)) return undefined
  const text = readFileSync(path, 'utf8')
  const space = text.indexOf(' ')
  if (!isSame(text.slice(0, Math.max(0, space)), macOf(key, text.slice(space + 1))))
    return undefined
  return Kept.parse(JSON.parse(text.slice(space + 1)))
}

const readHeld = (key: Buffer, logFile: string, heardFile: string): Held => {
  const { revocations, macs } = readLog(key, logFile)
  const said = { revocations }
  if (!existsSync(heardFile)) return { ...said, heard: never }
  const kept = readKept(key, heardFile)
  if (!kept) return { ...said, heard: never, broken: 'the word on when it was heard is not ours' }
  if (kept.upTo !== (kept.lines === 0 ? '' : macs[kept.lines - 1]))
    return { ...said, heard: never, broken: 'the log lacks what was in it' }
  return { ...said, heard: kept.heard }
}

export interface KeptDenials {
  /** What was kept and is still denied. */
  readonly revocations: readonly Revocation[]
  /** When the sources were heard by whoever kept it; null where that is not known. */
  readonly heard: Heard
  /** One that changed the deny-set, those above included. On the disk within a second. */
  add(revocation: Revocation): void
  /** From now on, every second: what was added, and when the sources were heard. Until then the disk is left as it was. */
  follow(heard: () => Heard): void
  stop(): Promise<void>
}

export const openKeptDenials = (options: {
  readonly folder: string
  readonly cell: string
  readonly key: Buffer
  readonly nowMs: () => number
  readonly log: Log
}): KeptDenials => {
  const { folder, nowMs, log } = options
  mkdirSync(folder, { recursive: true })
  const key = ownKey(options.key, options.cell)
  const logFile = join(folder, 'denials.log')
  const heardFile = join(folder, 'denials.heard')
  const held = readHeld(key, logFile, heardFile)
  if (held.broken !== undefined)
    log.error(
      { why: held.broken },
      'the deny-set on disk is not whole: personal data wait for the sources',
    )
  const lives = ({ expiresAt }: Revocation) => Date.parse(expiresAt) > nowMs()
  const past = (ms: number | null) => (ms !== null && ms <= nowMs() + AHEAD_MS ? ms : null)

  let lines = 0
  let upTo = ''
  /** All that was added, for when the log is written anew. */
  let all: Revocation[] = []
  let waiting: Revocation[] = []
  let lived = 0
  // What follows the last good line may be torn: the first round writes the log anew.
  let anew = true
  let heard: (() => Heard) | undefined
  const stopping = new AbortController()

  /** The lines of these, behind the MAC that stood before them. */
  const chained = (revocations: readonly Revocation[], from: string) => {
    let last = from
    const texts = revocations.map((revocation) => {
      const text = JSON.stringify(revocation)
      last = macOf(key, `${last} ${text}`)
      return `${last} ${text}\n`
    })
    return { text: texts.join(''), last }
  }
  const writeAnew = async () => {
    all = all.filter(lives)
    waiting = []
    const count = all.length
    const { text, last } = chained(all, '')
    await writeFile(`${logFile}.new`, text, { mode: 0o600, flush: true })
    await rename(`${logFile}.new`, logFile)
    ;[lines, lived, upTo, anew] = [count, count, last, false]
  }
  const append = async () => {
    const added = waiting
    waiting = []
    if (added.length === 0) return
    const { text, last } = chained(added, upTo)
    // A write that failed half-way is mended by one that is whole.
    anew = true
    await appendFile(logFile, text, { mode: 0o600 })
    ;[lines, upTo, anew] = [lines + added.length, last, false]
  }
  const keep = async () => {
    if (!heard) return
    // Asked before the log is written: all that was heard until then is in it.
    const said = heard()
    if (anew || lines > 2 * lived + SLACK_LINES) await writeAnew()
    else await append()
    const text = JSON.stringify({ lines, upTo, heard: said } satisfies z.output<typeof Kept>)
    await writeFile(`${heardFile}.new`, `${macOf(key, text)} ${text}`, { mode: 0o600 })
    await rename(`${heardFile}.new`, heardFile)
  }
  let failing = false
  const keeping = async () => {
    while (!stopping.signal.aborted) {
      await round()
      await sleep(KEEP_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {})
    }
    await round()
  }
  const round = async () => {
    try {
      await keep()
      failing = false
    } catch (cause) {
      if (!failing)
        log.error(
          { cause },
          'the deny-set cannot be kept on disk; a start without control will not know it',
        )
      failing = true
    }
  }
  let running: Promise<void> | undefined
  return {
    revocations: held.revocations.filter(lives),
    heard: { control: past(held.heard.control), cell: past(held.heard.cell) },
    add: (revocation) => {
      all.push(revocation)
      waiting.push(revocation)
    },
    follow: (from) => {
      heard = from
      running ??= keeping()
    },
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
