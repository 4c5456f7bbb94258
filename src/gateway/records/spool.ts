/**
 * Where a call is recorded before its answer leaves: a local file, synced (G62, G63). Lines of many calls share one sync.
 * A segment is named by boot and first sequence number; control's receipt lets it be removed, nothing else does.
 */
import {
  closeSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { uuidv7 } from '#kernel/id.ts'
import { type Histogram, openHistogram } from '#platform/telemetry.ts'
import type { UsageIntent, UsageRecord } from '../usage.ts'
import { openBlanks } from './blank.ts'

export interface Segment {
  readonly boot: string
  readonly firstSeq: number
  readonly path: string
}

export interface SpoolState {
  readonly bytes: number
  readonly bytesMax: number
  /** Records that are not on the disk yet. */
  readonly unsynced: number
  readonly syncs: Histogram
  /** What a sync takes lately. */
  readonly usualSyncMs: number
}

export interface Spool {
  readonly folder: string
  readonly boot: string
  /** Resolves when the record is on the disk. Its sequence number is given in the order of calls of this function. */
  append(record: Omit<UsageRecord, 'seq'>): Promise<void>
  state(): SpoolState
  /** Resolves when it is on the disk that this write will be tried. A record of the same call ends it. */
  intend(intent: UsageIntent): Promise<void>
  /** Whether a segment holds a write that has not been recorded yet: it must stay until it is. */
  holdsIntent(path: string): boolean
  /** Whether no more may be taken, because control has taken too little for too long. */
  full(): boolean
  /** The segment being written and how much of it is on the disk; none after the spool was closed. */
  current(): { readonly path: string; readonly bytes: number } | undefined
  /** Shipping removed this many bytes. */
  removed(bytes: number): void
  /** Resolves at the next sync. */
  written(): Promise<void>
  close(): Promise<void>
}

/** A segment is this long from its beginning; behind what was written it is zeros, until it is ended. */
const SEGMENT_BYTES = 4_194_304
/** Seconds: a good disk, a shared one, one that fails. */
const SYNC_BOUNDS = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5] as const
const LOOK_BYTES = 262_144
const SPOOL_BYTES_MAX = 536_870_912

export const segmentName = (boot: string, firstSeq: number) =>
  `${boot}.${String(firstSeq).padStart(12, '0')}.ndjson`

/** All segments, oldest first: boots are UUIDv7 and sequence numbers are padded, so names sort by time. */
export const segmentsIn = (folder: string): Segment[] =>
  readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const match = /^([0-9a-f]{32})\.(\d{12})\.ndjson$/.exec(name)
      return match?.[1] && match[2]
        ? [{ boot: match[1], firstSeq: Number(match[2]), path: join(folder, name) }]
        : []
    })

/** What makes a file's bytes durable, and how long it may take: behind a disk that hangs every call would wait. */
export interface Disk {
  sync(file: number): Promise<void>
  readonly patienceMs: number
}
const SYNC_MS_MAX = 10_000
const LOOKS = 10

