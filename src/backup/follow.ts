/** Follows a running installation: a base copy a day, and behind it once a second everything that happened. */
import { rmSync, readdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '#platform/log.ts'
import { openOwner, type OwnerSql } from '#platform/owner.ts'
import type { Running } from '#platform/process.ts'
import { takeBase } from './base.ts'
import { bringBeside, bringKeys } from './beside.ts'
import { placeIn, segmentOf, textOf } from './place.ts'
import { backupUnusable, openShelf, type Shelf } from './shelf.ts'
import { beginningOf, copyLog, holdLog, readServer, releaseLog } from './wal.ts'

export interface Following {
  /** PORTICO_DATA of the installation. */
  readonly data: string
  /** Where the copy goes: another disk, better another machine. */
  readonly folder: string
  /** Where the keys go; never to the copy, which is worth nothing to a thief without them. */
  readonly keys: string
  /** The server's owner, who may read its files. */
  readonly url: string
  readonly log: Log
  readonly now: () => Temporal.Instant
  readonly everyMs?: number
  readonly baseEveryHours?: number
  /** Base copies that are kept, with the log from the oldest of them on. */
  readonly basesKept?: number
}

const EVERY_MS = 1_000
const BASE_EVERY_HOURS = 24
const BASES_KEPT = 7
const RETRY_MAX_MS = 30_000

const isInside = (inner: string, outer: string) => {
  const way = relative(outer, inner)
  return way === '' || (!way.startsWith('..') && resolve(outer, way) === resolve(inner))
}

const checkPlaces = ({ data, folder, keys }: Following): void => {
  for (const place of [folder, keys])
    if (isInside(resolve(place), resolve(data)))
      throw backupUnusable(`${place} lies in the installation that it is to survive`)
  if (isInside(resolve(keys), resolve(folder)) || isInside(resolve(folder), resolve(keys)))
    throw backupUnusable('keys lie apart from what they open: name two places')
}

/** One round: files, then the log, then what that allows to forget. Answers how far the copy now goes. */
export const round = async (sql: OwnerSql, shelf: Shelf, options: Following): Promise<string> => {
  const held = await holdLog(sql)
  const before = shelf.state()
  // The moment that is promised is before anything of this round was looked at, in files and database alike.
  const { at } = await readServer(sql)
  bringKeys(options.data, options.keys)
  const brought = bringBeside(options.data, shelf.files)
  const server = await readServer(sql)
  if (before && before.systemIdentifier !== server.systemIdentifier)
    throw backupUnusable('this folder holds the back-up of another server; name an empty one')
  const goesOn = before && held && before.timeline === server.timeline
  const to = placeIn(server.flushed)
  const from = goesOn ? placeIn(before.copiedTo) : beginningOf(server.flushed, server.segmentBytes)
  await copyLog(sql, shelf.wal, server, from, to)
  shelf.keep({
    systemIdentifier: server.systemIdentifier,
    timeline: server.timeline,
    segmentBytes: server.segmentBytes,
    copiedTo: textOf(to),
    at,
  })
  brought.settle()
  await releaseLog(sql, to)
  // A break in the log makes every earlier base worthless for what comes after it.
  if (!goesOn) for (const { name } of shelf.bases()) rmSync(shelf.base(name), { recursive: true })
  return at
}

const needsBase = (shelf: Shelf, options: Following): boolean => {
  const last = shelf.bases().at(-1)?.base
  if (!last) return true
  const hours = options.baseEveryHours ?? BASE_EVERY_HOURS
  return options.now().since(Temporal.Instant.from(last.finishedAt)).total('hours') >= hours
}

/** Forgets the oldest bases, and the log before the oldest that stays. */
const forgetOld = (shelf: Shelf, kept: number): void => {
  const bases = shelf.bases()
  const state = shelf.state()
  for (const { name } of bases.slice(0, -kept)) rmSync(shelf.base(name), { recursive: true })
  const [oldest] = bases.slice(-kept)
  if (!oldest || !state) return
  const first = segmentOf(oldest.base.timeline, placeIn(oldest.base.from), state.segmentBytes)
  for (const name of readdirSync(shelf.wal))
    if (name < first) rmSync(join(shelf.wal, name), { force: true })
}

/** One base copy and one round behind it: a whole back-up, and the end. */
export const backUpOnce = async (options: Following): Promise<string> => {
  checkPlaces(options)
  const shelf = openShelf(options.folder)
  const sql = openOwner(options.url, 3)
  try {
    await round(sql, shelf, options)
    const { timeline } = await readServer(sql)
    await takeBase(options.url, shelf, timeline)
    forgetOld(shelf, options.basesKept ?? BASES_KEPT)
    return await round(sql, shelf, options)
  } finally {
    await sql.end({ timeout: 2 })
  }
}

/** Until it is stopped. What fails is told and tried again: the server keeps the log meanwhile. */
export const startFollowing = (options: Following): Running => {
  checkPlaces(options)
  const { log } = options
  const shelf = openShelf(options.folder)
  const sql = openOwner(options.url, 3)
  let stopped = false
  let taking: Promise<void> | undefined
  const takeOne = async () => {
    const { timeline } = await readServer(sql)
    const { name, base } = await takeBase(options.url, shelf, timeline)
    log.info({ name, files: base.files.length, to: base.to }, 'a base copy is whole')
    forgetOld(shelf, options.basesKept ?? BASES_KEPT)
  }
  const run = async () => {
    let waitMs = options.everyMs ?? EVERY_MS
    while (!stopped) {
      try {
        await round(sql, shelf, options)
        waitMs = options.everyMs ?? EVERY_MS
        // The log is held before the copy begins, and goes on being copied while it is taken.
        if (!taking && needsBase(shelf, options))
          taking = takeOne()
            .catch((cause: unknown) =>
              log.error({ err: cause }, 'the base copy was cut off and is begun again'),
            )
            .finally(() => (taking = undefined))
      } catch (cause) {
        log.error({ err: cause }, 'the back-up stands still; the server keeps its log for it')
        waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)
      }
      for (let waited = 0; waited < waitMs && !stopped; waited += 100)
        await sleep(Math.min(100, waitMs))
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopped = true
      await running
      await taking
      // The last second, too.
      await round(sql, shelf, options).catch(() => {})
      await sql.end({ timeout: 2 })
    },
  }
}
