/** What every section of a pack is read with: what was asked, and how people are called before its reader. */
import type { Db } from '#platform/db.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { listStaff } from '#control/staff/index.ts'

export interface Asked {
  readonly partnerId: PartnerId
  readonly from: Temporal.Instant
  /** Exclusive. */
  readonly to: Temporal.Instant
  readonly bank: { readonly name: string; readonly zone: string }
  /** A supervisor reads who of the bank did what. A partner reads what was done: its people are theirs, ours are ours. */
  readonly reader: 'supervisor' | 'partner'
}

/** More than these are cut off, and the section says so. */
export const ROWS = 5_000

export const text = (instant: Temporal.Instant | null | undefined) => instant?.toString() ?? null
export const ids = <T extends { readonly id: string }>(things: readonly T[]): T['id'][] =>
  things.map((thing) => thing.id)

export type Who = <A extends string | null>(actor: A) => A | string

/** How people of the bank are called before this reader. */
export const whoFor = async (db: Db, reader: Asked['reader']): Promise<Who> => {
  const names = new Map<string, string>((await listStaff(db)).map((s) => [`staff:${s.id}`, s.name]))
  return (actor) => {
    if (actor === null || !actor.startsWith('staff:')) return actor
    return reader === 'partner' ? 'the bank' : `${names.get(actor) ?? 'unknown'} (${actor})`
  }
}
