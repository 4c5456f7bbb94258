/** What a new bank begins with: its catalogue and its policy, and for the demonstration its people. Run again, it changes nothing. */
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import { seedCatalogue, type SeedDocument } from './catalogue/index.ts'
import { seedMatrix } from './licences/index.ts'
import { seedStaff } from './staff/index.ts'

export const seedControl = (
  db: Postgres,
  now: Temporal.Instant,
  {
    documents,
    demonstration = true,
    factorKey,
  }: { documents: readonly SeedDocument[]; demonstration?: boolean; factorKey?: Uint8Array },
): Promise<void> =>
  work(db, 'system', now, async (w) => {
    await seedCatalogue(w, documents)
    await seedMatrix(w)
    if (demonstration) await seedStaff(w, factorKey)
  })
