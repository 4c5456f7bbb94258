/**
 * What a room's `routes.ts` gets. A room exports `portalRoutes` and `consoleRoutes`, each
 * `(server: Server, context: ControlContext) => void`. Every route says in its `config` who may call it:
 * `{ open: true }` anybody; `{ roles: [...] }` a signed-in person with any of them; nothing: anybody who is signed in,
 * and then it must be a GET; `{ own: true }` anybody about their own sign-in. A route that changes something and names
 * no roles does not start. `proof` says how sure we must be of who asks; what names the production cell in its body or
 * query asks for a second factor by itself.
 */
import { assert } from '#kernel/assert.ts'
import { problem } from '#kernel/problem.ts'
import { type Actor, type Work, work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Mail } from '#platform/mail.ts'
import type { ProcessWorld } from '#platform/process.ts'
import type { Appliers } from '#control/approvals/index.ts'
import type { Authorities, PartnerId, PersonId, PersonRole } from '#control/partners/index.ts'
import { type Proof, proves, type Session, type Standing } from '#control/sign-in/index.ts'
import type { LiveBoard } from '#control/usage/index.ts'
import type { StaffId, StaffRole } from '#control/staff/index.ts'

export type { Server } from '#platform/http.ts'

export interface ControlContext {
  readonly db: Postgres
  readonly world: ProcessWorld
  /** Every kind of change that four eyes can put in force, by kind. */
  readonly appliers: Appliers
  /** The authority of each cell's client certificates. */
  readonly authorities: Authorities
  /** Product ids of the catalogue, in its order. */
  readonly offeredProducts: () => Promise<readonly string[]>
  /** Status ids of the licence matrix that an organisation may say of itself. */
  readonly declarableStatuses: () => Promise<readonly string[]>
  readonly wellKnown: () => unknown
  /** What gateways tell each second. */
  readonly live: LiveBoard
  /** Seals second factors and makes digests of codes. */
  readonly factorKey: Uint8Array
  readonly mail: Mail
  /** Who lives in the sandbox and decides for readers who try it. */
  readonly personas?: () => Promise<readonly Persona[]>
}

/** Somebody of the make-believe bank, with what signs them in: both are published. */
export interface Persona {
  readonly login: string
  readonly name: string
  readonly password: string
  readonly story: string
}

export interface SignedInPerson {
  readonly kind: 'person'
  readonly session: Session
  readonly standing: Standing
  readonly personId: PersonId
  readonly partnerId: PartnerId
  readonly roles: readonly PersonRole[]
}
export interface SignedInStaff {
  readonly kind: 'staff'
  readonly session: Session
  readonly standing: Standing
  readonly staffId: StaffId
  readonly roles: readonly StaffRole[]
}
export type SignedIn = SignedInPerson | SignedInStaff

declare module 'fastify' {
  interface FastifyRequest {
    signedIn: SignedIn | null
  }
  interface FastifyContextConfig {
    /** Anybody may call it, signed in or not. */
    open?: true
    /** Any of these roles is enough: `PersonRole` at the portal, acting `StaffRole` at the console. */
    roles?: readonly (PersonRole | StaffRole)[]
    /** It changes nothing but how the one who asks signs in: whoever has a session may, whatever it has proven. */
    own?: true
    /** What the session must have proven; default `factor` at the console, `password` at the portal. */
    proof?: Proof
    /** It changes nothing that the bank does: what it makes is a paper to read, and an auditor may ask for it. */
    paper?: true
    /**
     * It shows personal data of others: staff say what for, and it is a line of the journal before it is shown. About whom
     * is the `id` of its path, or what the function answers: of a partner's matters the partner, with whom words are erased.
     */
    purpose?: true | ((request: { readonly params: unknown }) => Promise<string>)
  }
}

export const notSignedIn = problem('control/not-signed-in', 401, 'Sign in first')

interface Asked {
  readonly signedIn: SignedIn | null
}

/** The person of a partner who asks. Everything they may see is bounded by its `partnerId`. */
export const partnerOf = (request: Asked): SignedInPerson => {
  assert(request.signedIn?.kind === 'person', 'a route for partners is served at the portal')
  return request.signedIn
}

/** The person of the bank who asks. */
export const staffOf = (request: Asked): SignedInStaff => {
  assert(request.signedIn?.kind === 'staff', 'a route for staff is served at the console')
  return request.signedIn
}

/** Throws unless the session has proven this much: for routes that know only from what they read how much they ask. */
export const demand = (
  { world }: Pick<ControlContext, 'world'>,
  { signedIn }: Asked,
  proof: Proof,
): void => {
  assert(signedIn, 'a route that demands a proof is not open')
  proves(signedIn.standing, proof, world.now())
}

const actorOf = ({ signedIn }: Asked): Actor =>
  signedIn === null
    ? 'system'
    : signedIn.kind === 'person'
      ? `person:${signedIn.personId}`
      : `staff:${signedIn.staffId}`

/** Runs a command as the one who asks. */
export const asWork = <T>(
  context: Pick<ControlContext, 'db' | 'world'>,
  request: Asked,
  body: (work: Work) => Promise<T>,
): Promise<T> => work(context.db, actorOf(request), context.world.now(), body)
