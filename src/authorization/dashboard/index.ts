/** The customer's own door: what they gave, what waits for their signature, and every step to take it back. */
import type { ConsentAccount } from '#bank/contract.ts'
import { Problem } from '#kernel/problem.ts'
import { peerUnavailable } from '#platform/rpc.ts'
import {
  awaits,
  concerns,
  type Consent,
  consentHistory,
  consentNotFound,
  findConsent,
  lastAccesses,
  listConsentsOf,
  statusShown,
  usageOf,
} from '../consents/index.ts'
import { pathUnknown } from '../edge.ts'
import { assertOwnForm, type Exchange, readForm } from '../exchange.ts'
import {
  dashboardPage,
  type Given,
  permissionPage,
  signedOutPage,
  type TextKey,
  withdrawAllPage,
  withdrawalPage,
} from '../pages/index.ts'
import { beginning, type Outcome, type SignIn } from '../sign-in/index.ts'
import { cardOf, decide, goToPin, isTheirs, revoke, revokeAll } from './acts.ts'
import {
  type DashboardWorld,
  end,
  goTo,
  type Home,
  keep,
  keepAnew,
  show,
  type Signing,
  type Visit,
  visitOf,
} from './visit.ts'

export type { DashboardWorld } from './visit.ts'

/** What an address under `/dashboard` is about. */
interface Place {
  readonly consentId: string | undefined
  readonly partnerId: string | undefined
  /** `revocation`, `signature`, `pin`, `sign-out`, `signed-out`; undefined for what is only read. */
  readonly act: string | undefined
}

const PLACE =
  /^\/dashboard(?:\/consents\/(?<consentId>consent_[0-9a-f]{32})|\/partners\/(?<partnerId>partner_[0-9a-f]{32}))?(?:\/(?<act>[a-z-]+))?$/

const placeOf = (path: string): Place => {
  const found = PLACE.exec(path)?.groups
  if (!found) throw pathUnknown('there is nothing at this address')
  const { consentId, partnerId, act } = found
  return { consentId, partnerId, act }
}

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

/** Everything that concerns the customer, with its last access. */
const givenTo = async (world: DashboardWorld, customerId: string): Promise<Given[]> => {
  const { postgres, now } = world
  const consents = await listConsentsOf(postgres, customerId, now())
  const last = await lastAccesses(
    postgres,
    consents.map(({ id }) => id),
  )
  return consents.map((consent) => {
    const at = last.find(({ consentId }) => consentId === consent.id)?.at
    return given(world, consent, customerId, at)
  })
}

const given = (
  { clients, now }: DashboardWorld,
  consent: Consent,
  customerId: string,
  lastAccessAt: Temporal.Instant | null = null,
): Given => ({
  consent,
  status: statusShown(consent, clients, now()),
  lastAccessAt,
  awaited: awaits(consent, customerId, now()),
  theirs: isTheirs(consent, customerId),
})

/** Somebody else's is answered as one that does not exist. */
const concerning = async ({ postgres }: DashboardWorld, customerId: string, id: string) => {
  const consent = await findConsent(postgres, id)
  if (!consent || !concerns(consent, customerId)) throw consentNotFound('it is not among yours')
  return consent
}

const showBoard = async (visit: Visit, home: Home, { partnerId }: Place): Promise<void> => {
  const { world, page, proof } = visit
  const all = await givenTo(world, home.customerId)
  const listed = all.filter((g) => partnerId === undefined || g.consent.partnerId === partnerId)
  if (partnerId !== undefined && listed.length === 0)
    throw pathUnknown('there is nothing at this address')
  const consents = listed.map(({ consent }) => consent)
  const accounts = await accountsOf(world, home.customerId, consents)
  const partners = new Map(all.map(({ consent }) => [consent.partnerId, consent.partnerName]))
  show(
    visit,
    dashboardPage({
      page,
      proof,
      given: listed,
      accounts,
      said: home.notice,
      partners: [...partners].map(([id, name]) => ({ id, name })),
      partnerId,
    }),
  )
}

const showPermission = async (visit: Visit, home: Home, id: string): Promise<void> => {
  const { world, page, proof } = visit
  const { customerId } = home
  const { postgres, now } = world
  const consent = await concerning(world, customerId, id)
  const [history, usage, accounts, card] = await Promise.all([
    consentHistory(postgres, id),
    usageOf(postgres, consent, now()),
    accountsOf(world, customerId, [consent]),
    cardOf(world, customerId, consent),
  ])
  show(
    visit,
    permissionPage({
      page,
      proof,
      given: given(world, consent, customerId, usage.lastAccess?.at),
      customerId,
      accounts,
      history,
      usage,
      card,
      said: home.notice,
    }),
    card ? { leadsTo: [world.vault] } : {},
  )
}

const showWithdrawal = async (visit: Visit, home: Home, place: Place): Promise<void> => {
  const { world, page, proof } = visit
  const { consentId, partnerId } = place
  if (consentId !== undefined) {
    const consent = await concerning(world, home.customerId, consentId)
    const one = [given(world, consent, home.customerId)]
    const partner = consent.partnerName
    return show(visit, withdrawalPage({ page, proof, given: one, partner }))
  }
  const all = await givenTo(world, home.customerId)
  const of = all.filter((g) => partnerId === undefined || g.consent.partnerId === partnerId)
  const partner = partnerId === undefined ? undefined : of[0]?.consent.partnerName
  show(visit, withdrawAllPage({ page, proof, given: of, partner }))
}

