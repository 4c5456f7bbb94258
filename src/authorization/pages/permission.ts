/** One consent on its own page: all that was said, all that happened, and what the customer can do about it. */
import type { ConsentAccount } from '#bank/contract.ts'
import type { Consent, ConsentEvent, Usage } from '../consents/index.ts'
import {
  accountNames,
  canEnd,
  dayOf,
  type Given,
  lastUse,
  momentOf,
  noticeOf,
  type Said,
  signOutForm,
  stateOf,
  wordsOf,
} from './dashboard.ts'
import { asker, page, type Page, proofField } from './frame.ts'
import { type Html, html } from './html.ts'
import { icons } from './ornament.ts'
import { facts, remark, scopeOf, section } from './parts.ts'
import { say, type TextKey, texts } from './texts/index.ts'

export interface CardOfConsent {
  readonly cardId: string
  readonly lastFour: string
}

export interface Permission {
  readonly page: Page
  readonly proof: string
  readonly given: Given
  /** Who reads: in the history they are “you”. */
  readonly customerId: string
  readonly accounts: ReadonlyMap<string, ConsentAccount>
  readonly history: readonly ConsentEvent[]
  readonly usage: Usage
  /** The customer's own, where the consent was to issue one. */
  readonly card: CardOfConsent | null
  readonly said?: Said | undefined
}

const doorOf = ({ move, actor, channel }: ConsentEvent, customerId: string): TextKey => {
  // The customer's page brought it, the partner asked it.
  if (move === 'ask') return 'by_partner'
  if (actor === `customer:${customerId}`) return 'by_customer'
  if (actor.startsWith('customer:')) return 'by_another'
  return channel === 'console' || channel === 'journal' || actor.startsWith('staff')
    ? 'by_bank'
    : 'by_partner'
}

const wordOf = ({ move, status }: ConsentEvent): TextKey =>
  move === null ? statusWords[status] : `move_${move}`

/** For what was written before moves were kept. */
const statusWords: Readonly<Record<ConsentEvent['status'], TextKey>> = {
  AWAITING_AUTHORISATION: 'move_ask',
  PARTIALLY_AUTHORISED: 'move_sign',
  AUTHORISED: 'move_authorise',
  SUSPENDED: 'move_suspend',
  CONSUMED: 'move_consume',
  REJECTED: 'move_reject',
  REVOKED: 'move_revoke',
  EXPIRED: 'EXPIRED',
}

/** Everything that happened, the latest first. */
const history = ({ page: around, history: events, customerId }: Permission): Html =>
  html`<ol class="past">
    ${events.toReversed().map((event) => {
      const what = say(around.language, wordOf(event))
      const who = say(around.language, doorOf(event, customerId))
      return html`<li>
        <time class="num" datetime="${event.at.toString()}">${momentOf(around, event.at)}</time
        ><span>${what}, ${who}</span>
      </li>`
    })}
  </ol>`

const signatures = ({ page: around, given, customerId }: Permission): Html | undefined => {
  const { authorisations, signatures: count } = given.consent
  if (count < 2) return undefined
  const { language } = around
  const done = authorisations.filter((a) => a.status === 'AUTHORISED').length
  return section('signatures', say(language, 'signatures'), [
    html`<p>${say(language, 'signedOf', { done, count })}</p>`,
    facts(
      authorisations.map(({ party, status, at }) => {
        const said = { AWAITING: 'saidNothing', AUTHORISED: 'saidYes', REJECTED: 'saidNo' } as const
        const date = at ? dayOf(around, at) : ''
        return [
          say(language, party === customerId ? 'you' : 'anotherPerson'),
          say(language, said[status], { date }),
        ]
      }),
    ),
  ])
}

/** The two answers of a second signatory; the same weight as on the first page. */
const decision = ({ page: { language }, given, proof }: Permission): Html | undefined =>
  given.awaited
    ? html`<form
        action="/dashboard/consents/${given.consent.id}/signature"
        method="post"
        id="decide"
      >
        ${proofField(proof)}
        <p class="lead">${say(language, 'signLead')}</p>
        <div class="equal">
          <button class="b" type="submit" id="refuse" name="action" value="refuse">
            ${say(language, 'refuse')}</button
          ><button class="b" type="submit" id="approve" name="action" value="approve">
            ${say(language, 'sign')}
          </button>
        </div>
      </form>`
    : undefined

