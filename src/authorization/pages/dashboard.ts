/** What a customer gave: who, what, why, since, until; and what waits for their signature. */
import type { ConsentAccount } from '#bank/contract.ts'
import { dateOf, momentOf as momentText } from '#kernel/format.ts'
import { type Consent, type ConsentStatus, type Wording, wordingOf } from '../consents/index.ts'
import { done, page, type Page, proofField, threshold, wrong } from './frame.ts'
import { type Html, html } from './html.ts'
import { facts } from './parts.ts'
import { say, texts, type TextKey } from './texts/index.ts'

/** A consent, with what others know of it. */
export interface Given {
  readonly consent: Consent
  /** What it is now, the partner's own standing included. */
  readonly status: ConsentStatus
  /** The partner's last access under it. */
  readonly lastAccessAt: Temporal.Instant | null
  /** Whether this customer's signature is waited for. */
  readonly awaited: boolean
  /** Whether it is theirs to take back: they gave or signed it, and it has not ended. */
  readonly theirs: boolean
}

/** What was done just now. */
export interface Said {
  readonly key: TextKey
  readonly partner?: string | undefined
}

export interface Board {
  readonly page: Page
  readonly proof: string
  readonly given: readonly Given[]
  /** Accounts as each partner knows them: how a consent's ids are shown as names. */
  readonly accounts: ReadonlyMap<string, ConsentAccount>
  readonly said?: Said | undefined
  /** Everybody whom something was given to. */
  readonly partners: readonly { readonly id: string; readonly name: string }[]
  /** The one whose permissions alone are shown. */
  readonly partnerId?: string | undefined
}

export const wordsOf = (consent: Consent, { language, house }: Page): Wording =>
  wordingOf(consent, { language, zone: house.zone })

export const dayOf = ({ language, house }: Page, at: Temporal.Instant): string =>
  dateOf(language, at.toString(), house.zone)

export const momentOf = ({ language, house }: Page, at: Temporal.Instant): string =>
  momentText(language, at.toString(), house.zone)

/** Where it stands, and who brought it there. */
export const stateOf = ({ consent, status, awaited }: Given, { language }: Page): string => {
  if (status === 'PARTIALLY_AUTHORISED')
    return say(language, awaited ? 'waitsForYou' : 'waitsForOther')
  const key = [`${status}_${consent.endedBy}`, status].find((k): k is TextKey => k in texts.en)
  return key ? say(language, key) : status
}

export const accountNames = (
  consent: Consent,
  accounts: ReadonlyMap<string, ConsentAccount>,
): string[] =>
  consent.accounts.map((id) => {
    const known = accounts.get(id)
    return known ? `${known.nickname} •••• ${known.lastFour}` : id
  })

/** Waiting, in force, over. */
const groupOf = ({ status }: Given): 'waiting' | 'active' | 'ended' => {
  if (status === 'PARTIALLY_AUTHORISED') return 'waiting'
  return status === 'AUTHORISED' || status === 'SUSPENDED' ? 'active' : 'ended'
}

export const canEnd = (given: Given): boolean => given.theirs && groupOf(given) !== 'ended'

/** When it was last used; only for what lives long enough to be used again. */
export const lastUse = (around: Page, { consent, lastAccessAt }: Given): string | undefined => {
  if (lastAccessAt) return momentOf(around, lastAccessAt)
  return consent.duration === 'ONE_TIME' ? undefined : say(around.language, 'neverUsed')
}

