/** Sign-in at the bank's own OpenID provider. Every attempt is bound to one browser, answered once, and proves itself anew. */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { bankContract } from '#bank/contract.ts'
import type { Cell } from '#kernel/cell.ts'
import { Problem } from '#kernel/problem.ts'
import type { Postgres } from '#platform/db.ts'
import type { Log } from '#platform/log.ts'
import type { Client } from '#platform/rpc.ts'
import { addCookie, answerSeeOther, cookieOf, type Exchange } from '../exchange.ts'
import { claimFirstUse, findVisit, keepVisit } from '../oauth/index.ts'
import { departurePage, type TextKey } from '../pages/index.ts'
import { type BankProvider, type Binding, signInUnproven } from './provider.ts'
import {
  beginning,
  type Means,
  type Outcome,
  returnForeign,
  SignedIn,
  type SignIn,
  type Step,
} from './sign-in.ts'

export interface FederatedWorld {
  readonly cell: Cell
  readonly provider: BankProvider
  readonly postgres: Postgres
  readonly bank: Pick<Client<typeof bankContract>, 'customerByReference'>
  readonly key: Uint8Array
  readonly now: () => Temporal.Instant
  readonly log: Log
}

const ATTEMPT_MINUTES = 10

/** What is kept of an attempt, under its `state`: nothing that works without the browser and the provider. */
const Attempt = z.discriminatedUnion('at', [
  z.object({
    at: z.literal('away'),
    browserSha256: z.string(),
    goesOnAt: z.string(),
    askedAt: z.string(),
  }),
  z.object({ at: z.literal('back'), who: SignedIn }),
  z.object({ at: z.literal('nothing'), problem: z.string() }),
])
type Attempt = z.output<typeof Attempt>

const keptAs = (state: string) => `sign-in ${state}`
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')
const RANDOM = /^[\w-]{43}$/
const random = () => randomBytes(32).toString('base64url')

const find = async ({ postgres, now }: FederatedWorld, state: string) =>
  Attempt.safeParse(await findVisit(postgres, keptAs(state), now())).data

const keep = ({ postgres, now }: FederatedWorld, state: string, attempt: Attempt) =>
  keepVisit(postgres, {
    id: keptAs(state),
    state: attempt,
    expiresAt: now().add({ minutes: ATTEMPT_MINUTES }),
  })

const bindingOf = (key: Uint8Array, state: string, askedAt: Temporal.Instant): Binding => {
  const derived = (use: string) =>
    createHmac('sha256', key).update(`${use} ${state}`).digest('base64url')
  return { state, nonce: derived('nonce'), verifier: derived('verifier'), askedAt }
}

const cookieName = (cell: Cell) => `__Host-portico_${cell}_sign_in`

const browserOf = ({ req }: Exchange, cell: Cell): string | undefined => {
  const held = cookieOf(req, cookieName(cell))
  return held !== undefined && RANDOM.test(held) ? held : undefined
}

/** The browser's own name; SameSite=Lax, because the provider sends it back from another site. */
const nameBrowser = (exchange: Exchange, cell: Cell): string => {
  const name = random()
  addCookie(exchange.res, `${cookieName(cell)}=${name}; Path=/; Secure; HttpOnly; SameSite=Lax`)
  return name
}

const depart = async (
  world: FederatedWorld,
  exchange: Exchange,
  goesOnAt: string,
): Promise<Outcome> => {
  const state = random()
  const askedAt = world.now()
  const browser = browserOf(exchange, world.cell) ?? nameBrowser(exchange, world.cell)
  try {
    const location = await world.provider.departure(bindingOf(world.key, state, askedAt))
    await keep(world, state, {
      at: 'away',
      browserSha256: sha256(browser),
      goesOnAt,
      askedAt: askedAt.toString(),
    })
    return { kind: 'leave', signIn: { at: 'away', attempt: state }, location: location.href }
  } catch (cause) {
    world.log.warn({ cause }, 'the bank’s OpenID provider takes nobody in')
    return { kind: 'wrong', signIn: beginning, problem: 'signInUnanswered' }
  }
}

const step = async (
  world: FederatedWorld,
  exchange: Exchange,
  { form, goesOnAt }: Step,
): Promise<Outcome | undefined> => {
  const action = form.get('action')
  if (action === 'restart') return { kind: 'step', signIn: beginning }
  return action === 'depart' ? depart(world, exchange, goesOnAt) : undefined
}

const problems: Readonly<Record<string, TextKey>> = {
  signInNotDone: 'signInNotDone',
  signInUnknown: 'signInUnknown',
  signInNotProven: 'signInNotProven',
}

const news = async (world: FederatedWorld, signIn: SignIn): Promise<Outcome | undefined> => {
  if (signIn.at !== 'away') return undefined
  const attempt = await find(world, signIn.attempt)
  if (attempt?.at === 'back') return { kind: 'proven', who: attempt.who }
  if (attempt?.at !== 'nothing') return undefined
  const said = problems[attempt.problem] ?? 'signInNotProven'
  return { kind: 'wrong', signIn: beginning, problem: said }
}

/** An error of the provider that its answer proves to be its own: the customer said no, or could not. */
const Refused = z.object({
  error: z.string(),
  code: z.literal('OAUTH_AUTHORIZATION_RESPONSE_ERROR'),
})

const whoReturned = async (
  { provider, bank, now, log }: FederatedWorld,
  query: URLSearchParams,
  binding: Binding,
): Promise<Attempt> => {
  const nothing = (said: TextKey): Attempt => ({ at: 'nothing', problem: said })
  try {
    const { reference, ...how } = await provider.proven(query, binding, now())
    const { customerId } = await bank.customerByReference({ reference })
    return { at: 'back', who: { customerId, ...how } }
  } catch (cause) {
    if (cause instanceof Problem && cause.code === 'customers/sign-in-refused')
      return nothing('signInUnknown')
    if (cause instanceof Problem && cause.code !== signInUnproven.code) throw cause
    if (Refused.safeParse(cause).success) return nothing('signInNotDone')
    log.warn({ cause }, 'an answer of the bank’s OpenID provider does not hold')
    return nothing('signInNotProven')
  }
}

const serveReturn = async (world: FederatedWorld, exchange: Exchange): Promise<void> => {
  const foreign = () => returnForeign('begin again where you came from')
  const state = exchange.query.get('state') ?? ''
  const attempt = RANDOM.test(state) ? await find(world, state) : undefined
  const browser = browserOf(exchange, world.cell)
  if (attempt?.at !== 'away' || browser === undefined) throw foreign()
  if (attempt.browserSha256 !== sha256(browser)) throw foreign()
  // Of two returns at once one is the first; the other would spend the code a second time.
  const expiresAt = world.now().add({ minutes: ATTEMPT_MINUTES })
  const use = { issuer: 'sign-in', jti: state, expiresAt, now: world.now() }
  if (!(await claimFirstUse(world.postgres, use))) throw foreign()

  const binding = bindingOf(world.key, state, Temporal.Instant.from(attempt.askedAt))
  await keep(world, state, await whoReturned(world, exchange.query, binding))
  answerSeeOther(exchange, attempt.goesOnAt)
}

export const federatedMeans = (world: FederatedWorld): Means => ({
  page: (_signIn, form) => departurePage(form),
  leadsTo: () => world.provider.origins(),
  step: (exchange, asked) => step(world, exchange, asked),
  news: (signIn) => news(world, signIn),
  serveReturn: (exchange) => serveReturn(world, exchange),
})
