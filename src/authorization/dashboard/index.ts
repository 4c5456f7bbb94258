/** The customer's own door: what they gave, and one step to take it back. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { bankContract, ConsentAccount } from '#bank/contract.ts'
import type { Cell } from '#kernel/cell.ts'
import { Problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import { type Client, peerUnavailable } from '#platform/rpc.ts'
import {
  type Consent,
  consentNotFound,
  findConsent,
  listConsentsOf,
  revokeConsent,
} from '../consents/index.ts'
import {
  addCookie,
  answerPage,
  answerSeeOther,
  assertOwnForm,
  cookieOf,
  type Exchange,
  languageFor,
  proofOf,
  readForm,
} from '../exchange.ts'
import { endVisit, findVisit, keepVisit } from '../oauth/index.ts'
import {
  codePage,
  dashboardPage,
  type House,
  type Page,
  signInPage,
  type TextKey,
} from '../pages/index.ts'

export interface DashboardWorld {
  readonly cell: Cell
  readonly issuer: string
  readonly postgres: Postgres
  readonly bank: Client<typeof bankContract>
  readonly house: House
  readonly cookieKey: Uint8Array
  readonly now: () => Temporal.Instant
}

/** How far a visitor has come. A visit that is not kept yet is at its beginning. */
const State = z.discriminatedUnion('at', [
  z.object({ at: z.literal('sign-in') }),
  z.object({ at: z.literal('code'), challengeId: z.string(), shownCode: z.string().nullable() }),
  z.object({ at: z.literal('list'), customerId: z.string() }),
])
type State = z.output<typeof State>

const beginning: State = { at: 'sign-in' }
const VISIT_MINUTES = 10

