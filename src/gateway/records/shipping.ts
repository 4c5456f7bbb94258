/** Brings the spool to control: segment by segment, again until a receipt comes. Duplicates are control's to drop. */
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { writeWhole } from '#platform/keys.ts'
import type { Log } from '#platform/log.ts'
import { type Segment, segmentsIn, type Spool } from './spool.ts'
import { UsageBatch, UsageIntent, UsageReceipt, UsageRecord } from '../usage.ts'

const BATCH_MAX = 500
const CHUNK_BYTES = 262_144
const IDLE_MS = 1_000
const PATIENCE_MS = 100
const RETRY_MAX_MS = 5_000

/** This gateway's own name, for ever: made on first use, beside its segments. */
export const gatewayIdIn = (folder: string): string => {
  const path = join(folder, 'gateway-id')
  if (!existsSync(path)) writeWhole(path, `gateway_${uuidv7()}`)
  return readFileSync(path, 'utf8').trim()
}

export interface Shipping {
  /** Sends what is left for at most so long, then ends. Behind the spool's end, nothing is left over when all was taken. */
  stop(withinMs: number): Promise<void>
}

/** What became of a write that an earlier process had begun and not recorded. */
export interface Outcome {
  readonly status: number
  readonly code: string | null
  /** Whether this call is the one that did it: who asks again gets a replay, which costs nothing. */
  readonly billable: boolean
}

export const startShipping = (options: {
  spool: Spool
  gateway: string
  send: (batch: UsageBatch) => Promise<unknown>
  outcomeOf: (intent: UsageIntent) => Promise<Outcome>
  log: Log
}): Shipping => {
  const { spool, log } = options
  let stopping = false
  /** Whether every write that an earlier process left half-told has been recorded. */
  let settled = false
  /** How far each segment was taken; what is not here was not begun. */
  const taken = new Map<string, number>()

  const sendBatch = async (boot: string, records: UsageRecord[]) => {
    const last = records.at(-1)?.seq ?? 0
    const batch: UsageBatch = { gateway: options.gateway, boot, records }
    const receipt = UsageReceipt.parse(await options.send(batch))
    if (receipt.seq < last) throw new Error(`control took up to ${receipt.seq} of ${last}`)
  }

  /** Ships what a segment holds now, and removes it where it will not grow. */
  const shipSegment = async (segment: Segment): Promise<void> => {
    const current = spool.current()
    const isCurrent = segment.path === current?.path
    const end = current && isCurrent ? current.bytes : statSync(segment.path).size
    const told = segment.boot === spool.boot ? ownLine : lineIn
    let at = taken.get(segment.path) ?? 0
    const file = await open(segment.path, 'r')
    try {
      while (at < end) {
        const { records, bytes, blank, torn } = await readLines(file, at, end, told)
        for (let i = 0; i < records.length; i += BATCH_MAX)
          await sendBatch(segment.boot, records.slice(i, i + BATCH_MAX))
        at += bytes
        taken.set(segment.path, at)
        if (torn) {
          // Nothing behind it was synced, so no call behind it was answered. It is kept for whoever wants to look.
          log.error({ path: segment.path, at }, 'a segment of the spool ends in a torn line')
          if (!isCurrent) renameSync(segment.path, `${segment.path}.torn`)
          break
        }
        if (blank) break
      }
    } finally {
      await file.close()
    }
    if (isCurrent || spool.holdsIntent(segment.path)) return
    rmSync(segment.path, { force: true })
    taken.delete(segment.path)
    spool.removed(end)
  }

  /** Records what earlier processes left open; a crash in between does it again, and control counts a call once. */
  const settle = async () => {
    const earlier = segmentsIn(spool.folder).filter((s) => s.boot !== spool.boot)
    for (const intent of unresolvedIn(earlier)) {
      const { idempotencyKey: _, ...facts } = intent
      const outcome = await options.outcomeOf(intent)
      await spool.append({ ...facts, ...outcome, latencyMs: 0, upstreamMs: null })
      log.warn({ callId: intent.callId, ...outcome }, 'a write that was cut off is recorded')
    }
    settled = true
  }
  const shipAll = async () => {
    if (!settled)
      await settle().catch((cause: unknown) =>
        log.warn({ cause }, 'what was cut off cannot be asked about yet; its segments stay'),
      )
    for (const segment of segmentsIn(spool.folder))
      if (settled || segment.boot === spool.boot) await shipSegment(segment)
  }
  const behind = () => {
    const current = spool.current()
    const begun = current ? (taken.get(current.path) ?? 0) : 0
    return segmentsIn(spool.folder).length > 1 || begun < (current?.bytes ?? 0)
  }

  const run = async () => {
    let waitMs = 100
    while (!stopping) {
      try {
        await shipAll()
        waitMs = 100
        if (!settled || !behind()) await Promise.race([spool.written(), sleep(IDLE_MS)])
        // A little patience makes one batch of many calls.
        await sleep(PATIENCE_MS)
      } catch (cause) {
        log.warn(
          { cause: (cause as Error).message },
          'control takes no usage; it stays in the spool',
        )
        waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)
        for (let waited = 0; waited < waitMs && !stopping; waited += 100) await sleep(100)
      }
    }
  }
  const running = run()
  return {
    stop: async (withinMs) => {
      stopping = true
      await running
      await Promise.race([shipAll().catch(() => {}), sleep(withinMs)])
    },
  }
}

