/** A tape archive (POSIX.1-2001 ustar) of plain files: what every system can open, and the same bytes for the same files. */
import { problem } from '#kernel/problem.ts'

export const archiveUnreadable = problem('evidence-packs/archive', 422, 'This is no evidence pack')

export interface PackFile {
  readonly name: string
  readonly bytes: Buffer
}

const BLOCK = 512

const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`

const header = ({ name, bytes }: PackFile): Buffer => {
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0, 100, 'utf8')
  block.write(octal(0o644, 8), 100)
  block.write(octal(0, 8), 108)
  block.write(octal(0, 8), 116)
  block.write(octal(bytes.length, 12), 124)
  // No time of its own: the pack is of a period, whenever it is made.
  block.write(octal(0, 12), 136)
  block.write('        ', 148)
  block.write('0', 156)
  block.write('ustar\u000000', 257)
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
    148,
  )
  return block
}

const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)])

export const writeTar = (files: readonly PackFile[]): Buffer =>
  Buffer.concat([
    ...files.flatMap((file) => [header(file), padded(file.bytes)]),
    Buffer.alloc(2 * BLOCK),
  ])

const textAt = (block: Buffer, from: number, length: number) => {
  const field = block.subarray(from, from + length)
  const end = field.indexOf(0)
  return field.subarray(0, end < 0 ? length : end).toString('utf8')
}

/** Reads what `writeTar` writes, to the byte; anything else is refused, so that no bit of an archive is free. */
export const readTar = (archive: Buffer): PackFile[] => {
  const files: PackFile[] = []
  let at = 0
  while (at + BLOCK <= archive.length) {
    const block = archive.subarray(at, at + BLOCK)
    if (block.every((byte) => byte === 0)) break
    const digits = textAt(block, 124, 12)
    const size = /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : -1
    const name = textAt(block, 0, 100)
    const from = at + BLOCK
    if (size < 0 || from + size > archive.length) throw archiveUnreadable(`${name} is cut off`)
    files.push({ name, bytes: archive.subarray(from, from + size) })
    at = from + Math.ceil(size / BLOCK) * BLOCK
  }
  if (files.length === 0) throw archiveUnreadable('it has no files')
  const other = otherwise(files, archive)
  if (other !== undefined)
    throw archiveUnreadable(`it is not as an evidence pack is written: ${other}`)
  return files
}

/** Where the archive is another than its files would make: in what stands around them. */
const otherwise = (files: readonly PackFile[], archive: Buffer): string | undefined => {
  const made = writeTar(files)
  if (made.equals(archive)) return undefined
  const first = made.findIndex((byte, i) => byte !== archive[i])
  let end = 0
  for (const { name, bytes } of files) {
    end += BLOCK + Math.ceil(bytes.length / BLOCK) * BLOCK
    if (first >= 0 && first < end) return `what stands around ${name}, at byte ${first}`
  }
  return `what stands behind the last file, ${archive.length - end} bytes instead of ${2 * BLOCK}`
}