const entry = (board: Board, given: Given): Html => {
  const { page: around } = board
  const { language } = around
  const { consent } = given
  const { id, partnerName: partner, nextScaDueAt, authorisedAt } = consent
  const group = groupOf(given)
  const what = wordsOf(consent, around).short
  const used = lastUse(around, given)
  const accounts = accountNames(consent, board.accounts)
  const open = say(language, given.awaited ? 'waitsOpen' : 'details')
  return html`<li class="given" id="${id}">
    <div class="given-top">
      <h3>${partner}</h3>
      ${(group !== 'active' || given.status === 'SUSPENDED') && html`<span class="state ${given.awaited && 'due'}">${stateOf(given, around)}</span>`}
    </div>
    <p>${what}</p>
    ${facts([
      consent.purpose && [say(language, 'why'), consent.purpose.text],
      accounts.length > 0 && [say(language, 'accountsOf'), accounts.join(', ')],
      authorisedAt && [say(language, 'since'), dayOf(around, authorisedAt)],
      group === 'ended'
        ? [say(language, 'endedOn'), dayOf(around, consent.endedAt ?? consent.expiresAt)]
        : [say(language, 'until'), dayOf(around, consent.expiresAt)],
      used !== undefined && group === 'active' && [say(language, 'lastAccess'), used],
      nextScaDueAt &&
        group === 'active' && [say(language, 'nextSignIn'), dayOf(around, nextScaDueAt)],
    ])}
    <p class="ways">
      <a
        class="${given.awaited && 'b'}"
        href="/dashboard/consents/${id}"
        id="details-${id}"
        aria-label="${open}: ${partner}, ${what}"
        >${open}</a
      >${
        canEnd(given) &&
        html`<a
          href="/dashboard/consents/${id}/revocation"
          id="withdraw-${id}"
          aria-label="${say(language, 'revokeNamed', { partner })}"
          >${say(language, 'revoke')}</a
        >`
      }
    </p>
  </li>`
}

const group = (board: Board, id: 'waiting' | 'active' | 'ended'): Html | undefined => {
  const { language } = board.page
  const members = board.given.filter((given) => groupOf(given) === id)
  if (members.length === 0 && id !== 'active') return undefined
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${say(language, id)}</h2>
    ${
      members.length === 0
        ? html`<p class="dim">${say(language, 'none')}</p>`
        : html`<ul class="gives">
            ${members.map((given) => entry(board, given))}
          </ul>`
    }
  </section>`
}

const filter = ({ page: { language }, partners, partnerId }: Board): Html | undefined => {
  if (partners.length < 2) return undefined
  const link = (href: string, name: string, current: boolean) =>
    html`<a href="${href}" ${current && html` aria-current="page"`}>${name}</a>`
  return html`<nav class="chips" aria-label="${say(language, 'partners')}">
    ${link('/dashboard', say(language, 'allPartners'), partnerId === undefined)}
    ${partners.map(({ id, name }) => link(`/dashboard/partners/${id}`, name, id === partnerId))}
  </nav>`
}

/** A form of one button. */
export const signOutForm = ({ language }: Page, proof: string): Html =>
  html`<form action="/dashboard/sign-out" method="post" id="sign-out-form">
    ${proofField(proof)}<button
      class="b text"
      type="submit"
      id="sign-out"
      name="action"
      value="sign-out"
    >
      ${say(language, 'signOut')}
    </button>
  </form>`

/** What was done just now: read out when the page opens. */
export const noticeOf = ({ language }: Page, said: Said | undefined): Html | undefined => {
  if (!said) return undefined
  const text = say(language, said.key, { partner: said.partner ?? '' })
  return said.key === 'signatureOther' ? wrong('notice', text) : done('notice', text)
}

export const dashboardPage = (board: Board): string => {
  const { page: around, partnerId } = board
  const { language } = around
  const ending = board.given.filter((given) => canEnd(given))
  const all = partnerId === undefined ? '/dashboard' : `/dashboard/partners/${partnerId}`
  return page(
    around,
    say(language, 'dashboardTitle'),
    html`${threshold}
      <h1>${say(language, 'dashboardTitle')}</h1>
      <p class="lead">${say(language, 'dashboardLead')}</p>
      ${noticeOf(around, board.said)} ${filter(board)} ${group(board, 'waiting')}
      ${group(board, 'active')} ${group(board, 'ended')}
      <div class="acts">
        ${
          ending.length > 1 &&
          html`<a class="b" href="${all}/revocation" id="withdraw-all"
            >${say(language, 'revokeAll')}</a
          >`
        }
        ${signOutForm(around, board.proof)}
      </div>`,
  )
}