interface Visit {
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

const visitOf = async (world: DashboardWorld, exchange: Exchange): Promise<Visit> => {
  const held = cookieOf(exchange.req, cookieName(world.cell))
  const known = held !== undefined && VISIT_ID.test(held) ? held : undefined
  const id = known ?? newId()
  if (!known) setCookie(exchange, world.cell, id)
  const state = State.safeParse(known && (await findVisit(world.postgres, id, world.now())))
  const language = languageFor(exchange)
  return {
    world,
    exchange,
    id,
    state: state.data ?? beginning,
    page: { house: world.house, language, path: '/dashboard' },
    proof: proofOf(world.cookieKey, id),
  }
}

const keep = ({ world, id }: Visit, state: State, as = id): Promise<void> =>
  keepVisit(world.postgres, {
    id: as,
    state,
    expiresAt: world.now().add({ minutes: VISIT_MINUTES }),
  })

/** Names of accounts, as each partner knows them; without the bank the ids stand for themselves. */
const accountsOf = async (
  { bank }: DashboardWorld,
  customerId: string,
  consents: readonly Consent[],
): Promise<Map<string, ConsentAccount>> => {
  const partners = [...new Set(consents.map((c) => c.partnerId))]
  try {
    const known = await Promise.all(
      partners.map((partnerId) => bank.customerForPartner({ customerId, partnerId })),
    )
    return new Map(known.flatMap(({ accounts }) => accounts.map((a) => [a.accountId, a])))
  } catch (error) {
    if (error instanceof Problem && error.code === peerUnavailable.code) return new Map()
    throw error
  }
}

const showList = async (visit: Visit, customerId: string): Promise<void> => {
  const { world, exchange, page, proof, state } = visit
  const now = world.now()
  const consents = await listConsentsOf(world.postgres, customerId, now)
  const accounts = await accountsOf(world, customerId, consents)
  await keep(visit, state)
  const withdrawn = consents.find(
    (c) => c.id === exchange.query.get('withdrawn') && c.status === 'REVOKED',
  )
  const withdrawnFrom = withdrawn?.partnerName
  answerPage(exchange, 200, dashboardPage({ page, proof, consents, accounts, now, withdrawnFrom }))
}

const show = async (visit: Visit, state: State, problem?: TextKey): Promise<void> => {
  const { exchange, page, proof } = visit
  const form = { page, action: '/dashboard', proof, partner: undefined, problem }
  const status = problem === undefined ? 200 : 422
  switch (state.at) {
    case 'sign-in':
      return answerPage(exchange, status, signInPage(form))
    case 'code':
      return answerPage(exchange, status, codePage({ ...form, shownCode: state.shownCode }))
    case 'list':
      return showList(visit, state.customerId)
  }
}

const refusals: Readonly<Record<string, TextKey>> = {
  'customers/sign-in-refused': 'signInRefused',
  'customers/sign-in-delayed': 'signInDelayed',
}

/** Runs a step of the sign-in; a refusal that the customer can mend is shown where they are. */
const orShow = async (visit: Visit, state: State, step: () => Promise<void>): Promise<void> => {
  try {
    await step()
  } catch (error) {
    const problem = error instanceof Problem ? refusals[error.code] : undefined
    if (!problem) throw error
    return show(visit, state, state.at === 'code' ? 'codeRefused' : problem)
  }
  answerSeeOther(visit.exchange, '/dashboard')
}

const signIn = (visit: Visit, form: URLSearchParams): Promise<void> =>
  orShow(visit, beginning, async () => {
    const login = form.get('login') ?? ''
    const password = form.get('password') ?? ''
    const challenge = await visit.world.bank.startSignIn({ login, password })
    await keep(visit, { at: 'code', ...challenge })
  })

/** Signed in, the visit gets a new id: the one from before was known before anybody had proved anything. */
const giveCode = (
  visit: Visit,
  state: Extract<State, { at: 'code' }>,
  form: URLSearchParams,
): Promise<void> =>
  orShow(visit, state, async () => {
    const { world, exchange } = visit
    const code = (form.get('code') ?? '').replaceAll(' ', '')
    const { customerId } = await world.bank.finishSignIn({ challengeId: state.challengeId, code })
    const id = newId()
    await keep(visit, { at: 'list', customerId }, id)
    await endVisit(world.postgres, visit.id)
    setCookie(exchange, world.cell, id)
  })

const revoke = async (visit: Visit, customerId: string, id: string): Promise<void> => {
  const { postgres, now } = visit.world
  const consent = await findConsent(postgres, id)
  if (consent?.customerId !== customerId) throw consentNotFound('it is not among yours')
  await work(postgres, `customer:${customerId}`, now(), (w) =>
    revokeConsent(w, id, { by: 'customer', channel: 'dashboard' }),
  )
  answerSeeOther(visit.exchange, `/dashboard?withdrawn=${id}`)
}

const CONSENT_IN_PATH = /^\/dashboard\/consents\/(consent_[0-9a-f]{32})\/revocation$/

const act = async (visit: Visit, form: URLSearchParams): Promise<void> => {
  const { state, exchange } = visit
  const consentId = CONSENT_IN_PATH.exec(exchange.path)?.[1]
  if (consentId !== undefined && state.at === 'list')
    return revoke(visit, state.customerId, consentId)
  const action = form.get('action')
  if (action === 'sign-in' && state.at === 'sign-in') return signIn(visit, form)
  if (action === 'code' && state.at === 'code') return giveCode(visit, state, form)
  if (action === 'restart' || action === 'sign-out') await endVisit(visit.world.postgres, visit.id)
  return answerSeeOther(exchange, '/dashboard')
}

/** Answers everything under `/dashboard`. */
export const serveDashboard = async (world: DashboardWorld, exchange: Exchange): Promise<void> => {
  const visit = await visitOf(world, exchange)
  if (exchange.req.method !== 'POST') return show(visit, visit.state)
  const form = await readForm(exchange)
  assertOwnForm(exchange, form, { proof: visit.proof, origin: world.issuer })
  await act(visit, form)
}
