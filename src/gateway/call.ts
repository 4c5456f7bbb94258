/** One call on its way through the gateway, and what the gateway holds while it serves. */
import type { Problem } from '#kernel/problem.ts'
import type { CallerSigner } from '#platform/caller.ts'
import type { Lines, Log } from '#platform/log.ts'
import { assert } from '#kernel/assert.ts'
import type { AccessToken, Detail, Tokens } from './callers/access-token.ts'
import type { Cache, Fetch } from './cache/cache.ts'
import type { Claims, OpenClaim } from './once/claims.ts'
import type { Decisions } from './snapshots/agreement.ts'
import type { Denials } from './callers/denials.ts'
import type { Head } from './edge/edge.ts'
import type { Fields } from './release/fields.ts'
import type { Sighting, Sightings } from './facts/sightings.ts'
import type { Access, Frequency } from './limits/frequency.ts'
import type { Admission } from './limits/admission.ts'
import type { Limits } from './limits/limits.ts'
import type { Older } from './documents/older.ts'
import type { Operation } from './documents/operation.ts'
import type { Scenario } from './policies/scenario.ts'
import type { Proofs } from './callers/proof.ts'
import type { Seeing } from './seeing/index.ts'
import type { Shedding } from './edge/shedding.ts'
import type { Signer } from './signatures.ts'
import type { Spool } from './records/spool.ts'
import type { Strangers } from './callers/strangers.ts'
import type { Application, Table } from './snapshots/table.ts'
import type { Seat, UpstreamAnswer, Upstreams, Wire } from './upstream/upstream.ts'

/** What every step may use. Made once by `startGateway`; nothing of it is global. */
export interface Gateway {
  readonly log: Log
  /** The access log: a line for each call. */
  readonly calls: Lines
  readonly now: () => Temporal.Instant
  readonly denials: Denials
  readonly tokens: Tokens
  readonly proofs: Proofs
  readonly strangers: Strangers
  readonly shedding: Shedding
  readonly limits: Limits
  readonly frequency: Frequency
  readonly claims: Claims
  readonly cache: Cache
  readonly upstreams: Upstreams
  readonly spool: Spool
  readonly decisions: Decisions
  readonly seeing: Seeing
  readonly signer: Signer
  /** Keys of what the bank tells of its customers; undefined until the bank published them. */
  claimsKeys(): Promise<Answer | undefined>
  /** Who calls, as the upstream can prove it. */
  readonly sign: Readonly<Record<'bank' | 'vault', CallerSigner>>
  /** The partner's own name of a value: it may join its data by it, and with nobody else's. */
  pseudonym(prefix: string, partnerId: string, value: string): string
  readonly fields: Fields
  readonly sightings: Sightings
  /** The newest table, as soon as it knows the application, or when it did not come to for a moment. */
  tableWith(applicationId: string): Promise<Table | undefined>
  /** Milliseconds since both streams of revocations were heard: the older of the two. */
  unheardMs(): number
  /** Whether both streams were read to their end once since this process began. */
  knowsRevocations(): boolean
}

/** The listener that a call came in by. */
export interface Door {
  /** `https://localhost:8410`: its configured public address. */
  readonly origin: string
  /** As it must stand in Host. */
  readonly host: string
  /** Whether clients show a certificate here. */
  readonly mutual: boolean
}

/** A proven caller: the token holds, and whoever sent it holds the key that it is bound to. */
export interface Identity {
  readonly token: AccessToken
  readonly application: Application
}

/** What the customer consented to, as far as it covers this call. */
export interface Coverage {
  readonly consentId: string
  readonly detail: Detail
  readonly permissions: ReadonlySet<string>
}

export interface Arrival {
  /** UUIDv7, 32 hex digits, minted here and never taken from the caller. */
  readonly id: string
  /** The caller's own UUID where it sent one, else ours. */
  readonly interactionId: string
  readonly atMs: number
  /** By performance.now(). */
  readonly startedMs: number
  readonly door: Door
  /** Where it comes from, for budgets: an IPv4 address, or the /64 of an IPv6 one. */
  readonly address: string
  /** base64url SHA-256 of the client certificate that the caller showed. */
  readonly certificate: string | null
  readonly head: Head
  /** Whether the caller is still there to hear the answer. */
  readonly wire: Wire
  /** The whole body, once; refuses more than `bytesMax`. */
  readonly readBody: (bytesMax: number) => Promise<Buffer>
}

/** The parts of a request that an older version writes otherwise. */
export interface Written {
  readonly query: string
  readonly body: Buffer
}

export interface Call extends Arrival {
  /** What the call is decided by: that of its arrival, or the next one where only that one knows the application. */
  table: Table
  readonly operation: Operation
  readonly parameters: Readonly<Record<string, string>>
  /** Answer headers that steps added: name, value, name, value. */
  readonly headers: string[]
  identity: Identity | undefined
  /** Of the operation's permissions, the one that is granted. */
  permission: string | undefined
  admission: Admission | undefined
  coverage: Coverage | undefined
  /** The unattended access that it took. */
  access: Access | undefined
  /** One refusal of very many: it is answered, and not written down. */
  unrecorded: boolean
  version: string | undefined
  /** What it shows of how it is used; from `validate` on. */
  sighting: Sighting | undefined
  /** How the version that it speaks knows the operation; undefined: as it is today. */
  older: Older | undefined
  /** As the newest version writes it, from `validate` on. */
  head: Head
  /** As it came, where `validate` brought it forward. */
  written: Written | undefined
  /** What it asks the sandbox to play. */
  scenario: Scenario | undefined
  body: Buffer
  json: unknown
  /** Its place among the calls that the bank works on. */
  seat: Seat | undefined
  claim: OpenClaim | undefined
  /** Whether anything of it may have reached the upstream. */
  sent: boolean
  upstream: UpstreamAnswer | undefined
  /** Others wait for what it fetches. */
  fetch: Fetch | undefined
  /** How many seconds ago the upstream gave the answer to another call, where this one is served by that. */
  keptS: number | undefined
  upstreamMs: number | null
  /** Whether the upstream's answer was given before and comes from the store. */
  replayed: boolean
  answer: Answer | undefined
}

/** What goes back over the wire. */
export interface Answer {
  readonly status: number
  readonly contentType: string | null
  /** Bytes where it is a file. */
  readonly body: string | Buffer
  readonly headers: readonly string[]
  /** What a cache may do with it; nothing where it is absent: `no-store`. */
  readonly cacheControl?: string | null
  readonly refusal: Problem | undefined
  /** Whether the connection ends with it. */
  readonly close: boolean
  /** Whether whoever called had proven who it is; where it does not say so, it is a stranger. */
  readonly proven?: boolean
}

export type Step = (call: Call, gateway: Gateway) => void | Promise<void>

/** The caller, behind `authenticate`. */
export const identityOf = (call: Call): Identity => {
  assert(call.identity, 'a step that needs an identity stands behind authenticate')
  return call.identity
}
