/** Published documents on a process's own disk: the last few, and the highest epoch that was ever taken. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bytes } from './link-words.ts'
import type { Audience } from './publication.ts'

const KEPT_ON_DISK = 3

/**
 * The last documents on disk. Beside them stands the highest epoch that was ever taken: an older file put back, by whom
 * or what ever, is not served (G45). Whoever means it removes that file too.
 */
export const openShelf = (folder: string, audience: Audience) => {
  mkdirSync(folder, { recursive: true })
  const highestFile = join(folder, `${audience}-highest`)
  let highest = existsSync(highestFile) ? Number(readFileSync(highestFile, 'utf8')) : 0
  if (!Number.isSafeInteger(highest)) highest = 0
  /** Names sort by epoch. */
  const files = () =>
    readdirSync(folder)
      .filter((name) => name.startsWith(`${audience}-`) && name.endsWith('.json'))
      .toSorted()
      .map((name) => join(folder, name))
  return {
    files,
    highest: () => highest,
    keep: async (epoch: number, bytes: Bytes) => {
      await writeDurably(join(folder, `${audience}-${String(epoch).padStart(12, '0')}.json`), bytes)
      highest = epoch
      await writeDurably(highestFile, String(epoch))
      for (const old of files().slice(0, -KEPT_ON_DISK)) await rm(old, { force: true })
    },
  }
}

/** As `writeWhole`, off this thread: a document may be large. */
const writeDurably = async (path: string, content: string | Uint8Array) => {
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}