/** `onBroken`: a sync failed, or hangs. What was promised durable may not be, so the process must not go on (G63). */
export const openSpool = async (
  folder: string,
  onBroken: (cause: unknown) => void,
  disk: Disk = { sync: synced, patienceMs: SYNC_MS_MAX },
): Promise<Spool> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const boot = uuidv7()
  const blanks = openBlanks(folder, boot, SEGMENT_BYTES)
  await blanks.ready()
  let bytes = segmentsIn(folder).reduce((sum, segment) => sum + trimmed(segment.path), 0)
  const syncs = openHistogram(SYNC_BOUNDS)
  let usualSyncMs = 0
  let seq = 0
  let pending: string[] = []
  /** How many of the pending lines are records: intents have no number. */
  let recorded = 0
  /** Segment of each write under way, by call. */
  const intents = new Map<string, string>()
  let begun: string[] = []
  let ended: string[] = []
  let waiting = Promise.withResolvers<void>()
  let flushing = false
  let broken = false
  let closed = false
  let file: number
  let segment: Segment
  let segmentBytes = 0
  let syncing = false
  /** How often the sync under way was looked at: time that our own loop stood still is not the disk's. */
  let looks = 0

  const fail = (cause: unknown) => {
    if (broken) return
    broken = true
    onBroken(cause)
  }
  // One look at all calls: a timer for each sync would be paid for by each.
  const looking = setInterval(() => {
    if (syncing && ++looks > LOOKS) fail(new Error('the disk does not answer'))
  }, disk.patienceMs / LOOKS)
  looking.unref()

  const begin = () => {
    const firstSeq = seq - recorded + 1
    segment = { boot, firstSeq, path: join(folder, segmentName(boot, firstSeq)) }
    file = openSync(segment.path, blanks.takeAs(segment.path) ? 'r+' : 'wx', 0o600)
    segmentBytes = 0
    syncFolder(folder)
  }
  const end = () => {
    ftruncateSync(file, segmentBytes)
    closeSync(file)
  }
  const flush = async () => {
    flushing = true
    try {
      while (pending.length > 0) {
        // Calls that end in the same turn share a sync: it is what a record costs.
        await new Promise(setImmediate)
        const lines = Buffer.from(pending.join(''))
        if (segmentBytes > 0 && segmentBytes + lines.length > SEGMENT_BYTES) {
          end()
          begin()
        }
        const { resolve } = waiting
        for (const callId of begun) intents.set(callId, segment.path)
        const over = ended
        pending = []
        recorded = 0
        begun = []
        ended = []
        waiting = Promise.withResolvers()
        const sinceMs = performance.now()
        // The write is a copy into memory, sooner done than asked of another thread; only the disk is waited for there.
        writeWhole(file, lines, segmentBytes)
        looks = 0
        syncing = true
        await disk.sync(file)
        syncing = false
        if (broken) return
        const tookMs = performance.now() - sinceMs
        syncs.observe(tookMs / 1000)
        usualSyncMs += (tookMs - usualSyncMs) / 20
        segmentBytes += lines.length
        bytes += lines.length
        for (const callId of over) intents.delete(callId)
        resolve()
      }
    } catch (cause) {
      fail(cause)
    } finally {
      flushing = false
    }
  }
  const written = (): Promise<void> => {
    const { promise } = waiting
    if (!flushing && !broken) void flush()
    return promise
  }
  begin()
  return {
    folder,
    boot,
    append: (record) => {
      pending.push(`${JSON.stringify(record).slice(0, -1)},"seq":${++seq}}\n`)
      recorded++
      if (intents.size > 0 || begun.length > 0) ended.push(record.callId)
      return written()
    },
    intend: (intent) => {
      pending.push(`${JSON.stringify({ intent })}\n`)
      begun.push(intent.callId)
      return written()
    },
    state: () => ({
      bytes,
      bytesMax: SPOOL_BYTES_MAX,
      unsynced: pending.length,
      syncs,
      usualSyncMs,
    }),
    holdsIntent: (path) => intents.values().some((held) => held === path),
    full: () => bytes >= SPOOL_BYTES_MAX,
    current: () => (closed ? undefined : { path: segment.path, bytes: segmentBytes }),
    removed: (gone) => {
      bytes -= gone
    },
    written: () => waiting.promise,
    close: async () => {
      while (flushing && !broken) await new Promise(setImmediate)
      if (pending.length > 0 && !broken) await flush()
      end()
      clearInterval(looking)
      closed = true
      await blanks.close()
    },
  }
}

/** Without the zeros behind the last line of a process that was killed; answers how many bytes are left. */
const trimmed = (path: string): number => {
  const file = openSync(path, 'r+')
  try {
    const { size } = fstatSync(file)
    const written = writtenIn(file, size)
    if (written < size) ftruncateSync(file, written)
    return written
  } finally {
    closeSync(file)
  }
}

const writtenIn = (file: number, size: number): number => {
  const buffer = Buffer.alloc(Math.min(LOOK_BYTES, size))
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - buffer.length)
    const read = readSync(file, buffer, 0, end - from, from)
    for (let at = read - 1; at >= 0; at--) if (buffer[at] !== 0) return from + at + 1
    end = from
  }
  return 0
}

const writeWhole = (file: number, bytes: Buffer, place: number): void => {
  for (let at = 0; at < bytes.length;)
    at += writeSync(file, bytes, at, bytes.length - at, place + at)
}

const synced = (file: number): Promise<void> =>
  new Promise((resolve, reject) => fdatasync(file, (cause) => (cause ? reject(cause) : resolve())))

/** A new name is durable when its folder is. Windows has no such sync, and needs none. */
const syncFolder = (folder: string) => {
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