/** To the vault's page; what is chosen or read there stays between the two. */
const pin = ({ page: { language }, given, proof, card }: Permission): Html | undefined => {
  if (!card) return undefined
  const { id, partnerName: partner } = given.consent
  return section('card', say(language, 'card'), [
    html`<p>•••• ${card.lastFour}</p>
      <p class="dim">${say(language, 'pinLead', { partner })}</p>`,
    html`<form action="/dashboard/consents/${id}/pin" method="post" id="pin-form">
      ${proofField(proof)}<button class="b" type="submit" id="pin" name="action" value="pin">
        ${say(language, 'pin')}
      </button>
    </form>`,
  ])
}

/** Each account and family that was read without the customer today, and how often it still may be. */
const usage = ({ page: { language }, usage: { budgets }, accounts }: Permission): string[] =>
  budgets.map(({ account, family, used, allowed }) => {
    const known = account === null ? undefined : accounts.get(account)
    const of = known ? `${known.nickname} •••• ${known.lastFour}` : ''
    return say(language, 'usedOf', { used, allowed, family: familyOf(language, family), of })
  })

const familyOf = (language: Page['language'], family: string): string => {
  const key = [`family_${family}`].find((k): k is TextKey => k in texts.en)
  return key ? say(language, key) : family
}

const dates = (permission: Permission): Html | undefined => {
  const { page: around, given } = permission
  const { language } = around
  const { consent } = given
  const live = canEnd(given)
  const { createdAt, authorisedAt, nextScaDueAt, expiresAt, endedAt } = consent
  const used = lastUse(around, given)
  const today = usage(permission)
  return facts([
    [say(language, 'state'), stateOf(given, around)],
    [say(language, 'since'), dayOf(around, authorisedAt ?? createdAt)],
    live
      ? [say(language, 'until'), dayOf(around, expiresAt)]
      : [say(language, 'endedOn'), dayOf(around, endedAt ?? expiresAt)],
    used !== undefined && [say(language, 'lastAccess'), used],
    today.length > 0 && [
      say(language, 'usage'),
      today.map((line) => html`<span class="line">${line}</span>`),
    ],
    live && nextScaDueAt && [say(language, 'nextSignIn'), dayOf(around, nextScaDueAt)],
    [say(language, 'legalBasis'), say(language, `basis_${consent.legalBasis}`)],
  ])
}

const why = (language: Page['language'], { purpose, partnerName: partner }: Consent) =>
  purpose &&
  section(
    'why',
    say(language, 'why'),
    html`<p>
      ${purpose.text} <span class="dim">${say(language, 'partnerSays', { partner })}</span>
    </p>`,
  )

export const permissionPage = (permission: Permission): string => {
  const { page: around, given, proof } = permission
  const { language } = around
  const { consent } = given
  const { id, partnerName: partner, holder } = consent
  const wording = wordsOf(consent, around)
  const accounts = accountNames(consent, permission.accounts)
  const title = `${partner}: ${wording.short}`
  return page(
    around,
    title,
    html`${asker(partner, consent.partnerId)}
      <p class="crumb"><a href="/dashboard" id="all">${say(language, 'allPermissions')}</a></p>
      <h1>${partner}</h1>
      <p class="lead">${wording.short}</p>
      ${noticeOf(around, permission.said)}
      ${holder !== null && remark(icons.signs, say(language, 'holderOf', { holder }))}
      ${section('dates', say(language, 'now'), dates(permission))} ${why(language, consent)}
      ${section('sees', say(language, 'whatAllowed'), scopeOf(around, wording))}
      ${
        accounts.length > 0 &&
        section(
          'accounts',
          say(language, 'accountsOf'),
          html`<ul>
            ${accounts.map((name) => html`<li>${name}</li>`)}
          </ul>`,
        )
      }
      ${pin(permission)} ${signatures(permission)}
      ${section('history', say(language, 'history'), history(permission))} ${decision(permission)}
      <div class="acts">
        ${
          canEnd(given) &&
          html`<a class="b" href="/dashboard/consents/${id}/revocation" id="withdraw"
            >${say(language, 'revoke')}</a
          >`
        }
        ${signOutForm(around, proof)}
      </div>`,
  )
}
