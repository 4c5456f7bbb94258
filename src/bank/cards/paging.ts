/** Lists of the room: newest first, with a cursor that opens only where it was given. */
import { z } from 'zod'
import { openCursor, sealCursor } from '../cursor.ts'
import type { BankKeys } from '../world.ts'

export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(512).optional(),
})
export type PageQuery = z.output<typeof PageQuery>

/** One page of what `read` finds after a place; `read` is asked for one more than is shown. */
export const pageOf = async <T extends { readonly id: string }, Json>(
  keys: BankKeys,
  place: unknown,
  { limit, cursor }: PageQuery,
  read: (from: { before?: string; limit: number }) => Promise<T[]>,
  shown: (one: T) => Json,
): Promise<{ data: Json[]; next: string | null }> => {
  const before = cursor === undefined ? undefined : openCursor(keys, place, cursor)
  const found = await read({ limit: limit + 1, ...(before !== undefined && { before }) })
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const more = found.length > limit && last !== undefined
  return { data: page.map(shown), next: more ? sealCursor(keys, place, last.id) : null }
}
