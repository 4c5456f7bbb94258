import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { SigningKey } from './signing-key.ts'

const columns = sql`
  kid, jwk, state, published_at as "publishedAt", activated_at as "activatedAt", retired_at as "retiredAt",
  removed_at as "removedAt", denied
`

export const list = (db: Db) => db.many(SigningKey)`
  select ${columns} from oauth.signing_key order by published_at desc, kid limit 200
`

/** One at a time changes anything: several servers and an operator may want to at once. */
export const lock = (db: Db) => db.run`lock table oauth.signing_key in share row exclusive mode`

export const insert = (db: Db, k: SigningKey) => db.run`
  insert into oauth.signing_key (kid, jwk, state, published_at, activated_at)
  values (${k.kid}, ${JSON.stringify(k.jwk)}::text::jsonb, ${k.state}, ${k.publishedAt}, ${k.activatedAt})
`

export const save = (db: Db, k: SigningKey) => db.run`
  update oauth.signing_key
     set state = ${k.state}, activated_at = ${k.activatedAt}, retired_at = ${k.retiredAt},
         removed_at = ${k.removedAt}, denied = ${k.denied}
   where kid = ${k.kid}
`
