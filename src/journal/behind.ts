/** What was signed of a journal and stands behind a place: what a database that was put back has forgotten. */
import { readCheckpoint } from './note.ts'
import { checkpointPath, readBundle, readNote } from './tiles.ts'
import { TILE_WIDTH } from './tree.ts'

/** The texts of the signed lines behind this place, in order; none where nothing was signed. */
export const linesBehind = (folder: string, place: number): string[] => {
  const note = readNote(checkpointPath(folder))
  const size = note === undefined ? 0 : readCheckpoint(note).size
  const lines: string[] = []
  for (let at = Math.min(place, size); at < size;) {
    const index = Math.floor(at / TILE_WIDTH)
    const first = index * TILE_WIDTH
    const width = Math.min(TILE_WIDTH, size - first)
    for (const line of readBundle(folder, index, width).slice(at - first))
      lines.push(line.toString('utf8'))
    at = first + width
  }
  return lines
}
