import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import type { CoreIdentity } from '../identity.ts'

const Day = z.instanceof(Temporal.PlainDate)

const Row = z
  .object({
    ref: z.string(),
    givenName: z.string(),
    familyName: z.string(),
    bornOn: Day,
    citizenship: z.string(),
    residence: z.string(),
    street: z.string(),
    locality: z.string(),
    postalCode: z.string(),
    document: z.enum(['idcard', 'passport']),
    verifiedOn: Day,
  })
  .transform(({ street, locality, postalCode, ...row }): CoreIdentity => ({
    ...row,
    address: { street, locality, postalCode },
  }))

const columns = sql`
  ref, given_name as "givenName", family_name as "familyName", born_on as "bornOn", citizenship, residence, street,
  locality, postal_code as "postalCode", document, verified_on as "verifiedOn"
`

export const findIdentity = (db: Db, ref: string) =>
  db.maybe(Row)`select ${columns} from synthetic.identity where ref = ${ref}`

/** Who is on file stays as they are. */
export const addIdentity = (db: Db, i: CoreIdentity) => db.run`
  insert into synthetic.identity
    (ref, given_name, family_name, born_on, citizenship, residence, street, locality, postal_code, document, verified_on)
  values
    (${i.ref}, ${i.givenName}, ${i.familyName}, ${i.bornOn}, ${i.citizenship}, ${i.residence}, ${i.address.street},
     ${i.address.locality}, ${i.address.postalCode}, ${i.document}, ${i.verifiedOn})
  on conflict do nothing
`

const Ref = z.object({ ref: z.string() })

/** The customer who has this number of the state. */
export const refByNationalId = async (db: Db, nationalId: string): Promise<string | undefined> =>
  (await db.maybe(Ref)`select ref from synthetic.customer where national_id = ${nationalId}`)?.ref
