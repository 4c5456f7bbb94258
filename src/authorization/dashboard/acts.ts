/** What a customer does at their dashboard: takes back, signs, refuses. */
import { Problem } from '#kernel/problem.ts'
import { type Work, work } from '#journal/index.ts'
import { peerUnavailable } from '#platform/rpc.ts'
import {
  authoriseConsent,
  type Consent,
  consentClosed,
  consentNotFound,
  isOpen,
  listConsentsOf,
  rejectConsent,
  revokeConsent,
  statusAt,
  withdrawAll,
} from '../consents/index.ts'
import type { CardOfConsent } from '../pages/index.ts'
import type { SignedIn } from '../sign-in/index.ts'
import {
  type DashboardWorld,
  goTo,
  type Home,
  keep,
  keepAnew,
  type Notice,
  type Signing,
  type Visit,
} from './visit.ts'

const actor = (customerId: string) => `customer:${customerId}` as const

const say = (visit: Visit, home: Home, notice: Notice) => keep(visit, { ...home, notice })

const howOf = ({ exchange, world }: Visit) => ({
  channel: 'dashboard' as const,
  interactionId: exchange.instance,
  registry: world.clients.document(),
})

/** It may have ended meanwhile, by another door or a second click: then it has ended, as they wish. */
const unlessEnded = async (end: () => Promise<unknown>): Promise<void> => {
  try {
    await end()
  } catch (error) {
    if (!(error instanceof Problem && error.code === consentClosed.code)) throw error
  }
}

/** Whether they gave or signed it; who was only asked to sign refuses instead. */
export const isTheirs = (consent: Consent, customerId: string): boolean =>
  consent.customerId === customerId ||
  consent.authorisations.some((a) => a.party === customerId && a.status === 'AUTHORISED')

export const revoke = async (visit: Visit, home: Home, consent: Consent): Promise<void> => {
  const { postgres, now } = visit.world
  if (!isTheirs(consent, home.customerId)) throw consentNotFound('it is not among yours')
  const end = { by: 'customer', ...howOf(visit) } as const
  await unlessEnded(() =>
    work(postgres, actor(home.customerId), now(), (w) => revokeConsent(w, consent.id, end)),
  )
  await say(visit, home, { key: 'withdrawn', partner: consent.partnerName })
  goTo(visit, '/dashboard')
}

/** All of them, or all of one partner's, in one transaction. */
export const revokeAll = async (
  visit: Visit,
  home: Home,
  partnerId: string | undefined,
): Promise<void> => {
  const { postgres, now } = visit.world
  const { customerId } = home
  await work(postgres, actor(customerId), now(), async (w) => {
    if (partnerId === undefined) await withdrawAll(w, customerId, howOf(visit))
    else await withdrawAllOf(w, visit, { customerId, partnerId })
  })
  await say(visit, home, { key: 'withdrawnAll' })
  goTo(visit, '/dashboard')
}

const withdrawAllOf = async (
  w: Work,
  visit: Visit,
  { customerId, partnerId }: { customerId: string; partnerId: string },
): Promise<void> => {
  const all = await listConsentsOf(w, customerId, w.now)
  const open = all.filter(
    (c) => c.partnerId === partnerId && isTheirs(c, customerId) && isOpen(statusAt(c, w.now)),
  )
  // In the order of their ids, as everybody locks them.
  for (const { id } of open.toReversed())
    await revokeConsent(w, id, { by: 'customer', ...howOf(visit) })
}

/** The customer's card that came of a consent; without the bank, and of other consents, there is none to show. */
export const cardOf = async (
  { bank }: DashboardWorld,
  customerId: string,
  { id: consentId, partnerId, detail }: Consent,
): Promise<CardOfConsent | null> => {
  if (detail.type !== 'urn:bank:card-issue:v1') return null
  try {
    return (await bank.cardOfConsent({ customerId, partnerId, consentId })).card
  } catch (error) {
    if (error instanceof Problem && error.code === peerUnavailable.code) return null
    throw error
  }
}

/** On to the vault's own page, which neither the partner nor this server sees. */
export const goToPin = async (visit: Visit, home: Home, consent: Consent): Promise<void> => {
  const { customerId } = home
  const { partnerId } = consent
  const card = await cardOf(visit.world, customerId, consent)
  if (!card) return goTo(visit, `/dashboard/consents/${consent.id}`)
  const { cardId } = card
  const { url } = await visit.world.bank.openPinPage({ customerId, partnerId, cardId })
  goTo(visit, url)
}

/** A second signatory's answer, after they have proved anew to be themselves. */
export const decide = async (visit: Visit, signing: Signing, who: SignedIn): Promise<void> => {
  const { postgres, now } = visit.world
  const { home, consentId, answer } = signing
  const { customerId } = who
  if (customerId !== home.customerId) {
    await say(visit, home, { key: 'signatureOther' })
    return goTo(visit, visit.exchange.path)
  }
  const authenticatedAt = Temporal.Instant.from(who.authenticatedAt)
  const after = await work(postgres, actor(customerId), now(), (w) =>
    answer === 'approve'
      ? authoriseConsent(w, consentId, { customerId, authenticatedAt, accounts: [] }, howOf(visit))
      : rejectConsent(w, consentId, customerId, howOf(visit)),
  )
  const key = answer === 'refuse' ? 'signatureRefused' : signedAs(after)
  await keepAnew(visit, {
    at: 'home',
    ...who,
    notice: { key, partner: after.partnerName },
  })
  goTo(visit, visit.exchange.path)
}

const signedAs = ({ status }: Consent) => (status === 'AUTHORISED' ? 'signed' : 'signedPartly')
