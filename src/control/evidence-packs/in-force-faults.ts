/** Which documents were in force at each line, checked by what the lines themselves say and by their places. Pure. */
import { z } from 'zod'
import type { JournalLines } from './gathering.ts'

const Publication = z.object({ event: z.literal('publication.published'), subject: z.string() })

/**
 * A line names the last publication before it for each reader: one that is not in the pack, says something else, or came
 * later, is a fault, and so is one that another publication in the pack stands behind.
 */
export const inForceFaults = ({ lines, publications = [] }: JournalLines): string[] => {
  const readerOf = new Map<number, string>()
  for (const { seq, body } of publications) {
    const said = Publication.safeParse(bodyOf(body))
    if (said.success) readerOf.set(seq, said.data.subject)
  }
  const placesOf = Map.groupBy(
    [...readerOf.keys()].toSorted((a, b) => a - b),
    (seq) => String(readerOf.get(seq)),
  )
  return lines.flatMap(({ seq, inForce = {} }) =>
    Object.entries(inForce).flatMap(([reader, line]) => {
      const last = placesOf.get(reader)?.findLast((place) => place <= seq)
      return last === line
        ? []
        : [`line ${seq} was not written under the publication of ${reader} in line ${line}`]
    }),
  )
}

const bodyOf = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
