/** What the bank's rooms stand on. */
import { hkdfSync } from 'node:crypto'
import type { Postgres } from '#platform/db.ts'
import type { Log } from '#platform/log.ts'
import { type Sql, sql } from '#platform/sql.ts'
import type { Client } from '#platform/rpc.ts'
import type { courierContract } from '#courier/contract.ts'
import type { pinContract, vaultContract } from '#vault/contract.ts'
import type { Core } from './cores/core.ts'
import type { CustomerPages } from './sandbox/customer-browser.ts'
import type { ClaimsSigner } from './kyc/signing.ts'
import type { RateSource } from './fx/index.ts'

export interface BankWorld {
  readonly db: Postgres
  /** The core, whose calls take turns by partner, so that no partner starves another. */
  readonly coreFor: (partnerId: string) => Core
  /** Where middle rates of currencies come from. */
  readonly rates: RateSource
  readonly vault: Client<typeof vaultContract>
  /** The vault's pages for PINs; missing in trials that have no vault. */
  readonly pins?: Client<typeof pinContract> | undefined
  /** The only way out: it asks partners on the bank's behalf. */
  readonly courier: Client<typeof courierContract>
  /** Where customers decide, for those whom a simulator plays; missing where customers are real. */
  readonly customerPages?: CustomerPages | undefined
  readonly keys: BankKeys
  /** Signs what the bank tells of a customer's identity. */
  readonly claims: ClaimsSigner
  /** As customers read it. */
  readonly name: string
  /** Where the bank's days begin. */
  readonly zone: string
  readonly now: () => Temporal.Instant
  /** Whose due work this is about, as a condition on `partner_id`: everybody's, but of whoever has a clock of their own. */
  readonly whose: Sql
  readonly log: Log
}

/** What is due: by this time, of these partners. */
export type Due = { readonly now: Temporal.Instant } & Pick<BankWorld, 'whose'>

/** Where no clock can be turned, all work falls due by the same one. */
export const everybody: Sql = sql`true`

export interface BankKeys {
  /** HMAC of the names that partners get for accounts and customers. */
  readonly pairwise: Uint8Array
  /** AES-256 of cursors. */
  readonly cursor: Uint8Array
  /** AES-256 of the secrets of one-time codes. */
  readonly secondFactor: Uint8Array
  /** HMAC of the questions about people that were answered. */
  readonly questions: Uint8Array
  /** AES-256 of whom partners bring to be verified, and of their documents. */
  readonly people: Uint8Array
}

/** Every use has a key of its own, so that what one of them does with its key says nothing about another. */
export const bankKeys = (pairwise: Uint8Array): BankKeys => {
  const derived = (use: string) =>
    new Uint8Array(hkdfSync('sha256', pairwise, new Uint8Array(), `portico bank ${use}`, 32))
  return {
    pairwise,
    cursor: derived('cursor'),
    secondFactor: derived('second factor'),
    questions: derived('questions'),
    people: derived('people'),
  }
}
