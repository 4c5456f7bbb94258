/** The demonstration bank of the control plane: its people, its catalogue, its policy. Run again, it changes nothing. */
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import { seedCatalogue, type SeedDocument } from './catalogue/index.ts'
import { seedMatrix } from './licences/index.ts'
import { seedStaff } from './staff/index.ts'

export const seedControl = (
  db: Postgres,
  now: Temporal.Instant,
  { documents }: { documents: readonly SeedDocument[] },
): Promise<void> =>
  work(db, 'system', now, async (w) => {
    await seedStaff(w)
    await seedCatalogue(w, documents)
    await seedMatrix(w)
  })
