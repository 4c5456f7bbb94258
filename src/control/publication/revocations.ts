/** What must stop at once, read off the journal: these do not wait for a document to be compiled. */
import { z } from 'zod'
import { Cell, cells } from '#kernel/cell.ts'
import type { Entry } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { effective } from '#control/licences/index.ts'
import { PartnerId } from '#control/partners/index.ts'
import { type Moment, readPolicy } from './policy.ts'
import type { NewRevocation } from './store.ts'

/**
 * How long a denial is kept. A document compiled after it says the same, and speaks for itself from then on; the denial
 * is for the process that does not get that document. No token lives nearly as long.
 */
const LIFE_HOURS = 24

type Stop = Pick<NewRevocation, 'cell' | 'kind' | 'id'>

const InCell = z.looseObject({ cell: Cell })
const OfCertificate = z.looseObject({ cell: Cell, sha256: z.string() })
const OfKey = z.looseObject({ cell: Cell, kid: z.string() })
const OfLicence = z.looseObject({ permissions: z.array(z.string()) })
const OfContract = z.looseObject({ partnerId: PartnerId, products: z.array(z.string()) })

/** What an entry stops, in which cell. */
export const revocationsOf = async (
  db: Db,
  entry: Entry,
  moment: Moment,
): Promise<NewRevocation[]> => {
  const at = Temporal.Instant.from(entry.at)
  const expiresAt = at.add({ hours: LIFE_HOURS })
  const stops = await stopsOf(db, entry, moment)
  return stops.map((stop) => ({ ...stop, at, expiresAt, journalSeq: entry.seq }))
}

const stopsOf = async (
  db: Db,
  { event, subject, data }: Entry,
  moment: Moment,
): Promise<readonly Stop[]> => {
  switch (event) {
    case 'partners.suspended':
      return cells.map((cell) => ({ cell, kind: 'partner', id: subject }))
    case 'partners.application-revoked':
      return [{ cell: InCell.parse(data).cell, kind: 'client', id: subject }]
    case 'partners.certificate-revoked': {
      const { cell, sha256 } = OfCertificate.parse(data)
      return [{ cell, kind: 'certificate', id: sha256 }]
    }
    case 'partners.key-revoked': {
      const { cell, kid } = OfKey.parse(data)
      // The key itself, and by the application's name all tokens of it that were issued before.
      return [`${subject} ${kid}`, subject].map((id) => ({ cell, kind: 'key', id }))
    }
    case 'licences.suspended': {
      const { permissions } = OfLicence.parse(data)
      return lost(db, PartnerId.parse(subject), moment, (permission) =>
        permissions.includes(permission.id),
      )
    }
    case 'contracts.frozen':
    case 'contracts.ended': {
      const { partnerId, products } = OfContract.parse(data)
      return lost(db, partnerId, moment, (permission) => products.includes(permission.domain))
    }
    default:
      return []
  }
}

/** Those of the permissions that the partner no longer has: another status or contract may still grant them. */
const lost = async (
  db: Db,
  partnerId: PartnerId,
  moment: Moment,
  concerned: (permission: { id: string; domain: string }) => boolean,
): Promise<readonly Stop[]> => {
  const policy = await readPolicy(db, moment, partnerId)
  const facts = policy.facts(partnerId)
  if (!facts) return []
  const permissions = policy.matrix.permissions.filter(concerned)
  return cells.flatMap((cell) =>
    permissions
      .filter(({ id }) => !effective(facts, policy.matrix, id, cell, moment.now).granted)
      .map(({ id }) => ({ cell, kind: 'permission' as const, id: `${partnerId} ${id}` })),
  )
}
