/** A customer's visit to their dashboard: a browser's cookie, and what it opens here. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { bankContract } from '#bank/contract.ts'
import type { Cell } from '#kernel/cell.ts'
import type { Postgres } from '#platform/db.ts'
import type { Client } from '#platform/rpc.ts'
import type { Clients } from '../clients/index.ts'
import {
  addCookie,
  answerPage,
  answerSeeOther,
  cookieOf,
  type Exchange,
  languageFor,
  proofOf,
} from '../exchange.ts'
import { endVisit, findVisit, keepVisit } from '../oauth/index.ts'
import type { House, Page, TextKey } from '../pages/index.ts'
import { beginning, type Means, SignedIn, SignIn } from '../sign-in/index.ts'

export interface DashboardWorld {
  readonly cell: Cell
  readonly issuer: string
  readonly postgres: Postgres
  readonly bank: Client<typeof bankContract>
  /** Whose standing consents rest on. */
  readonly clients: Clients
  readonly means: Means
  /** Where customers see and choose what only the vault may know. */
  readonly vault: string
  readonly house: House
  readonly cookieKey: Uint8Array
  readonly now: () => Temporal.Instant
}

/** What was done just now, said once on the next page. */
export const Notice = z.object({
  key: z.enum([
    'withdrawn',
    'withdrawnAll',
    'signed',
    'signedPartly',
    'signatureRefused',
    'signatureOther',
  ]),
  partner: z.string().optional(),
})
export type Notice = z.output<typeof Notice>

export const Home = SignedIn.extend({ at: z.literal('home'), notice: Notice.optional() })
export type Home = z.output<typeof Home>

/** A second signature is given after signing in again, with the consent before one's eyes. */
export const Signing = z.object({
  at: z.literal('signing'),
  home: Home,
  consentId: z.string(),
  answer: z.enum(['approve', 'refuse']),
  signIn: SignIn,
})
export type Signing = z.output<typeof Signing>

/** How far a visitor has come. A visit that is not kept yet is at its beginning. */
const State = z.discriminatedUnion('at', [...SignIn.options, Home, Signing])
export type State = z.output<typeof State>

const IDLE_MINUTES = 10
/** However busy: after this they sign in again. */
const WHOLE_MINUTES = 30

export interface Visit {
  readonly world: DashboardWorld
  readonly exchange: Exchange
  readonly id: string
  readonly state: State
  readonly page: Page
  readonly proof: string
}

const cookieName = (cell: Cell) => `__Host-portico_${cell}_visit`
const VISIT_ID = /^[\w-]{43}$/

const setCookie = ({ res }: Exchange, cell: Cell, id: string): void =>
  addCookie(res, `${cookieName(cell)}=${id}; Path=/; Secure; HttpOnly; SameSite=Lax`)

const newId = () => randomBytes(32).toString('base64url')

const hasEnded = (state: State, now: Temporal.Instant): boolean => {
  const home = state.at === 'signing' ? state.home : state
  if (home.at !== 'home') return false
  const end = Temporal.Instant.from(home.authenticatedAt).add({ minutes: WHOLE_MINUTES })
  return Temporal.Instant.compare(end, now) <= 0
}

const stateOf = async ({ postgres, now }: DashboardWorld, id: string): Promise<State> => {
  const state = State.safeParse(await findVisit(postgres, id, now())).data
  return state && !hasEnded(state, now()) ? state : beginning
}

export const visitOf = async (world: DashboardWorld, exchange: Exchange): Promise<Visit> => {
  const held = cookieOf(exchange.req, cookieName(world.cell))
  const known = held !== undefined && VISIT_ID.test(held) ? held : undefined
  const id = known ?? newId()
  if (!known) setCookie(exchange, world.cell, id)
  return {
    world,
    exchange,
    id,
    state: known === undefined ? beginning : await stateOf(world, known),
    page: { house: world.house, language: languageFor(exchange), path: exchange.path },
    proof: proofOf(world.cookieKey, id),
  }
}

export const keep = ({ world, id }: Visit, state: State, as = id): Promise<void> =>
  keepVisit(world.postgres, {
    id: as,
    state,
    expiresAt: world.now().add({ minutes: IDLE_MINUTES }),
  })

/** Signed in, the visit gets a new id: the one from before was known before anybody had proved anything. */
export const keepAnew = async (visit: Visit, state: State): Promise<void> => {
  const id = newId()
  await keep(visit, state, id)
  await endVisit(visit.world.postgres, visit.id)
  setCookie(visit.exchange, visit.world.cell, id)
}

export const end = ({ world, id }: Visit): Promise<void> => endVisit(world.postgres, id)

export const show = (
  { exchange }: Visit,
  document: string,
  { problem, leadsTo = [] }: { problem?: TextKey | undefined; leadsTo?: readonly string[] } = {},
): void => answerPage(exchange, problem === undefined ? 200 : 422, document, leadsTo)

export const goTo = ({ exchange }: Visit, path: string): void => answerSeeOther(exchange, path)
