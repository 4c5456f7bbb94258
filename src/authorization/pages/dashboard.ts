/** What a customer gave: who, what, why, since, until; withdrawing is one step. */
import type { ConsentAccount } from '#bank/contract.ts'
import { amount, currency, dateOf, type Language } from '#kernel/format.ts'
import { type Consent, nextScaDueAt, statusAt } from '../consents/index.ts'
import { done, page, type Page, proofField, threshold } from './frame.ts'
import { type Html, html } from './html.ts'
import { say, texts, type TextKey } from './texts.ts'

export interface Dashboard {
  readonly page: Page
  readonly proof: string
  readonly consents: readonly Consent[]
  /** Accounts as each partner knows them: how a consent's ids are shown as names. */
  readonly accounts: ReadonlyMap<string, ConsentAccount>
  readonly now: Temporal.Instant
  /** Name of the partner whose permission was withdrawn just now. */
  readonly withdrawnFrom?: string | undefined
}

const whatOf = ({ detail }: Consent, language: Language): string => {
  switch (detail.type) {
    case 'urn:bank:accounts:v1':
      return say(language, 'showsAccounts')
    case 'urn:bank:payment:v1':
      return say(language, 'allowsPayment', {
        amount: amount(language, detail.instructedAmount),
        payee: detail.creditorName,
      })
    case 'urn:bank:card-issue:v1':
      return say(language, 'allowsCard', { currency: currency(language, detail.currency) })
  }
}

const stateOf = (consent: Consent, now: Temporal.Instant, language: Language): string => {
  const status = statusAt(consent, now)
  const key = [`${status}_${consent.endedBy}`, status].find((k): k is TextKey => k in texts.en)
  return key ? say(language, key) : status
}

const entry = (board: Dashboard, consent: Consent, live: boolean): Html => {
  const { page: around, now } = board
  const { language, house } = around
  const day = (instant: Temporal.Instant) => dateOf(language, instant.toString(), house.zone)
  const { id, partnerName: partner, detail } = consent
  const due = nextScaDueAt(consent)
  const accounts = consent.accounts.map((account) => {
    const known = board.accounts.get(account)
    return known ? `${known.nickname} •••• ${known.lastFour}` : account
  })
  const why = 'purpose' in detail ? detail.purpose?.text : undefined
  return html`<li class="given" id="${id}">
    <h3>${partner}</h3>
    <p>${whatOf(consent, language)}</p>
    <dl class="kv">
      ${
        why !== undefined &&
        html`<dt>${say(language, 'why')}</dt>
          <dd>${why}</dd>`
      }
      ${
        live &&
        detail.type === 'urn:bank:accounts:v1' &&
        html`<dt>${say(language, 'sees')}</dt>
          <dd>${detail.permissions.map((p) => say(language, p)).join('; ')}</dd>`
      }
      <dt>${say(language, 'accountsOf')}</dt>
      <dd>${accounts.join(', ')}</dd>
      <dt>${say(language, 'since')}</dt>
      <dd>${day(consent.authorisedAt ?? consent.createdAt)}</dd>
      ${
        live
          ? html`<dt>${say(language, 'until')}</dt>
              <dd>${day(consent.expiresAt)}</dd>
              ${
                due &&
                html`<dt>${say(language, 'nextSignIn')}</dt>
                  <dd>${day(due)}</dd>`
              }`
          : html`<dt>${say(language, 'endedOn')}</dt>
              <dd>
                ${day(consent.endedAt ?? consent.expiresAt)}, ${stateOf(consent, now, language)}
              </dd>`
      }
    </dl>
    ${
      live &&
      html`<form action="/dashboard/consents/${id}/revocation" method="post">
        ${proofField(board.proof)}<button
          class="b"
          type="submit"
          id="revoke-${id}"
          name="action"
          value="revoke"
          aria-label="${say(language, 'revokeNamed', { partner })}"
        >
          ${say(language, 'revoke')}
        </button>
      </form>`
    }
  </li>`
}

export const dashboardPage = (board: Dashboard): string => {
  const { page: around, consents, now } = board
  const { language } = around
  const isLive = (c: Consent) => ['AUTHORISED', 'SUSPENDED'].includes(statusAt(c, now))
  const live = consents.filter(isLive)
  const ended = consents.filter((c) => !isLive(c))
  return page(
    around,
    say(language, 'dashboardTitle'),
    html`${threshold}
      <h1>${say(language, 'dashboardTitle')}</h1>
      <p class="lead">${say(language, 'dashboardLead')}</p>
      ${board.withdrawnFrom !== undefined && done('withdrawn', say(language, 'withdrawn', { partner: board.withdrawnFrom }))}
      <section aria-labelledby="active">
        <h2 id="active">${say(language, 'active')}</h2>
        ${
          live.length === 0
            ? html`<p>${say(language, 'none')}</p>`
            : html`<ul class="gives">
                ${live.map((c) => entry(board, c, true))}
              </ul>`
        }
      </section>
      ${
        ended.length > 0 &&
        html`<section aria-labelledby="ended">
          <h2 id="ended">${say(language, 'ended')}</h2>
          <ul class="gives">
            ${ended.map((c) => entry(board, c, false))}
          </ul>
        </section>`
      }
      <form action="/dashboard/sign-out" method="post" class="acts">
        ${proofField(board.proof)}<button
          class="b text"
          type="submit"
          id="sign-out"
          name="action"
          value="sign-out"
        >
          ${say(language, 'signOut')}
        </button>
      </form>`,
  )
}
