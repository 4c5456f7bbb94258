/**
 * A file of zeros for the segment to come. To overwrite blocks that are on the disk is one write of a sync; to lengthen a
 * file is a write of its inode and of the file system's journal too, and those are what takes milliseconds now and then.
 */
import { readdirSync, renameSync, rmSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'

const SUFFIX = '.blank'
/** Synced in pieces: a long sync would hold up those of the calls. */
const PIECE = Buffer.alloc(524_288)

export interface Blanks {
  /** Resolves when one is ready, or cannot be: then a segment grows as it is written. */
  ready(): Promise<void>
  /** Gives the blank that is ready this name and begins the next; answers whether there was one. */
  takeAs(path: string): boolean
  close(): Promise<void>
}

export const openBlanks = (folder: string, boot: string, bytes: number): Blanks => {
  // Those of processes that ended: nothing was written into them.
  for (const name of readdirSync(folder))
    if (name.endsWith(SUFFIX)) rmSync(join(folder, name), { force: true })
  const path = join(folder, `${boot}${SUFFIX}`)
  let isReady = false
  let closed = false
  const write = async () => {
    const file = await open(path, 'w', 0o600)
    try {
      for (let at = 0; at < bytes && !closed; at += PIECE.length) {
        await file.write(PIECE, 0, Math.min(PIECE.length, bytes - at), at)
        await file.datasync()
      }
      await file.sync()
      isReady = true
    } finally {
      await file.close()
    }
  }
  // No room for zeros: what they took is for records. Whether it is enough is seen, and said, when one is written.
  const prepare = () =>
    write()
      .catch(() => rm(path, { force: true }))
      .catch(() => {})
  let preparing = prepare()
  return {
    ready: () => preparing,
    takeAs: (name) => {
      if (!isReady) return false
      isReady = false
      try {
        renameSync(path, name)
      } catch {
        return false
      } finally {
        preparing = prepare()
      }
      return true
    },
    close: async () => {
      closed = true
      await preparing
      rmSync(path, { force: true })
    },
  }
}
