/** A connection of the server's owner, who may read its files: for whoever copies a whole server, and for nobody else. */
import postgres, { type Sql } from 'postgres'

export type OwnerSql = Sql

/** `max` 1 is one session for as long as it is open. */
export const openOwner = (url: string, max: number): OwnerSql =>
  postgres(url, { max, max_lifetime: null, onnotice: () => {} })