type Read = (line: string) => z.output<typeof Line> | undefined
type File = Awaited<ReturnType<typeof open>>

/** What a chunk holds of whole lines. Behind the lines of a process that was killed its segment is blank: zeros to the end. */
const readLines = async (file: File, at: number, end: number, read: Read) => {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - at))
  const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
  const chunk = buffer.subarray(0, bytesRead)
  const zero = chunk.indexOf(0)
  const written = zero < 0 ? chunk : chunk.subarray(0, zero)
  const last = written.lastIndexOf(0x0a)
  const records: UsageRecord[] = []
  for (const line of last < 0 ? [] : written.toString('utf8', 0, last).split('\n')) {
    const told = read(line)
    if (!told) return { records, bytes: 0, blank: false, torn: true }
    if (!('intent' in told)) records.push(told)
  }
  const blank = zero >= 0
  const torn = blank
    ? last + 1 < written.length || !(await isBlank(file, at + zero, end))
    : last < 0
  return { records, bytes: last + 1, blank, torn }
}

const isBlank = async (file: File, from: number, end: number): Promise<boolean> => {
  const zeros = Buffer.alloc(CHUNK_BYTES)
  const buffer = Buffer.alloc(CHUNK_BYTES)
  for (let at = from; at < end;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK_BYTES, end - at), at)
    if (bytesRead === 0) return true
    if (!buffer.subarray(0, bytesRead).equals(zeros.subarray(0, bytesRead))) return false
    at += bytesRead
  }
  return true
}

const Line = z.union([UsageRecord, z.strictObject({ intent: UsageIntent })])

const lineIn = (line: string): z.output<typeof Line> | undefined => {
  try {
    return Line.parse(JSON.parse(line))
  } catch {
    return undefined
  }
}

/** A line that this process wrote and synced itself: it is as it was made, and control looks at it again. */
const ownLine = (line: string) => JSON.parse(line) as z.output<typeof Line>

/** Writes that were begun and not recorded, in whatever segment their record could stand. */
const unresolvedIn = (segments: readonly Segment[]): UsageIntent[] => {
  const open = new Map<string, UsageIntent>()
  for (const { path } of segments)
    for (const text of readFileSync(path, 'utf8').split('\n')) {
      const told = text === '' ? undefined : lineIn(text)
      if (!told) continue
      if ('intent' in told) open.set(told.intent.callId, told.intent)
      else open.delete(told.callId)
    }
  return [...open.values()]
}