const showHome = async (visit: Visit, home: Home): Promise<void> => {
  const place = placeOf(visit.exchange.path)
  const { notice: _said, ...rest } = home
  await keep(visit, rest)
  if (place.act === 'revocation') return showWithdrawal(visit, home, place)
  // A form's address, typed in or reloaded: there is nothing to see, so they see what it is about.
  if (place.act !== undefined)
    return goTo(visit, visit.exchange.path.slice(0, -place.act.length - 1))
  return place.consentId === undefined
    ? showBoard(visit, home, place)
    : showPermission(visit, home, place.consentId)
}

const showSignIn = async (visit: Visit, signIn: SignIn, problem?: TextKey): Promise<void> => {
  const { world, exchange, page, proof, state } = visit
  const signs =
    state.at === 'signing'
      ? await concerning(world, state.home.customerId, state.consentId)
      : undefined
  const form = { page, action: exchange.path, proof, partner: undefined, signs, problem }
  show(visit, world.means.page(signIn, form), { problem, leadsTo: await world.means.leadsTo() })
}

/** Where the sign-in of this visit stands, and how the visit is kept when it moves. */
const signInOf = ({ state }: Visit): { signIn: SignIn; kept: (s: SignIn) => SignIn | Signing } => {
  if (state.at === 'signing')
    return { signIn: state.signIn, kept: (signIn) => ({ ...state, signIn }) }
  return { signIn: state.at === 'home' ? beginning : state, kept: (signIn) => signIn }
}

const followed = async (visit: Visit, outcome: Outcome): Promise<void> => {
  const { exchange, state } = visit
  const { kept } = signInOf(visit)
  switch (outcome.kind) {
    case 'step':
      await keep(visit, kept(outcome.signIn))
      return goTo(visit, exchange.path)
    case 'wrong':
      await keep(visit, kept(outcome.signIn))
      return showSignIn(visit, outcome.signIn, outcome.problem)
    case 'leave':
      await keep(visit, kept(outcome.signIn))
      return goTo(visit, outcome.location)
    case 'proven':
      if (state.at === 'signing') return decide(visit, state, outcome.who)
      await keepAnew(visit, { at: 'home', ...outcome.who })
      return goTo(visit, exchange.path)
  }
}

const look = async (visit: Visit): Promise<void> => {
  const { state, world, exchange, page } = visit
  if (placeOf(exchange.path).act === 'signed-out')
    return show(visit, signedOutPage({ ...page, path: exchange.path }))
  if (state.at === 'home') return showHome(visit, state)
  // Gone elsewhere with the signature half given: it is not given.
  if (state.at === 'signing' && placeOf(exchange.path).consentId !== state.consentId)
    return showHome(visit, state.home)
  const { signIn } = signInOf(visit)
  const outcome = await world.means.news(signIn)
  return outcome ? followed(visit, outcome) : showSignIn(visit, signIn)
}

const leave = async (visit: Visit): Promise<void> => {
  await end(visit)
  goTo(visit, '/dashboard/signed-out')
}

const actAtHome = async (visit: Visit, home: Home, form: URLSearchParams): Promise<void> => {
  const { consentId, partnerId, act } = placeOf(visit.exchange.path)
  const action = form.get('action')
  const about = visit.exchange.path.replace(/\/(revocation|signature|pin)$/, '')
  if (action === 'cancel') return goTo(visit, about)
  if (act === 'revocation')
    return consentId === undefined
      ? revokeAll(visit, home, partnerId)
      : revoke(visit, home, await concerning(visit.world, home.customerId, consentId))
  if (act === 'pin' && consentId !== undefined)
    return goToPin(visit, home, await concerning(visit.world, home.customerId, consentId))
  if (
    act === 'signature' &&
    consentId !== undefined &&
    (action === 'approve' || action === 'refuse')
  ) {
    await concerning(visit.world, home.customerId, consentId)
    await keep(visit, { at: 'signing', home, consentId, answer: action, signIn: beginning })
    return goTo(visit, about)
  }
  return goTo(visit, '/dashboard')
}

const act = async (visit: Visit, form: URLSearchParams): Promise<void> => {
  const { state, exchange, world } = visit
  if (placeOf(exchange.path).act === 'sign-out') return leave(visit)
  if (state.at === 'home') return actAtHome(visit, state, form)
  const { signIn } = signInOf(visit)
  if (form.get('action') === 'cancel') {
    if (state.at !== 'signing') return leave(visit)
    await keep(visit, state.home)
    return goTo(visit, exchange.path)
  }
  const outcome = await world.means.step(exchange, { signIn, form, goesOnAt: exchange.path })
  return outcome ? followed(visit, outcome) : goTo(visit, exchange.path)
}

/** Answers everything under `/dashboard`. */
export const serveDashboard = async (world: DashboardWorld, exchange: Exchange): Promise<void> => {
  const visit = await visitOf(world, exchange)
  if (exchange.req.method !== 'POST') return look(visit)
  const form = await readForm(exchange)
  assertOwnForm(exchange, form, { proof: visit.proof, origin: world.issuer })
  await act(visit, form)
}
